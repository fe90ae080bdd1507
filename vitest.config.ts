import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests wait for events, never for a slow machine: the limit only ends what hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
