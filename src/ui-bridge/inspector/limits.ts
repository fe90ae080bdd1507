/** Limits of the inspector and its hub. Sizes are bytes and times are milliseconds unless a name says otherwise. */

// The inspector's hub

/** Of the token in its page's URL: random. */
export const INSPECTOR_TOKEN_BYTES = 16
/** The first message of a viewer or publisher. */
export const MAX_INSPECTOR_HELLO_BYTES = 1024
/** All that may come over a connection before its hello: that, and what a WebSocket puts around it. */
export const MAX_INSPECTOR_UNKNOWN_BYTES = 4 * 1024
/** Who has not said hello by then is closed. */
export const INSPECTOR_HELLO_TIMEOUT_MS = 5_000
/** Connections that have not said hello yet; one more and the oldest of them makes room. */
export const MAX_INSPECTOR_UNKNOWN = 32
/** Programs and pages that publish ... */
export const MAX_INSPECTOR_PUBLISHERS = 64
/** ... and windows that look on. */
export const MAX_INSPECTOR_VIEWERS = 16
/** Nodes whose recordings are kept; of those that are gone, the oldest makes room. */
export const MAX_INSPECTOR_NODES = 64
/** One message, either way: what older events came to is sent as one, and holds the definition of every machine. */
export const MAX_INSPECTOR_MESSAGE_BYTES = 32 * 1024 * 1024
/** Messages a second that a publisher may send ... */
export const INSPECTOR_MESSAGES_PER_SECOND = 200
/** ... and at once: a long recording comes in pieces. */
export const INSPECTOR_MESSAGE_BURST = 2_000
/** Bytes a second that a publisher may send ... */
export const INSPECTOR_BYTES_PER_SECOND = 32 * 1024 * 1024
/** ... and at once. */
export const INSPECTOR_BYTE_BURST = 256 * 1024 * 1024
/** Events of one node that are kept, older ones as what they came to; and the most that one message may hold. */
export const MAX_INSPECTOR_EVENTS = 20_000
/** One event; of a larger one nothing is passed on. */
export const MAX_INSPECTOR_EVENT_SIZE = 4 * 1024 * 1024
/** What is kept of the events of one node, as JSON ... */
export const MAX_INSPECTOR_EVENT_BYTES = 64 * 1024 * 1024
/** ... and of what older ones came to, the oldest actors forgotten first. */
export const MAX_INSPECTOR_BEFORE_BYTES = 16 * 1024 * 1024
/** What is kept of all nodes together: the one with the most loses its oldest. */
export const MAX_INSPECTOR_KEPT_BYTES = 256 * 1024 * 1024
/** Events that one message is made of ... */
export const INSPECTOR_BATCH_EVENTS = 256
/** ... and how many bytes of them, unless a single one is larger. */
export const INSPECTOR_BATCH_BYTES = 512 * 1024
/** A publisher sends no more often than this, so that events come together. */
export const INSPECTOR_PUBLISH_INTERVAL_MS = 50
/** How often a hub makes sure that those who are connected are there: who is silent for two of these is gone. */
export const INSPECTOR_HEARTBEAT_MS = 10_000
/** A publisher whose hub is away tries again after this, then after twice as long each time ... */
export const INSPECTOR_REDIAL_FIRST_MS = 250
/** ... up to this. */
export const INSPECTOR_REDIAL_MAX_MS = 5_000
/** Nesting of a message: a machine's context lies some levels down. */
export const MAX_INSPECTOR_JSON_DEPTH = 64
/** Characters of an id, a name or a time. */
export const MAX_INSPECTOR_ID_LENGTH = 256

// The inspector

/** Events that one inspection keeps at most, and that one recording of a session that is opened may have. */
export const MAX_RECORDED_EVENTS = 100_000
/** Recordings of one session: nodes in one window. */
export const MAX_SESSION_RECORDINGS = 64
/** A session's text; one of 10,000 events has a few megabytes. */
export const MAX_SESSION_BYTES = 128 * 1024 * 1024
/** How deep a session's values nest: contexts and states in events in recordings. */
export const MAX_SESSION_DEPTH = 24
/** A machine's definition as JSON text. */
export const MAX_DEFINITION_LENGTH = 256 * 1024
/** Any other text in a session. */
export const MAX_SESSION_TEXT_LENGTH = 1_024
/** Fields of one object, or items of one list, in an event's values. */
export const MAX_SESSION_FIELDS = 256
/** Values in one event, all together. */
export const MAX_SESSION_VALUES = 2_048
