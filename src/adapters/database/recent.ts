/**
 * The last things that were asked for, by number: at least the last half of `most`, at most all of it. It takes no memory for what
 * is not there, and a look-up moves nothing.
 */
export class Recent<Value> {
  readonly #most: number
  readonly #lean: (value: Value) => Value
  #young = new Map<number, Value>()
  #old = new Map<number, Value>()

  /** @param lean makes of a value what is kept of it */
  constructor(most: number, lean: (value: Value) => Value) {
    this.#most = most
    this.#lean = lean
  }

  get(index: number): Value | null {
    const young = this.#young.get(index)
    if (young !== undefined) return young
    const old = this.#old.get(index)
    if (old === undefined) return null
    this.#keep(index, old)
    return old
  }

  set(index: number, value: Value): void {
    this.#keep(index, this.#lean(value))
  }

  /** How many there are. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  #keep(index: number, value: Value): void {
    this.#young.set(index, value)
    if (this.#young.size < this.#most / 2) return
    this.#old = this.#young
    this.#young = new Map()
  }
}
