/** The site by TypeDoc: the reference from the sources, and the pages beside it. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type * as TypeDoc from 'typedoc' with { 'resolution-mode': 'import' };
import { root } from '../test/docs/extract';
import { pages, START } from './pages';
import { rFunctions } from './r-names';

/** The module that has everything. */
const MAIN = 'keras-pipe';

/** What users import, by the names that TypeDoc gives the modules. */
const ENTRIES: Readonly<Record<string, { readonly name: string; readonly source: string }>> = {
  src: { name: MAIN, source: 'src/index.ts' },
  'src/fp': { name: 'keras-pipe/fp', source: 'src/fp/index.ts' },
  'src/matchers': { name: 'keras-pipe/matchers', source: 'src/matchers/index.ts' },
};

/** The families, by the folders of the sources. */
const FAMILIES: Readonly<Record<string, string>> = {
  layers: 'Layers',
  models: 'Models',
  training: 'Training',
  callbacks: 'Callbacks',
  losses: 'Losses',
  metrics: 'Metrics',
  optimizers: 'Optimizers',
  schedules: 'Learning rates',
  activations: 'Activations',
  initializers: 'Initializers',
  constraints: 'Constraints',
  regularizers: 'Regularizers',
  datasets: 'Data sets',
  preprocessing: 'Preparing data',
  arrays: 'Arrays',
  backend: 'Tensors',
  ops: 'Tensors',
  tfjs: 'Tensors',
  persistence: 'Files of models',
  plots: 'Plots',
};

const OTHER = 'Errors and more';

const optionsFor = (staged: string): Partial<TypeDoc.TypeDocOptions> => ({
  // Not as the module: whose navigation ends there is told by the name.
  name: 'keras-pipe docs',
  includeVersion: true,
  entryPoints: Object.values(ENTRIES).map(({ source }) => path.join(root, source)),
  tsconfig: path.join(root, 'tsconfig.build.json'),
  readme: path.join(staged, START),
  projectDocuments: pages()
    .filter(({ file }) => file !== START)
    .map(({ file }) => path.join(staged, file)),
  plugin: [],
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  // Types are checked by `npm run types`.
  skipErrorChecking: true,
  disableSources: false,
  disableGit: true,
  sourceLinkTemplate: 'source:{path}',
  basePath: root,
  sort: ['documents-first', 'source-order'],
  categoryOrder: [...new Set(Object.values(FAMILIES)), OTHER],
  defaultCategory: OTHER,
  categorizeByGroup: false,
  navigation: { includeCategories: true, includeGroups: false, includeFolders: false, compactFolders: false },
  // The families are on the page of a module: links in summaries, as the navigation would have them, are hard to use by keyboard.
  navigationLeaves: Object.values(ENTRIES).map(({ name }) => name),
  searchInDocuments: true,
  searchInComments: true,
  lightHighlightTheme: 'github-light-high-contrast',
  darkHighlightTheme: 'github-dark-high-contrast',
  highlightLanguages: ['typescript', 'javascript', 'json', 'r', 'python', 'shellscript', 'yaml', 'text'],
  customCss: path.join(root, 'site', 'site.css'),
  headings: { readme: false, document: true },
  hideGenerator: true,
  githubPages: false,
  includeHierarchySummary: false,
  validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: false },
  logLevel: 'Warn',
});

/** Each function's family, as TypeDoc's category. */
const categorize = (
  { CommentTag, Comment }: typeof TypeDoc,
  declared: TypeDoc.DeclarationReflection,
): void => {
  const [source] = declared.sources ?? [];
  const folder = /\/src\/([^/]+)\//.exec(source?.fullFileName ?? '')?.[1] ?? '';
  declared.comment ??= new Comment();
  declared.comment.blockTags.push(
    new CommentTag('@category', [{ kind: 'text', text: FAMILIES[folder] ?? OTHER }]),
  );
};

/** How much the search prefers a function of R's: of two whose R names hold what is looked for, the shorter one. */
const boostOf = (rName: string): number => 2 + 60 / rName.length;

