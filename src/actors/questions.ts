import { MAX_PROMPTS, MAX_PROMPTS_WITH_PICKED } from '../machines/max-prompts.js'
import type { PromptInput } from '../machines/prompt.js'
import {
  MAX_WAITING_QUESTIONS,
  PROMPT_BURST,
  PROMPT_INTERVAL_MS,
  REPLACEMENT_BURST,
  REQUEST_LIFETIME_MS,
} from '../protocol/limits.js'
import { createTokenBucket } from '../protocol/rate-limit.js'
import type { Link } from './link.js'

/** The prompts that wait, as the machine has them: request id → the key that it is about. */
export type PendingPrompts = () => ReadonlyMap<string, string>

export interface QuestionsOptions {
  readonly now: () => number
  readonly pending: PendingPrompts
  /** `isPicked`: the person has asked for it, which there is a place more for. */
  readonly show: (request: PromptInput, isPicked: boolean) => void
  readonly renew: (requestId: string) => void
  /** A question gives its place to a newer one of the same node. */
  readonly replaced: (requestId: string, target: string) => void
}

export interface Questions {
  /** False when it is not on the screen: it waits, or may come again. */
  asked(request: PromptInput, link: Link): boolean
  /** It waits no longer. */
  takenBack(requestId: string, target: string): void
  /** Shows one that waits, because the person asks for it: it needs no turn. @returns undefined when none is meant */
  pick(isMeant: (request: PromptInput) => boolean): PromptInput | undefined
  /** Nothing waits any more. Who still asks will be heard again. */
  forget(): void
  left(link: Link): void
  /** Shows what waits, as far as there is room. @returns what is shown now and was not before */
  look(): readonly PromptInput[]
  readonly waiting: number
}

interface Waiting {
  readonly request: PromptInput
  readonly link: Link
  readonly until: number
}

/** Its asker is at the other end of that link, and has proven it. */
const isOwn = ({ request, link }: Pick<Waiting, 'request' | 'link'>): boolean =>
  link.pairing?.pair?.writerKey === request.writerKey

/**
 * Which questions a person is shown, and which wait. Whoever has the passphrase can make up any number. So places are few, new
 * questions have a rate, and of those that wait these come first: who proves on a link of its own to be the asker; then each
 * link in turn; then who was heard last, as an honest asker repeats itself and a flood ends.
 */
export const createQuestions = (options: QuestionsOptions): Questions => {
  const { now, pending } = options
  const rate = 1_000 / PROMPT_INTERVAL_MS
  // Whoever asks and takes back, under ever new keys, has room each time; a person's screen must not flicker for ever.
  const fresh = createTokenBucket({ rate, burst: PROMPT_BURST })
  const replacing = createTokenBucket({ rate, burst: REPLACEMENT_BURST })
  /** By request id, the one heard last at the end. */
  const waiting = new Map<string, Waiting>()
  /** Of links that still have questions: how many each had shown in its turn. */
  const turns = new Map<Link, number>()

  const wait = (request: PromptInput, link: Link) => {
    const one = { request, link, until: now() + REQUEST_LIFETIME_MS }
    waiting.delete(request.id)
    waiting.set(request.id, one)
    if (waiting.size <= MAX_WAITING_QUESTIONS) return
    // Whoever has most makes room, with the one that was heard longest ago.
    const counts = new Map<Link, number>()
    for (const { link: source } of waiting.values()) counts.set(source, (counts.get(source) ?? 0) + 1)
    const [most] = [...counts].sort(([, a], [, b]) => b - a)
    const oldest = [...waiting].find(([, other]) => other.link === most?.[0] && !isOwn(other))
    waiting.delete(oldest?.[0] ?? request.id)
  }
  const next = (): Waiting | undefined => {
    for (const [id, { until }] of waiting) if (now() >= until) waiting.delete(id)
    const newestFirst = [...waiting.values()].reverse()
    const own = newestFirst.find(isOwn)
    if (own) return own
    const turnOf = ({ link }: Waiting) => turns.get(link) ?? 0
    return newestFirst.sort((a, b) => turnOf(a) - turnOf(b))[0]
  }
  const show = (request: PromptInput, link: Link, isPicked = false) => {
    waiting.delete(request.id)
    turns.set(link, (turns.get(link) ?? 0) + 1)
    options.show(request, isPicked)
  }

  return {
    asked: (request, link) => {
      const prompts = pending()
      const { id, writerKey, legacy } = request
      if (prompts.has(id)) {
        if (prompts.get(id) !== writerKey) return false
        options.renew(id)
        return true
      }
      const older = [...prompts].find(([, key]) => key === writerKey)?.[0]
      // A node that lost its request asks anew, and signed that it is the same. Anybody can send a 2019 request.
      if (older !== undefined) {
        if (legacy || !replacing.take(now())) return false
        options.replaced(older, writerKey)
        show(request, link)
        return true
      }
      // One node has one question, also among those that wait.
      for (const [other, { request: waits }] of waiting) {
        if (waits.writerKey !== writerKey) continue
        if (legacy && other !== id) return false
        waiting.delete(other)
      }
      if (prompts.size >= MAX_PROMPTS || !fresh.take(now())) {
        wait(request, link)
        return false
      }
      show(request, link)
      return true
    },
    takenBack: (requestId, target) => {
      if (waiting.get(requestId)?.request.writerKey === target) waiting.delete(requestId)
    },
    pick: (isMeant) => {
      const one = [...waiting.values()].find(({ request, until }) => now() < until && isMeant(request))
      if (one && pending().size < MAX_PROMPTS_WITH_PICKED) show(one.request, one.link, true)
      return one?.request
    },
    forget: () => waiting.clear(),
    left: (link) => {
      turns.delete(link)
      // It asks again where it comes back, and who is behind a relay by another way.
      for (const [id, one] of waiting) if (one.link === link) waiting.delete(id)
    },
    look: () => {
      const shown: PromptInput[] = []
      for (let room = MAX_PROMPTS - pending().size; room > 0; room--) {
        const one = next()
        if (!one || !fresh.take(now())) break
        show(one.request, one.link)
        shown.push(one.request)
      }
      return shown
    },
    get waiting() {
      return waiting.size
    },
  }
}
