/**
 * What an app's messages may take of a channel. Sender, relay and receiver count by the same numbers, so that what an honest
 * sender may send is what the others take. Sizes are bytes and times are milliseconds unless a name says otherwise.
 */

/** Messages are packed into one frame up to about this size; a larger message has a frame of its own. */
export const PACK_BYTES = 32 * 1024
/** Messages of one pack. */
export const MAX_MESSAGES_PER_PACK = 1_024
/** Messages of an app that wait to be sent; one more is refused with MESSAGES_WAITING. */
export const MAX_QUEUED_MESSAGES = 100_000
/** Bytes of JSON that wait to be sent, as {@link MAX_QUEUED_MESSAGES}. */
export const MAX_QUEUED_MESSAGE_BYTES = 16 * 1024 * 1024
/** The part of a link's frames (FRAMES_PER_SECOND, FRAME_BURST) that messages use; the rest is for requests and answers. */
export const MESSAGE_SHARE = 0.9
/** Bytes of packs that may be on their way to the other end of a link, which says when it has taken them ... */
export const MESSAGE_WINDOW_BYTES = 256 * 1024
/** ... and to a relay less when many are behind it: all together no more than this, but each at least two packs. */
export const SHARED_WINDOW_BYTES = 1024 * 1024
/** The other end says what it has taken after so many bytes ... */
export const TAKEN_AFTER_BYTES = 64 * 1024
/** ... and at the latest after this time. */
export const TAKEN_AFTER_MS = 20
/** A relay takes no more from anybody while so many bytes wait for one of the others ... */
export const BUSY_BYTES = 256 * 1024
/** ... but nobody is waited for longer than this: frames for it are dropped then, and it is told how many. */
export const MAX_BUSY_MS = 2_000
/** How often it is looked whether a link takes more. */
export const SEND_AGAIN_MS = 5
/** Somebody is told of lost messages at most this often; what is lost in between is added up. */
export const LOSS_REPORT_INTERVAL_MS = 5_000

// Clocks

/** Somebody whose messages have times that can't be is asked what its clock says, no more often than this ... */
export const CLOCK_QUESTION_INTERVAL_MS = 10_000
/** ... and is not waited for longer than this. What it says is no more exact than the time that it took to answer. */
export const CLOCK_ANSWER_TIMEOUT_MS = 10_000
/** Nodes that are asked at a time; of more, what has a wrong time is refused. */
export const MAX_CLOCK_QUESTIONS = 32
/** Frames of one node that wait for what its clock says ... */
export const MAX_DOUBTED_FRAMES = 8
/** ... and bytes of them, of all nodes. */
export const MAX_DOUBTED_BYTES = 512 * 1024
/** Questions about this node's clock that it answers in a second ... */
export const CLOCK_ANSWERS_PER_SECOND = 1
/** ... and at once. */
export const CLOCK_ANSWER_BURST = 16
/** Nodes whose clocks are known, the one heard of longest ago forgotten first. */
export const MAX_KNOWN_CLOCKS = 256
/** A person is told of so many wrong clocks at once, and then of one a minute: anybody with the passphrase can make up nodes. */
export const CLOCK_REPORT_BURST = 5

// What was heard before a restart

/** Nodes of which it is stored until when they were heard; one more, and a stranger's is given up first. */
export const MAX_HEARD_MARKS = 256
/** The mark is stored this far ahead. After a process was killed, messages of that time are not heard. */
export const HEARD_AHEAD_MS = 1_000
/** Frames that wait for the mark to be stored; with one more all are delivered. */
export const MAX_UNMARKED_FRAMES = 1_024
