/** Work that never waits for I/O gives way after this long. */
const SLICE_MS = 8

/** Lets timers and sockets have their turn; promises and ticks alone never do. */
export const nextMacrotask = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else {
      // A browser's setTimeout waits 4 ms once it is nested, a message does not.
      const { port1, port2 } = new MessageChannel()
      port1.addEventListener('message', () => {
        port1.close()
        resolve()
      })
      port1.start()
      port2.postMessage(undefined)
    }
  })

let sliceStart = 0

/** Resolves at once, or in the next macrotask if the last one given way to is {@link SLICE_MS} ago. */
export const giveWay = async (): Promise<void> => {
  if (performance.now() - sliceStart < SLICE_MS) return
  await nextMacrotask()
  sliceStart = performance.now()
}

/** Calls back once in the next macrotask, however often it is asked to. */
export const oncePerMacrotask = (run: () => void): (() => void) => {
  let due = false
  return () => {
    if (due) return
    due = true
    nextMacrotask().then(() => {
      due = false
      run()
    })
  }
}
