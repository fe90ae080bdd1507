import { render } from 'preact'
import type { InspectorOptions, MountInspector } from '../types.js'
import { App } from './app.js'
import { createModel } from './lib/model.js'
import base from './styles/base.css?inline'
import details from './styles/details.css?inline'
import layout from './styles/layout.css?inline'
import log from './styles/log.css?inline'
import messages from './styles/messages.css?inline'
import scrubber from './styles/scrubber.css?inline'
import sequence from './styles/sequence.css?inline'
import statechart from './styles/statechart.css?inline'
import tree from './styles/tree.css?inline'

/** In this order: later ones know of earlier ones. */
const STYLES = [base, layout, messages, scrubber, tree, details, statechart, sequence, log]

/** Made once a page: a policy that forbids inline styles has nothing against them. */
let sheets: CSSStyleSheet[] | undefined
const styleSheets = (): CSSStyleSheet[] => {
  sheets ??= STYLES.map((text) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(text)
    return sheet
  })
  return sheets
}

export const mountInspector: MountInspector = (element, options: InspectorOptions = {}) => {
  const host = document.createElement('div')
  const shadow = host.attachShadow({ mode: 'open' })
  shadow.adoptedStyleSheets = styleSheets()
  element.append(host)
  const model = createModel()
  const { desk } = model
  const stops = (options.inspections ?? []).map((inspection) => {
    const { rootId } = inspection.node
    let last = Number.NaN
    const all = () => {
      const recording = inspection.recording()
      last = Number(recording.events.at(-1)?.id ?? recording.before.at(-1)?.id)
      desk.put(recording)
    }
    all()
    return inspection.subscribe((events) => {
      const fresh = events.filter(({ id }) => !(Number(id) <= last))
      const [first] = fresh
      if (!first) return
      // After a gap only the whole recording says what is so.
      if (Number(first.id) > last + 1) return all()
      last = Number(fresh.at(-1)?.id)
      desk.append(rootId, fresh)
    })
  })
  if (stops.length > 0)
    model.status.set({ state: 'live', text: 'What happens in this page shows here as it happens.' })
  if (options.session !== undefined) model.open(options.session)
  if (options.connect) model.connect(options.connect)
  render(<App model={model} />, shadow)
  return () => {
    for (const stop of stops) stop()
    model.close()
    render(null, shadow)
    host.remove()
  }
}
