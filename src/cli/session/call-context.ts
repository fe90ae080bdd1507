/** One call as the operation behind it sees it. */
export interface CallContext<Item> {
  readonly signal: AbortSignal
  /** Resolves when more may be given. */
  emit(item: Item): Promise<void>
}
