/** A mistake that somebody could make: one exact piece of a file, and what stands there instead. */
export interface Fault {
  readonly name: string
  /** Below src/. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly text: string
  readonly becomes: string
  /** Tests that are there to find it, below test/. */
  readonly tests: readonly string[]
  /** Of these, only those with this in their names: for files that have long ones. */
  readonly only?: string
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'a lost guard: any number of questions is shown at once',
    file: 'machines/prompts.ts',
    text: `Object.keys(context.prompts).length < (event.isPicked ? MAX_PROMPTS_WITH_PICKED : MAX_PROMPTS) &&`,
    becomes: `Object.keys(context.prompts).length >= 0 &&`,
    tests: ['machines/prompts.test.ts'],
  },
  {
    name: 'deduplication is off',
    file: 'actors/deduplication.ts',
    text: `const first = seen.add(id, services.now())`,
    becomes: `const first = seen.add(id, services.now()) || true`,
    tests: ['always-on/relay.test.ts'],
    only: 'a frame goes once',
  },
  {
    name: 'a relay sends back to where it came from',
    file: 'always-on/members.ts',
    text: `if (link !== source && send(link, extension, frame)) sent++`,
    becomes: `if (send(link, extension, frame)) sent++`,
    tests: ['always-on/relay.test.ts'],
    only: 'a frame goes once',
  },
  {
    name: 'expiry is ignored',
    file: 'protocol/control-message.ts',
    text: `return now >= expiresAt ? 'expired' : undefined`,
    becomes: `return undefined`,
    tests: ['protocol/plaintext.test.ts'],
  },
  {
    name: 'the wrong request is approved',
    file: 'machines/prompts.ts',
    text: `return [prompts[event.id], { type: event.type }]`,
    becomes: `return [Object.values(prompts)[0], { type: event.type }]`,
    tests: ['machines/prompts.test.ts'],
  },
  {
    name: 'a decision is believed of one who may not write',
    file: 'actors/inbox.ts',
    text: `if (!isAdmitted(sender)) return false`,
    becomes: ``,
    tests: ['hostile/requests.test.ts'],
    only: 'of one who may not write',
  },
  {
    name: 'a put is acknowledged before it is stored',
    file: 'adapters/database/writing.ts',
    text: `\n        await store(writes)\n`,
    becomes: `\n        store(writes).catch(() => {})\n`,
    tests: ['adapters/database/failing-storage.test.ts'],
  },
  {
    name: 'a road that broke is not taken again',
    file: 'machines/dial.ts',
    text: `'dial.lost': { target: 'waiting',`,
    becomes: `'dial.lost': { target: 'stopped',`,
    tests: ['machines/dial.test.ts'],
  },
  {
    name: 'a question is not asked again when a device comes: no catch-up after a road healed',
    file: 'actors/inbox.ts',
    text: `if (link.replication?.supports(codec.extension)) listener?.peerAppeared()`,
    becomes: `if (!link.replication?.supports(codec.extension)) listener?.peerAppeared()`,
    tests: ['node/declined.test.ts'],
  },
  {
    name: 'a person is asked again after their no, at its renewal or after a restart',
    file: 'actors/listen-to-channel.ts',
    text: `wasDeclined: services.declined.has,`,
    becomes: `wasDeclined: () => false,`,
    tests: ['walk/walk.test.ts', 'node/declined.test.ts'],
  },
  {
    name: 'the origin is not sealed: its secret key stays in the storage',
    file: 'adapters/database/origin-seal.ts',
    text: `open({ secretKey, storeSecretKey: false })`,
    becomes: `open({ secretKey, storeSecretKey: true })`,
    tests: ['adapters/database/origin-seal.test.ts'],
  },
  {
    name: 'the origin is not sealed: what a peer sends of it later is taken',
    file: 'adapters/database/seal-keeper.ts',
    text: `if (end <= ORIGIN_LENGTH) return true`,
    becomes: `if (end > 0) return true`,
    tests: ['adapters/database/hostile-peers.test.ts'],
    only: 'beyond its seal',
  },
  {
    name: 'backoff is never reset',
    file: 'machines/dial.ts',
    text: `recordGood: assign({ early: 0 }),`,
    becomes: `recordGood: assign({}),`,
    tests: ['machines/dial.test.ts'],
  },
  {
    name: 'what one wrote who may not write counts',
    file: 'view/admission.ts',
    text: `return ofFeed !== undefined && counts(entry, ofFeed)`,
    becomes: `return ofFeed === undefined || counts(entry, ofFeed)`,
    tests: ['view/view.test.ts'],
  },
  {
    name: 'blocks behind a gap are read twice',
    file: 'adapters/database/causal-frontier.ts',
    text: `if (track.isReading || track.isStopped ||`,
    becomes: `if (track.isStopped ||`,
    tests: ['adapters/database/causal-frontier.test.ts'],
  },
  {
    name: 'words are compared with nothing',
    file: 'ui-bridge/facade/answering.ts',
    text: `(words === undefined ? requireWords : !areSameWords(words, wordsOf(requestId)))`,
    becomes: `words === undefined && requireWords && !areSameWords('', wordsOf(requestId))`,
    tests: ['model/commands.test.ts'],
  },
]

/** How often a fault's text stands in a file. */
export const countOf = (text: string, { text: sought }: Fault): number => text.split(sought).length - 1
