import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';

const font = readFileSync(path.join(__dirname, '../../../src/plots/font/DejaVuSans.ttf')).toString('base64');
const style = `<style>@font-face { font-family: 'DejaVu Sans'; src: url(data:font/ttf;base64,${font}) } body { margin: 0 }</style>`;

/** What a browser measures of a picture. */
export interface Measured {
  /** Pairs of texts that are in each other's way. */
  readonly overlapping: readonly string[];
  /** Texts that are not inside the picture, or not inside the box in which they begin. */
  readonly cut: readonly string[];
  /** Lines that meet boxes on their way. */
  readonly crossing: readonly string[];
  /** The least contrast of a text to what is behind it, and which text that is. */
  readonly contrast: { readonly least: number; readonly text: string };
  readonly texts: number;
  readonly lines: number;
}

/** A page of a browser for all pictures, one after the other: it has the font, and what measures. */
const pages = new WeakMap<Browser, Promise<Page>>();

const openPage = async (browser: Browser): Promise<Page> => {
  const page = await browser.newPage();
  await page.setContent(`<!doctype html>${style}<body></body>`);
  await page.evaluate(`document.fonts.load("12px 'DejaVu Sans'")`);
  await page.addScriptTag({ path: path.join(__dirname, 'measure-in-page.js') });
  return page;
};

const pageOf = (browser: Browser): Promise<Page> => {
  const page = pages.get(browser) ?? openPage(browser);
  pages.set(browser, page);
  return page;
};

/** Shows a picture in a page, and measures it there. */
export const measured = async (browser: Browser, svg: string): Promise<Measured> => {
  const page = await pageOf(browser);
  await page.evaluate(`document.body.innerHTML = ${JSON.stringify(svg)}`);
  return page.evaluate<Measured>('measurePicture()');
};

/** What axe finds wrong with a page, in its words. */
export const axeFindings = async (browser: Browser, html: string): Promise<string[]> => {
  const page = await browser.newPage();
  try {
    await page.setContent(html);
    await page.addScriptTag({ path: require.resolve('axe-core/axe.min.js') });
    const found = await page.evaluate<{ violations: { id: string; help: string }[] }>('axe.run()');
    return found.violations.map(({ id, help }) => `${id}: ${help}`);
  } finally {
    await page.close();
  }
};
