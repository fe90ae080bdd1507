import { HyphaError } from './errors.js'

const invalid = () =>
  new HyphaError(
    'DOMAIN_INVALID',
    'This is not a domain. Type the name alone, like example.org, with no path or user name.',
  )

const isLabel = (label: string): boolean => /^[a-z0-9_-]{1,63}$/.test(label)

/**
 * A domain as a person types it, in the one spelling that keys derive from: the URL parser's hostname (lower case,
 * punycode, no port), without a final dot. A whole address, as copied from a browser, is understood too.
 * @throws HyphaError DOMAIN_INVALID
 */
export const normaliseDomain = (typed: unknown): string => {
  if (typeof typed !== 'string' || typed.length > 2048) throw invalid()
  const text = typed.trim().replace(/^https?:\/\//i, '')
  // The URL parser drops white space inside a name without a word: "ar. al" must not become another domain.
  if (text === '' || /[\s\p{Cc}]/u.test(text)) throw invalid()
  let url: URL
  try {
    url = new URL(`https://${text}`)
  } catch {
    throw invalid()
  }
  if (url.username || url.password || url.pathname !== '/' || url.search || url.hash || text.includes('@')) {
    throw invalid()
  }
  const domain = url.hostname.replace(/\.$/, '')
  const isAddress = domain.startsWith('[')
  if (domain.length > 253 || (!isAddress && !domain.split('.').every(isLabel))) throw invalid()
  return domain
}
