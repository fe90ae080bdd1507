import { useState } from 'preact/hooks'
import { useStore } from './hooks/use-store.js'
import { domainOfPage } from './lib/domain.js'
import { type DoorTrouble, explain, toTrouble } from './lib/explain.js'
import { showToInspector } from './lib/inspecting.js'
import { lowerAll, unconfirmed } from './lib/reminders.js'
import { askToKeep } from './lib/storage.js'
import { createSessions, SERVER } from './node.js'
import { Announcer } from './parts/announcer.js'
import { Home } from './screens/home.js'
import { Locked } from './screens/locked.js'
import { Making } from './screens/making.js'
import { Opening } from './screens/opening.js'
import { SavePassphrase } from './screens/save-passphrase.js'
import { SignIn } from './screens/sign-in.js'
import { Welcome } from './screens/welcome.js'

const sessions = createSessions()
showToInspector(sessions, SERVER)

/** Which screen it is: the node says how far it is, the page only what the person chose on the way in. */
const Screen = () => {
  const session = useStore(sessions)
  const snapshot = useStore(session.store)
  const [choice, setChoice] = useState<'welcome' | 'signIn'>('welcome')
  const [isEntering, setIsEntering] = useState<'signUp' | 'signIn'>()
  const [trouble, setTrouble] = useState<DoorTrouble>()
  const [name, setName] = useState<string>()
  const [domain, setDomain] = useState(() => domainOfPage(location.hostname))
  const [passphrase, setPassphrase] = useState<string>()
  const deviceName = name ?? snapshot.name

  /** The node gets its name when it begins, so another name is another node. Nothing is in it yet. */
  const named = async () => {
    const wanted = deviceName.trim()
    if (wanted === '' || wanted === snapshot.name) return session.node
    return (await sessions.restart({ name: wanted })).node
  }

  const enter = async (by: 'signUp' | 'signIn', work: () => Promise<void>) => {
    setTrouble(undefined)
    setIsEntering(by)
    lowerAll()
    try {
      await work()
      askToKeep()
    } catch (error) {
      setTrouble(toTrouble(error))
    }
    setIsEntering(undefined)
  }
  const signUp = () =>
    enter('signUp', async () => {
      const node = await named()
      // Before the node stores anything: whoever reloads in between has seen no passphrase either.
      unconfirmed.raise()
      try {
        setPassphrase((await node.signUp({ domain })).passphrase)
      } catch (error) {
        unconfirmed.lower()
        throw error
      }
    })
  const signIn = (typed: string) =>
    enter('signIn', async () => (await named()).signIn({ domain, passphrase: typed }))

  if (passphrase !== undefined)
    return (
      <SavePassphrase
        passphrase={passphrase}
        onSaved={() => {
          unconfirmed.lower()
          setPassphrase(undefined)
        }}
      />
    )
  const details = { name: deviceName, onName: setName, domain, onDomain: setDomain, trouble }
  const { state, problem } = snapshot
  if (isEntering === 'signIn' || (choice === 'signIn' && (state === 'signedOut' || state === 'failed')))
    return (
      <SignIn
        {...details}
        isBusy={isEntering === 'signIn'}
        onSignIn={signIn}
        onBack={() => {
          setTrouble(undefined)
          setChoice('welcome')
        }}
      />
    )
  if (isEntering === 'signUp') return <Making />
  if (state === 'opening' || state === 'closed') return <Opening />
  if (state === 'failed' && problem?.code === 'STORAGE_LOCKED')
    return <Locked onRetry={() => void sessions.restart()} />
  if (state === 'signedOut' || state === 'failed') {
    const begun = trouble ? undefined : problem && explain(problem)
    return (
      <Welcome
        {...details}
        problem={begun}
        notices={session.notices}
        onSignUp={signUp}
        onSignIn={() => {
          setTrouble(undefined)
          setChoice('signIn')
        }}
      />
    )
  }
  const startOver = async (next: 'welcome' | 'signIn') => {
    await sessions.startOver()
    lowerAll()
    setTrouble(undefined)
    setChoice(next)
  }
  return (
    <Home
      session={session}
      snapshot={snapshot}
      onStartOver={() => startOver('welcome')}
      onOtherPassphrase={() => startOver('signIn')}
    />
  )
}

export const App = () => (
  <>
    <Screen />
    <Announcer />
  </>
)
