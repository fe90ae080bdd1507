import { useHypha } from 'hypha-runtime/react'
import { useState } from 'react'
import { Door } from './door.js'
import { Home } from './home.js'
import { SavePassphrase } from './save-passphrase.js'

/** Part of what keys are derived from: every device of one person signs in with the same one. */
const DOMAIN = 'our-list.example'

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Which screen it is: the node's state says. */
export const App = () => {
  const { node, state, problem } = useHypha()
  const [isEntering, setIsEntering] = useState(false)
  const [passphrase, setPassphrase] = useState<string>()
  const [trouble, setTrouble] = useState<string>()

  const enter = async (work: () => Promise<void>) => {
    setIsEntering(true)
    setTrouble(undefined)
    try {
      await work()
    } catch (error) {
      setTrouble(messageOf(error))
    }
    setIsEntering(false)
  }

  if (passphrase !== undefined)
    return <SavePassphrase passphrase={passphrase} onSaved={() => setPassphrase(undefined)} />
  if (isEntering || state === 'opening')
    return (
      <main className="door">
        <h1>Our list</h1>
        <p role="status">{isEntering ? 'Making your keys …' : 'Opening …'}</p>
      </main>
    )
  if (state === 'signedOut' || state === 'failed' || state === 'closed')
    return (
      <Door
        trouble={trouble ?? problem?.message}
        onSignUp={() => enter(async () => setPassphrase((await node.signUp({ domain: DOMAIN })).passphrase))}
        onSignIn={(typed) => enter(() => node.signIn({ domain: DOMAIN, passphrase: typed }))}
      />
    )
  return <Home />
}
