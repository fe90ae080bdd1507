import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collects what nobody holds any more, so that what is measured afterwards is held. */
export const collectGarbage = async (): Promise<void> => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  for (let round = 0; round < 3; round++) {
    // What is about to be let go of is so after a turn; buffers go in a round after their owners.
    await setImmediate()
    collect()
  }
}
