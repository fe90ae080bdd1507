import type { KnownNode } from 'hypha-runtime'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { Name } from './name.js'

/** The devices that may write, for whatever shows a name. */
export const KnownNodes = createContext<readonly KnownNode[]>([])

const MARK_DIGITS = 4

/** What tells devices of one name apart. */
export const markOf = (writerKey: string): string => writerKey.slice(0, MARK_DIGITS)

/** A device by its name; where another's is the same or looks so, with the beginning of its key, and whether it is this one. */
export const Device = ({
  writerKey,
  name,
  resembles,
}: {
  writerKey: string | undefined
  /** As it says itself, while it isn't known yet. */
  name?: string
  /** The writer key of a known one whose name it equals, or looks like. */
  resembles?: string | undefined
}) => {
  const nodes = useContext(KnownNodes)
  const known = nodes.find((node) => node.writerKey === writerKey)
  const shown = known?.name ?? name
  if (shown === undefined) return <>a device not known yet</>
  const isShared = writerKey !== undefined && (known ? known.resembles : resembles) !== undefined
  return (
    <>
      <Name>{shown}</Name>
      {isShared && (
        <>
          {' '}
          <span class="name-mark">
            {markOf(writerKey)}
            {known?.isSelf && ', this device'}
          </span>
        </>
      )}
    </>
  )
}
