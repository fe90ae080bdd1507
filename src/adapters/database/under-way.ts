/** Work that is under way, for who has to wait until there is none. */
export class UnderWay {
  readonly #work = new Set<Promise<void>>()

  /** @param work never rejects */
  add(work: Promise<void>): void {
    this.#work.add(work)
    void work.then(() => this.#work.delete(work))
  }

  async settled(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work)
  }
}
