/**
 * Every limit of the protocol, in one place; the inspector and the HTTP of the always-on node have files of their own. Sizes are bytes and times are milliseconds unless a name says otherwise.
 * Each has a test that goes one over it.
 */

// Ephemeral frames, before decryption, for one connection

/** A larger frame is dropped before anything looks inside. */
export const MAX_FRAME_BYTES = 64 * 1024
/** Frames a second that one connection may send. */
export const FRAMES_PER_SECOND = 1_000
/** Frames that may arrive at once after a quiet time. */
export const FRAME_BURST = 2_000
/** A relay's link carries the frames of many sources, so it may send this many times more. */
export const RELAY_FRAME_FACTOR = 8
/** Hints of a relay, of how many others are there, that a node acts on in a second ... */
export const RELAY_HINTS_PER_SECOND = 1
/** ... and at once after a quiet time. */
export const RELAY_HINT_BURST = 8

// Control messages, after decryption

/** A request, decision, acknowledgement or cancel is small; a larger one is not one of ours. */
export const MAX_CONTROL_BYTES = 2 * 1024
/** Requests for one target key that may arrive at once ... */
export const REQUEST_BURST_PER_TARGET = 10
/** ... and how long until one more may. */
export const REQUEST_INTERVAL_PER_TARGET_MS = 2_000
/** Prompts that wait for a person at one time; one more is not shown until one of these is answered. */
export const MAX_PENDING_PROMPTS = 5
/** New questions that a person may be shown at once, in place of ones that were answered or taken back ... */
export const PROMPT_BURST = 20
/** ... or that take the place of an older one of the same node ... */
export const REPLACEMENT_BURST = 3
/** ... and how long until one more may. */
export const PROMPT_INTERVAL_MS = 5_000
/** Questions that were declined, and get the same answer when they are asked again; the oldest forgotten first. */
export const MAX_DECLINED_REMEMBERED = 32
/** Questions that were taken back and are not shown again. No more can be shown in the time that they are valid; the oldest forgotten first. */
export const MAX_TAKEN_BACK_REMEMBERED = 256
/** Questions that wait until there is room for them on the screen; the one heard longest ago forgotten first. */
export const MAX_WAITING_QUESTIONS = 256
/** A request lives this long at a time; the asker renews it under the same id. */
export const REQUEST_LIFETIME_MS = 10 * 60_000
/** Clocks of two nodes may differ by this much. */
export const MAX_CLOCK_SKEW_MS = 120_000
/** The asker renews this long before its request would end. */
export const RENEW_BEFORE_END_MS = 60_000
/** A replayed control message is recognised for as long as it could still be valid. */
export const CONTROL_REPLAY_TTL_MS = REQUEST_LIFETIME_MS + MAX_CLOCK_SKEW_MS
/** Control messages remembered against replay; when it is full new ones are refused rather than old ones forgotten. */
export const MAX_CONTROL_REPLAY = 10_000
/** App messages and relayed frames remembered against delivery by two roads, the oldest forgotten first ... */
export const MAX_SEEN_MESSAGES = 50_000
/** ... and after this long. */
export const SEEN_MESSAGE_TTL_MS = 5 * 60_000
/** An app's message is taken for this long after it was written, so that a replayed one is still remembered. */
export const MESSAGE_LIFETIME_MS = SEEN_MESSAGE_TTL_MS - MAX_CLOCK_SKEW_MS

// Presence, through always-on nodes

/** A node that has others behind a relay says this often that it is there ... */
export const PRESENCE_INTERVAL_MS = 20_000
/** ... and is taken for gone when it has said nothing for this long: two that were lost don't matter. */
export const PRESENCE_LIFETIME_MS = 50_000
/** Somebody came, or hears of us for the first time: then sooner, but never sooner than this after the last. */
export const PRESENCE_MIN_INTERVAL_MS = 2_000
/** A relay says that fewer are there: who has not said by then that it is one of them may be the one that left. */
export const PRESENCE_ROLL_CALL_MS = 6_000
/** Keys that say that they are there and are no writers yet; of more nothing is remembered. */
export const MAX_STRANGERS_PRESENT = 16

// Names, keys, values

/** Characters (code points) of a node's name that are kept and shown. */
export const MAX_NAME_LENGTH = 64
/** An encoded value, public or private. */
export const MAX_VALUE_BYTES = 1024 * 1024
/** An entry's key, UTF-8. */
export const MAX_KEY_BYTES = 1024
/** Entries of one batch: they are announced to peers as one run of blocks. */
export const MAX_BATCH_ENTRIES = 10_000
/** An app's message, encoded: what still fits one frame once sealed. */
export const MAX_MESSAGE_BYTES = 60 * 1024
/** Nesting of a JSON value: deeper ones overflow some engine's stack. */
export const MAX_JSON_DEPTH = 64

