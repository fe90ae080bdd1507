import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/fast-check.ts'],
    // Most files wait for sockets, disks and pages: two at a time do so in two thirds of the time, on two cores too.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Tests wait for events, never for a slow machine: the limit only ends what hangs.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
})
