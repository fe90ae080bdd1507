import { useEffect, useRef, useState } from 'preact/hooks'
import { useStore } from '../hooks/use-store.js'
import { say } from '../lib/announcer.js'
import { unconfirmed } from '../lib/reminders.js'

/** Stays until somebody says that the passphrase is safe: it can't be shown again. */
export const Unconfirmed = ({ onStartOver }: { onStartOver(): Promise<void> }) => {
  const isRaised = useStore(unconfirmed)
  const [isAsking, setIsAsking] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const question = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    if (isAsking) question.current?.focus()
  }, [isAsking])
  if (!isRaised) return null
  const startOver = async () => {
    setIsBusy(true)
    await onStartOver()
  }
  return (
    <section class="notice" aria-labelledby="unconfirmed-title">
      <div class="notice-text">
        <h2 id="unconfirmed-title">Did you save your passphrase?</h2>
        <p>
          You left the page before you showed that you have it, and it can’t be shown again. Without it no
          other device can join, and what is here is lost with this browser.
        </p>
        {isAsking ? (
          <>
            <p ref={question} tabIndex={-1}>
              <strong>Start over?</strong> You get a new passphrase, and everything written here is removed
              from this device.
            </p>
            <div class="row">
              <button type="button" class="danger" disabled={isBusy} onClick={() => void startOver()}>
                {isBusy ? 'Starting over…' : 'Remove it and start over'}
              </button>
              <button type="button" class="secondary" disabled={isBusy} onClick={() => setIsAsking(false)}>
                Keep it
              </button>
            </div>
          </>
        ) : (
          <div class="row">
            <button
              type="button"
              onClick={() => {
                unconfirmed.lower()
                say('Good. This device is ready.')
              }}
            >
              I have it
            </button>
            <button type="button" class="secondary" onClick={() => setIsAsking(true)}>
              Start over
            </button>
          </div>
        )}
      </div>
    </section>
  )
}
