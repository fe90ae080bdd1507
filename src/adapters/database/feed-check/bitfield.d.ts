/** The parts of hypercore 6.26.0's bitfield that we use, as they are. */

declare module 'hypercore/lib/bitfield.js' {
  /** Of a feed: its blocks, and in `tree` its nodes, by index. */
  class Bitfield {
    constructor(pageBytes: number, pages: readonly Uint8Array[])
    readonly tree: { set(index: number, value: boolean): boolean }
    readonly pages: {
      readonly length: number
      get(page: number, noAllocate: boolean): { readonly buffer: Buffer } | undefined
    }
    set(block: number, value: boolean): boolean
  }
  export default Bitfield
}
