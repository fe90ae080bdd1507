import { createActor } from 'xstate'
import { createAuthorise, createDecline } from './actors/answers.js'
import { createClaiming } from './actors/claiming.js'
import { createCheckPassphrase, createConfirmPassphrase } from './actors/confirm-passphrase.js'
import { createDeclined } from './actors/declined.js'
import { createDeduplication } from './actors/deduplication.js'
import { createDeriveKeys } from './actors/derive-keys.js'
import { createDials } from './actors/dialling.js'
import { createHeard } from './actors/heard.js'
import { createHeartbeat } from './actors/heartbeat.js'
import { createHostTalk } from './actors/host-talk.js'
import { take } from './actors/in-use.js'
import { createChannelListener } from './actors/listen-to-channel.js'
import { createMessaging } from './actors/messaging.js'
import { nameTransports } from './actors/name-transports.js'
import { createOpenDatabase } from './actors/open-database.js'
import { createRecall } from './actors/recall.js'
import { createRelease } from './actors/release.js'
import { createRemember } from './actors/remember.js'
import { createReplication } from './actors/replication.js'
import { createRequestActors } from './actors/requests.js'
import { createSeen } from './actors/seen.js'
import type { NodeServices, Session } from './actors/services.js'
import { createTakenBack } from './actors/taken-back.js'
import { createTraces, makeInspectable, observeSystem } from './actors/tracing.js'
import { createNetwork, createReport, createRoad } from './actors/transports.js'
import { createDatabaseWatcher } from './actors/watch-database.js'
import { createWatching } from './actors/watching.js'
import { createKeyring, openKeyring } from './adapters/crypto/keyring.js'
import { createCrypto } from './adapters/crypto/sodium-crypto.js'
import { watchNetwork } from './adapters/network.js'
import { deviceName, systemClock, whenLeft } from './adapters/platform.js'
import { folderStorage } from './adapters/storage/folder-storage.js'
import { memoryStorage } from './adapters/storage/memory-storage.js'
import { createNodeMemory } from './adapters/storage/node-memory.js'
import { createSmallRecord } from './adapters/storage/small-record.js'
import { openToldMemory } from './adapters/storage/told-memory.js'
import type { HyphaNode, NodeEvents, NodeOptions } from './api.js'
import { createEmitter, rethrowLater } from './emitter.js'
import { dialMachine } from './machines/dial.js'
import { nodeMachine } from './machines/node.js'
import { peerMachine } from './machines/peer.js'
import { promptMachine } from './machines/prompt.js'
import { promptsMachine } from './machines/prompts.js'
import { requestMachine } from './machines/request.js'
import { transportMachine } from './machines/transport.js'
import { transportsMachine } from './machines/transports.js'
import { HyphaError } from './protocol/errors.js'
import { PEER_REPORTS_PER_MINUTE } from './protocol/limits.js'
import { cleanNodeName } from './protocol/node-name.js'
import { checkNodeOptions } from './protocol/node-options.js'
import { createTokenBucket } from './protocol/rate-limit.js'
import { MAX_STORED_MARKS_BYTES } from './protocol/stored-marks.js'
import { MAX_STORED_QUESTIONS_BYTES } from './protocol/stored-questions.js'
import { createFacade } from './ui-bridge/facade.js'
import type { NodeActor } from './ui-bridge/picture.js'

/** Whoever comes back and misbehaves again is not told of without end. */
const OF_PEERS = new Set<string>(['PEER_MISBEHAVED', 'PEER_TIMED_OUT'])
/** What a listener answers at each try. */
const OF_TRIES = new Set<string>(['NOT_HOSTED', 'CLAIM_REFUSED', 'CLAIM_INSECURE', 'HYPHA_UNKNOWN'])

const createServices = (options: NodeOptions, freed: Promise<void>): NodeServices => {
  const events = createEmitter<NodeEvents>()
  const clock = options.clock ?? systemClock
  const storage = options.storage ?? memoryStorage()
  const crypto = () => createCrypto({ argon2Worker: options.argon2Worker })
  /** Sentences, which name the address: few as the transports' addresses are. */
  const told = new Set<string>()
  const peerReports = createTokenBucket({
    rate: PEER_REPORTS_PER_MINUTE / 60,
    burst: PEER_REPORTS_PER_MINUTE,
  })
  const report = (error: unknown): void => {
    if (error instanceof HyphaError) {
      if (OF_PEERS.has(error.code) && !peerReports.take(clock.now())) return
      // A wrong code is sent once, when a person gave it.
      if (OF_TRIES.has(error.code) && error.reason !== 'code-wrong') {
        if (told.has(error.message)) return
        told.add(error.message)
      }
    }
    events.emit(
      'error',
      error instanceof HyphaError
        ? error
        : new HyphaError('STORAGE_FAILED', 'Something went wrong inside of the runtime.', { cause: error }),
    )
  }
  const memory = createNodeMemory(storage, crypto)
  const recordOf = (name: string, maxBytes: number) => createSmallRecord({ storage, crypto, name, maxBytes })
  return {
    name: cleanNodeName(options.name ?? deviceName()),
    isNamed: options.name !== undefined,
    clock,
    crypto,
    whenLeft,
    storage,
    memory,
    declined: createDeclined(memory, report),
    takenBack: createTakenBack(recordOf('questions', MAX_STORED_QUESTIONS_BYTES), report),
    heard: createHeard(recordOf('heard', MAX_STORED_MARKS_BYTES), report),
    questionsWaiting: 0,
    waitingQuestions: undefined,
    transports: nameTransports(options.transports ?? []),
    links: new Map(),
    vault: {},
    watchers: createWatching(),
    events,
    traces: createTraces(),
    session: undefined,
    viewBefore: undefined,
    cameBy: undefined,
    failure: undefined,
    // The node that had this storage before may still be closing.
    underway: freed,
    report,
    heardFromPeers: () => told.clear(),
    changed: () => {},
    mended: () => {},
  }
}

