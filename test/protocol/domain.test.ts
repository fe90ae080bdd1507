import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normaliseDomain } from '../../src/protocol/domain.js'
import { HyphaError } from '../../src/protocol/errors.js'
import { keyVectors } from '../vectors.js'

describe('a domain as it is typed', () => {
  it.each(keyVectors.cases)('$domainTyped is $domain', ({ domainTyped, domain }) => {
    expect(normaliseDomain(domainTyped)).toBe(domain)
  })

  it.each([
    [' Example.ORG\n', 'example.org'],
    ['example.org.', 'example.org'],
    ['https://Example.org/', 'example.org'],
    ['http://example.org:80', 'example.org'],
    ['localhost:4000', 'localhost'],
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]:80', '[::1]'],
    ['日本.example', 'xn--wgv71a.example'],
  ])('%j is %s', (typed, domain) => {
    expect(normaliseDomain(typed)).toBe(domain)
  })

  it.each([
    '',
    ' ',
    '.',
    '..',
    'example..org',
    'example.org..',
    '.example.org',
    'ex ample.org',
    'example\n.org',
    'example,org',
    'aral@ar.al',
    'https://aral:secret@ar.al',
    'ar.al/aral',
    'ar.al?a',
    'ar.al#a',
    'ftp://ar.al',
    'ar.al:99999',
    'ar.al\\aral',
    '<ar.al>',
    `${'a'.repeat(64)}.org`,
    `${'a.'.repeat(130)}org`,
    undefined,
    null,
    7,
    { toString: () => 'ar.al' },
  ])('%j is none', (typed) => {
    expect(() => normaliseDomain(typed)).toThrow(expect.objectContaining({ code: 'DOMAIN_INVALID' }))
  })

  it('is not 1 MB long', () => {
    const typed = 'a.'.repeat(500_000)
    expect(() => normaliseDomain(typed)).toThrow(expect.objectContaining({ code: 'DOMAIN_INVALID' }))
  })

  it('has one spelling', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.string({ unit: 'binary' })), (typed) => {
        try {
          const domain = normaliseDomain(typed)
          expect(normaliseDomain(domain)).toBe(domain)
        } catch (error) {
          expect(error).toBeInstanceOf(HyphaError)
        }
      }),
    )
  })
})