// Replication messages, for one connection

/** Feeds that one connection may open; hypercore-protocol's own limit. */
export const MAX_FEEDS_PER_CONNECTION = 256
/**
 * Feeds that one writer may let in: half of all that a hypha has room for. More than anybody's devices in many years, and a writer
 * gone bad leaves the other half to the rest.
 */
export const MAX_INTRODUCED_BY_ONE = 128
/** Nobody's share of a hypha's feeds is less than this, however many devices let in one another before it. */
export const MIN_SHARE_OF_FEEDS = 32
/**
 * Feeds that may come by one writer, let in by itself or by those that it let in, and so on: for the founding writer all, and for
 * each other three quarters of what may come by who let it in, so that the last quarter stays for others.
 * @param depth how many let in one another from the founding writer on
 */
export const shareOfFeeds = (depth: number): number =>
  Math.max(MIN_SHARE_OF_FEEDS, Math.floor(MAX_FEEDS_PER_CONNECTION * 0.75 ** depth))
/** Blocks of one feed. Positions beyond it are not believed. */
export const MAX_FEED_LENGTH = 2 ** 24
/** Blocks that one Have or Unhave without a bitfield may name. */
export const MAX_HAVE_RUN = 65_536
/** Blocks that one Have bitfield or Want may cover: what hypercore asks for at a time. */
export const MAX_BITFIELD_BLOCKS = 1024 * 1024
/** Nodes of one block's proof: a path up a tree of {@link MAX_FEED_LENGTH} blocks and its roots, with room. */
export const MAX_PROOF_NODES = 128
/** Extension names in a handshake. */
export const MAX_EXTENSIONS = 64
/** Bytes of messages about feeds that a peer knows before we do: news of what it has, and no blocks. */
export const MAX_EARLY_BYTES = 1024 * 1024
/** Requests of one connection that are answered at the same time; the others wait in line. */
export const MAX_ANSWERS_AT_ONCE = 32
/** Requests that may wait in line: 16 for each of a connection's feeds is what hypercore sends. */
export const MAX_WAITING_REQUESTS = 4_096
/** How often a peer may ask what is here of one region of a feed: once, and again when its storage has lost blocks of it. */
export const MAX_WANTS_OF_A_REGION = 16
/** Bytes to a slow peer that may wait in memory before nothing more is read from it or answered. */
export const MAX_WAITING_BYTES = 1024 * 1024
/** A block: a value at its limit, boxed, and the entry around it. */
export const MAX_BLOCK_BYTES = MAX_VALUE_BYTES + 256 * 1024
/** Blocks of the origin feed: its header and the authorisation of the first writer. It is sealed after these. */
export const ORIGIN_LENGTH = 2

/** Heads of feeds that one connection may ask for in a second ... */
export const HEAD_ASKS_PER_SECOND = 5
/** ... and at once. */
export const HEAD_ASK_BURST = 20
/** Blocks and heads of one feed that its writer may say are of branches that it gave up; the oldest are forgotten first. */
export const MAX_ABANDONED_ITEMS = 4_096
/** Blocks that a peer proves at a time to hold: the last one, and others that the writer picks. */
export const MAX_HELD_PROOF_BLOCKS = 4
/** Proofs that a node asks of one connection in a second ... */
export const HELD_PROOF_ASKS_PER_SECOND = 2
/** ... and at once. */
export const HELD_PROOF_ASK_BURST = 4
/** Who has not answered, or wrongly, is asked again after this. */
export const HELD_PROOF_AGAIN_MS = 5_000
/** Proofs that a node gives one connection in a second, one after the other: more than it is asked by who keeps to the above ... */
export const HELD_PROOF_ANSWERS_PER_SECOND = 4
/** ... and at once. */
export const HELD_PROOF_ANSWER_BURST = 8

// Greetings and claims

/** A greeting or claim message. */
export const MAX_GREETING_BYTES = 4 * 1024
/** A connection says what it wants within this time or is closed. */
export const GREETING_TIMEOUT_MS = 10_000
/** What may come of replication that was under way before the claim that an always-on node has asked for. */
export const MAX_BYTES_BEFORE_CLAIM = 64 * 1024
/** A read of a block that is known to be there. */
export const READ_TIMEOUT_MS = 10_000

// Links between two nodes, and whether they are alive

