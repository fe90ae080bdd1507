import { useEffect, useRef } from 'react'

/** Shown once, and kept nowhere. */
export const SavePassphrase = ({ passphrase, onSaved }: { passphrase: string; onSaved: () => void }) => {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <main className="door">
      <h1 tabIndex={-1} ref={heading}>
        Your passphrase
      </h1>
      <p>Write it down: your other devices join with it. It is shown once, and nobody can bring it back.</p>
      <p className="passphrase" data-testid="passphrase">
        {passphrase}
      </p>
      <button type="button" onClick={onSaved}>
        I have saved it
      </button>
    </main>
  )
}
