import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { UsageError } from './exit-codes.js'

export interface HostsGiven {
  /** Where to listen; this machine alone unless given. */
  readonly host?: string
  /** The names that it answers for. */
  readonly hosts: readonly string[]
}

const isAddress = (text: string): boolean => isIP(text) !== 0 || text === 'localhost'

/** Whether a name leads to this machine, so that one can listen there. */
const isOwnName = async (name: string): Promise<boolean> => {
  const own = Object.values(networkInterfaces()).flatMap((ends = []) => ends.map(({ address }) => address))
  try {
    return (await lookup(name, { all: true })).some(({ address }) => own.includes(address))
  } catch {
    return false
  }
}

/**
 * What `--host` says, which may be given several times. An address is where to listen. A name is one that the node answers
 * for; where no address is given and the name leads to this machine, also where to listen, as it always was.
 * @throws UsageError
 */
export const readHosts = async (given: readonly string[] = []): Promise<HostsGiven> => {
  const addresses = given.filter(isAddress)
  const names = given.filter((one) => !isAddress(one))
  if (addresses.length > 1)
    throw new UsageError('--host takes one address to listen on, and as many names as you like.')
  const [address] = addresses
  if (address !== undefined) return { host: address, hosts: names }
  for (const name of names) if (await isOwnName(name)) return { host: name, hosts: names }
  return { hosts: names }
}
