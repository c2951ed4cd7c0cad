import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const isPackageRoot = (folder: string): boolean => {
  const description = join(folder, 'package.json');
  if (!existsSync(description)) return false;
  const content: unknown = JSON.parse(readFileSync(description, 'utf8'));
  return (
    typeof content === 'object' && content !== null && 'name' in content && content.name === 'keras-pipe'
  );
};

/** The path of a file of the package's `datasets` folder, found from the sources and from the built package alike. */
export const embeddedPath = (name: string): string => {
  let folder = __dirname;
  while (!isPackageRoot(folder)) {
    const parent = dirname(folder);
    // At the root of the disk: the missing file is then reported with a path that can be looked at.
    if (parent === folder) return join(__dirname, 'datasets', name);
    folder = parent;
  }
  return join(folder, 'datasets', name);
};
