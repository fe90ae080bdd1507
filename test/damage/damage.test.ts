import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRandom, oneOf } from '../../src/testing/random.js'
import { DEVICES, type Home, makeHome } from './home.js'
import { damagesOf, filesOf } from './kinds.js'
import { suffer } from './suffer.js'

/** The whole of it: `npm run test:damage`. */
const SHARE = 12

let directory = ''
let home: Home
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hypha-damage-'))
  home = await makeHome(join(directory, 'home'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

it('knows the files of a store by looking, feeds and records alike', () => {
  const names = filesOf(join(home.directory, 'laptop')).map((file) => file.split('/').at(-1))
  expect(names).toEqual(
    expect.arrayContaining(['tree', 'data', 'bitfield', 'signatures', 'key', 'secret_key', '0']),
  )
})

it(`${SHARE} damages to files of a home: each is told, and mended or refused with a sentence`, async () => {
  const seed = Number(process.env.HYPHA_SEED ?? 7)
  const random = createRandom(seed)
  for (let i = 0; i < SHARE; i++) {
    const device = oneOf(random, DEVICES)
    const [first = '', ...rest] = filesOf(join(home.directory, device))
    const file = oneOf(random, [first, ...rest])
    const [gone, ...others] = damagesOf(join(home.directory, device, file), seed + i)
    const damage = oneOf(random, [gone!, ...others])
    const outcome = await suffer(home, device, file, damage, join(directory, `copy-${i}`))
    const { kind, told, why } = outcome
    const what = `${kind}: ${device}/${file}, ${damage.what}; ${told.join(' ')} ${why ?? ''}`
    expect(what).not.toMatch(/^silent/)
  }
}, 600_000)