const provideTransports = (services: NodeServices) => {
  const dials = createDials()
  const report = createReport(services)
  const dial = dialMachine.provide({
    actors: { dial: dials.actor },
    actions: { report: (_, params) => report(params) },
  })
  const transport = transportMachine.provide({ actors: { road: createRoad(services, dials), dial } })
  return transportsMachine.provide({
    actors: { network: createNetwork(watchNetwork), transport },
    actions: { report: (_, params) => report(params) },
  })
}

/** The machines with their actors: the one place where both meet. */
const provide = (services: NodeServices, pending: () => ReadonlyMap<string, string>) => {
  const { links } = services
  const session = (): Session => {
    if (services.session) return services.session
    throw new HyphaError('NOT_OPEN', 'No hypha is open.')
  }
  const heartbeat = createHeartbeat()
  heartbeat.onTick(() => services.session?.pairings.look())
  const peer = peerMachine.provide({
    actors: {
      replication: createReplication({
        links,
        database: () => session().database,
        heartbeat,
        pairings: () => session().pairings,
        hostTalk: createHostTalk({
          session: () => services.session,
          crypto: services.crypto,
          report: services.report,
        }),
        report: services.report,
      }),
      messaging: createMessaging({ links, channel: () => services.session?.channel }),
      deduplication: createDeduplication({ links, seen: createSeen(), now: services.clock.now }),
      claiming: createClaiming({ links, keyring: () => services.session?.keyring, report: services.report }),
    },
  })
  const prompt = promptMachine.provide({
    actors: { authorise: createAuthorise(services), decline: createDecline(services) },
  })
  return nodeMachine.provide({
    actors: {
      recall: createRecall(services, openKeyring),
      remember: createRemember(services),
      deriveKeys: createDeriveKeys(services, createKeyring),
      openDatabase: createOpenDatabase(
        services,
        async ({ storage, folder, ...options }) => {
          // A page loads what keeps databases only once there is one to open.
          const { openDatabase } = await import('./adapters/database/hyperdb-database.js')
          return openDatabase({ ...options, storage: folderStorage(storage, folder) })
        },
        openToldMemory,
      ),
      database: createDatabaseWatcher(services),
      channel: createChannelListener(services, pending),
      transports: provideTransports(services),
      release: createRelease(services),
      peer,
      request: requestMachine.provide({ actors: createRequestActors(services) }),
      prompts: promptsMachine.provide({ actors: { prompt } }),
    },
  })
}

const OPEN_STATES = ['origin', 'readOnly', 'awaitingAuthorisation', 'writer'] as const

/** Mirrors the request under way into the storage, so that a restart goes on asking the same question. */
const keepRequest = (services: NodeServices, actor: NodeActor): void => {
  actor.subscribe((snapshot) => {
    if (!OPEN_STATES.some((state) => snapshot.matches(state))) return
    // Each time: what is stored already costs nothing, and what failed is tried again.
    services.memory.keepRequest(snapshot.context.requestId).catch(services.report)
  })
}

type Inspect = NonNullable<NodeOptions['inspect']>

/** XState lets what an inspector throws into the actors: this keeps it out of them. */
const guardInspect = (inspect: Inspect): Inspect => ({
  next: (event) => {
    try {
      if (typeof inspect === 'function') inspect(event)
      else inspect.next?.(event)
    } catch (error) {
      rethrowLater(error)
    }
  },
})

/**
 * A node. Give it transports to meet others, and a storage to be there again: with one that keeps a hypha it is `opening` at
 * once, and goes on as what it was; else it is signed out, and nothing is opened before `signUp`, `signIn` or `open`.
 */
export const createNode = (options: NodeOptions = {}): HyphaNode => {
  checkNodeOptions(options)
  const taken = take(options.storage, options.transports ?? [])
  const services = createServices(options, taken.freed)
  const machine = provide(services, () => {
    const prompts = actor.getSnapshot().children.prompts?.getSnapshot().context.prompts ?? {}
    return new Map(
      Object.entries(prompts).map(([id, prompt]) => [id, prompt.getSnapshot().context.writerKey]),
    )
  })
  const { clock } = services
  const actor = createActor(machine, {
    input: {
      name: services.name,
      transports: services.transports.map(({ id, transport: { name } }) => ({ id, name, on: true })),
      recalls: services.storage.isEmpty !== true,
    },
    clock: {
      setTimeout: (run: () => void, delay: number) => clock.setTimeout(run, delay),
      clearTimeout: (timer: unknown) => clock.clearTimeout(timer),
    },
    ...(options.inspect ? { inspect: guardInspect(options.inspect) } : {}),
  })
  keepRequest(services, actor)
  const node = createFacade(services, actor, {
    requireWords: options.requireWords === true,
    passphrases: {
      check: createCheckPassphrase(services),
      confirm: createConfirmPassphrase(services, createKeyring),
    },
    giveBack: taken.giveBack,
  })
  services.storage.whenWanted?.(() => {
    services.report(
      new HyphaError(
        'STORAGE_LOCKED',
        'Another node of this page has taken over this storage, so this one is closed. Use the new one.',
      ),
    )
    return node.close()
  })
  return makeInspectable(node, {
    kind: 'node',
    name: () => services.name,
    observe: (observer) => {
      const stops = [
        services.traces.listen((trace) => observer.message(trace)),
        observeSystem(actor, observer),
      ]
      return () => {
        for (const stop of stops) stop()
      }
    },
  })
}
