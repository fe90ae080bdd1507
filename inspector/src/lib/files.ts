import type { InspectorSession } from '../../../src/ui-bridge/inspector/events.js'
import { createSession, parseSession } from '../../../src/ui-bridge/inspector/session.js'
import type { Desk } from './desk.js'

/** A file that is larger is none of ours. */
const MAX_FILE_BYTES = 200 * 1024 * 1024

/** Puts a session onto the desk in the place of all that is there. @throws HyphaError SESSION_INVALID */
export const openSession = (desk: Desk, session: unknown): InspectorSession => {
  const parsed = parseSession(session)
  desk.clear()
  for (const recording of parsed.recordings) desk.put(recording)
  return parsed
}

/** @throws Error with a sentence for people */
export const openFile = async (desk: Desk, file: File): Promise<InspectorSession> => {
  if (file.size > MAX_FILE_BYTES) throw new Error('This file is too large to be a recorded session.')
  return openSession(desk, await file.text())
}

/** `hypha-session-2026-03-01-12-30.json` */
export const fileName = (at: Date): string =>
  `hypha-session-${at.toISOString().slice(0, 16).replace(/[T:]/g, '-')}.json`

/** Saves what is there as one file. */
export const exportFile = (desk: Desk): string => {
  const session = createSession(desk.recordings())
  const url = URL.createObjectURL(new Blob([JSON.stringify(session)], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName(new Date(session.exportedAt))
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
  return link.download
}
