// hyperdb's fuzz tests print a failing case with these two; nothing is formatted when they pass.
module.exports = { format: (/** @type {string} */ source) => source }
