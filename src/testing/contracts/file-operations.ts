import type { RandomAccess } from '../../adapters/storage/storage.js'

/** Storage operations as promises. */
export const write = (file: RandomAccess, offset: number, bytes: string | Uint8Array): Promise<void> =>
  new Promise((resolve, reject) =>
    file.write(offset, typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes, (error) =>
      error ? reject(error) : resolve(),
    ),
  )

export const read = (file: RandomAccess, offset: number, size: number): Promise<Uint8Array> =>
  new Promise((resolve, reject) =>
    file.read(offset, size, (error, bytes) => (bytes && !error ? resolve(bytes) : reject(error))),
  )

export const readText = async (file: RandomAccess, offset: number, size: number): Promise<string> =>
  new TextDecoder().decode(await read(file, offset, size))

export const del = (file: RandomAccess, offset: number, size: number): Promise<void> =>
  new Promise((resolve, reject) => file.del(offset, size, (error) => (error ? reject(error) : resolve())))

export const close = (file: RandomAccess): Promise<void> =>
  new Promise((resolve, reject) => file.close((error) => (error ? reject(error) : resolve())))
