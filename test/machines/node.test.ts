import { describe, expect, it } from 'vitest'
import { createActor } from 'xstate'
import { nodeMachine, REPEAT_DELAY_MS } from '../../src/machines/index.js'
import { HyphaError } from '../../src/protocol/errors.js'
import { asOrigin, asReader, createRig, input, link, request } from './node-rig.js'
import { settle } from './puppets.js'

const WORK = ['channel', 'database', 'prompts', 'transports']

describe('signing up', () => {
  it('derives keys, opens the database, starts transports and is the origin', async () => {
    const { puppets, actor, state, children } = createRig()
    expect(state()).toBe('signedOut')
    actor.send({ type: 'signUp', domain: 'ada.example' })
    expect(state()).toEqual({ opening: 'derivingKeys' })
    expect(puppets.inputOf('deriveKeys')).toEqual({ by: 'signUp', domain: 'ada.example' })
    await puppets.finish('deriveKeys')
    await puppets.finish('openDatabase', { role: 'origin', hasChannel: true })
    expect(state()).toEqual({ opening: 'startingTransports' })
    expect(children()).toEqual(WORK)
    puppets.tell('transports', { type: 'transports.ready' })
    await puppets.finish('remember')
    expect(state()).toBe('origin')
    expect(actor.getSnapshot().can({ type: 'write' })).toBe(true)
    // The database says of the origin too that it is authorised: no news.
    puppets.tell('database', { type: 'database.authorised' })
    expect(state()).toBe('origin')
  })

  it('may be tried again after a wrong passphrase, with nothing half open', async () => {
    const { puppets, actor, state, children } = createRig()
    actor.send({ type: 'signIn', domain: 'ada.example' })
    await puppets.fail('deriveKeys', new HyphaError('PASSPHRASE_INVALID', 'Word 3.'))
    expect(state()).toBe('signedOut')
    expect(actor.getSnapshot().context.problem).toEqual({ code: 'PASSPHRASE_INVALID', message: 'Word 3.' })
    expect(children()).toEqual([])
    actor.send({ type: 'signIn', domain: 'ada.example' })
    expect(actor.getSnapshot().context.problem).toBeUndefined()
  })

  it('may be tried again after the database or a transport failed, once all is released', async () => {
    const { puppets, actor, state, children, enter } = createRig()
    actor.send({ type: 'signUp', domain: 'ada.example' })
    await puppets.finish('deriveKeys')
    await puppets.fail('openDatabase', new HyphaError('STORAGE_FAILED', 'Full.'))
    expect(state()).toEqual({ failed: 'releasing' })
    actor.send({ type: 'open' })
    expect(state()).toEqual({ failed: 'releasing' })
    await puppets.finish('release')
    // What the storage keeps comes first, again.
    actor.send({ type: 'open' })
    expect(state()).toEqual({ failed: 'released' })
    actor.send({ type: 'recall' })
    await puppets.finish('recall', { found: false })
    expect(state()).toBe('signedOut')
    await enter({ type: 'open' }, { role: 'reader', hasChannel: false })
    actor.send({ type: 'connection', link: link('1') })
    puppets.tell('transports', {
      type: 'transports.failed',
      problem: { code: 'LISTEN_FAILED', message: 'Taken.' },
    } as never)
    expect(actor.getSnapshot().context).toMatchObject({
      problem: { code: 'LISTEN_FAILED' },
      peers: {},
      role: undefined,
    })
    expect(children()).toEqual(['release'])
    expect(puppets.atWork()).toEqual(['release'])
    await puppets.fail('release')
    expect(state()).toEqual({ failed: 'released' })
  })

  it('fails by name where nobody provided the work', async () => {
    const actor = createActor(nodeMachine, { input }).start()
    actor.send({ type: 'open' })
    await settle()
    expect(actor.getSnapshot().context.problem?.message).toBe(
      'Provide the actor "deriveKeys" to this machine.',
    )
    actor.stop()
  })
})