/** How often the other end is asked whether it is there. */
export const PING_INTERVAL_MS = 2_500
/** The other end of a link is dead when nothing at all has come from it for this long, although it was asked. */
export const MAX_SILENCE_MS = 8_000
/** Where there are spares: when the one in use, or the next, has been silent for this long it is asked ... */
export const QUICK_PING_INTERVAL_MS = 150
/** ... and how long the one in use may be silent while a spare answers. */
export const MAX_SILENCE_WITH_SPARE_MS = 550
/** Heartbeats that one connection may send in a second ... */
export const PINGS_PER_SECOND = 50
/** ... and at once: what a process that stood still finds when it goes on. */
export const PING_BURST = 500
/** Links to one node that are kept beside the one in use; more are closed as they come. */
export const MAX_SPARES_PER_PAIR = 4
/** Messages about links that one connection may send in a second ... */
export const LINK_MESSAGES_PER_SECOND = 5
/** ... and at once. */
export const LINK_MESSAGE_BURST = 20
/** A link that another one took over from still delivers what is on its way for this long. */
export const RETIRING_MS = 300

// Transports

/** A dial that has not connected by then has failed. */
export const CONNECT_TIMEOUT_MS = 10_000
/** The first retry comes within this; each further one may wait twice as long as the one before ... */
export const REDIAL_FIRST_MS = 100
/** ... up to this in the first minute of an outage, so that whoever is back is found at once ... */
export const REDIAL_EARLY_MAX_MS = 1_500
/** ... and up to this after it. */
export const REDIAL_MAX_MS = 15_000
/** A connection that lived this long was a good one: dialling again starts over at the first interval. */
export const STABLE_CONNECTION_MS = 60_000
/** Connections that one listener of a node holds at a time; more are closed as they come. */
export const MAX_CONNECTIONS_PER_LISTENER = 256
/** Longer writes are cut, and shorter ones joined, into WebSocket messages of this size. */
export const WEB_SOCKET_MESSAGE_BYTES = 64 * 1024
/** A WebSocket message that we take: 2019 nodes send a block and its frame as one. */
export const MAX_WEB_SOCKET_MESSAGE_BYTES = MAX_BLOCK_BYTES + 64 * 1024
/** Fragments of one WebSocket message: each costs memory beyond its bytes. */
export const MAX_WEB_SOCKET_FRAGMENTS = 256
/** A message on a data channel, or a socket of Hyperswarm; longer writes are cut into these, shorter ones of one moment joined. */
export const CARRIED_MESSAGE_BYTES = 64 * 1024
/** What may be on its way to a reader: these can't hold their sender back by themselves. */
export const CARRIED_WINDOW_BYTES = 1024 * 1024
/** What a message takes of the window beside its bytes, as a million messages of one byte cost more than a megabyte. */
export const CARRIED_MESSAGE_COST = 64
/** Peers of one hypha that a swarm connects: anybody who knows the discovery key can be one. */
export const MAX_SWARM_CONNECTIONS = 64
/** How long a peer of a swarm is left alone that was lost: the first, second and third time, and each later one. */
export const SWARM_BACKOFFS_MS = [300, 3_000, 15_000, 10 * 60_000] as const
/** A swarm is looked through again so long after joining it, as two who join at once miss each other ... */
export const SWARM_LOOK_FIRST_MS = 1_000
/** ... and then after twice as long each time, this many times, and for longer while nobody is connected ... */
export const SWARM_LOOKS = 6
/** ... but at least this often, or after so long for each swarm that shares the DHT node: a thousand take turns. */
export const SWARM_LOOK_MAX_MS = 30_000
export const SWARM_LOOK_MAX_EACH_MS = 300
/** A connection of a swarm that lived this long was a good one: when it is lost, looking starts over. */
export const SWARM_STABLE_MS = 15_000
/** Leaving a swarm politely, so that nobody dials who is gone, may take this long. */
export const SWARM_LEAVE_MS = 2_000

// WebRTC

/** With more waiting to leave, a data channel gets slower: a megabyte halves its speed in Chromium. */
export const DATA_CHANNEL_WAITING_BYTES = 64 * 1024
/** An attempt to connect that has not by then has failed. */
export const WEB_RTC_TIMEOUT_MS = 15_000
/** Offers of one node that are taken in a second ... */
export const WEB_RTC_OFFERS_PER_SECOND = 1
/** ... and at once: more than its retries while a network comes and goes. */
export const WEB_RTC_OFFER_BURST = 10
/** Nodes of the person that one node is connected with over WebRTC, or about to be. */
export const MAX_WEB_RTC_PEERS = 64
/** Members of a room who have left and are not believed to be back, the oldest forgotten first. */
export const MAX_GONE_MEMBERS = 10_000
/** Of an attempt's id. */
export const ATTEMPT_ID_BYTES = 8
/** An introduction before it is sealed: what still fits a signalling message. */
export const MAX_INTRODUCTION_BYTES = 11 * 1024

