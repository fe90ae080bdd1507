import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig, writeConfig } from '../../src/cli/config.js'
import { dataFolder } from '../../src/cli/data-folder.js'
import { changeRoads, isWithoutRoads, NO_ROADS } from '../../src/cli/roads.js'
import { toTransports } from '../../src/cli/transports.js'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hypha-config-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('roads are kept for their owner alone', async () => {
  expect(await readConfig(folder)).toEqual(NO_ROADS)
  const roads = {
    connect: ['https://example.org', 'tcp:[::1]:4000'],
    listen: '0.0.0.0:0',
    name: 'Alice’s laptop',
  }
  await writeConfig(folder, NO_ROADS)
  await writeConfig(folder, roads)
  expect(await readConfig(folder)).toEqual(roads)
  expect((await stat(join(folder, 'config.json'))).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['config.json'])
})

test.each([
  ['nonsense', /can't be read/],
  ['[]', /can't be read/],
  ['{"v":2,"connect":[]}', /another version/],
  ['{"v":1,"connect":"https://example.org"}', /can't be read/],
  ['{"v":1,"connect":[5]}', /can't be read/],
])('a file that holds %s is an error that says so', async (text, reason) => {
  await writeFile(join(folder, 'config.json'), text)
  await expect(readConfig(folder)).rejects.toThrow(reason)
})

test.each([
  ['a pipe', (file: string) => execFileSync('mkfifo', [file])],
  ['a device without end', (file: string) => execFileSync('ln', ['-s', '/dev/zero', file])],
  ['a folder', (file: string) => execFileSync('mkdir', [file])],
  ['gigabytes', (file: string) => execFileSync('truncate', ['-s', '8G', file])],
])('%s in its place is told at once', async (_, make) => {
  make(join(folder, 'config.json'))
  await expect(readConfig(folder)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
})

test('what is given takes the place of what was kept, and none clears', () => {
  const kept = { connect: ['https://example.org'], listen: '127.0.0.1:4000', name: 'Laptop' }
  expect(changeRoads(kept, {})).toEqual(kept)
  expect(changeRoads(kept, { connect: ['tcp:127.0.0.1:1'], name: 'Desk' })).toEqual({
    connect: ['tcp:127.0.0.1:1'],
    listen: '127.0.0.1:4000',
    name: 'Desk',
  })
  const cleared = changeRoads(kept, { connect: ['none'], listen: 'none' })
  expect(cleared).toEqual({ connect: [], name: 'Laptop' })
  expect(isWithoutRoads(cleared)).toBe(true)
})

test('a swarm is a road, with or without where its DHT begins', () => {
  const { connect } = changeRoads(NO_ROADS, { connect: ['swarm', 'swarm:127.0.0.1:49737'] })
  expect(connect).toEqual(['swarm', 'swarm:127.0.0.1:49737'])
  expect(toTransports({ connect }).map(({ name }) => name)).toEqual(['hyperswarm'])
  expect(() => changeRoads(NO_ROADS, { connect: ['swarm:nowhere'] })).toThrow(/--connect takes/)
  expect(() => changeRoads(NO_ROADS, { connect: ['swarms'] })).toThrow(/--connect takes/)
})

test('data is where one says, or where the platform has such things', () => {
  const linux = { platform: 'linux', env: {} } as const
  expect(dataFolder('here', linux)).toBe(resolve('here'))
  expect(dataFolder(undefined, { ...linux, env: { HYPHA_DATA: '/a' } })).toBe(resolve('/a'))
  expect(dataFolder(undefined, linux)).toBe(join(homedir(), '.local/share/hypha'))
  expect(dataFolder(undefined, { ...linux, env: { XDG_DATA_HOME: '/x' } })).toBe(resolve('/x/hypha'))
  expect(dataFolder(undefined, { platform: 'darwin', env: {} })).toContain('Application Support')
})
