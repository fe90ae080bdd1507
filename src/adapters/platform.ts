import { hostname, type } from 'node:os'

const SYSTEMS: Record<string, string> = { Darwin: 'macOS', Windows_NT: 'Windows' }

/** What people would call this device: “my-laptop on Linux”. */
export const deviceName = (): string => {
  const system = type()
  return `${hostname()} on ${SYSTEMS[system] ?? system}`
}

export const systemClock = {
  now: () => Date.now(),
  setTimeout: (run: () => void, delay: number): unknown => setTimeout(run, delay),
  clearTimeout: (timer: unknown): void => clearTimeout(timer as NodeJS.Timeout),
}

/** Runs when a page is being left; a process says itself when it ends. Gives what stops that. */
export const whenLeft =
  (_run: () => void): (() => void) =>
  () => {}
