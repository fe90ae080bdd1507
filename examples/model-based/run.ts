import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildWeb } from '../../scripts/build/web.js'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import type { Path } from '../../src/testing/index.js'
import { waysOfANewDevice } from './device.js'
import { launchDevices } from './devices.js'
import { walk } from './drive.js'
import { type Covered, createMeter } from './measure.js'

export interface Result {
  readonly paths: readonly Path[]
  /** What the machines in the pages took on the way. */
  readonly covered: readonly Covered[]
}

/** Builds the app, serves it, and drives it in Chromium along every path. @throws Error with the steps of a path that failed */
export const run = async (say: (line: string) => void): Promise<Result> => {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-model-based-'))
  try {
    say('Building the app ...')
    await buildWeb(folder)
    const server = await createAlwaysOnNode({ port: 0, claim: 16, webApp: folder, inspect: true })
    const { inspectorUrl = '' } = server
    const meter = await createMeter(inspectorUrl)
    // The pages are asked to show what they do: the inspector's token is in the fragment that they are opened with.
    const devices = await launchDevices(`${server.url}/#inspect=${inspectorUrl.replace(/^.*token=/, '')}`)
    try {
      const laptop = await devices.bring()
      const helper = { laptop, passphrase: await laptop.signUp('Laptop') }
      const walked: Path[] = []
      for (const [index, path] of waysOfANewDevice().paths.entries()) {
        say(`Path ${index + 1}, ${path.steps.length} steps`)
        walked.push(...(await walk({ path, devices, helper, name: `Phone ${index + 1}`, tell: say })))
      }
      // What the screens showed was taken; the recordings arrive a moment later.
      const promised = walked.flatMap(({ steps }) => steps.flatMap(({ takes }) => takes))
      await meter.hasSeen('node', promised)
      await devices.end()
      return { paths: walked, covered: meter.covered() }
    } finally {
      await devices.close()
      meter.close()
      await server.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
