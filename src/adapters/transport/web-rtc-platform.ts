/** What a package brings that speaks WebRTC in Node: `@roamhq/wrtc`, or one like it. */
export interface WebRTCPlatform {
  readonly RTCPeerConnection: unknown
  readonly RTCSessionDescription: unknown
  readonly RTCIceCandidate: unknown
}

export const isWebRTCPlatform = (value: unknown): value is WebRTCPlatform =>
  typeof value === 'object' &&
  value !== null &&
  ['RTCPeerConnection', 'RTCSessionDescription', 'RTCIceCandidate'].every(
    (name) => typeof Reflect.get(value, name) === 'function',
  )

/** As much of simple-peer as is used. */
export interface Peer {
  on(event: 'signal', listener: (signal: unknown) => void): unknown
  on(event: 'connect' | 'close', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  signal(json: string): void
  read(): unknown
  send(bytes: Uint8Array): void
  destroy(): void
}

export interface PeerOptions {
  readonly initiator: boolean
  readonly trickle: boolean
  readonly objectMode: boolean
  readonly config: { iceServers: { urls: string | string[]; username?: string; credential?: string }[] }
}

/** What connects here: simple-peer, over the platform's own WebRTC or what stands in for it. */
export interface LoadedWebRTC {
  createPeer(options: PeerOptions): Peer
}
