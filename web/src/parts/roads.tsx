import type { HyphaNode, TransportStatus } from 'hypha-runtime'
import { useEffect, useState } from 'preact/hooks'
import { say } from '../lib/announcer.js'
import { explain, toTrouble } from '../lib/explain.js'
import { roadName } from '../lib/road-name.js'

const STATES: Readonly<Record<TransportStatus['state'], string>> = {
  stopped: 'Off',
  starting: 'Starting',
  listening: 'Waiting for your other devices',
  dialling: 'Connecting',
  connected: 'Connected',
  waiting: 'Not connected, tried again soon',
  suspended: 'Resting until this page is seen or online again',
  failed: 'Not working',
}

const PURPOSES: Readonly<Record<string, string>> = {
  webSocket: 'Through this server, which can’t read what passes',
  webRTC: 'Straight to your other devices that are open now',
}

/** The server that can't be reached is the one road; the other one only needs it to find devices. */
const troubleOf = (name: string, problem: Parameters<typeof explain>[0]): string => {
  const { title, text, code } = explain(problem)
  if (code !== 'ADDRESS_UNREACHABLE') return text
  return name === 'webRTC' ? `${title}: no other devices are found until it answers.` : `${title}.`
}

const Road = ({ node, transport }: { node: HyphaNode; transport: TransportStatus }) => {
  const { id, name, on, state, links, problem } = transport
  // What was chosen shows at once, until the node says the same or fails.
  const [chosen, setChosen] = useState<boolean>()
  const [trouble, setTrouble] = useState<string>()
  useEffect(() => setChosen(undefined), [on])
  const choose = async (wanted: boolean) => {
    setChosen(wanted)
    setTrouble(undefined)
    try {
      await node.setTransport(id, wanted)
      say(`${roadName(name)} is ${wanted ? 'on' : 'off'}.`)
    } catch (error) {
      setTrouble(explain(toTrouble(error)).text)
      setChosen(undefined)
    }
  }
  const shown = trouble ?? (problem && on ? troubleOf(name, problem) : undefined)
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked={chosen ?? on}
          aria-describedby={`road-${id}`}
          onChange={({ currentTarget }) => void choose(currentTarget.checked)}
        />{' '}
        {roadName(name)}
      </label>
      <p class="hint" id={`road-${id}`}>
        {PURPOSES[name] && <>{PURPOSES[name]}. </>}
        {STATES[state]}
        {links > 1 && ` to ${links}`}.
      </p>
      {shown && <p class="field-error">{shown}</p>}
    </li>
  )
}

/** The ways to other nodes, each of which the person may close and open. */
export const Roads = ({ node, transports }: { node: HyphaNode; transports: readonly TransportStatus[] }) => (
  <fieldset class="roads">
    <legend>Roads to other devices</legend>
    <ul>
      {transports.map((transport) => (
        <Road key={transport.id} node={node} transport={transport} />
      ))}
    </ul>
    {transports.every(({ on }) => !on) && (
      <p class="hint">All are off: nothing comes in or goes out until one is on again.</p>
    )}
  </fieldset>
)
