import { once } from 'node:events'
import { expect, test } from 'vitest'
import {
  type Carrier,
  type CarrierHandlers,
  messageStream,
} from '../../../src/adapters/transport/message-stream.js'
import { streamClosed } from '../../../src/adapters/transport/stream-closed.js'
import {
  CARRIED_MESSAGE_BYTES,
  CARRIED_MESSAGE_COST,
  CARRIED_WINDOW_BYTES,
} from '../../../src/protocol/limits.js'

/** A stream whose other end is the test. */
const create = () => {
  const sent: Buffer[] = []
  let heard: CarrierHandlers | undefined
  const carrier: Carrier = {
    listen: (handlers) => {
      heard = handlers
    },
    isFull: () => false,
    send: (bytes) => void sent.push(Buffer.from(bytes)),
    close: () => queueMicrotask(() => heard!.close()),
  }
  const stream = messageStream(carrier)
  const errors: unknown[] = []
  stream.on('error', (error) => errors.push(error))
  return { stream, sent, errors, heard: heard! }
}

const data = (length: number) => Buffer.alloc(1 + length)
const credit = (bytes: number) => {
  const message = Buffer.alloc(5, 1)
  message.writeUInt32BE(bytes, 1)
  return message
}

test('writes of one moment are one message, long ones are cut', async () => {
  const { stream, sent } = create()
  for (let i = 0; i < 100; i++) stream.write(Buffer.of(i))
  await new Promise((resolve) => stream.write('end', resolve))
  await new Promise(setImmediate)
  expect(sent.map(({ length }) => length)).toEqual([104])
  expect(sent[0]?.subarray(0, 4)).toEqual(Buffer.of(0, 0, 1, 2))
  stream.write(Buffer.alloc(150_000))
  await new Promise(setImmediate)
  expect(sent.slice(1).map(({ length }) => length)).toEqual([65_536, 65_536, 150_000 - 2 * 65_535 + 1])
})

test('sends no more than the window, and goes on with each credit', async () => {
  const { stream, sent, heard } = create()
  stream.write(Buffer.alloc(3 * CARRIED_WINDOW_BYTES))
  await new Promise(setImmediate)
  const cost = () => sent.reduce((sum, { length }) => sum + length - 1 + CARRIED_MESSAGE_COST, 0)
  expect(cost()).toBeLessThanOrEqual(CARRIED_WINDOW_BYTES)
  expect(cost()).toBeGreaterThan(CARRIED_WINDOW_BYTES - 2 * CARRIED_MESSAGE_BYTES)
  const before = sent.length
  heard.message(credit(256 * 1024))
  expect(sent.length - before).toBeGreaterThanOrEqual(3)
})

test('holds what nobody reads, within the window, and gives it back when somebody does', async () => {
  const { stream, sent, errors, heard } = create()
  const length = CARRIED_MESSAGE_BYTES - 1
  // What a reader's own buffer takes is given back at once, so more than a window may come in all.
  for (let i = 0; i < 15; i++) heard.message(data(length))
  expect(stream.readableLength).toBeLessThan(3 * CARRIED_MESSAGE_BYTES)
  expect(sent).toEqual([])
  let got = 0
  stream.on('data', (bytes: Buffer) => {
    got += bytes.length
  })
  await expect.poll(() => got).toBe(15 * length)
  expect(sent.length).toBeGreaterThan(0)
  expect(errors).toEqual([])
})

test('an end waits until all that was written has arrived', async () => {
  const { stream, sent, heard } = create()
  stream.resume()
  stream.end('last words')
  await new Promise(setImmediate)
  expect(sent.map((message) => message[0])).toEqual([0, 2])
  expect(stream.writableFinished).toBe(false)
  heard.message(Buffer.of(3))
  heard.message(Buffer.of(2))
  await streamClosed(stream)
  expect(sent.at(-1)).toEqual(Buffer.of(3))
})

test('what came before the link broke is read, and then it ends', async () => {
  const { stream, heard } = create()
  heard.message(Buffer.from('\0words'))
  heard.close()
  const [words] = await once(stream, 'data')
  expect(String(words)).toBe('words')
  await streamClosed(stream)
})

const many = (message: Buffer, times: number) => Array.from({ length: times }, () => message)

test.each<[string, (Buffer | 'text')[]]>([
  ['text', ['text']],
  ['nothing', [Buffer.alloc(0)]],
  ['a kind that there is not', [Buffer.of(4)]],
  ['a message that is too large', [Buffer.alloc(CARRIED_MESSAGE_BYTES + 1)]],
  ['data without any', [Buffer.of(0)]],
  ['more data than there is room for', many(data(60_000), 20)],
  ['a million messages of one byte', many(data(1), 100_000)],
  ['credit for what was never sent', [credit(1)]],
  ['credit of nothing', [credit(0)]],
  ['credit beyond all bounds', [credit(0xffffffff)]],
  ['half a credit', [Buffer.of(1, 0, 0)]],
  ['an end with something in it', [Buffer.of(2, 0)]],
  ['two ends', [Buffer.of(2), Buffer.of(2)]],
  ['data after the end', [Buffer.of(2), data(1)]],
  ['that an end has arrived which was never sent', [Buffer.of(3)]],
])('a peer that sends %s loses this link', async (_what, messages) => {
  const { stream, errors, heard } = create()
  for (const message of messages) {
    if (message === 'text') heard.text()
    else heard.message(message)
  }
  await streamClosed(stream)
  expect(errors).toEqual([expect.objectContaining({ code: 'PEER_MISBEHAVED' })])
})
