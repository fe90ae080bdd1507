import type { Feed as OpenFeed } from 'hypercore'
import type { RandomAccess, Storage } from '../../storage/storage.js'
import type { MendingReason } from '../database.js'
import { Feed, hypercoreCrypto } from '../engine.js'
import { examineFeed, type Purpose } from '../feed-check/examine-feed.js'
import { openFeedFiles } from '../feed-check/feed-files.js'
import { closeFeed } from '../origin-seal.js'
import { promised } from '../promised.js'

/** hypercore's files of a feed that are dropped with it. */
const FILES = ['bitfield', 'tree', 'data', 'signatures'] as const
/** They are the node's, whatever becomes of its feed: in a folder of their own, or that of an earlier feed. */
const KEYS = ['local/key', 'local/secret_key']

/** Where the own feed lies: each time that it is fetched anew it moves into the next folder. */
export const feedFolder = (generation: number): string => (generation === 0 ? 'local' : `local.${generation}`)

/** hyperdb's names for files, as they are while the own feed lies in that folder. */
export const placeOf = (name: string, generation: number, keys: number): string =>
  name.startsWith('local/')
    ? `${feedFolder(KEYS.includes(name) ? keys : generation)}/${name.slice('local/'.length)}`
    : name

/** Where hyperdb keeps the feed of another writer. */
export const peerFolder = (key: Uint8Array): string =>
  `peers/${hypercoreCrypto.discoveryKey(Buffer.from(key)).toString('hex')}`

/** Where the own feed is fetched to: into the next folder, or, where its key is let go, into that of another writer's feed. */
export const fetchedFolder = (reason: MendingReason, generation: number, key: Uint8Array): string =>
  reason === 'shared' ? peerFolder(key) : feedFolder(generation + 1)

/** The files of one folder for hypercore, which finds no secret there: that one is elsewhere, and mostly wrapped. */
export const filesOf =
  (storage: Storage, folder: string) =>
  (name: string): RandomAccess =>
    storage.file(`${folder}/${name === 'secret_key' ? 'no_secret_key' : name}`)

/** Opens the own feed in one of its folders, on its own; without the secret it is a feed like any other. */
export const openFeed = (
  storage: Storage,
  generation: number,
  key: Uint8Array,
  purpose: Purpose = 'read',
): Promise<OpenFeed> => openFolder(storage, feedFolder(generation), key, purpose)

/** Opens a feed without hyperdb. */
export const openFolder = async (
  storage: Storage,
  folder: string,
  key: Uint8Array,
  purpose: Purpose = 'read',
): Promise<OpenFeed> => {
  const files = openFeedFiles(filesOf(storage, folder))
  try {
    await examineFeed(files, key, purpose)
  } finally {
    await files.close()
  }
  const feed = new Feed(filesOf(storage, folder), Buffer.from(key), {})
  for (const selection of feed._selections) selection.linear = true
  await new Promise<void>((resolve, reject) => {
    feed.on('error', reject)
    feed.ready(resolve)
  })
  return feed
}

export const closing = (feed: OpenFeed): Promise<void> => new Promise((resolve) => closeFeed(feed, resolve))

/** Whether anything of the feed is in that folder. */
export const isStored = async (storage: Storage, generation: number): Promise<boolean> => {
  const file = storage.file(`${feedFolder(generation)}/tree`)
  try {
    return await new Promise((resolve) => file.read(0, 1, (error) => resolve(!error)))
  } finally {
    await promised<void>((callback) => file.close(callback))
  }
}

/** Empties a file; one that isn't there stays so. */
export const emptyFile = async (file: RandomAccess): Promise<void> => {
  try {
    await promised<void>((callback) => file.del(0, Number.POSITIVE_INFINITY, callback))
  } finally {
    await promised<void>((callback) => file.close(callback))
  }
}

/** Drops what a folder holds of the feed. */
export const dropFolder = async (storage: Storage, folder: string): Promise<void> => {
  for (const name of FILES) await emptyFile(storage.file(`${folder}/${name}`))
}

export const dropFeed = (storage: Storage, generation: number): Promise<void> =>
  dropFolder(storage, feedFolder(generation))
