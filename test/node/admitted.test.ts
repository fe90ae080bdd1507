import { describe, expect, it } from 'vitest'
import type { AdmittedDevice, HyphaNode, Storage } from '../../src/index.js'
import { memoryStorage } from '../../src/index.js'
import {
  decodeToldDevices,
  encodeToldDevices,
  MAX_TOLD_DEVICES,
  type ToldDevices,
} from '../../src/protocol/told-devices.js'
import { useDevices } from './devices.js'
import { arrived, next, reached, until } from './until.js'

const DOMAIN = 'ada.example'
const { device } = useDevices()

/** Every device that a node is told of. */
const listen = (node: HyphaNode): AdmittedDevice[] => {
  const heard: AdmittedDevice[] = []
  node.on('device-admitted', (admitted) => heard.push(admitted))
  return heard
}

/** Lets one that asks in, by this one device and no other. */
const letIn = async (by: HyphaNode, passphrase: string, name: string, storage?: Storage) => {
  const asked = next(by, 'authorisation-requested')
  const node = device({ name, ...(storage ? { storage } : {}) })
  const heard = listen(node)
  await node.signIn({ domain: DOMAIN, passphrase })
  await by.authorise((await asked).id)
  await reached(node, 'writer')
  return { node, heard }
}

/** Ada's laptop and her phone. */
const family = async (storage = memoryStorage()) => {
  const laptop = device({ name: 'Laptop', storage })
  const { passphrase } = await laptop.signUp({ domain: DOMAIN })
  const heard = listen(laptop)
  const { node: phone, heard: heardByPhone } = await letIn(laptop, passphrase, 'Phone')
  return { laptop, storage, heard, phone, heardByPhone, passphrase }
}

/** Writes, and waits until another node has it: what came before is there, too. */
const caughtUp = async (writer: HyphaNode, reader: HyphaNode): Promise<void> => {
  const key = `caught-up/${crypto.randomUUID()}`
  await writer.put(key, 1)
  await arrived(reader, key)
}

describe('a device that was let in', () => {
  it('is told to all others: by an event, and a notice until it is dismissed', async () => {
    const { laptop, heard, phone, heardByPhone, passphrase } = await family()
    const told = next(laptop, 'device-admitted')
    const { node: tablet, heard: heardByTablet } = await letIn(phone, passphrase, 'Tablet')
    const admitted = await told
    expect(admitted).toEqual({
      writerKey: tablet.writerKey,
      name: 'Tablet',
      authorisedBy: phone.writerKey,
      authorisedByName: 'Phone',
      at: laptop.nodes().find(({ name }) => name === 'Tablet')?.authorisedAt,
    })
    expect(laptop.getSnapshot().notices).toEqual([admitted])
    // Neither of them needs to be told.
    await caughtUp(tablet, phone)
    await caughtUp(phone, tablet)
    expect([heardByPhone, heardByTablet, phone.getSnapshot().notices, tablet.getSnapshot().notices]).toEqual([
      [],
      [],
      [],
      [],
    ])
    await laptop.dismissNotice(tablet.writerKey ?? '')
    expect(laptop.getSnapshot().notices).toEqual([])
    expect(heard).toEqual([admitted])
  })

  it('is told to one that was away, once, and the notice stays over restarts until it is dismissed', async () => {
    const { laptop, storage, phone, passphrase } = await family()
    await laptop.close()
    const { node: tablet } = await letIn(phone, passphrase, 'Tablet')

    const back = device({ storage })
    expect(await next(back, 'device-admitted')).toMatchObject({ name: 'Tablet', authorisedByName: 'Phone' })
    await back.close()

    const again = device({ storage })
    const heard = listen(again)
    await reached(again, 'origin')
    expect(again.getSnapshot().notices).toMatchObject([{ writerKey: tablet.writerKey, name: 'Tablet' }])
    await again.dismissNotice(tablet.writerKey ?? '')
    await again.close()

    const last = device({ storage })
    const heardLast = listen(last)
    await reached(last, 'origin')
    await caughtUp(phone, last)
    expect([heard, heardLast, last.getSnapshot().notices]).toEqual([[], [], []])
  })
})

