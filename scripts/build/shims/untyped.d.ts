declare module 'xsalsa20' {
  const xsalsa20: (
    nonce: Uint8Array,
    key: Uint8Array,
  ) => { update(input: Uint8Array, output: Uint8Array): Uint8Array; finalize(): void }
  export = xsalsa20
}

declare module 'siphash24' {
  const siphash24: (bytes: Uint8Array, key: Uint8Array, output: Uint8Array) => Uint8Array
  export = siphash24
}

declare module 'inherits' {
  const inherits: (child: unknown, parent: unknown) => void
  export = inherits
}

declare module 'readable-stream' {
  export { Duplex } from 'node:stream'
}
