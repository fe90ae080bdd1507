import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { type Connection, connect, type Status } from './connection.js'
import { createDesk, type Desk } from './desk.js'
import { exportFile, openFile, openSession } from './files.js'
import { createSelection, passes, type Selection, wordsIn } from './filter.js'
import { createRequests, type Requests } from './requests.js'
import type { Item, Track } from './track.js'
import { createValue, type Value } from './value.js'
import { KINDS, type Kind } from './words.js'

export interface ActorRef {
  readonly rootId: string
  readonly id: string
}

export type Tab = 'nodes' | 'statechart' | 'sequence'
/** What a narrow window shows: one at a time. */
export type Pane = 'tree' | 'stage' | 'log' | 'details'

/** What the person wants to see; each a value that parts of the page follow. */
export interface Wishes {
  readonly selected: Value<ActorRef | undefined>
  readonly tab: Value<Tab>
  readonly pane: Value<Pane>
  readonly request: Value<string | undefined>
  /** Whether the sequence shows what is not of the request, dimmed. */
  readonly rest: Value<boolean>
  /** Whether a followed request is drawn with all that happened about it, and not as its story only. */
  readonly whole: Value<boolean>
  /** Kinds of actors that have a lifeline of their own. */
  readonly lifelines: Value<ReadonlySet<string>>
  readonly search: Value<string>
  readonly kinds: Value<ReadonlySet<Kind>>
  readonly hidden: Value<ReadonlySet<string>>
  readonly onlySelected: Value<boolean>
  readonly ended: Value<boolean>
  readonly isPlaying: Value<boolean>
  readonly isLogShown: Value<boolean>
  readonly notice: Value<{ readonly isError: boolean; readonly text: string } | undefined>
}

export interface Model {
  readonly desk: Desk
  readonly requests: Requests
  readonly wishes: Wishes
  readonly status: Value<Status>
  /** The lines of the log; another whenever the filter is. */
  readonly log: Value<Selection<Item>>
  trackOf(rootId: string): Track | undefined
  select(ref: ActorRef): void
  /** Shows the moment after an item. */
  goTo(item: Item): void
  /** To the next line of the log, or the one before. */
  step(by: 1 | -1): void
  goLive(): void
  play(on: boolean): void
  follow(request: string | undefined): void
  open(session: unknown): void
  openFile(file: File): Promise<void>
  save(): void
  connect(to: { readonly url: string; readonly token: string }): void
  retry(): void
  close(): void
}

/** However long nothing happened, playing goes on after so much. */
const MAX_PAUSE_MS = 700
const MIN_PAUSE_MS = 40

const sentence = (error: unknown): string =>
  error instanceof Error && error.message ? error.message : 'This could not be opened.'

