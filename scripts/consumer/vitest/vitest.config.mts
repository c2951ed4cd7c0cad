import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { setupFiles: ['keras-pipe/matchers/vitest'], testTimeout: 60_000 },
});
