import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { THEMES, type Theme } from '../base/theme';

/** What the page is made of: all of it is sent as one file, which asks for nothing else. */
const PARTS = {
  html: 'page.html',
  styles: ['page.css'],
  scripts: ['numbers.js', 'chart.js', 'parts.js', 'main.js'],
};

const read = (file: string): string => readFileSync(path.join(__dirname, 'page', file), 'utf8');

/** A theme's colors as variables of a style sheet. */
const variablesOf = ({ background, panel, grid, text, quiet, series }: Theme): string =>
  Object.entries({ background, panel, grid, text, quiet, training: series[0], validation: series[1] })
    .map(([name, color]) => `--${name}: ${color ?? text};`)
    .join(' ');

const colors = (): string =>
  `:root { color-scheme: light dark; ${variablesOf(THEMES.gray)} }\n` +
  `@media (prefers-color-scheme: dark) { :root { ${variablesOf(THEMES.dark)} } }\n`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The page, and what its browser lets it do. */
export interface Page {
  readonly html: string;
  /** Its Content-Security-Policy: its own script, its own style, and this server; nothing else. */
  readonly policy: string;
}

const build = (): Page => {
  const style = `${colors()}${PARTS.styles.map(read).join('')}`;
  // One scope for all, which the page's window does not see.
  const script = `(() => {\n'use strict';\n${PARTS.scripts.map(read).join('')}})();\n`;
  const directives = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  const html = read(PARTS.html)
    .replace('<style></style>', () => `<style>${style}</style>`)
    .replace('<script></script>', () => `<script>${script}</script>`);
  return { html, policy: directives.join('; ') };
};

let built: Page | undefined;

/** The page, which is the same for every fit. */
export const livePage = (): Page => (built ??= build());
