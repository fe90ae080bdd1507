import type { NodeEvent } from '../../../src/machines/index.js'
import type { Chapter, Told } from './chapter.js'

const events: Told<NodeEvent> = {
  signUp: 'The person begins a new hypha here: `node.signUp()`.',
  signIn:
    'The person comes with a passphrase: `node.signIn()`. With a request’s id the node asks to be authorised as soon as it is open.',
  open: 'Somebody wants to read along, by the hyphalink alone: `node.open()`.',
  recall:
    'The app calls after a failure, whatever it calls, so the node tries again. The façade sends it by itself.',
  requestAuthorisation: 'The person asks to be let in: `node.requestAuthorisation()`.',
  cancelRequest: 'The person takes their question back: `node.cancelRequest()`.',
  authorise:
    'The person says yes to the question with this id: `node.authorise(id)`. [[prompts]] passes it on.',
  decline: 'The person says no to it: `node.decline(id)`.',
  close: 'The app is done with this node: `node.close()`.',
  setTransport:
    'A road is wanted, or not any more: `node.setTransport(id, on)`. Before a hypha is open it is noted down.',
  write:
    'Never sent. `snapshot.can({ type: "write" })` says whether this node may write, and `put`, `del` and `batch` ask just that.',
  'database.authorised': 'This node’s own feed counts among the writers. The one thing that makes it one.',
  'database.synced': 'Whether all that is known to exist is here, each time that this changes.',
  'database.keyGone':
    'Another node has the key of this one, and keeps it. All that it wrote is here: opened again, the database has a new key.',
  'transports.ready': 'The roads have started, those that could: from [[transports]].',
  'transports.failed':
    'A road can’t be used as the app asked, so the node can’t be opened: from [[transports]].',
  connection:
    'A link is up, and is to get a [[peer]]. The link itself stays with the actors; here is only its id.',
  'peer.appeared': 'A peer has joined the channel. It may not have heard this node’s question.',
  'answer.acknowledged': 'A device says that it shows this node’s question to the person.',
  'answer.approved': 'A device says that the person said yes. A hint: the database decides.',
  'answer.declined': 'A device says that the person said no.',
  'request.received': 'Another node asks, and its message has been checked. For [[prompts]].',
  'request.renewed': 'Another node goes on asking, under the id that is known.',
  'request.cancelled': 'Another node takes its question back.',
  'request.declinedElsewhere': 'The person said no to it on another device.',
  'writer.authorised': 'The database has a new writer: whoever still asks for that key is answered.',
  problem: 'Something is wrong that a person should know, and the node goes on.',
  'problem.solved': 'It is not wrong any more.',
}

export const node: Chapter = {
  id: 'node',
  introduction: `There is one of these for each \`createNode()\`, and everything else is below it. It answers two questions: is a hypha open here,
and may this node write to it? A person’s calls come in as events from the façade; what the world does comes from the actors.

The way in is [[node:opening]]. It is passed step by step, and each step is an actor that may fail: keys are derived, the database is
opened, roads are started, and last of all the node writes down what it needs to be here again. After that a node is
[[node:origin]], [[node:writer]] or [[node:readOnly]], and the only way from the last to the one before leads through a person’s
answer on another device, which arrives as [[node!database.authorised]].

The machine never sees a passphrase or a key: they wait in a vault that its actors hold, so that the machine can be shown.`,
  events,
  actors: {
    recall: 'Looks in the storage for the hypha of last time, and takes its keys to the vault.',
    remember: 'Stores what the node needs to be here again without the passphrase.',
    deriveKeys: 'Turns the passphrase or hyphalink that waits in the vault into keys, off the main thread.',
    openDatabase: 'Opens the database on the storage; at sign-up it also writes the origin and seals it.',
    database: 'Watches the database, and tells what matters to this node’s life.',
    channel: 'Listens to control messages: answers to this node’s request, and requests of others.',
    release: 'Stops the roads, closes the database and wipes the keys.',
    transports: 'One, from the moment the database is open until it is closed.',
    peer: 'One for each link. It ends alone: what goes wrong on a link never harms the node.',
    request: 'One while this node asks.',
    prompts: 'One, from the moment the database is open until it is closed.',
  },
  delays: {
    lockWait: 'Half a second before the first try, twice as long before each further one, 5 s at most.',
  },
  stories: [
    { title: 'The machine alone', file: 'node.ts' },
    { title: 'Two whole nodes, through the façade', file: 'node-facade.ts' },
  ],
}
