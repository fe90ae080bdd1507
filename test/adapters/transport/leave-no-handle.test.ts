import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

test('a program whose transports and servers have stopped ends by itself', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', path('./leave-no-handle.ts')], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: path('../../fixtures/localhost-certificate.pem') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect(code).toBe(0)
  const seen: string[] = JSON.parse(output)
  expect(seen.filter((line) => line.includes("can't be reached"))).toHaveLength(1)
  expect(seen).toContain('hyperswarm hyperswarm:N true')
  expect(seen).toContain('memory memory:N true')
  expect(seen).toContain('tcp 127.0.0.1:N true')
  expect(seen).toContain('webRTC webRTC:N true')
  expect(seen).toContain('webSocket ws://127.0.0.1:N true')
  expect(seen).toContain('webSocket wss://localhost:N true')
})
