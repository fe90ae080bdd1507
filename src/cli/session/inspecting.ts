import type { HyphaNode } from '../../api.js'
import { HyphaError } from '../../protocol/errors.js'
import type { CallContext } from './call-context.js'
import { PIECE_LENGTH, type TextPiece } from './protocol.js'

/** Cuts a text into pieces that fit a line each. */
export const piecesOf = function* (text: string): Generator<TextPiece> {
  for (let start = 0; start < text.length; start += PIECE_LENGTH) {
    yield {
      text: text.slice(start, start + PIECE_LENGTH),
      isLast: start + PIECE_LENGTH >= text.length,
    }
  }
}

/** An inspection tells of what happened in the next macrotask; a session that is closed waits for nobody. */
const LAST_MOMENTS_MS = 10

/** Puts pieces together again; undefined until one is the last. */
export const createJoin = (): ((piece: TextPiece) => string | undefined) => {
  let parts: string[] = []
  return ({ text, isLast }) => {
    parts.push(text)
    if (!isLast) return undefined
    const whole = parts.join('')
    parts = []
    return whole
  }
}

/** Streams what a node does, from now on, until the call is taken back or the node is closed. Inspects it only meanwhile. */
export const inspectNode = async (
  node: HyphaNode,
  { signal, emit }: CallContext<TextPiece>,
): Promise<null> => {
  // Commands that need none of it are quick without.
  const [{ inspect }, { createFeed }] = await Promise.all([
    import('../../ui-bridge/inspector/inspect.js'),
    import('../../ui-bridge/inspector/feed.js'),
  ])
  const inspection = inspect(node)
  let wake = () => {}
  const feed = createFeed(inspection, () => wake())
  const look = () => wake()
  signal.addEventListener('abort', look)
  const stop = node.subscribe(look)
  let isEnding = false
  try {
    while (!signal.aborted) {
      const message = feed.next()
      if (message) for (const piece of piecesOf(JSON.stringify(message))) await emit(piece)
      else if (isEnding) throw new HyphaError('CLOSED', 'The node was closed.')
      else if (node.state === 'closed') {
        isEnding = true
        // Its last moments are told a moment later.
        await new Promise((resolve) => setTimeout(resolve, LAST_MOMENTS_MS))
      } else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
    return null
  } finally {
    stop()
    signal.removeEventListener('abort', look)
    feed.close()
    inspection.detach()
  }
}
