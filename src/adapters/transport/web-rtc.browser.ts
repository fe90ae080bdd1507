import { HyphaError } from '../../protocol/errors.js'
import type { LoadedWebRTC, WebRTCPlatform } from './web-rtc-platform.js'

/**
 * This platform's WebRTC, loaded when it is first needed.
 * @throws HyphaError TRANSPORT_UNAVAILABLE
 */
export const loadWebRTC = async (_given?: WebRTCPlatform): Promise<LoadedWebRTC> => {
  if (typeof RTCPeerConnection !== 'function')
    throw new HyphaError(
      'TRANSPORT_UNAVAILABLE',
      'This browser has no WebRTC, or it was switched off. Nodes meet over the always-on node instead: webSocket(url).',
    )
  const { default: Peer } = await import('simple-peer')
  return { createPeer: (options) => new Peer(options) }
}
