import { HyphaError } from '../../protocol/errors.js'
import { type Checks, checkOptions, invalid, isAnything, isUrlObject } from '../../protocol/given.js'
import { SIGNALLING_ID_BYTES } from '../../protocol/limits.js'
import type { Signalling } from '../signalling/signalling.js'
import { webSocketSignalling } from '../signalling/web-socket-signalling.js'
import { createTransport } from './create-transport.js'
import { createIntroductions, type Introductions, randomHex } from './introductions.js'
import type { Transport } from './transport.js'
import { loadWebRTC } from './web-rtc.js'
import type { IceServer } from './web-rtc-peer.js'
import { createDirectPeers } from './web-rtc-peers.js'
import { isWebRTCPlatform, type WebRTCPlatform } from './web-rtc-platform.js'

export interface WebRTCOptions {
  /** URL of an always-on node that introduces nodes to each other, or several: http, https, ws and wss alike. */
  readonly signalling: string | URL | readonly (string | URL)[]
  /** STUN and TURN servers. None unless given, which does on one network. */
  readonly iceServers?: readonly IceServer[]
  /** In Node: what to use instead of the package `@roamhq/wrtc`. */
  readonly wrtc?: WebRTCPlatform
}

export interface WebRTCTransport extends Transport {
  /** Introductions so far that were not of the person's nodes, or came twice. They do nothing. */
  readonly ignored: number
}

const readOptions = (
  options: WebRTCOptions,
): { services: readonly Signalling[]; iceServers: readonly IceServer[] } => {
  const given: unknown = options
  if (typeof given !== 'object' || given === null || isUrlObject(given))
    throw invalid("webRTC() takes options, as in { signalling: 'https://example.org' }.")
  checkOptions('webRTC()', options, {
    // Both are looked at below.
    signalling: isAnything,
    iceServers: isAnything,
    wrtc: (value) =>
      isWebRTCPlatform(value) ? undefined : 'a WebRTC implementation, as @roamhq/wrtc exports one',
  } satisfies Checks<WebRTCOptions>)
  const { signalling, iceServers = [] } = options
  const urls = typeof signalling === 'string' || isUrlObject(signalling) ? [signalling] : signalling
  if (!Array.isArray(urls) || urls.length === 0)
    throw new HyphaError(
      'OPTION_INVALID',
      "webRTC({ signalling }) takes the URL of an always-on node, or several, as in 'https://example.org'.",
    )
  if (!Array.isArray(iceServers) || !iceServers.every(isIceServer))
    throw new HyphaError(
      'OPTION_INVALID',
      "webRTC({ iceServers }) takes a list such as [{ urls: 'stun:example.org' }], with username and credential for turn.",
    )
  return { services: urls.map(webSocketSignalling), iceServers }
}

/** Browsers refuse a TURN server without both, when the first connection is tried. What providers add is for them to know. */
const isIceServer = (server: Partial<IceServer> | undefined): boolean => {
  const urls = [server?.urls ?? []].flat()
  const isTurn = urls.some((url) => /^turns?:/.test(String(url)))
  const mayBeUsed = !isTurn || (typeof server?.username === 'string' && typeof server.credential === 'string')
  return urls.length > 0 && mayBeUsed && urls.every((url) => /^(stun|turn)s?:./.test(String(url)))
}

/**
 * Connects nodes directly, browsers too. They find each other through the signalling service of always-on nodes, which
 * learns the discovery key, when somebody is there, and nothing that they say. Who comes later offers.
 *
 * Its connections are confidential: DTLS encrypts them, and the fingerprints of both certificates came in introductions that
 * only the person's nodes can seal. No place is ever claimed over them.
 *
 * ```ts
 * createNode({ transports: [webSocket(url), webRTC({ signalling: url })] })
 * ```
 * @throws HyphaError ADDRESS_INVALID, OPTION_INVALID
 */
export const webRTC = (options: WebRTCOptions): WebRTCTransport => {
  const { services, iceServers } = readOptions(options)
  let introductions: Introductions | undefined

  const transport = createTransport('webRTC', async (discoveryKey, host) => {
    const { seal } = host
    if (!seal)
      throw new HyphaError(
        'NO_CHANNEL',
        'A reader by hyphalink has no WebRTC: its nodes are introduced under a key of the person. Sign in with the passphrase, or use webSocket(url).',
      )
    const platform = await loadWebRTC(options.wrtc)
    const session = randomHex(SIGNALLING_ID_BYTES)
    const peers = createDirectPeers({
      platform,
      iceServers,
      session,
      host,
      send: (to, introduction) => met.send(to, introduction),
      isPresent: (other) => met.isPresent(other),
    })
    const met = createIntroductions(
      { discoveryKey, session, seal, prove: (nonce) => host.prove?.(nonce) },
      peers.heard,
    )
    introductions = met
    const rooms = services.map((service) => host.dial(met.target(service)))

    return async () => {
      const ended = peers.stop()
      await Promise.all(rooms.map((room) => room.stop()))
      await ended
    }
  })

  return {
    ...transport,
    get ignored() {
      return introductions?.ignored ?? 0
    },
  }
}
