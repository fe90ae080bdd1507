import { fromPromise } from 'xstate'
import type { PromptInput } from '../machines/prompt.js'
import { fromHex } from '../protocol/bytes.js'
import { HyphaError } from '../protocol/errors.js'
import { encodeNodeRecord, nodeRecordKey } from '../protocol/record.js'
import type { NodeServices, Session } from './services.js'

const openSession = (services: NodeServices): Session => {
  if (services.session) return services.session
  throw new HyphaError('NOT_OPEN', 'No hypha is open. Sign up, sign in or open one first.')
}

/** A person said yes: the record goes into the database, and a message that makes the other screen quick. */
export const createAuthorise = (services: NodeServices) =>
  fromPromise<void, PromptInput>(async ({ input }) => {
    const { database, view, keyring, channel } = openSession(services)
    const target = fromHex(input.writerKey, 32)
    if (!target || !keyring)
      throw new HyphaError('WRITER_KEY_INVALID', 'This is not the key of a node. Let the node ask again.')
    if (!view.isAdmitted(input.writerKey)) {
      const value = encodeNodeRecord({
        boxedName: keyring.sealName(input.nodeName, target),
        at: services.clock.now(),
        request: input.id,
      })
      await database.authorise(target, {
        type: 'put',
        key: nodeRecordKey(input.writerKey, database.localWriter),
        value,
      })
    }
    // 2019 nodes look into their database only.
    if (!input.legacy) channel?.sendDecision(input.id, input.writerKey, 'authorised')
  })

/** A person said no. The message also takes the question off the person's other screens. */
export const createDecline = (services: NodeServices) =>
  fromPromise<void, PromptInput>(async ({ input }) => {
    // First: a message that is lost is made good when the question comes again.
    if (!input.legacy) await services.declined.add(input.id)
    openSession(services).channel?.sendDecision(input.id, input.writerKey, 'declined')
  })
