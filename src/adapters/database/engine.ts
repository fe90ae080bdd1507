/**
 * hyperdb and what it stands on, all from 2019. The build makes one file of this module and of all that it imports, with a
 * sodium of our own in it: an app's other packages bring later versions of the same names, and a `sodium-universal` that looks
 * around would take theirs. So nothing else in `src` imports these packages, except for their types.
 */
export { default as Feed } from 'hypercore'
export { default as Bitfield } from 'hypercore/lib/bitfield.js'
export { default as hypercoreCrypto } from 'hypercore-crypto'
export { default as Protocol } from 'hypercore-protocol'
export { default as Hyperdb } from 'hyperdb'
export { default as hash } from 'hyperdb/lib/hash.js'
export { default as messages } from 'hyperdb/lib/messages.js'
export { default as normalise } from 'hyperdb/lib/normalize.js'
export { default as put } from 'hyperdb/lib/put.js'
export { default as sodium } from 'sodium-universal'
