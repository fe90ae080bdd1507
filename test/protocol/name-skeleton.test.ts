import { describe, expect, it } from 'vitest'
import { nameSkeleton } from '../../src/protocol/name-skeleton.js'

describe('names that look alike have one skeleton', () => {
  it.each([
    ['Laptop', 'laptop'],
    ['Laptop', ' L a p t o p '],
    ['Laptop', 'Lap-top.'],
    ['Laptop', 'Láptöp'],
    ['Laptop', 'Lap\u200btop'],
    // Cyrillic, Greek, full width, mathematical letters
    ['Laptop', 'L\u0430\u0440t\u043e\u0440'],
    ['Phone', '\u03a1h\u03bfn\u0435'],
    ['Phone', 'Ｐｈｏｎｅ'],
    ['Phone', '𝐏𝐡𝐨𝐧𝐞'],
    ['HOME', '\u041d\u041e\u041c\u0415'],
    ['HOME', '\u0397\u039f\u039c\u0395'],
    // Digits and strokes
    ['Laptop', 'Lapt0p'],
    ['iPhone', '1Phone'],
    ['iPhone', 'lPhone'],
    ['iPhone', '|Phone'],
    ['iPhone', 'ıPhone'],
    ['Laptop 1', 'Laptop l'],
    ['Home', 'Horne'],
    ['Laura’s phone', "Laura's phone"],
  ])('%s and %s', (one, other) => {
    expect(nameSkeleton(other)).toBe(nameSkeleton(one))
  })

  it.each([
    ['Laptop 1', 'Laptop 2'],
    ['Laptop', 'Desktop'],
    ['Phone', 'Tablet'],
    ['Firefox on Ubuntu', 'Firefox on Windows'],
    ['電話', '電腦'],
    ['!', '?'],
  ])('%s and %s have not', (one, other) => {
    expect(nameSkeleton(other)).not.toBe(nameSkeleton(one))
  })
})
