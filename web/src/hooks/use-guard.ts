import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { guardQuestion, type QuestionGuard } from '../lib/question-guard.js'

export interface Guard {
  /** For the element that holds the buttons. */
  readonly answers: RefObject<HTMLDivElement | null>
  /** Whether answers are taken now. */
  readonly isOpen: boolean
  /** Whether this click answers the question. */
  takes(click: Event): boolean
}

/** Keeps a question from being answered by what was meant for something else. */
export const useGuard = (): Guard => {
  const answers = useRef<HTMLDivElement>(null)
  const guard = useRef<QuestionGuard>(undefined)
  const [isOpen, setIsOpen] = useState(false)
  useLayoutEffect(() => {
    if (!answers.current) return
    guard.current = guardQuestion(answers.current, setIsOpen)
    return guard.current.stop
  }, [])
  return { answers, isOpen, takes: (click) => guard.current?.takes(click) === true }
}
