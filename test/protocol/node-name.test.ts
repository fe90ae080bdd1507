import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_NAME_LENGTH } from '../../src/protocol/limits.js'
import { cleanNodeName, NAMELESS } from '../../src/protocol/node-name.js'

describe('a node’s name', () => {
  it.each([
    ['Firefox on Ubuntu 64-bit', 'Firefox on Ubuntu 64-bit'],
    ['  Laura’s\t\n  phone ', 'Laura’s phone'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['safe\u202etxt.exe', 'safetxt.exe'],
    ['a\u200bb\u200c\u200d\u2060\ufeffc', 'ab c'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007name', 'name'],
    ['\u009b2Jname', 'name'],
    ['\u001bcname', 'cname'],
    ['e\u0301', 'é'],
    ['e\u200d\u0301', 'é'],
    ['\u2066\u2069\u061c\u200e\u200f', NAMELESS],
    ['\u3164\u115f\u2800', NAMELESS],
    ['\ud800', NAMELESS],
    ['\u0000\u0007\u007f', NAMELESS],
    ['', NAMELESS],
    [' ', NAMELESS],
    [undefined, NAMELESS],
    [{ type: 'Buffer', data: [65] }, NAMELESS],
    // Marks that are piled up, and marks on nothing.
    ['L\u0300\u0301\u0302\u0303\u0304\u0305ap', 'L\u0300\u0301ap'],
    ['a\u0316\u0317\u0316\u0317\u0316', 'a\u0316\u0317'],
    ['\u0301'.repeat(500), NAMELESS],
    ['a \u0301b', 'a b'],
    // Scripts that live by marks keep theirs.
    ['Điện thoại của Hiền', 'Điện thoại của Hiền'],
    ['हिन्दी फ़ोन', 'हिन्दी फ़ोन'.normalize('NFC')],
    ['โทรศัพท์ที่บ้าน', 'โทรศัพท์ที่บ้าน'],
    ['שֶׁלִּי טֶלֶפוֹן', 'שֶׁלִּי טֶלֶפוֹן'.normalize('NFC')],
    ['هَاتِفِيُّ', 'هَاتِفِيُّ'.normalize('NFC')],
  ])('%j is shown as %j', (name, shown) => {
    expect(cleanNodeName(name)).toBe(shown)
  })

  it('is cut to MAX_NAME_LENGTH characters, never through one', () => {
    expect(cleanNodeName('👋'.repeat(MAX_NAME_LENGTH + 1))).toBe('👋'.repeat(MAX_NAME_LENGTH))
    expect(cleanNodeName('a'.repeat(1_000_000))).toBe('a'.repeat(MAX_NAME_LENGTH))
  })

  it('is one clean line, and cleaning it again changes nothing', () => {
    const odd = fc.constantFrom(
      '\u001b[',
      '\u001b]',
      '\u009b',
      '\u0007',
      '\u202e',
      '\u200d',
      ' ',
      '\n',
      'é',
      '\ud83d',
    )
    const name = fc.array(fc.oneof(odd, fc.string({ unit: 'binary' }))).map((parts) => parts.join(''))
    fc.assert(
      fc.property(name, (name) => {
        const clean = cleanNodeName(name)
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
        expect([...clean].length).toBeLessThanOrEqual(MAX_NAME_LENGTH)
        expect(clean).toBe(clean.trim())
        expect(cleanNodeName(clean)).toBe(clean)
      }),
      { numRuns: 1_000 },
    )
  })
})
