import { HyphaError } from '../../protocol/errors.js'

/** What simple-peer says when the platform takes no description, at once or later. */
const REFUSALS = ['ERR_SET_REMOTE_DESCRIPTION', 'ERR_SIGNALING']

const MEANWHILE =
  'It is tried again by itself; until then the two meet through an always-on node, if both use one.'

const failed = (address: string, why: string, cause?: unknown) =>
  new HyphaError(
    'DIRECT_LINK_FAILED',
    `No direct link to ${address} came about: ${why} ${MEANWHILE}`,
    cause === undefined ? {} : { cause },
  )

const refused = (address: string, why: string, cause?: unknown) =>
  new HyphaError(
    'DIRECT_LINK_REFUSED',
    `No direct link to ${address} came about: ${why} Bring the browsers or programs at both ends up to date. ${MEANWHILE}`,
    cause === undefined ? {} : { cause },
  )

/** This end can make nothing of what the other said. */
export const refusedHere = (address: string, cause?: unknown): HyphaError =>
  refused(address, "this end can't use the WebRTC description that the other end sent.", cause)

/** The other end can make nothing of what this one said. */
export const refusedThere = (address: string): HyphaError =>
  refused(address, "the other end can't use the WebRTC description that this end sent.")

/** Why an attempt failed, as a person may read it. The platform's own sentences quote descriptions, which are nobody else's business. */
export const directLinkFailure = (address: string, error: unknown): HyphaError => {
  if (error instanceof HyphaError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (REFUSALS.includes(code)) return refusedHere(address, error)
  return failed(
    address,
    'neither end found a way to the other. A firewall may be in between: a TURN server, given to both as webRTC({ iceServers }), leads around it.',
    error,
  )
}
