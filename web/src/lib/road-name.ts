const ROADS: Readonly<Record<string, string>> = { webSocket: 'WebSocket', webRTC: 'WebRTC', tcp: 'TCP' }

/** A transport as people write it. */
export const roadName = (transport: string): string => ROADS[transport] ?? transport
