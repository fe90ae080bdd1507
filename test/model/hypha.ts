import { createKeyring, type Keyring } from '../../src/adapters/crypto/keyring.js'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { createMemoryNetwork, createNode, type HyphaNode, memoryTransport } from '../../src/index.js'
import { utf8 } from '../../src/protocol/bytes.js'
import { passphraseSalt } from '../../src/protocol/keys.js'
import { createSimulatedClock } from '../../src/testing/index.js'
import { until } from '../node/until.js'
import { createStore, type Store } from './store.js'

export const DOMAIN = 'ada.example'

/** One person's hypha, as its devices' storages: made once, and copied for each path. */
export interface Hypha {
  readonly passphrase: string
  readonly hyphalink: string
  /** What whoever has the passphrase can say. */
  readonly keyring: Keyring
  /** Where it was begun, before anybody else was let in. */
  readonly origin: Store
  /** The same, after it let the second and the third device in. */
  readonly originAfter: Store
  /** Devices that read, before they were let in. */
  readonly reader: Store
  readonly second: Store
  /** The second, when it had asked and nobody had answered. */
  readonly asking: Store
  /** One that was let in, and knows. */
  readonly writer: Store
  /** One that was never let in, and two more. */
  readonly guests: readonly Store[]
  /** By hyphalink alone. */
  readonly visitor: Store
}

const devices = new Set<HyphaNode>()

export const createHypha = async (): Promise<Hypha> => {
  const network = createMemoryNetwork()
  const clock = createSimulatedClock()
  const device = (store: Store, name: string): HyphaNode => {
    const node = createNode({
      name,
      clock,
      storage: store.storage,
      transports: [memoryTransport(network)],
    })
    devices.add(node)
    return node
  }
  const close = async (node: HyphaNode) => {
    devices.delete(node)
    await node.close()
  }
  const begun = createStore(new Map(), true)
  const laptop = device(begun, 'Laptop')
  const { passphrase, hyphalink } = await laptop.signUp({ domain: DOMAIN })
  await laptop.put('greeting', 'hello')
  const origin = begun.copy()

  const signedIn = async (name: string) => {
    const store = createStore(new Map(), true)
    const node = device(store, name)
    await node.signIn({ domain: DOMAIN, passphrase, request: false })
    await until(node, () => node.getSnapshot().sync.complete && node.getSnapshot().peers.length > 0)
    return { node, store }
  }
  const guests: Store[] = []
  for (const name of ['Watch', 'Television', 'Fridge']) {
    const { node, store } = await signedIn(name)
    await close(node)
    guests.push(store)
  }
  const letIn = async (name: string) => {
    const { node, store } = await signedIn(name)
    const before = store.copy()
    const answered = node.requestAuthorisation()
    const [request] = await until(laptop, () => laptop.requests().length > 0 && laptop.requests())
    await laptop.authorise(request?.id ?? '')
    await answered
    await until(laptop, () => laptop.nodes().length > 0 && laptop.requests().length === 0)
    await close(node)
    return { before, after: store }
  }
  const phone = await letIn('Phone')
  const tablet = await letIn('Tablet')
  const visiting = createStore(new Map(), true)
  const guest = device(visiting, 'Visitor')
  await guest.open({ hyphalink })
  await until(guest, () => guest.getSnapshot().sync.complete && guest.getSnapshot().peers.length > 0)
  await close(guest)
  await close(laptop)
  const asking = tablet.before.copy()
  const alone = createNode({ name: 'Tablet', clock, storage: asking.storage })
  await until(alone, () => alone.state === 'readOnly')
  alone.requestAuthorisation().catch(() => {})
  await alone.close()
  const crypto = await createCrypto()
  const master = await crypto.derivePassphraseKey(utf8(passphrase), passphraseSalt(DOMAIN, crypto.hash))
  return {
    passphrase,
    hyphalink,
    keyring: createKeyring(crypto, master),
    origin,
    originAfter: begun,
    reader: phone.before,
    second: tablet.before,
    asking,
    writer: phone.after,
    guests,
    visitor: visiting,
  }
}
