/** What test/browser/pages/react.ts leaves in its page. The page itself is checked with a browser's types. */
interface ReactPage {
  /** Renders since the last call, by who rendered: a commit in which it took part counts once. */
  renders(): Record<string, number>
  put(key: string, value: string): Promise<void>
  batch(keys: readonly string[]): Promise<void>
  del(key: string): Promise<void>
  /** The text of one part of the page. */
  text(id: string): string
  /** Waits until that says so. */
  until(id: string, text: string): Promise<void>
  /** Two frames: what was to be shown is shown. */
  settled(): Promise<void>
  /** Pairs of values that one commit showed differently in two places. */
  torn(): readonly string[]
  /** Puts that many entries while React renders a list slowly, in pieces. */
  storm(puts: number): Promise<void>
  /** Frames that the page has had. */
  frames(): number
  /** Takes the tree down: how many listen to the node then. */
  unmount(): number
}

declare var reactPage: ReactPage
