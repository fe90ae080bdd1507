import { HyphaError } from '../../protocol/errors.js'
import { isUrl } from '../../protocol/given.js'

const SCHEMES = new Map([
  ['http:', 'ws:'],
  ['https:', 'wss:'],
  ['ws:', 'ws:'],
  ['wss:', 'wss:'],
])

/** @throws HyphaError ADDRESS_INVALID */
export const parseWebSocketUrl = (given: string | URL): URL => {
  if (isUrl(given) !== undefined)
    throw new HyphaError(
      'ADDRESS_INVALID',
      'Give the URL of an always-on node, as a string or a URL: https://example.org, or http://localhost:4000.',
    )
  const text = String(given)
  if (/^[a-z0-9._-]+(:\d+)?(\/|$)/i.test(text) || /^\[[0-9a-f:]+\](:\d+)?(\/|$)/i.test(text))
    throw new HyphaError(
      'ADDRESS_INVALID',
      'The URL of an always-on node begins with http:// or https://. Put that before the host, as in http://127.0.0.1:4280.',
    )
  const url = URL.canParse(text) ? new URL(text) : undefined
  const scheme = url && SCHEMES.get(url.protocol)
  // What can't be parsed may hold a password anywhere, so the message doesn't repeat it.
  if (!url || !scheme || !url.hostname)
    throw new HyphaError(
      'ADDRESS_INVALID',
      'That is not the URL of an always-on node. Write it as https://example.org, or http://localhost:4000.',
    )
  if (url.username || url.password)
    throw new HyphaError(
      'ADDRESS_INVALID',
      "An always-on node's URL takes no user name or password. Leave them out.",
    )
  // Through text: a URL doesn't let its scheme be changed from http to ws.
  const socketUrl = new URL(url.href.replace(url.protocol, scheme))
  socketUrl.hash = ''
  return socketUrl
}

/** Without its query: there may be a token in it. */
export const shownUrl = (url: URL): string =>
  url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin
