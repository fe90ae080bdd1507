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
