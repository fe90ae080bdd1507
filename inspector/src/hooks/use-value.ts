import { useLayoutEffect, useState } from 'preact/hooks'
import { onNextFrame } from '../../../src/ui-bridge/store/frame.js'
import { useModel } from '../lib/model.js'
import type { Value } from '../lib/value.js'

/** A value as it is now; the part is drawn again when it is another. */
export const useValue = <Type>(value: Value<Type>): Type => {
  const [, draw] = useState({})
  const seen = value.get()
  useLayoutEffect(() => {
    const stop = value.subscribe(() => draw({}))
    if (value.get() !== seen) draw({})
    return stop
  }, [value])
  return seen
}

/** Draws the part again when something happened or another moment is shown, at most once a frame. */
export const useMoment = (): number => {
  const { desk } = useModel()
  const [, draw] = useState({})
  useLayoutEffect(() => {
    let cancel: (() => void) | undefined
    const change = () => {
      cancel ??= onNextFrame(() => {
        cancel = undefined
        draw({})
      })
    }
    const stops = [desk.version.subscribe(change), desk.moment.subscribe(change)]
    change()
    return () => {
      for (const stop of stops) stop()
      cancel?.()
    }
  }, [desk])
  return desk.count()
}
