/** Control characters and those that turn a line around are no part of any name. */
export const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '').slice(0, 200)
