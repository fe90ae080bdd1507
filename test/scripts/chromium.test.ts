import { expect, it } from 'vitest'
import { findChromium, howToInstall } from '../../scripts/test/chromium.js'
import { findFirefox, howToInstall as howToInstallFirefox } from '../../scripts/test/firefox.js'

const machine = (files: readonly string[], env: Record<string, string> = {}, playwrights?: string) => ({
  env,
  exists: (path: string) => files.includes(path),
  playwrights,
})

it('takes the Chromium that CHROMIUM names, and no other then', () => {
  expect(findChromium(machine(['/my', '/usr/bin/chromium'], { CHROMIUM: '/my' }))).toBe('/my')
  expect(findChromium(machine(['/usr/bin/chromium'], { CHROMIUM: '/my' }))).toBeUndefined()
})

it("takes the system's before playwright's own", () => {
  expect(findChromium(machine(['/usr/bin/chromium', '/cache/chrome'], {}, '/cache/chrome'))).toBe(
    '/usr/bin/chromium',
  )
  expect(findChromium(machine(['/cache/chrome'], {}, '/cache/chrome'))).toBe('/cache/chrome')
  expect(findChromium(machine([], {}, '/cache/chrome'))).toBeUndefined()
})

it('installs by apt-get where it may, by playwright-core elsewhere', () => {
  const commands = howToInstall({ isRoot: true, hasApt: true })
  expect(commands.map(([program, what]) => `${program} ${what}`)).toEqual([
    'apt-get update',
    'apt-get install',
  ])
  for (const machine of [
    { isRoot: false, hasApt: true },
    { isRoot: true, hasApt: false },
  ]) {
    expect(howToInstall(machine)[0]?.slice(1).join(' ')).toMatch(/playwright-core.cli\.js install chromium$/)
  }
})

it("takes the Firefox that FIREFOX names, or the system's", () => {
  expect(findFirefox(machine(['/my', '/usr/bin/firefox'], { FIREFOX: '/my' }))).toBe('/my')
  expect(findFirefox(machine(['/usr/bin/firefox'], { FIREFOX: '/my' }))).toBeUndefined()
  expect(findFirefox(machine(['/usr/bin/firefox', '/usr/bin/firefox-esr']))).toBe('/usr/bin/firefox-esr')
  expect(findFirefox(machine([]))).toBeUndefined()
})

it('installs Firefox by apt-get where it may, and leaves it to a person elsewhere', () => {
  expect(howToInstallFirefox({ isRoot: true, hasApt: true }).map((command) => command.at(-1))).toEqual([
    '-qq',
    'firefox-esr',
  ])
  expect(howToInstallFirefox({ isRoot: false, hasApt: true })).toEqual([])
})
