/** The site in a browser. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { describeInChromium } from '../support/chromium';

const THEMES = ['light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const WIDTHS = { desk: 1280, telephone: 390 } as const;
type Width = keyof typeof WIDTHS;
const HEIGHT = 900;
/** Pages that are looked at at once. */
const TABS = 2;

/** What a page in a browser tells. */
interface Seen {
  readonly outside: string[];
  readonly errors: string[];
}

/** What was found on pages that were looked at, once each. */
interface Findings extends Seen {
  readonly violations: Readonly<Record<Theme, string[]>>;
  readonly wide: Readonly<Record<Width, string[]>>;
  readonly backgrounds: Readonly<Record<Theme, Set<string>>>;
}

const newFindings = (): Findings => ({
  outside: [],
  errors: [],
  violations: { light: [], dark: [] },
  wide: { desk: [], telephone: [] },
  backgrounds: { light: new Set(), dark: new Set() },
});

const open = async (browser: Browser, seen: Seen): Promise<Page> => {
  const page = await browser.newPage({ viewport: { width: WIDTHS.desk, height: HEIGHT } });
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) seen.outside.push(request.url());
  });
  page.on('pageerror', (error) => seen.errors.push(error.message));
  return page;
};

/** What the theme changes: colors, and nothing else. */
const RULES_OF_COLORS = ['color-contrast', 'link-in-text-block'];

/** What axe finds: the rule, and the first places. */
const violations = async (page: Page, isFirst: boolean, theme: Theme): Promise<string[]> => {
  // Long tables have rows that are alike, and pages the same frame: they are looked at once.
  const exclude = [
    'tr:nth-child(n + 12)',
    ...(isFirst ? [] : ['.site-menu', '.page-menu', '.tsd-page-toolbar']),
  ];
  const runOnly = theme === 'light' ? ['wcag2a', 'wcag2aa'] : RULES_OF_COLORS;
  return page.evaluate(
    async ({ exclude, runOnly }) => {
      interface Violation {
        readonly id: string;
        readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
      }
      const { axe } = globalThis as unknown as {
        axe: { run: (context: object, options: object) => Promise<{ violations: readonly Violation[] }> };
      };
      const found = await axe.run({ exclude }, { runOnly, resultTypes: ['violations'] });
      return found.violations.map(
        ({ id, nodes }) =>
          `${id}, ${nodes.length} times: ${nodes
            .slice(0, 3)
            .map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary ?? ''})`)
            .join('; ')}`,
      );
    },
    { exclude, runOnly },
  );
};

/** How much wider what is on a page is than the page. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { document } = globalThis as unknown as {
      document: { documentElement: { scrollWidth: number; clientWidth: number } };
    };
    return document.documentElement.scrollWidth - document.documentElement.clientWidth;
  });

const backgroundOf = (page: Page): Promise<string> =>
  page.evaluate('getComputedStyle(document.body).backgroundColor');

/** Looks at a page in both themes and both widths. */
const lookAt = async (page: Page, file: string, address: string, findings: Findings): Promise<void> => {
  await page.goto(address);
  await page.addScriptTag({ path: require.resolve('axe-core/axe.min.js') });
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    findings.backgrounds[theme].add(await backgroundOf(page));
    const found = await violations(page, file === 'index.html', theme);
    findings.violations[theme].push(...found.map((violation) => `${file}: ${violation}`));
  }
  for (const [name, width] of Object.entries(WIDTHS) as [Width, number][]) {
    // its own keys
    await page.setViewportSize({ width, height: HEIGHT });
    const more = await overflow(page);
    if (more > 0) findings.wide[name].push(`${file}: ${more} pixels`);
  }
  await page.setViewportSize({ width: WIDTHS.desk, height: HEIGHT });
};

/** Tests of pages of the site; without a browser they are skipped, and say why. */
export const checkInBrowser = (site: () => string, pages: () => readonly string[]): void => {
  describeInChromium('in a browser', (browser) => {
    const findings = newFindings();
    const addressOf = (file: string): string => pathToFileURL(path.join(site(), file)).href;
    beforeAll(async () => {
      const left = [...pages()];
      const look = async (): Promise<void> => {
        const page = await open(browser(), findings);
        for (let file = left.shift(); file !== undefined; file = left.shift())
          await lookAt(page, file, addressOf(file), findings);
        await page.close();
      };
      await Promise.all(Array.from({ length: TABS }, look));
    }, 360_000);

    test.each(THEMES)('the %s pages have contrast and names', (theme) => {
      expect(findings.violations[theme]).toEqual([]);
      // All pages have the same one, and each theme another one.
      expect(findings.backgrounds[theme].size).toBe(1);
      expect(findings.backgrounds.light).not.toEqual(findings.backgrounds.dark);
    });

    test('pages ask nothing of the network, and have no errors', () => {
      expect([findings.outside, findings.errors]).toEqual([[], []]);
    });

    test.each(Object.keys(WIDTHS) as Width[])('pages fit a %s', (name) => {
      // its own keys
      expect(findings.wide[name]).toEqual([]);
    });

    test('what is wrong with a page is found', async () => {
      const found = newFindings();
      const page = await open(browser(), found);
      const style = ':root { color-scheme: light dark } p { color: #bbb; width: 500px }';
      const html = `<html lang="en"><title>x</title><style>${style}</style><main><h1>x</h1><p>pale</p></main>`;
      await lookAt(page, 'x.html', `data:text/html,${encodeURIComponent(html)}`, found);
      expect(found.violations.light.join()).toContain('color-contrast');
      expect(found.wide).toEqual({ desk: [], telephone: [expect.stringContaining('x.html')] });
      await page.close();
    });

    test('a search for layer_dense leads to layerDense', async () => {
      const page = await open(browser(), newFindings());
      await page.goto(addressOf('index.html'));
      await page.locator('#tsd-search-trigger').click();
      await page.locator('#tsd-search-input').fill('layer_dense');
      const first = page.locator('#tsd-search-results li a').first();
      await first.waitFor();
      await first.click();
      await page.waitForURL(/layerDense\.html/);
      expect(await page.locator('h1').first().textContent()).toMatch(/layerDense/);
      await page.close();
    });
  });
};
