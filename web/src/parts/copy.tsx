import { useEffect, useState } from 'preact/hooks'
import { say } from '../lib/announcer.js'

const SHOWN_MS = 4_000

/** Copies a text, and says whether that worked: some browsers allow it on https pages only. */
export const Copy = ({ text, label, what }: { text: string; label: string; what: string }) => {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>()
  useEffect(() => {
    if (!outcome) return
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setOutcome('copied')
      say(`${what} copied.`)
    } catch {
      setOutcome('failed')
      say('Copying failed. Select the text and copy it by hand.')
    }
  }
  const shown =
    outcome === 'copied' ? 'Copied ✓' : outcome === 'failed' ? 'Select it and copy by hand' : label
  return (
    <button type="button" class="secondary" onClick={copy}>
      {shown}
    </button>
  )
}
