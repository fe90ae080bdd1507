import { useEffect } from 'preact/hooks'
import { explain } from '../lib/explain.js'
import { isStorageTaken } from '../lib/storage.js'
import { Frame } from './frame.js'

const LOOK_MS = 1_000
/** A tab that is being reloaded lets go for a moment, and shall have it back. */
const FREE_LOOKS = 2

/** Goes on by itself once the other tab is closed. */
export const Locked = ({ onRetry }: { onRetry(): void }) => {
  const { title, text } = explain({ code: 'STORAGE_LOCKED', message: '' })
  useEffect(() => {
    let free = 0
    const timer = setInterval(async () => {
      const isTaken = await isStorageTaken().catch(() => true)
      free = isTaken ? 0 : free + 1
      if (free !== FREE_LOOKS) return
      clearInterval(timer)
      onRetry()
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <Frame title={title}>
      <p>{text}</p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </Frame>
  )
}