describe('what is old', () => {
  it('is not told to a device that signs in, neither before it is let in nor after', async () => {
    const { laptop, phone, passphrase } = await family()
    const { node: tablet } = await letIn(phone, passphrase, 'Tablet')
    await caughtUp(tablet, laptop)
    const { node: watch, heard } = await letIn(laptop, passphrase, 'Watch')
    await caughtUp(tablet, watch)
    expect(watch.nodes().map(({ name }) => name)).toEqual(['Laptop', 'Phone', 'Tablet', 'Watch'])
    expect([heard, watch.getSnapshot().notices]).toEqual([[], []])
    // What comes from then on is.
    const told = next(watch, 'device-admitted')
    await letIn(phone, passphrase, 'Television')
    expect(await told).toMatchObject({ name: 'Television', authorisedByName: 'Phone' })
  })

  it('is not told to a node that only reads, which hears of what comes later', async () => {
    const { laptop, phone, passphrase } = await family()
    await phone.put('a', 1)
    const reader = device({ name: 'Kiosk' })
    const heard = listen(reader)
    await reader.signIn({ domain: DOMAIN, passphrase, request: false })
    await until(reader, () => reader.getSnapshot().sync.complete && reader.nodes().length === 2)
    await caughtUp(laptop, reader)
    expect(heard).toEqual([])
    const told = next(reader, 'device-admitted')
    await letIn(laptop, passphrase, 'Tablet')
    expect(await told).toMatchObject({ name: 'Tablet', authorisedByName: 'Laptop' })
  })
})

describe('what is remembered', () => {
  const told = (count: number): ToldDevices => ({
    isSettled: true,
    devices: Array.from({ length: count }, (_, i) => ({
      writerKey: i.toString(16).padStart(64, '0'),
      isNotice: i % 2 === 0,
    })),
  })

  it(`is ${MAX_TOLD_DEVICES} devices, and no more`, () => {
    const most = told(MAX_TOLD_DEVICES)
    expect(decodeToldDevices(encodeToldDevices(most))).toEqual(most)
    const over = told(MAX_TOLD_DEVICES + 1)
    expect(decodeToldDevices(encodeToldDevices(over))?.devices).toEqual(over.devices.slice(1))
    const bytes = encodeToldDevices(most)
    expect(decodeToldDevices(new Uint8Array([...bytes, ...bytes.subarray(2, 35)]))).toBeUndefined()
  })

  it.each([
    ['of a later version', (bytes: Uint8Array) => bytes.with(0, 9)],
    ['cut short', (bytes: Uint8Array) => bytes.slice(0, -1)],
    ['empty', () => new Uint8Array()],
    ['with a flag that is none', (bytes: Uint8Array) => bytes.with(34, 2)],
  ])('is nothing when it is %s', (_, spoil) => {
    expect(decodeToldDevices(spoil(encodeToldDevices(told(2))))).toBeUndefined()
  })

  it('tells again, rather than never, when it is damaged', async () => {
    const names = new Set<string>()
    const memory = memoryStorage()
    const storage: Storage = {
      kind: 'memory',
      file: (name) => {
        names.add(name)
        return memory.file(name)
      },
      close: async () => {},
    }
    const { laptop, phone, passphrase } = await family(storage)
    const { node: tablet } = await letIn(phone, passphrase, 'Tablet')
    await until(laptop, () => laptop.getSnapshot().notices.length === 1)
    await laptop.dismissNotice(tablet.writerKey ?? '')
    await laptop.close()
    const slots = [...names].filter((name) => /\/told\/[01]$/.test(name))
    expect(slots).toHaveLength(2)
    for (const name of slots) {
      await new Promise<void>((resolve, reject) =>
        memory.file(name).write(8, Buffer.alloc(16), (error) => (error ? reject(error) : resolve())),
      )
    }
    const back = device({ storage })
    expect(await next(back, 'device-admitted')).toMatchObject({ name: 'Tablet' })
    expect(back.getSnapshot().notices).toMatchObject([{ name: 'Tablet' }])
  })
})
