import type { HyphaNode } from 'hypha-runtime'
import type { Readable } from './value.js'

const KEPT = 'hypha.inspect'

type Nodes = Readable<{ readonly node: HyphaNode }>

/** Storage is refused in some windows: the token then lasts as long as the page. */
const quietly = <Result>(attempt: () => Result): Result | undefined => {
  try {
    return attempt()
  } catch {
    return undefined
  }
}

const kept = () => quietly(() => sessionStorage.getItem(KEPT)) || undefined
const keep = (token: string) => quietly(() => sessionStorage.setItem(KEPT, token))

/** What follows `#inspect=`: from here on it is nowhere in the address bar, and this tab keeps it through a reload. */
const takeToken = (): string | undefined => {
  const given = new URLSearchParams(location.hash.slice(1)).get('inspect')
  if (given === null) return undefined
  history.replaceState(history.state, '', location.pathname + location.search)
  keep(given)
  return given
}

/** Publishes whichever node the page has. @returns what ends it */
const show = async (nodes: Nodes, url: string, token: string): Promise<() => void> => {
  const { inspect, publish } = await import('hypha-runtime/inspector')
  let shown: { node: HyphaNode; end(): void } | undefined
  let unfollow = () => {}
  const end = () => {
    unfollow()
    shown?.end()
  }
  const onError = ({ code }: { code: string }) => {
    if (code !== 'INSPECTOR_REFUSED') return
    // Of a server that was started again: nobody waits for this page there.
    keep('')
    end()
  }
  const begin = (node: HyphaNode) => {
    const inspection = inspect(node)
    try {
      const stop = publish(inspection, { url, token, onError })
      // Its last moments are still told.
      return { node, end: () => void stop().then(inspection.detach) }
    } catch (error) {
      inspection.detach()
      throw error
    }
  }
  const follow = () => {
    const { node } = nodes.getSnapshot()
    if (node === shown?.node) return
    shown?.end()
    shown = begin(node)
  }
  follow()
  unfollow = nodes.subscribe(follow)
  return end
}

/**
 * Shows what the page's node does in the inspector of its server, if the page was asked to by `#inspect=` and the inspector's
 * token, and until it is told `#inspect=` alone. What that takes is loaded only then.
 */
export const showToInspector = (nodes: Nodes, server: string): void => {
  let showing: Promise<() => void> | undefined
  const begin = (token: string | undefined) => {
    if (token === undefined) return
    showing?.then((end) => end()).catch(() => {})
    // What is no token is none of the page's troubles.
    showing = token === '' ? undefined : show(nodes, server, token)
    showing?.catch(() => keep(''))
  }
  addEventListener('hashchange', () => begin(takeToken()))
  begin(takeToken() ?? kept())
}
