import { committed, request, STORES } from './indexed-db.browser.js'
import { PAGE_BYTES, type Page, type PageStore } from './paged-files.browser.js'

/** Pages as records of IndexedDB; the changes of one turn are one transaction, all of it or nothing. */
export const indexedDbStore = (database: IDBDatabase): PageStore => {
  const reading = (store: string): IDBObjectStore => database.transaction(store).objectStore(store)
  return {
    async sizeOf(name) {
      const size: unknown = await request(reading(STORES.sizes).get(name))
      return typeof size === 'number' ? size : undefined
    },
    load: (name, first, last) =>
      request<Page[]>(reading(STORES.pages).getAll(IDBKeyRange.bound([name, first], [name, last]))),
    async commit(changes) {
      const transaction = database.transaction([STORES.pages, STORES.sizes], 'readwrite')
      const end = committed(transaction)
      // What throws below ends it too, and is what the caller hears.
      end.catch(() => {})
      const pages = transaction.objectStore(STORES.pages)
      for (const [name, offset] of changes.cuts) {
        const first = Math.ceil(offset / PAGE_BYTES)
        pages.delete(IDBKeyRange.bound([name, first], [name, Number.MAX_SAFE_INTEGER]))
      }
      for (const [name, page] of changes.pages) pages.put(page, [name, page.page])
      for (const [name, size] of changes.sizes) transaction.objectStore(STORES.sizes).put(size, name)
      await end
    },
    release: async () => {},
    close: async () => {},
  }
}
