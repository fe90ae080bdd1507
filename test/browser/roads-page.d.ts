/** What test/browser/pages/roads.ts leaves in its page. The page itself is checked with a browser's types. */
interface RoadsPage {
  /** A case of the transport contract over webRTC: what is wrong, if anything. @param signalling a URL */
  webRTC(name: string, signalling: string): Promise<string | undefined>
  /** The same over webSocket. @param road a server's that test/browser/web-socket-road.ts makes */
  webSocket(
    name: string,
    road: { readonly url: string; readonly listenUrl: string },
  ): Promise<string | undefined>
  /** Megabytes a second from one end to the other within the page: a bare data channel, and ours. */
  raw(bytes: number): Promise<number>
  ours(bytes: number, signalling: string): Promise<number>
  /** The code of what start rejects with in a browser without WebRTC. */
  without(signalling: string): Promise<unknown>
}

declare var roadsPage: RoadsPage
