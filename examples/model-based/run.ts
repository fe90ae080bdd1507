import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildWeb } from '../../scripts/build/web.js'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { nodeMachine } from '../../src/machines/index.js'
import { type Path, transitionsOf } from '../../src/testing/index.js'
import { waysOfANewDevice } from './device.js'
import { launchDevices } from './devices.js'
import { walk } from './drive.js'

export interface Result {
  readonly paths: readonly Path[]
  /** Transitions of the node machine that the app took, as its screen showed. */
  readonly covered: readonly string[]
  readonly missed: readonly string[]
}

/** Builds the app, serves it, and drives it in Chromium along every path. @throws Error with the steps of a path that failed */
export const run = async (say: (line: string) => void): Promise<Result> => {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-model-based-'))
  try {
    say('Building the app ...')
    await buildWeb(folder)
    const server = await createAlwaysOnNode({ port: 0, claim: 16, webApp: folder })
    const devices = await launchDevices(server.url)
    const walked: Path[] = []
    try {
      const laptop = await devices.bring()
      const passphrase = await laptop.signUp('Laptop')
      const helper = { laptop, passphrase }
      for (const [index, path] of waysOfANewDevice().paths.entries()) {
        say(`Path ${index + 1}, ${path.steps.length} steps`)
        walked.push(...(await walk({ path, devices, helper, name: `Phone ${index + 1}`, tell: say })))
      }
      await devices.end()
    } finally {
      await devices.end().catch(() => {})
      await server.close()
    }
    const taken = new Set(walked.flatMap(({ steps }) => steps.flatMap(({ takes }) => takes)))
    const all = transitionsOf(nodeMachine)
    return {
      paths: walked,
      covered: all.filter((name) => taken.has(name)),
      missed: all.filter((name) => !taken.has(name)),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
