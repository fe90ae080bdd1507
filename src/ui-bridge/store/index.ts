'use client'

/**
 * What user interfaces hold on to, whatever they are made with:
 *
 *     const store = createHyphaStore(node)
 *     const notes = store.entries('notes/')
 *     notes.subscribe(() => render(notes.getSnapshot().entries))
 */
export { createHyphaStore } from './hypha-store.js'
export type { EntryList, HyphaStore, Readable } from './types.js'