// The signalling service of an always-on node

/** Of the random ids that members of a room go by. */
export const SIGNALLING_ID_BYTES = 16
/** One message, either way. */
export const MAX_SIGNALLING_MESSAGE_BYTES = 16 * 1024
/** Sockets in all, beside those of peers and pages: with one more, the address that has most of them loses its oldest. */
export const MAX_SIGNALLING_SOCKETS = 512
/** Members of one room: with one more, likewise. */
export const MAX_SIGNALLING_ROOM_MEMBERS = 64
/** Messages a second that one member may send ... */
export const SIGNALLING_MESSAGES_PER_SECOND = 50
/** ... and at once: who enters a full room has a dozen for each that it finds. One more ends its socket. */
export const SIGNALLING_BURST = 1_000
/** A socket that has entered no room by then is closed. */
export const SIGNALLING_JOIN_TIMEOUT_MS = 5_000
/** How often both ends make sure of each other: who is silent for two of these is gone. */
export const SIGNALLING_HEARTBEAT_MS = 4_000
/** Bytes on their way to a slow member; until they have left, messages for it are dropped. */
export const MAX_SIGNALLING_WAITING_BYTES = 256 * 1024

// The always-on node

/** Connections in all, over WebSocket and as many over TCP. */
export const MAX_ALWAYS_ON_CONNECTIONS = 512
/** Connections in swarms, of all hyphas together: always-on nodes that share a hypha have one for it. */
export const MAX_ALWAYS_ON_SWARM_CONNECTIONS = 2_048
/** Of all, ones that have not shaken hands yet; one more and the oldest of them makes room. */
export const MAX_UNDECIDED_CONNECTIONS = 128
/** Connections of one hypha: each costs memory for each of its feeds. */
export const MAX_CONNECTIONS_PER_HYPHA = 64
/** What the feeds of one hypha may hold; it is not replicated any further there. */
export const MAX_HYPHA_BYTES = 1024 * 1024 * 1024
/** How often a hypha is measured while it grows. */
export const MEASURE_INTERVAL_MS = 250
/** Bytes on their way to a slow peer; until they have left, frames for it are dropped. */
export const MAX_RELAY_WAITING_BYTES = 1024 * 1024
/** A connection that sends frames at this many times the rate that is let through is closed. */
export const FRAME_ABUSE_FACTOR = 10
/** A peer is told of others coming and going no more often than this. */
export const RELAY_HINT_INTERVAL_MS = 250
/** A claim code that a keeper chose, without its spaces and hyphens: with the tries below, nobody guesses it in a lifetime. */
export const MIN_CLAIM_CODE_LENGTH = 8
/** ... and with them. */
export const MAX_CLAIM_CODE_LENGTH = 64
/** Claim codes that one address may send in a minute: more than a person types, and too few to guess one. */
export const CLAIM_TRIES_PER_MINUTE = 30
/** Addresses whose wrong codes are counted, the oldest forgotten first. */
export const MAX_CLAIM_ADDRESSES = 1_024
/** Places that one always-on node may be started with. */
export const MAX_PLACES = 10_000
/** Hyphas that wait on an always-on node for something to arrive, beside those that have a place; the oldest makes room. */
export const MAX_WAITING_PLACES = 16
/** One that waits, and that nobody is connected for, is forgotten after this long. */
export const WAITING_PLACE_MS = 10 * 60_000
/** How often these are looked through. */
export const WAITING_PLACES_LOOK_MS = 30_000
/** Frames that a peer who has not proven to be the person's may send in a second: a 2019 node asks now and then ... */
export const STRANGER_FRAMES_PER_SECOND = 0.2
/** ... and at once ... */
export const STRANGER_FRAME_BURST = 30
/** ... and how many more of it are dropped before its connection is closed ... */
export const MAX_STRANGER_NOISE = 100
/** ... while it sends more than this in a second. */
export const STRANGER_NOISE_PER_SECOND = 1
/** Frames that are not sealed for this node, which a link that is no relay's may send at once before it is closed ... */
export const MAX_UNSEALED_FRAMES = 200
/** ... and in a second. */
export const UNSEALED_FRAMES_PER_SECOND = 1
/** Misbehaving peers that are reported in a minute; of the others nothing is said. */
export const PEER_REPORTS_PER_MINUTE = 60
