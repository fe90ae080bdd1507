import { useEffect, useRef, useState } from 'preact/hooks'
import { explain } from '../lib/explain.js'
import { PASSPHRASE_WORDS, splitWords } from '../lib/passphrase.js'
import { Busy } from '../parts/busy.js'
import { describe, FieldError } from '../parts/field.js'
import { Details, type DetailsProps, isUnfitPassphrase } from './details.js'
import { Frame } from './frame.js'

const ID = 'passphrase'
const UNFIT =
  'These words do not fit together: one of them is wrong, or their order. Look at each; then at the domain, which is below under More and has to be the one of your other devices.'

/** A text field as long as words are shown, a password field when they are hidden: password managers know both. */
export const SignIn = ({
  isBusy,
  onSignIn,
  onBack,
  ...details
}: DetailsProps & { isBusy: boolean; onSignIn(passphrase: string): void; onBack(): void }) => {
  const { trouble } = details
  const [typed, setTyped] = useState('')
  /** What was tried last. */
  const [tried, setTried] = useState('')
  const [isHidden, setIsHidden] = useState(false)
  const [isShort, setIsShort] = useState(false)
  const field = useRef<HTMLTextAreaElement & HTMLInputElement>(null)
  const count = splitWords(typed).length
  const isOfPassphrase = trouble?.code === 'PASSPHRASE_INVALID'
  const isUnfit = isUnfitPassphrase(trouble)
  const other = trouble && !isOfPassphrase && trouble.code !== 'DOMAIN_INVALID' ? explain(trouble) : undefined
  const error = isShort
    ? `A passphrase has ${PASSPHRASE_WORDS} words. Type or paste all of them, with spaces between.`
    : isUnfit
      ? UNFIT
      : isOfPassphrase
        ? trouble.message
        : undefined

  useEffect(() => field.current?.focus(), [])

  // The word that is to blame is selected, ready to be typed anew.
  useEffect(() => {
    if (!isOfPassphrase || isBusy) return
    field.current?.focus()
    if (trouble.range) field.current?.setSelectionRange(...trouble.range)
  }, [trouble, isBusy])

  const submit = (event: Event) => {
    event.preventDefault()
    if (isBusy) return
    setIsShort(count === 0)
    if (count === 0) field.current?.focus()
    else {
      setTried(typed)
      onSignIn(typed)
    }
  }
  /** While nothing else was typed: then the word stands where it was found. */
  const meant = isOfPassphrase && !isBusy && typed === tried ? trouble.suggestion : undefined
  const takeMeant = () => {
    const [start, end] = trouble?.range ?? [0, 0]
    setTyped(typed.slice(0, start) + meant + typed.slice(end))
    field.current?.focus()
  }
  const common = {
    id: ID,
    ref: field,
    name: 'password',
    value: typed,
    readOnly: isBusy,
    autocomplete: 'current-password' as const,
    ...describe(ID, { hint: 'count', error }),
    onInput: ({ currentTarget }: { currentTarget: { value: string } }) => {
      setTyped(currentTarget.value)
      setIsShort(false)
    },
  }
  return (
    <Frame title="Sign in" keepsFocus>
      <p>
        Type the words that you got when you signed up. Capitals, extra spaces and the numbers of a list don’t
        matter.
      </p>
      {other && (
        <div class="notice" role="alert">
          <div class="notice-text">
            <h2>{other.title}</h2>
            <p>{other.text}</p>
          </div>
        </div>
      )}
      <form onSubmit={submit}>
        <div class="field">
          <label for={ID}>Passphrase</label>
          {isHidden ? (
            <input type="password" {...common} />
          ) : (
            <textarea
              rows={3}
              autocapitalize="none"
              spellcheck={false}
              onKeyDown={(event) => {
                if (event.key === 'Enter') submit(event)
              }}
              {...common}
            />
          )}
          <div class="field-foot">
            <p class="hint" id={`${ID}-hint`}>
              {count} of {PASSPHRASE_WORDS} words
            </p>
            <button type="button" class="link" onClick={() => setIsHidden(!isHidden)}>
              {isHidden ? 'Show words' : 'Hide words'}
            </button>
          </div>
          <FieldError id={ID} error={error} />
          {meant && (
            <p>
              <button type="button" class="link" onClick={takeMeant}>
                Did you mean “{meant}”?
              </button>
            </p>
          )}
        </div>
        <Details {...details} />
        {isBusy ? (
          <Busy>Making your keys. This takes a few seconds.</Busy>
        ) : (
          <div class="row">
            <button type="submit">Sign in</button>
            <button type="button" class="secondary" onClick={onBack}>
              Back
            </button>
          </div>
        )}
      </form>
    </Frame>
  )
}
