import type { Keyring } from '../adapters/crypto/keyring.js'
import type { HistoryEntry } from '../adapters/database/database.js'
import { fromHex } from '../protocol/bytes.js'
import { decodeEntry, isPrivateEntryKey } from '../protocol/entry.js'
import { isName, normalName } from '../protocol/entry-name.js'
import { decodeNodeRecord, parseNodeRecordKey } from '../protocol/record.js'
import type { Decode, DecodedEntry, DecodedRecord } from '../view/types.js'

const record = (key: string, value: Uint8Array, keyring: Keyring | undefined): DecodedRecord | undefined => {
  const path = parseNodeRecordKey(key)
  const decoded = path && decodeNodeRecord(value)
  if (!path || !decoded) return undefined
  const { at, request, boxedName } = decoded
  const target = fromHex(path.target, 32)
  return { kind: 'record', ...path, at, request, name: target && keyring?.openName(boxedName, target) }
}

/** One name for all of its forms: an é is one, however it was typed, and whoever wrote it. */
const named = (writtenAs: string): Pick<DecodedEntry, 'name' | 'writtenAs'> => {
  const name = normalName(writtenAs)
  return name === writtenAs ? { name } : { name, writtenAs }
}

const privateEntry = (
  key: string,
  value: Uint8Array,
  keyring: Keyring | undefined,
): DecodedEntry | undefined => {
  const opened = keyring?.openEntry(key, value)
  return (
    opened && { kind: 'entry', ...named(opened.name), value: opened.value, time: opened.time, public: false }
  )
}

/** Opens what blocks hold, for the view. Without a keyring, what is public. */
export const createDecode =
  (keyring: Keyring | undefined): Decode =>
  ({ key, value }: HistoryEntry) => {
    if (value === undefined || key === '') return undefined
    if (isPrivateEntryKey(key)) return privateEntry(key, value, keyring)
    if (!isName(key)) return record(key, value, keyring)
    const entry = decodeEntry(value)
    return entry && { kind: 'entry', ...named(key), value: entry.value, time: entry.time, public: true }
  }