export const createModel = (): Model => {
  const desk = createDesk()
  const requests = createRequests(desk)
  const wishes: Wishes = {
    selected: createValue<ActorRef | undefined>(undefined),
    tab: createValue<Tab>('nodes'),
    pane: createValue<Pane>('stage'),
    request: createValue<string | undefined>(undefined),
    rest: createValue(false),
    whole: createValue(false),
    lifelines: createValue<ReadonlySet<string>>(new Set(['request', 'prompt'])),
    search: createValue(''),
    kinds: createValue<ReadonlySet<Kind>>(new Set(KINDS.filter((kind) => kind !== 'quiet'))),
    hidden: createValue<ReadonlySet<string>>(new Set()),
    onlySelected: createValue(false),
    ended: createValue(true),
    isPlaying: createValue(false),
    isLogShown: createValue(true),
    notice: createValue<{ readonly isError: boolean; readonly text: string } | undefined>(undefined),
  }
  const status = createValue<Status>({ state: 'none', text: '' })
  let connection: Connection | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const makeLog = () => {
    const filter = {
      kinds: wishes.kinds.get(),
      words: wordsIn(wishes.search.get()),
      hidden: wishes.hidden.get(),
      actor: wishes.onlySelected.get() ? wishes.selected.get() : undefined,
    }
    return createSelection(desk, (item) => (passes(filter, item) ? item : undefined))
  }
  const log = createValue(makeLog())
  const renew = () => log.set(makeLog())
  for (const wish of [wishes.kinds, wishes.search, wishes.hidden, wishes.onlySelected]) wish.subscribe(renew)
  wishes.selected.subscribe(() => {
    if (wishes.onlySelected.get()) renew()
  })

  // There is always something to look at: the first device, until a person chooses.
  desk.version.subscribe(() => {
    if (wishes.selected.get()) return
    const first = desk.tracks.find(({ node }) => node.kind === 'node') ?? desk.tracks[0]
    if (first) wishes.selected.set({ rootId: first.node.rootId, id: first.node.rootId })
  })

  const stop = () => {
    clearTimeout(timer)
    wishes.isPlaying.set(false)
  }
  const moveTo = (place: number) => desk.moment.set(Math.max(0, Math.min(place, desk.order.length)))

  const neighbour = (by: 1 | -1): Item | undefined => {
    const lines = log.get().get()
    const current = desk.count() - 1
    let low = 0
    let high = lines.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (desk.placeOf(lines[middle]!) <= current) low = middle + 1
      else high = middle
    }
    // Of those until now the last is what is shown, if the filter lets it through.
    const last = lines[low - 1]
    const isShown = last !== undefined && desk.placeOf(last) === current
    return by > 0 ? lines[low] : isShown ? lines[low - 2] : last
  }

  const tick = () => {
    const before = desk.current()
    const next = neighbour(1)
    if (!next) return stop()
    const gap = before ? next.at - before.at : 0
    timer = setTimeout(
      () => {
        moveTo(desk.placeOf(next) + 1)
        tick()
      },
      Math.max(MIN_PAUSE_MS, Math.min(gap, MAX_PAUSE_MS)),
    )
  }

  const model: Model = {
    desk,
    requests,
    wishes,
    status,
    log,
    trackOf: (rootId) => desk.tracks.find(({ node }) => node.rootId === rootId),
    select: (ref) => {
      const now = wishes.selected.get()
      if (now?.rootId !== ref.rootId || now.id !== ref.id) wishes.selected.set(ref)
    },
    goTo: (item) => {
      stop()
      moveTo(desk.placeOf(item) + 1)
    },
    step: (by) => {
      stop()
      const next = neighbour(by)
      if (next) moveTo(desk.placeOf(next) + 1)
      else if (by < 0) moveTo(0)
    },
    goLive: () => {
      stop()
      desk.moment.set(undefined)
    },
    play: (on) => {
      stop()
      if (!on) return
      if (desk.count() >= desk.order.length) moveTo(0)
      wishes.isPlaying.set(true)
      tick()
    },
    follow: (request) => {
      wishes.request.set(request)
      wishes.tab.set('sequence')
    },
    open: (session) => {
      try {
        stop()
        openSession(desk, session)
        wishes.notice.set(undefined)
      } catch (error) {
        wishes.notice.set({ isError: true, text: sentence(error) })
      }
    },
    openFile: async (file) => {
      try {
        stop()
        const { recordings } = await openFile(desk, file)
        connection?.close()
        connection = undefined
        status.set({ state: 'none', text: '' })
        wishes.request.set(undefined)
        wishes.selected.set(undefined)
        const text = `${file.name}: ${recordings.length === 1 ? 'one node' : `${recordings.length} nodes`}.`
        wishes.notice.set({ isError: false, text })
      } catch (error) {
        wishes.notice.set({ isError: true, text: sentence(error) })
      }
    },
    save: () => {
      wishes.notice.set({ isError: false, text: `Saved as ${exportFile(desk)}.` })
    },
    connect: (to) => {
      connection = connect(desk, to, status)
    },
    retry: () => connection?.retry(),
    close: () => {
      stop()
      connection?.close()
    },
  }
  return model
}

export const ModelContext = createContext<Model | undefined>(undefined)

export const useModel = (): Model => {
  const model = useContext(ModelContext)
  if (!model) throw new Error('This is a part of the inspector, and has no meaning outside of it.')
  return model
}
