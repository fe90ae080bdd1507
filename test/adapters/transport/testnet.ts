/** A DHT of this machine alone: nothing of it leaves for the internet. */
import createTestnet from 'hyperdht/testnet.js'

export interface Testnet {
  /** `host:port` */
  readonly bootstrap: readonly string[]
  destroy(): Promise<void>
}

export const openTestnet = async (size = 4): Promise<Testnet> => {
  const net = await createTestnet(size)
  return {
    bootstrap: net.bootstrap.map(({ host, port }) => `${host}:${port}`),
    destroy: () => net.destroy(),
  }
}
