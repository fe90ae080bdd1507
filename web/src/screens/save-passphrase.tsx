import { useMemo, useState } from 'preact/hooks'
import { useLeaveWarning } from '../hooks/use-leave-warning.js'
import { say } from '../lib/announcer.js'
import { askedPositions, splitWords } from '../lib/passphrase.js'
import { Copy } from '../parts/copy.js'
import { Field } from '../parts/field.js'
import { Words } from '../parts/words.js'
import { Frame } from './frame.js'

/** The passphrase, once, and then whether it was saved. It is held by nothing but this screen. */
export const SavePassphrase = ({ passphrase, onSaved }: { passphrase: string; onSaved(): void }) => {
  const words = useMemo(() => splitWords(passphrase), [passphrase])
  const [isChecking, setIsChecking] = useState(false)
  useLeaveWarning(true)
  return isChecking ? (
    <Check
      key="check"
      words={words}
      onBack={() => setIsChecking(false)}
      onRight={() => {
        say('Your passphrase is saved. This device is ready.')
        onSaved()
      }}
    />
  ) : (
    <Frame key="show" title="Your passphrase">
      <p>
        These {words.length} words <strong>are</strong> your account: with them you sign in on your other
        devices.
      </p>
      <Words words={words} label="Passphrase" />
      <div class="row">
        <Copy text={passphrase} label="Copy" what="Passphrase" />
      </div>
      <p class="warning">
        <strong>Write them down or put them into a password manager now.</strong> They are shown this once.
        Nobody can send them to you again, and whoever has them can read all that is yours.
      </p>
      <button type="button" onClick={() => setIsChecking(true)}>
        I have saved it
      </button>
    </Frame>
  )
}

const Check = ({ words, onBack, onRight }: { words: readonly string[]; onBack(): void; onRight(): void }) => {
  const [asked] = useState(() => askedPositions(words.length))
  const [typed, setTyped] = useState<readonly [string, string]>(['', ''])
  const [wrong, setWrong] = useState<readonly [boolean, boolean]>([false, false])
  const change = (index: 0 | 1, text: string) => {
    setTyped(index === 0 ? [text, typed[1]] : [typed[0], text])
    setWrong([false, false])
  }
  const check = (event: Event) => {
    event.preventDefault()
    const given = typed.map(splitWords)
    const whole = words.join(' ')
    if (given.some((some) => some.join(' ') === whole)) return onRight()
    const isWrong = (index: 0 | 1) => given[index]?.join(' ') !== words[asked[index] - 1]
    const found = [isWrong(0), isWrong(1)] as const
    if (!found[0] && !found[1]) return onRight()
    setWrong(found)
    document.getElementById(`word-${found[0] ? 0 : 1}`)?.focus()
  }
  return (
    <Frame title="Did you save it?">
      <p>
        Without your passphrase you can’t sign in on another device, and nobody can help. So, from what you
        saved: which words are these? Or paste the whole passphrase into the first field.
      </p>
      <form onSubmit={check}>
        {([0, 1] as const).map((index) => (
          <Field
            key={index}
            id={`word-${index}`}
            label={`Word ${asked[index]}`}
            value={typed[index]}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            error={
              wrong[index]
                ? typed[index].trim() === ''
                  ? `Word ${asked[index]} is missing.`
                  : `That is not word ${asked[index]}. Count from the first, and check how it is spelt.`
                : undefined
            }
            onInput={({ currentTarget }) => change(index, currentTarget.value)}
          />
        ))}
        <div class="row">
          <button type="submit">Continue</button>
          <button type="button" class="secondary" onClick={onBack}>
            Show it again
          </button>
        </div>
      </form>
    </Frame>
  )
}