const moduleNamed = (
  project: TypeDoc.ProjectReflection,
  name: string,
): TypeDoc.DeclarationReflection | undefined => project.children?.find((child) => child.name === name);

/** Names the modules as users import them, and puts what they export into families. */
const arrange = (
  typedoc: typeof TypeDoc,
  app: TypeDoc.Application,
  rNames: ReadonlyMap<string, string>,
): void => {
  app.converter.on(typedoc.Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const [name, entry] of Object.entries(ENTRIES)) {
      const module = moduleNamed(project, name);
      if (module === undefined) throw new Error(`TypeDoc has no module of ${entry.source}`);
      module.name = entry.name;
      for (const declared of module.children ?? []) {
        categorize(typedoc, declared);
        const rName = rNames.get(declared.name);
        if (entry.name === MAIN) declared.relevanceBoost = rName === undefined ? 1.5 : boostOf(rName);
        else declared.relevanceBoost = 0.5;
      }
    }
  });
  app.converter.on(typedoc.Converter.EVENT_RESOLVE_END, ({ project }) => {
    // There is no place on the net that the lines of the sources could be looked at.
    for (const reflection of Object.values(project.reflections)) {
      if (reflection instanceof typedoc.DeclarationReflection) delete reflection.sources;
      if (reflection instanceof typedoc.SignatureReflection) delete reflection.sources;
    }
  });
};

/** Functions are found by their R names, too. */
const indexRNames = (
  typedoc: typeof TypeDoc,
  app: TypeDoc.Application,
  rNames: ReadonlyMap<string, string>,
): void => {
  app.renderer.on(typedoc.Renderer.EVENT_PREPARE_INDEX, (event) => {
    event.searchFieldWeights['rName'] = 20;
    event.searchResults.forEach((result, index) => {
      const rName = result.parent?.name === MAIN ? rNames.get(result.name) : undefined;
      const fields = event.searchFields[index];
      if (rName !== undefined && fields !== undefined) fields['rName'] = rName;
    });
  });
};

/** Puts addresses in the place of `ref:name`. */
const resolveReferences = (typedoc: typeof TypeDoc, app: TypeDoc.Application): void => {
  app.renderer.on(typedoc.PageEvent.END, (page) => {
    const { router } = app.renderer;
    const entry = moduleNamed(page.project, MAIN);
    if (page.contents === undefined) return;
    page.contents = page.contents.replaceAll(/href="ref:(\w+)"/g, (_, name: string) => {
      const target = entry?.getChildByName([name]);
      if (target === undefined || router === undefined)
        throw new Error(`${page.url}: no reference of ${name}`);
      return `href="${router.relativeUrl(page.model, target)}"`;
    });
  });
};

/** A site that is about to be written: the sources are read, and the pages are not yet. */
export interface OpenSite {
  /** Writes the site from the staged pages. Gives the warnings, such as links that lead nowhere. */
  readonly write: (out: string) => Promise<string[]>;
}

/** Reads the sources; the pages are staged meanwhile. */
export const openSite = async (staged: string, exported: ReadonlySet<string>): Promise<OpenSite> => {
  const typedoc = await import('typedoc');
  const rNames = new Map(
    rFunctions(exported).flatMap(({ r, here }) => (here === undefined ? [] : [[here, r] as const])),
  );
  const app = await typedoc.Application.bootstrap(optionsFor(staged));
  const warnings: string[] = [];
  app.logger.warn = (text: string): void => {
    warnings.push(text);
  };
  arrange(typedoc, app, rNames);
  indexRNames(typedoc, app, rNames);
  resolveReferences(typedoc, app);
  const entryPoints = app.getEntryPoints();
  // What is read already is not to be read again.
  app.getEntryPoints = () => entryPoints;
  return {
    write: async (out) => {
      const project = await app.convert();
      if (project === undefined || app.logger.hasErrors()) throw new Error('TypeDoc cannot read the sources');
      app.validate(project);
      mkdirSync(out, { recursive: true });
      await app.generateDocs(project, out);
      if (app.logger.hasErrors()) throw new Error('TypeDoc cannot write the site');
      return warnings;
    },
  };
};
