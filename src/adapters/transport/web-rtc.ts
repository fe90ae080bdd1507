import { HyphaError } from '../../protocol/errors.js'
import { isWebRTCPlatform, type LoadedWebRTC, type WebRTCPlatform } from './web-rtc-platform.js'

const INSTALL = 'Node has none by itself: run `npm install @roamhq/wrtc`, or give one as webRTC({ wrtc }).'

const find = async (): Promise<unknown> => {
  try {
    // Optional: webpack would refuse to build without it.
    const { default: found } = await import(/* webpackIgnore: true */ '@roamhq/wrtc')
    return found
  } catch (error) {
    throw new HyphaError('TRANSPORT_UNAVAILABLE', `WebRTC is missing here. ${INSTALL}`, { cause: error })
  }
}

/**
 * This platform's WebRTC, loaded when it is first needed.
 * @throws HyphaError TRANSPORT_UNAVAILABLE
 */
export const loadWebRTC = async (given?: WebRTCPlatform): Promise<LoadedWebRTC> => {
  const wrtc = given ?? (await find())
  if (!isWebRTCPlatform(wrtc)) throw new HyphaError('TRANSPORT_UNAVAILABLE', `That is no WebRTC. ${INSTALL}`)
  const { default: Peer } = await import('simple-peer')
  return { createPeer: (options) => Reflect.construct(Peer, [{ ...options, wrtc }]) }
}
