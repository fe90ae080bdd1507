// What the engine asks of Node's `util`: how a feed prints itself.
exports.inherits = require('inherits')
exports.inspect = (/** @type {unknown} */ value) => String(value)
