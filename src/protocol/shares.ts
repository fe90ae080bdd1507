/** Those who hold something scarce, by the address that each counts for: a connection, a seat in a room. */
export interface Shares<T> {
  readonly size: number
  readonly holders: readonly T[]
  has(holder: T): boolean
  add(holder: T, source: string): void
  delete(holder: T): void
  /**
   * Who makes room for one more from `source`, if anybody: of the address that holds most, the oldest that isn't spared.
   * `isFair`: that address holds more than the newcomer's would. Many devices behind one address are honest, so this bites
   * only when there is no room.
   */
  oneTooMany(
    source: string,
    isSpared?: (holder: T) => boolean,
  ): { readonly holder: T; readonly isFair: boolean } | undefined
}

export const createShares = <T>(): Shares<T> => {
  const sources = new Map<T, string>()
  /** Oldest first. */
  const bySource = new Map<string, Set<T>>()
  return {
    get size() {
      return sources.size
    },
    get holders() {
      return [...sources.keys()]
    },
    has: (holder) => sources.has(holder),
    add: (holder, source) => {
      if (sources.has(holder)) return
      sources.set(holder, source)
      const holders = bySource.get(source)
      if (holders) holders.add(holder)
      else bySource.set(source, new Set([holder]))
    },
    delete: (holder) => {
      const source = sources.get(holder)
      if (source === undefined) return
      sources.delete(holder)
      const holders = bySource.get(source)
      holders?.delete(holder)
      if (holders?.size === 0) bySource.delete(source)
    },
    oneTooMany: (source, isSpared = () => false) => {
      let most = 0
      let found: { readonly holder: T; readonly from: string } | undefined
      for (const [from, holders] of bySource) {
        let oldest: T | undefined
        for (const holder of holders) {
          if (isSpared(holder)) continue
          oldest = holder
          break
        }
        const count = holders.size + (from === source ? 1 : 0)
        if (oldest === undefined || count < most || (count === most && from !== source)) continue
        most = count
        found = { holder: oldest, from }
      }
      const own = (bySource.get(source)?.size ?? 0) + 1
      return found && { holder: found.holder, isFair: found.from !== source && most > own }
    },
  }
}

/**
 * Whether there is room for one more of `max`, which `end` may make: an address that holds more than the newcomer's gives one up. Where
 * it is known who is spared, anybody else does: the newcomer may be one who is.
 */
export const hasFairRoom = <T>(
  shares: Shares<T>,
  {
    max,
    source,
    isSpared,
    end,
  }: { max: number; source: string; isSpared?: ((holder: T) => boolean) | undefined; end(holder: T): void },
): boolean => {
  if (shares.size < max) return true
  const found = shares.oneTooMany(source, isSpared)
  if (!found || (!isSpared && !found.isFair)) return false
  shares.delete(found.holder)
  end(found.holder)
  return true
}
