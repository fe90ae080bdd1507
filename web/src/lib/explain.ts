import { HyphaError, type PassphraseFault } from 'hypha-runtime'

/** What went wrong, as a person can use it. */
export interface Explanation {
  /** The same trouble has the same one, whoever reports it. */
  readonly code: string
  readonly title: string
  readonly text: string
  /** What the page can offer to do about it. */
  readonly remedy?: 'claimCode' | 'retry' | 'reload'
  /** Which of several things that share the code. */
  readonly reason?: string
}

interface Trouble {
  readonly code: string
  readonly message: string
  readonly reason?: string
}

type Sentences = Omit<Explanation, 'code' | 'reason'>

/** The runtime's sentences are for programmers too: these are for who holds the device. */
const KNOWN: Readonly<Record<string, Sentences>> = {
  ADDRESS_UNREACHABLE: {
    title: 'The server can’t be reached',
    text: 'What you do is kept here, and goes out as soon as the server answers. Devices that are connected straight go on.',
    remedy: 'retry',
  },
  DIRECT_LINK_FAILED: {
    title: 'No direct connection',
    text: 'One of your devices is open, and no straight way to it was found: a firewall may be in between. Everything goes through the server meanwhile, and it is tried again by itself.',
  },
  DIRECT_LINK_REFUSED: {
    title: 'No direct connection',
    text: 'One of your devices is open, and it and this browser can’t agree on how to connect straight: bring both browsers up to date. Everything goes through the server meanwhile.',
  },
  NOT_HOSTED: {
    title: 'This server has no place for you yet',
    text: 'It keeps only the hyphas that it was told to. What you write stays on this device; ask whoever runs the server for a place, or use another one.',
    remedy: 'retry',
  },
  CLAIM_INSECURE: {
    title: 'This address isn’t private',
    text: 'Others on the network could read along, so your devices don’t meet here. Open this page by its https:// address.',
  },
  HYPHA_TOO_LARGE: {
    title: 'Too much for this server',
    text: 'Your hypha has grown beyond what this server keeps. It goes on living on your devices; use a server with more room.',
  },
  STORAGE_LOCKED: {
    title: 'Hypha is open in another tab',
    text: 'Only one tab can use what is stored here. Go to that tab, or close it: then this one goes on by itself.',
    remedy: 'retry',
  },
  STORAGE_UNAVAILABLE: {
    title: 'Nothing can be stored in this browser',
    text: 'This happens in private windows, and on addresses without https. You can go on, but when this page closes this device forgets everything.',
  },
  STORAGE_FAILED: {
    title: 'Storing failed',
    text: 'The disk may be full, or the browser took its storage back. Make room, then reload this page.',
    remedy: 'reload',
  },
  FEED_CORRUPT: {
    title: 'What is stored here is damaged',
    text: 'Clear this site’s data in your browser’s settings, then sign in again. Your other devices have what they had.',
  },
  ADMISSIONS_EXCEEDED: {
    title: 'One device has let in more than it may',
    text: 'What it writes from there on is not taken; your other devices go on. Look at your devices below: if that was not you, somebody else has that device.',
  },
  STORAGE_OF_ANOTHER_HYPHA: {
    title: 'This device has another hypha',
    text: 'What is stored in this browser belongs to another passphrase. Type that one, or use another browser profile.',
  },
  ORIGIN_FORKED: {
    title: 'Something is very wrong',
    text: 'Two different beginnings of your hypha were met. Somebody may have your passphrase: authorise no new device, and sign up anew.',
  },
  ORIGIN_UNSEALED: {
    title: 'Something is very wrong',
    text: 'Something was written where nothing may be. Somebody may have your passphrase: authorise no new device, and sign up anew.',
  },
  PEER_TIMED_OUT: {
    title: 'No answer',
    text: 'The other side said nothing for a while. It is tried again by itself.',
  },
  PEER_MISBEHAVED: {
    title: 'A bad connection was ended',
    text: 'The other side sent something odd and was disconnected. Nothing is lost.',
  },
}

/** Where the runtime's own sentence says what a person needs. */
const TITLES: Readonly<Record<string, string>> = {
  CLOCK_WRONG: 'A clock is wrong',
  FEED_BEHIND: 'This device catches up with itself',
  FEED_FORKED: 'A device was set back',
  MESSAGES_LOST: 'Messages were lost',
  STORAGE_DAMAGED: 'Something stored here was damaged',
  WRITER_SHARED: 'This device is there twice',
}

const NO_ROOM: Sentences = {
  title: 'This server is full',
  text: 'It has no room for your hypha, or not for all of it. What you write stays on this device; ask whoever runs the server for more places, or use another one.',
  remedy: 'retry',
}

/** A claim that was refused: one code, and what to do depends on the reason. */
const REFUSALS: Readonly<Record<string, Sentences>> = {
  'code-missing': {
    title: 'This server wants a code',
    text: 'To keep your hypha within reach it asks for the code that it printed when it was started, like 7KQM-2XHB-W9TC.',
    remedy: 'claimCode',
  },
  'code-wrong': {
    title: 'The code is wrong',
    text: 'This server did not accept it. Look at what it printed when it was started, and type it again.',
    remedy: 'claimCode',
  },
  'too-many-tries': {
    title: 'Too many tries',
    text: 'This server has had too many wrong codes from here. Wait a minute, then try again.',
    remedy: 'claimCode',
  },
  full: NO_ROOM,
  'not-hosted': {
    title: 'This server has no place for you any more',
    text: 'What you write stays on this device. Ask whoever runs the server, or use another one.',
    remedy: 'retry',
  },
  busy: {
    title: 'This server is busy with your devices',
    text: 'Too many of them are connected at once. It is tried again by itself.',
  },
  proof: {
    title: 'This server doesn’t understand this page',
    text: 'They are of different versions. Reload this page; if that doesn’t help, tell whoever runs the server.',
    remedy: 'reload',
  },
}

/** @param message the runtime's own, which begins with an address when it is about one */
export const explain = ({ code, message, reason }: Trouble): Explanation => {
  const refusal = code === 'CLAIM_REFUSED' && reason !== undefined ? REFUSALS[reason] : undefined
  const known = refusal ?? KNOWN[code]
  // The address is the server's, which the page names by itself.
  return known
    ? { code, ...known, ...(reason === undefined ? {} : { reason }) }
    : { code, title: TITLES[code] ?? 'That didn’t work', text: message.replace(/^wss?:\/\/\S+: /, '') }
}

/** What went wrong at the door. */
export interface DoorTrouble extends Trouble, PassphraseFault {}

/** The code and sentence of whatever was thrown, and what a form can mark. */
export const toTrouble = (error: unknown): DoorTrouble => {
  if (error instanceof HyphaError) {
    const { code, message, suggestion } = error
    return { ...error, code, message, ...(suggestion === undefined ? {} : { suggestion }) }
  }
  if (!(error instanceof Error))
    return { code: 'UNKNOWN', message: 'Something failed without saying why. Try again.' }
  return { code: 'UNKNOWN', message: error.message }
}
