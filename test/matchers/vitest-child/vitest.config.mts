import { defineConfig } from 'vitest/config';

const source = (path: string): string => new URL(`../../../src/${path}`, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: { 'keras-pipe': source('index.ts') },
  },
  test: { include: ['*.vitest.ts'], setupFiles: [source('matchers/vitest.mts')] },
});
