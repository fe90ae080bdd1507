/** Leaves the whole runtime in its page. */
import * as runtime from '../../../src/index.js'

Object.assign(globalThis, { runtime })
