import { MAX_NAME_LENGTH } from './limits.js'

export const NAMELESS = 'a node without a name'

/** Whole sequences, so that `[31m` does not stay behind: CSI and OSC, by ESC or their one-character forms. */
const ANSI =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it removes
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?/g
const WHITE_SPACE = /[\p{White_Space}\ufeff]+/gu
/** Control, format (bidi, zero-width), private and lone surrogate characters, and letters that show nothing. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\u2800]/gu

/** A letter and the marks on it; a space carries none. */
const MARKED = /([^\p{M}\s]?)(\p{M}+)/gu
/** Letters of these scripts carry one mark once it is composed, and seldom a second one. */
const SELDOM_MARKED = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}]/u
const FEW_MARKS = 2
/** In others a letter carries its vowel, tone and more: Hebrew, Arabic, Thai, Devanagari. None needs more than these (UTS #39). */
const MANY_MARKS = 4

/** Marks that are piled up would cover the lines around them. One mark twice says no more than once. */
const withoutPiles = (line: string): string =>
  line.replace(MARKED, (_, letter: string, marks: string) =>
    letter === ''
      ? ''
      : letter + [...new Set(marks)].slice(0, SELDOM_MARKED.test(letter) ? FEW_MARKS : MANY_MARKS).join(''),
  )

/** More than this is not looked at: cleaning must not cost more than a name is worth. */
const MAX_RAW_LENGTH = 4_096

/**
 * A node's name as it may be shown: one line that holds no surprises for a terminal or a bidirectional text. It is
 * not HTML: `<` stays, and whoever shows it escapes it.
 */
export const cleanNodeName = (name: unknown): string => {
  if (typeof name !== 'string') return NAMELESS
  const line = withoutPiles(
    name
      .slice(0, MAX_RAW_LENGTH)
      .replace(ANSI, '')
      .replace(WHITE_SPACE, ' ')
      .replace(UNSEEN, '')
      .normalize('NFC'),
  )
    .normalize('NFC')
    .replace(WHITE_SPACE, ' ')
    .trim()
  return [...line].slice(0, MAX_NAME_LENGTH).join('').trim() || NAMELESS
}
