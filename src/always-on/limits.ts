/** Limits of the always-on node's HTTP. Sizes are bytes and times are milliseconds unless a name says otherwise. */

/** Request line and headers. */
export const MAX_HTTP_HEADER_BYTES = 8 * 1024
/** Headers of one request. */
export const MAX_HTTP_HEADERS = 100
/** The headers have arrived by then, from the connection's first moment. */
export const HTTP_HEADERS_TIMEOUT_MS = 10_000
/** The whole request has arrived by then. */
export const HTTP_REQUEST_TIMEOUT_MS = 15_000
/** A connection without a request is kept this long for the next one. */
export const HTTP_KEEP_ALIVE_MS = 5_000
/** A client that neither sends nor takes anything for this long is gone. */
export const HTTP_IDLE_MS = 30_000
/** Connections that ask for nothing at the moment; with one more, the address that has most of them loses its oldest. */
export const MAX_HTTP_CONNECTIONS = 1_024
/** Requests that are being answered at a time, beside the connections of peers; with one more, likewise. */
export const MAX_HTTP_REQUESTS = 256
