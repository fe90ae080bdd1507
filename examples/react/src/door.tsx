import { type FormEvent, useId, useState } from 'react'

/** The first screen: begin, or join with what another device showed. */
export const Door = ({
  trouble,
  onSignUp,
  onSignIn,
}: {
  trouble: string | undefined
  onSignUp: () => void
  onSignIn: (passphrase: string) => void
}) => {
  const id = useId()
  const [passphrase, setPassphrase] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSignIn(passphrase)
  }
  return (
    <main className="door">
      <h1>Our list</h1>
      <p>
        One list on all of your devices. Only they can read what is on it: the server keeps what it can’t
        read.
      </p>
      {trouble !== undefined && (
        <p role="alert" className="trouble">
          {trouble}
        </p>
      )}
      <button type="button" onClick={onSignUp}>
        Begin a new list
      </button>
      <form onSubmit={submit}>
        <h2>Or join one that you have</h2>
        <label htmlFor={id}>Passphrase</label>
        <textarea
          id={id}
          rows={3}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          required
          value={passphrase}
          onChange={({ target }) => setPassphrase(target.value)}
        />
        <button type="submit" className="quiet">
          Join
        </button>
      </form>
    </main>
  )
}
