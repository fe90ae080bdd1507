import { type Command, InvalidArgumentError, Option } from 'commander'
import type { PassphraseOptions } from './passphrase.js'
import type { RoadOptions } from './roads.js'

export interface DataOption {
  readonly data?: string
}
export interface JsonOption {
  readonly json?: boolean
}
export type { PassphraseOptions, RoadOptions }

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
]

const toFd = (text: string): number => {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It takes the number of an open file descriptor.')
}

export const addData = (command: Command): Command =>
  command.option('--data <dir>', 'where the node is kept (HYPHA_DATA, or the platform’s place for data)')

export const addJson = (command: Command, what = 'print JSON'): Command => command.option('--json', what)

export const addRoads = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--connect <road>',
        'URL of an always-on node, tcp:host:port, or swarm (nodes find each other by Hyperswarm); may be repeated; kept; “none” clears',
      ).argParser(collect),
    )
    .option('--listen <host:port>', 'let other nodes reach this one over TCP; kept; “none” clears')
    .option('--name <name>', 'what people call this device; kept')

export const addPassphrase = (command: Command): Command =>
  command
    .option('--passphrase-stdin', 'read the passphrase from standard input instead of asking')
    .addOption(
      new Option('--passphrase-fd <number>', 'read it from this open file descriptor').argParser(toFd),
    )

export const CLAIM_CODE_HELP =
  'HYPHA_CLAIM_CODE in the environment: the code that an always-on node of another machine printed, to claim a place there.'