describe('asking to be let in', () => {
  it('begins with signing in, and ends as a writer when the database says so', async () => {
    const { puppets, actor, state } = await asReader('request-1')
    expect(state()).toBe('awaitingAuthorisation')
    expect(actor.getSnapshot().can({ type: 'write' })).toBe(false)
    expect(puppets.inputOf('sendRequest')).toEqual({ requestId: 'request-1' })
    await puppets.finish('sendRequest')
    puppets.tell('channel', { type: 'answer.acknowledged', by: 'desk' } as never)
    puppets.tell('channel', { type: 'answer.approved', by: 'desk' } as never)
    expect(state()).toBe('awaitingAuthorisation')
    puppets.tell('database', { type: 'database.authorised' })
    expect(state()).toBe('writer')
    expect(actor.getSnapshot().context).toMatchObject({
      role: 'writer',
      lastOutcome: 'authorised',
      requestId: undefined,
    })
    expect(actor.getSnapshot().can({ type: 'write' })).toBe(true)
  })

  it('is told of devices that come, and asks them', async () => {
    const { puppets, clock } = await asReader('request-1')
    await puppets.finish('sendRequest')
    puppets.tell('channel', { type: 'peer.appeared' })
    await puppets.finish('repeatRequest')
    clock.increment(REPEAT_DELAY_MS)
    await puppets.finish('repeatRequest')
    expect(puppets.begun.filter((name) => name === 'repeatRequest')).toHaveLength(2)
  })

  it('can be done again right after a no', async () => {
    const { puppets, actor, state, children } = await asReader('request-1')
    await puppets.finish('sendRequest')
    actor.send({ type: 'answer.declined', by: 'desk' })
    expect(state()).toBe('readOnly')
    expect(actor.getSnapshot().context.lastOutcome).toBe('declined')
    expect(children()).toEqual(WORK)
    actor.send({ type: 'requestAuthorisation', requestId: 'request-2' })
    expect(actor.getSnapshot().context.lastOutcome).toBeUndefined()
    expect(puppets.inputOf('sendRequest')).toEqual({ requestId: 'request-2' })
    // The first answer comes late, by another road: it is for the channel to know that it means another request.
    actor.send({ type: 'cancelRequest' })
    actor.send({ type: 'answer.declined', by: 'desk' })
    await puppets.finish('sendCancel')
    expect(actor.getSnapshot().context.lastOutcome).toBe('cancelled')
  })

  it('is authorised all the same when the yes overtakes its cancelling, its no, or its asking', async () => {
    const cancelling = await asReader('request-1')
    cancelling.actor.send({ type: 'cancelRequest' })
    cancelling.actor.send({ type: 'database.authorised' })
    expect(cancelling.state()).toBe('writer')

    const declined = await asReader('request-1')
    declined.actor.send({ type: 'answer.declined', by: 'desk' })
    declined.actor.send({ type: 'database.authorised' })
    expect(declined.state()).toBe('writer')

    const early = createRig()
    await early.enter({ type: 'signIn', domain: 'a', requestId: 'r' }, { role: 'reader', hasChannel: true })
    early.puppets.tell('database', { type: 'database.authorised' })
    early.actor.send({ type: 'transports.ready' })
    await early.puppets.finish('remember')
    expect(early.state()).toBe('writer')
  })

  it('is not begun when the person took it back while the node was opening, nor without a channel', async () => {
    const rig = createRig()
    rig.actor.send({ type: 'signIn', domain: 'a', requestId: 'r' })
    rig.actor.send({ type: 'cancelRequest' })
    await rig.puppets.finish('deriveKeys')
    await rig.puppets.finish('openDatabase', { role: 'reader', hasChannel: true })
    rig.actor.send({ type: 'transports.ready' })
    await rig.puppets.finish('remember')
    expect(rig.state()).toBe('readOnly')

    const reader = createRig()
    await reader.enter({ type: 'open' }, { role: 'reader', hasChannel: false })
    reader.actor.send({ type: 'transports.ready' })
    await reader.puppets.finish('remember')
    expect(reader.actor.getSnapshot().can({ type: 'requestAuthorisation', requestId: 'r' })).toBe(false)
  })

  it('ends with the reason when the question can’t be sent', async () => {
    const { puppets, actor, state } = await asReader('request-1')
    await puppets.fail('sendRequest', new Error('There is no channel.'))
    expect(state()).toBe('readOnly')
    expect(actor.getSnapshot().context).toMatchObject({
      lastOutcome: 'cancelled',
      lastReason: 'There is no channel.',
    })
  })
})

describe('a key that another node keeps', () => {
  it('is let go: everything is given back and opened again, and the node asks to be let in', async () => {
    const { puppets, actor, state, children } = await asOrigin()
    actor.send({ type: 'connection', link: link('1') })
    puppets.tell('database', { type: 'database.keyGone' })
    expect(state()).toEqual({ opening: 'changingKey' })
    expect(children()).toEqual(['release'])
    expect(actor.getSnapshot().context).toMatchObject({ peers: {}, role: undefined })
    await puppets.finish('release')
    await puppets.finish('recall', { found: true, name: 'Laptop' })
    await puppets.finish('openDatabase', { role: 'reader', hasChannel: true, requestId: 'request-9' })
    puppets.tell('transports', { type: 'transports.ready' })
    await puppets.finish('remember')
    expect(state()).toBe('awaitingAuthorisation')
    expect(actor.getSnapshot().context.requestId).toBe('request-9')
    expect(actor.getSnapshot().can({ type: 'write' })).toBe(false)
  })

  it('waits for the next opening while nothing is remembered yet', async () => {
    const rig = createRig()
    await rig.enter({ type: 'signIn', domain: 'ada.example' }, { role: 'reader', hasChannel: true })
    rig.puppets.tell('database', { type: 'database.keyGone' })
    expect(rig.state()).toEqual({ opening: 'startingTransports' })
  })
})

