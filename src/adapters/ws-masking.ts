/**
 * `ws` masks long frames by the native package `bufferutil`, where that is installed. Where it is not, Next's webpack build puts an
 * empty module in its place, which `ws` takes for bufferutil: the first long frame then ends the process. In what webpack has built, `ws`
 * masks by itself. It reads this once, when it is loaded.
 */
declare const __webpack_require__: unknown

if (typeof __webpack_require__ === 'function') process.env.WS_NO_BUFFER_UTIL ??= '1'
