import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The Chromium of this machine: what `CHROMIUM` names, or one on the path. */
export const chromiumPath = ((): string | undefined => {
  const { CHROMIUM, PATH = '' } = process.env;
  if (CHROMIUM !== undefined) return CHROMIUM;
  const folders = PATH.split(path.delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))).find(isProgram);
})();

/** The browser of a test file, which all of its tests share: it takes a second to begin. */
let shared: Browser | undefined;
let isShared = false;

const shareBrowser = (executablePath: string): void => {
  if (isShared) return;
  isShared = true;
  beforeAll(async () => {
    // As the user of a container, who is root, it has no sandbox.
    shared = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await shared?.close();
  });
};

/** Tests in a browser; where there is none they are left out, and say why. */
export const describeInChromium = (name: string, tests: (browser: () => Browser) => void): void => {
  if (chromiumPath === undefined) {
    describe.skip(`${name} (left out: no Chromium on the path; install one, or name it in CHROMIUM)`, () => {
      test('in a browser', () => undefined);
    });
    return;
  }
  shareBrowser(chromiumPath);
  describe(name, () =>
    tests(() => {
      if (shared === undefined) throw new Error('the browser has not started');
      return shared;
    }),
  );
};
