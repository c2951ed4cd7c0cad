/** The site in a browser: Debian's Chromium, or the one that the environment variable CHROMIUM names. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executable = process.env['CHROMIUM'] ?? PLACES.find((place) => existsSync(place));

const THEMES = ['light', 'dark'] as const;
const WIDTHS = { desk: 1280, telephone: 390 } as const;

/** What a page in a browser tells. */
interface Seen {
  readonly outside: string[];
  readonly errors: string[];
}

const open = async (
  browser: Browser,
  { theme, width }: { readonly theme: (typeof THEMES)[number]; readonly width: number },
): Promise<{ page: Page; seen: Seen }> => {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: theme });
  const seen: Seen = { outside: [], errors: [] };
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) seen.outside.push(request.url());
  });
  page.on('pageerror', (error) => seen.errors.push(error.message));
  return { page, seen };
};

/** What axe finds: the rule, and the first places. */
const violations = async (page: Page, isFirst: boolean): Promise<string[]> => {
  await page.addScriptTag({ path: require.resolve('axe-core/axe.min.js') });
  // Long tables have rows that are alike, and pages the same frame: they are looked at once.
  const exclude = [
    'tr:nth-child(n + 12)',
    ...(isFirst ? [] : ['.site-menu', '.page-menu', '.tsd-page-toolbar']),
  ];
  return page.evaluate(async (exclude) => {
    interface Violation {
      readonly id: string;
      readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
    }
    const { axe } = globalThis as unknown as {
      axe: { run: (context: object, options: object) => Promise<{ violations: readonly Violation[] }> };
    };
    const found = await axe.run({ exclude }, { runOnly: ['wcag2a', 'wcag2aa'], resultTypes: ['violations'] });
    return found.violations.map(
      ({ id, nodes }) =>
        `${id}, ${nodes.length} times: ${nodes
          .slice(0, 3)
          .map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary ?? ''})`)
          .join('; ')}`,
    );
  }, exclude);
};

/** How much wider what is on a page is than the page. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { document } = globalThis as unknown as {
      document: { documentElement: { scrollWidth: number; clientWidth: number } };
    };
    return document.documentElement.scrollWidth - document.documentElement.clientWidth;
  });

/** Tests of pages of the site; without a browser they are skipped, and say why. */
export const checkInBrowser = (site: () => string, pages: () => readonly string[]): void => {
  const reason = 'skipped, no Chromium is here: apt-get install chromium, or set CHROMIUM to one';
  if (executable === undefined) {
    test.skip(`in a browser: ${reason}`, () => undefined);
    return;
  }
  describe('in a browser', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
    }, 60_000);
    afterAll(() => browser.close());
    const addressOf = (file: string): string => pathToFileURL(path.join(site(), file)).href;

    test.each(THEMES)(
      'the %s pages have contrast and names, and ask nothing of the network',
      async (theme) => {
        const { page, seen } = await open(browser, { theme, width: WIDTHS.desk });
        const found: string[] = [];
        for (const file of pages()) {
          await page.goto(addressOf(file));
          found.push(
            ...(await violations(page, file === 'index.html')).map((violation) => `${file}: ${violation}`),
          );
        }
        expect(found).toEqual([]);
        expect(seen).toEqual({ outside: [], errors: [] });
        await page.close();
      },
      240_000,
    );

    test.each(Object.entries(WIDTHS))(
      'pages fit a %s',
      async (_, width) => {
        const { page } = await open(browser, { theme: 'light', width });
        const wide: string[] = [];
        for (const file of pages()) {
          await page.goto(addressOf(file));
          const more = await overflow(page);
          if (more > 0) wide.push(`${file}: ${more} pixels`);
        }
        expect(wide).toEqual([]);
        await page.close();
      },
      120_000,
    );

    test('a search for layer_dense leads to layerDense', async () => {
      const { page } = await open(browser, { theme: 'light', width: WIDTHS.desk });
      await page.goto(addressOf('index.html'));
      await page.locator('#tsd-search-trigger').click();
      await page.locator('#tsd-search-input').fill('layer_dense');
      const first = page.locator('#tsd-search-results li a').first();
      await first.waitFor();
      await first.click();
      await page.waitForURL(/layerDense\.html/);
      expect(await page.locator('h1').first().textContent()).toMatch(/layerDense/);
      await page.close();
    }, 60_000);
  });
};
