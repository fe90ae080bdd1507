import { createValue } from './value.js'

/** What a screen reader says next. Two of the same in a row are told apart by their number. */
export const spoken = createValue<{ text: string; number: number }>({ text: '', number: 0 })

export const say = (text: string): void => spoken.set({ text, number: spoken.getSnapshot().number + 1 })
