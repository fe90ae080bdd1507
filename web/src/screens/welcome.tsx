import { useStore } from '../hooks/use-store.js'
import { type Explanation, explain } from '../lib/explain.js'
import type { Notices } from '../lib/notices.js'
import { Details, type DetailsProps } from './details.js'
import { Frame } from './frame.js'

export const Welcome = ({
  problem,
  notices,
  onSignUp,
  onSignIn,
  ...details
}: DetailsProps & {
  problem: Explanation | undefined
  notices: Notices
  onSignUp(): void
  onSignIn(): void
}) => {
  const { trouble } = details
  const wrong = trouble && trouble.code !== 'DOMAIN_INVALID' ? explain(trouble) : problem
  const others = useStore(notices).filter(({ code }) => code !== wrong?.code)
  return (
    <Frame title="What is yours, on all your devices">
      <p class="lead">
        A hypha is your own small database: it lives on your devices, and they keep each other up to date.
        This server only passes things on between them, and can’t read what you keep private.
      </p>
      {[...(wrong ? [wrong] : []), ...others].map(({ code, title, text }) => (
        <div class="notice" role="alert" key={code}>
          <div class="notice-text">
            <h2>{title}</h2>
            <p>{text}</p>
          </div>
        </div>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onSignUp()
        }}
      >
        <div class="choices">
          <div>
            <button type="submit" aria-describedby="sign-up-hint">
              Sign up
            </button>
            <p class="hint" id="sign-up-hint">
              I’m new here. You get a passphrase.
            </p>
          </div>
          <div>
            <button type="button" class="secondary" aria-describedby="sign-in-hint" onClick={onSignIn}>
              Sign in
            </button>
            <p class="hint" id="sign-in-hint">
              I have a passphrase already.
            </p>
          </div>
        </div>
        <Details {...details} />
      </form>
    </Frame>
  )
}
