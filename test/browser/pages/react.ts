/** A page that counts what React renders, in strict mode: every component is called twice there, and mounted twice. */
import { createNode, type HyphaNode } from 'hypha-runtime'
import {
  HyphaProvider,
  useEntries,
  useHypha,
  useHyphaSnapshot,
  useNodes,
  useRequests,
  useSync,
} from 'hypha-runtime/react'
import {
  createElement as h,
  Profiler,
  type ReactNode,
  StrictMode,
  startTransition,
  useLayoutEffect,
  useState,
} from 'react'
import { createRoot } from 'react-dom/client'

const counts = new Map<string, number>()
const Counted = ({ id, children }: { id: string; children?: ReactNode }) =>
  h(Profiler, { id, onRender: () => void counts.set(id, (counts.get(id) ?? 0) + 1) }, children)
const part = (id: string, text: string) => h('p', { id }, text)

const List = ({ prefix }: { prefix: string }) => {
  const { entries, isLoaded } = useEntries(prefix)
  return part(`list-${prefix}`, isLoaded ? entries.map(({ key }) => key).join(' ') : 'loading')
}
const Own = () => {
  const { state, name } = useHypha()
  return part('own', `${name} ${state}`)
}
const Nodes = () => part('nodes', String(useNodes().length))
const Requests = () => part('requests', String(useRequests().length))
const Sync = () => part('sync', String(useSync().folded))
/** A selector written in place, which makes a new object each time. */
const Selected = () => {
  const { roads } = useHyphaSnapshot(({ transports }) => ({ roads: transports.map(({ id }) => id) }))
  return part('selected', roads.join(' '))
}

/** Two places that show the same, far apart in a slow tree. */
const shown: [string, string][] = []
const Reader = ({ place }: { place: 0 | 1 }) => {
  const { entries } = useEntries('storm/')
  const { folded } = useSync()
  const text = `${entries.length} of ${folded}`
  useLayoutEffect(() => {
    const pair = shown.at(-1)
    if (place === 0) shown.push([text, ''])
    else if (pair) pair[1] = text
  })
  return part(`reader-${place}`, text)
}
const Slow = () => {
  const until = performance.now() + 2
  while (performance.now() < until);
  return null
}
let again = () => {}
const Storm = () => {
  const [round, setRound] = useState(0)
  again = () => startTransition(() => setRound((before) => before + 1))
  return h(
    'div',
    null,
    h(Reader, { key: `a${round}`, place: 0 }),
    ...Array.from({ length: 10 }, (_, i) => h(Slow, { key: `${round} ${i}` })),
    h(Reader, { key: `b${round}`, place: 1 }),
  )
}

const node = createNode({ name: 'Page' })
let listeners = 0
const counted: HyphaNode = {
  ...node,
  subscribe: (listener) => {
    listeners++
    const stop = node.subscribe(listener)
    return () => {
      listeners--
      stop()
    }
  },
  get state() {
    return node.state
  },
}
const root = createRoot(document.body.appendChild(document.createElement('main')))
const parts = [
  h(Counted, { id: 'notes', key: 1 }, h(List, { prefix: 'notes/' })),
  h(Counted, { id: 'same', key: 2 }, h(List, { prefix: 'notes/' })),
  h(Counted, { id: 'tasks', key: 3 }, h(List, { prefix: 'tasks/' })),
  h(Counted, { id: 'own', key: 4 }, h(Own)),
  h(Counted, { id: 'nodes', key: 5 }, h(Nodes)),
  h(Counted, { id: 'requests', key: 6 }, h(Requests)),
  h(Counted, { id: 'sync', key: 7 }, h(Sync)),
  h(Counted, { id: 'selected', key: 8 }, h(Selected)),
  h(Storm, { key: 9 }),
]
await node.signUp({ domain: 'alice.example' })
root.render(h(StrictMode, null, h(HyphaProvider, { node: counted }, parts)))

const frame = () => new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)))
let frames = 0
const countFrame = () => {
  frames++
  requestAnimationFrame(countFrame)
}
countFrame()
const textOf = (id: string) => document.getElementById(id)?.textContent ?? ''

globalThis.reactPage = {
  renders: () => {
    const found = Object.fromEntries(counts)
    counts.clear()
    return found
  },
  put: (key, value) => node.put(key, value),
  batch: (keys) => node.batch(keys.map((key) => ({ type: 'put', key, value: key }))),
  del: (key) => node.del(key),
  text: textOf,
  until: (id, text) =>
    new Promise((resolve) => {
      const look = () => {
        if (textOf(id) !== text) return
        observer.disconnect()
        resolve()
      }
      const observer = new MutationObserver(look)
      observer.observe(document.body, { subtree: true, childList: true, characterData: true })
      look()
    }),
  settled: async () => {
    await frame()
    await frame()
  },
  torn: () => shown.filter(([one, other]) => one !== other).map((pair) => pair.join(' / ')),
  storm: async (puts) => {
    for (let i = 0; i < puts; i++) {
      if (i % 5 === 0) again()
      await node.put(`storm/${i}`, i)
      if (i % 10 === 0) await frame()
    }
  },
  frames: () => frames,
  unmount: () => {
    root.unmount()
    return listeners
  },
}
document.title = 'ready'