describe('being asked', () => {
  it('shows the question and writes the yes', async () => {
    const { puppets, actor, prompts } = await asOrigin()
    puppets.tell('channel', { type: 'request.received', request: request('a') } as never)
    expect(prompts()).toEqual(['a'])
    actor.send({ type: 'authorise', id: 'a' })
    await puppets.finish('authorise')
    expect(prompts()).toEqual([])
  })

  it('keeps questions that come before it may answer, and answers them once it may', async () => {
    const { puppets, actor, prompts } = await asReader()
    for (const id of ['a', 'b']) actor.send({ type: 'request.received', request: request(id) })
    actor.send({ type: 'authorise', id: 'a' })
    actor.send({ type: 'writer.authorised', writerKey: request('b').writerKey })
    expect(puppets.begun).not.toContain('authorise')
    expect(prompts()).toEqual(['a'])
    actor.send({ type: 'database.authorised' })
    actor.send({ type: 'authorise', id: 'a' })
    expect(puppets.atWork()).toContain('authorise')
  })
})

describe('peers', () => {
  it('come and go one by one; a bad one ends alone', async () => {
    const { puppets, actor, children } = await asOrigin()
    actor.send({ type: 'connection', link: link('1') })
    puppets.tell('replication', { type: 'replication.handshake' })
    actor.send({ type: 'connection', link: link('2') })
    puppets.tell('replication', {
      type: 'replication.ended',
      problem: { code: 'PEER_MISBEHAVED', message: 'No.' },
    } as never)
    expect(Object.keys(actor.getSnapshot().context.peers)).toEqual(['1'])
    expect(children()).toEqual([...WORK, 'peer:1'].sort())
    expect(actor.getSnapshot().value).toBe('origin')
  })

  it('are as many as there are links, though a link be announced twice', async () => {
    const { puppets, actor } = await asOrigin()
    actor.send({ type: 'connection', link: link('1') })
    actor.send({ type: 'connection', link: link('1') })
    expect(puppets.begun.filter((name) => name === 'replication')).toHaveLength(1)
  })

  it('may have ids that are names of other children', async () => {
    const { actor, puppets } = await asReader('request-1')
    actor.send({ type: 'connection', link: link('request') })
    await puppets.fail('sendRequest')
    expect(Object.keys(actor.getSnapshot().context.peers)).toEqual(['request'])
  })

  it('leave nothing behind, ten thousand of them', async () => {
    const { puppets, actor, children } = await asOrigin()
    for (let peer = 0; peer < 10_000; peer++) {
      actor.send({ type: 'connection', link: link(String(peer)) })
      if (peer % 2) puppets.tell('replication', { type: 'replication.handshake' })
      puppets.tell('replication', { type: 'replication.ended' })
    }
    expect(puppets.begun.filter((name) => name === 'replication')).toHaveLength(10_000)
    expect(children()).toEqual(WORK)
    expect(actor.getSnapshot().context.peers).toEqual({})
    expect(puppets.atWork()).toEqual(['channel', 'database', 'transports'])
  })
})

describe('closing', () => {
  const lives: [string, () => Promise<ReturnType<typeof createRig>>][] = [
    ['signed out', async () => createRig()],
    [
      'deriving keys',
      async () => {
        const rig = createRig()
        rig.actor.send({ type: 'open' })
        return rig
      },
    ],
    [
      'starting transports',
      async () => {
        const rig = createRig()
        await rig.enter({ type: 'open' }, { role: 'reader', hasChannel: true })
        return rig
      },
    ],
    ['the origin', asOrigin],
    ['a reader', () => asReader()],
    ['asking', () => asReader('request-1')],
    [
      'busy',
      async () => {
        const rig = await asOrigin()
        rig.actor.send({ type: 'connection', link: link('1') })
        rig.actor.send({ type: 'request.received', request: request('a') })
        rig.actor.send({ type: 'authorise', id: 'a' })
        return rig
      },
    ],
    [
      'failed',
      async () => {
        const rig = createRig()
        rig.actor.send({ type: 'open' })
        await rig.puppets.finish('deriveKeys')
        await rig.puppets.fail('openDatabase')
        return rig
      },
    ],
  ]
  it.each(lives)('ends a node that is %s, and leaves nothing running', async (_, live) => {
    const { puppets, actor, state, children } = await live()
    actor.send({ type: 'close' })
    expect(state()).toEqual({ closed: 'releasing' })
    expect(puppets.atWork()).toEqual(['release'])
    await puppets.finish('release')
    expect(state()).toEqual({ closed: 'released' })
    expect(children()).toEqual([])
    // Words that come late are heard by nobody and break nothing.
    actor.send({ type: 'connection', link: link('9') })
    actor.send({ type: 'request.received', request: request('z') })
    actor.send({ type: 'writer.authorised', writerKey: 'z' })
    actor.send({ type: 'database.authorised' })
    actor.send({ type: 'signUp', domain: 'ada.example' })
    expect(actor.getSnapshot()).toMatchObject({ value: { closed: 'released' }, status: 'active' })
    expect(children()).toEqual([])
  })

  it('says what could not be released', async () => {
    const { puppets, actor } = createRig()
    actor.send({ type: 'close' })
    await puppets.fail('release', new Error('The disk is gone.'))
    expect(actor.getSnapshot().context.problem?.message).toBe('The disk is gone.')
  })
})
