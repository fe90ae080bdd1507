import hypercore from 'hypercore'

interface Feed {
  readonly peers: readonly unknown[]
  eventNames(): (string | symbol)[]
  listenerCount(name: string | symbol): number
}

/** Every feed that was replicated since, as long as something holds it. */
export const watchFeeds = () => {
  const feeds = new Set<Feed>()
  const prototype: { replicate(this: Feed, ...args: unknown[]): unknown } = hypercore.prototype
  const { replicate } = prototype
  prototype.replicate = function (...args) {
    feeds.add(this)
    return replicate.apply(this, args)
  }
  return {
    count: () => ({
      feeds: feeds.size,
      'peers of feeds': [...feeds].reduce((sum, { peers }) => sum + peers.length, 0),
      'listeners of feeds': [...feeds].reduce(
        (sum, feed) => sum + feed.eventNames().reduce((all, name) => all + feed.listenerCount(name), 0),
        0,
      ),
    }),
    stop: () => {
      prototype.replicate = replicate
    },
  }
}
