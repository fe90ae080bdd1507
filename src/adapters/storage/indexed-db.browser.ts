/** Small promises over IndexedDB. */

export const request = <T>(asked: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })

/** Resolves once it is committed. */
export const committed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    const fail = () => reject(transaction.error ?? new Error('The browser took the transaction back'))
    transaction.onerror = fail
    transaction.onabort = fail
  })

export const STORES = { about: 'about', pages: 'pages', sizes: 'sizes' } as const

const VERSION = 1

/** The database of one storage: its key, and its files where the browser has no better place. */
export const openIndexedDb = (name: string): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, VERSION)
    asked.onupgradeneeded = () => {
      for (const store of Object.values(STORES)) asked.result.createObjectStore(store)
    }
    asked.onsuccess = () => {
      // Whoever deletes it must not wait for this page for ever.
      asked.result.onversionchange = () => asked.result.close()
      resolve(asked.result)
    }
    asked.onerror = () => reject(asked.error)
    asked.onblocked = () => reject(new Error('Another tab holds an older version of this storage'))
  })
