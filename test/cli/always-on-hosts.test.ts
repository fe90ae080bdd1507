import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readHosts } from '../../src/cli/always-on-hosts.js'
import { hypha, newFolder, start } from './hypha.js'

test('an address is where it listens, and names are those that it answers for', async () => {
  expect(await readHosts()).toEqual({ hosts: [] })
  expect(await readHosts(['0.0.0.0'])).toEqual({ host: '0.0.0.0', hosts: [] })
  expect(await readHosts(['hypha.invalid'])).toEqual({ hosts: ['hypha.invalid'] })
  expect(await readHosts(['a.invalid', '::1', 'b.invalid'])).toEqual({
    host: '::1',
    hosts: ['a.invalid', 'b.invalid'],
  })
  expect(await readHosts(['localhost', 'a.invalid'])).toEqual({ host: 'localhost', hosts: ['a.invalid'] })
  await expect(readHosts(['127.0.0.1', '::1'])).rejects.toThrow('one address')
})

const answered = (url: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(`${url}/health`, { headers: { host } }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end()
  })

test('it answers for the names of --host, and the code that it was given is not printed', async () => {
  const folder = await newFolder()
  const file = join(folder, 'code')
  await writeFile(file, 'three green boats\n')
  const server = start(['always-on', '--port', '0', '--host', 'hypha.invalid', '--claim-code-file', file])
  await server.says(/claiming a place takes the code that was given/)
  const [, url = ''] = await server.says(/The always-on node is at (\S+)\n/)
  expect(await answered(url, 'hypha.invalid')).toBe(200)
  expect(await answered(url, 'rebound.invalid')).toBe(421)
  expect(server.out + server.err).not.toContain('boats')
  expect(await server.end()).toBe(0)

  const short = await hypha(['always-on', '--port', '0'], { env: { HYPHA_CLAIM_CODE: 'short' } })
  expect(short.code).not.toBe(0)
  expect(short.err).toContain('claim code')
  expect(short.err).not.toContain('short')
  const missing = await hypha(['always-on', '--port', '0', '--claim-code-file', join(folder, 'nowhere')])
  expect(missing.code).toBe(2)
})

test('with --data the code is the same after a restart', async () => {
  const data = join(await newFolder(), 'always-on')
  const codes: (string | undefined)[] = []
  for (let i = 0; i < 2; i++) {
    const server = start(['always-on', '--port', '0', '--data', data])
    codes.push((await server.says(/takes this code: (\S+)\n/))[1])
    await server.end()
  }
  expect(codes[0]).toMatch(/^[0-9A-Z-]{14}$/)
  expect(codes[1]).toBe(codes[0])
})
