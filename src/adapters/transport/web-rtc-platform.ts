/** What a package brings that speaks WebRTC in Node: `@roamhq/wrtc`, or one like it. */
export interface WebRTCPlatform {
  readonly RTCPeerConnection: unknown
  readonly RTCSessionDescription: unknown
  readonly RTCIceCandidate: unknown
}

/** As much of simple-peer as is used. */
export interface Peer {
  on(event: 'signal', listener: (signal: unknown) => void): unknown
  on(event: 'connect' | 'close', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  signal(signal: object): void
  read(): unknown
  send(bytes: Uint8Array): void
  destroy(): void
}

interface PeerOptions {
  readonly initiator: boolean
  readonly trickle: boolean
  readonly objectMode: boolean
  readonly config: { iceServers: { urls: string | string[]; username?: string; credential?: string }[] }
  readonly wrtc?: WebRTCPlatform
}

export type PeerConstructor = new (options: PeerOptions) => Peer

/** What connects: simple-peer, and where the platform has no WebRTC of its own, one that was found or given. */
export interface LoadedWebRTC {
  readonly Peer: PeerConstructor
  readonly wrtc?: WebRTCPlatform
}
