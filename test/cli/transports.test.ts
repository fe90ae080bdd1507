import { expect, test } from 'vitest'
import { good, hypha, signUp, start, startAlwaysOn } from './hypha.js'

test('Alice looks at the roads of her running node, closes one and opens it again', async () => {
  const { url } = await startAlwaysOn()
  const { data } = await signUp(['--connect', url])
  const running = start(['run', '--listen', '127.0.0.1:0'], { data })
  await running.says(/Connected to .* by webSocket/)

  const listed = JSON.parse((await good(['transports', '--json'], { data })).out)
  expect(listed).toMatchObject([
    { id: 'webSocket', on: true, state: 'connected', links: 1, addresses: [{ state: 'connected' }] },
    { id: 'tcp', on: true, state: 'listening', links: 0, addresses: [] },
  ])
  expect((await good(['transports'], { data })).out).toMatch(/^webSocket\ton\tconnected\t1 link\tws:/)
  expect((await good(['status'], { data })).out).toMatch(
    /connected {4}ws:\S+ by webSocket, outgoing, [\d.]+ ms, \S+ bytes in, \S+ out/,
  )

  const off = JSON.parse((await good(['transports', 'webSocket', 'off', '--json'], { data })).out)
  expect(off[0]).toMatchObject({ id: 'webSocket', on: false, state: 'stopped', links: 0 })
  await running.says(/No longer connected to/)
  await good(['transports', 'webSocket', 'on'], { data })
  await running.says(/Connected to [\s\S]*Connected to .* by webSocket/)
})

test('what can’t be done is said with what to do', async () => {
  const { data } = await signUp()
  const stopped = await hypha(['transports'], { data })
  expect(stopped).toMatchObject({ code: 1, out: '' })
  expect(stopped.err).toContain('Begin with hypha run')

  const running = start(['run'], { data })
  await running.says(/Laptop is origin/)
  expect((await good(['transports'], { data })).err).toContain('no roads')
  const unknown = await hypha(['transports', 'pigeon', 'off'], { data })
  expect(unknown.code).toBe(1)
  expect(unknown.err).toContain('pigeon')
  expect((await hypha(['transports', 'tcp'], { data })).code).toBe(2)
  expect((await hypha(['transports', 'tcp', 'maybe'], { data })).code).toBe(2)
})
