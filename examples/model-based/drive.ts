/** Walks one device along a path of its machine: events become clicks, states are compared with what the screen says. */
import type { AnyMachineSnapshot } from 'xstate'
import { type Check, type Executors, type Path, runPath } from '../../src/testing/index.js'
import { type Kept, RESTING, wayBack } from './device.js'
import type { Device, Devices } from './devices.js'

export interface Helper {
  /** A device that may write, on the home screen. */
  readonly laptop: Device
  readonly passphrase: string
}

/** What a person reads in each state in which they can rest. */
const HEADINGS: Readonly<Record<string, string | RegExp>> = {
  signedOut: /^(What is yours, on all your devices|Sign in)$/,
  origin: 'Write something',
  writer: 'Write something',
  awaitingAuthorisation: 'Say yes on another of your devices',
  readOnly: /^(This device only reads|One of your devices declined)$/,
}

/** Events that others follow at once: what the machine says in between is gone before a person could read it. */
const IN_PASSING = [
  'signUp',
  'signIn',
  'cancelRequest',
  'answer.approved',
  'answer.declined',
  'database.authorised',
]

/** The file of the app that derives keys. Where it does not arrive, nobody gets in. */
const KEY_WORKER = /argon2-worker[^/]*\.js$/

const keptIn = ({ value, context }: AnyMachineSnapshot): Kept => {
  if (value === 'awaitingAuthorisation') return 'asker'
  if (value === 'readOnly') return 'reader'
  return context.role === 'origin' ? 'origin' : 'writer'
}

const byItself = (): void => {}

/** Comes of what was done before: nobody has to do anything. */
const BY_THEMSELVES: Executors = Object.fromEntries(
  [
    ...['recall', 'deriveKeys', 'openDatabase', 'remember', 'request'].map((id) => `xstate.done.actor.${id}`),
    'xstate.error.actor.deriveKeys',
    'transports.ready',
    'database.authorised',
  ].map((type) => [type, byItself]),
)

export interface Walk {
  readonly path: Path
  readonly devices: Devices
  readonly helper: Helper
  /** Each device needs a name. */
  readonly name: string
  /** Is told of each step. */
  readonly tell: (line: string) => void
}

/** @returns the paths that were walked: the one that was given, and ways back to where the page was loaded again */
export const walk = async ({ path, devices, helper, name, tell }: Walk): Promise<readonly Path[]> => {
  const device = await devices.bring()
  const walked: Path[] = [path]
  /** Of the hypha that the device is in. */
  let passphrase = helper.passphrase
  let guest: Device | undefined
  let guests = 0
  const guestName = () => `Guest ${guests} of ${name}`
  const farewell = async () => {
    await guest?.leave()
    guest = undefined
  }

  const executors: Executors = {
    ...BY_THEMSELVES,
    signUp: async () => {
      passphrase = await device.signUp(name)
    },
    signIn: async (_, { next }) => {
      if (next?.type !== 'xstate.error.actor.deriveKeys') return device.signIn(name, passphrase)
      await device.page.route(KEY_WORKER, (route) => route.abort())
      await device.signIn(name, passphrase)
      await device.page.getByText('could not be started').first().waitFor()
      await device.page.unroute(KEY_WORKER)
    },
    requestAuthorisation: async () => {
      const again = device.page.getByRole('button', { name: /^Ask (to write|again)$/ })
      await again.click()
    },
    cancelRequest: async () => {
      await device.press('Stop asking')
      await device.shows('This device only reads')
      await helper.laptop.asksNothing()
    },
    'answer.acknowledged': async () => {
      const [there, here] = await Promise.all([helper.laptop.asks(name), device.wordsOfQuestion()])
      if (there.join() !== here.join()) throw new Error(`The words differ: ${there} there, ${here} here.`)
    },
    'answer.approved': () => helper.laptop.answer('Authorise'),
    'answer.declined': async () => {
      await helper.laptop.answer('Decline')
      await device.shows('One of your devices declined')
    },
    'request.received': async () => {
      guests += 1
      guest = await devices.bring()
      await guest.signIn(guestName(), passphrase)
      await device.asks(guestName())
    },
    'request.cancelled': async () => {
      await guest?.press('Stop asking')
      await device.asksNothing()
      await farewell()
    },
    authorise: () => device.answer('Authorise'),
    'writer.authorised': async () => {
      await guest?.shows('Write something')
      await farewell()
    },
    decline: async () => {
      await device.answer('Decline')
      await guest?.shows('One of your devices declined')
      await farewell()
    },
    setTransport: (event) => device.setRoad('WebRTC', event.on === true),
  }

  const seen = new Set<unknown>()
  const compare: Check = async (expected, step) => {
    const { value } = expected
    tell(`  ${step ? `${step.event.type} → ` : ''}${JSON.stringify(value)}`)
    if (!RESTING.includes(value) || (step && IN_PASSING.includes(step.event.type))) return
    await device.shows(HEADINGS[String(value)] ?? '')
    const mayWrite = expected.can({ type: 'write' })
    if ((await device.mayWrite()) !== mayWrite)
      throw new Error(`The machine says that it may ${mayWrite ? '' : 'not '}write, and the screen doesn’t.`)
  }
  /** Wherever a person rests for the first time they load the page again, and are where they were. */
  const check: Check = async (expected, step) => {
    await compare(expected, step)
    if (!step || seen.has(expected.value) || expected.value === 'signedOut') return
    if (!RESTING.includes(expected.value)) return
    seen.add(expected.value)
    tell('  the page is loaded again')
    await device.page.reload()
    const back = wayBack(keptIn(expected))
    await runPath(back, BY_THEMSELVES, compare)
    walked.push(back)
  }
  await runPath(path, executors, check)
  await device.leave()
  return walked
}
