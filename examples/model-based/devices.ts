/** Devices: pages of the app in one Chromium, each with a profile of its own. */
import { chromium } from 'playwright-core'
import { findChromium } from '../../scripts/test/chromium.js'
import { createScreen, type Screen } from './screen.js'

export interface Device extends Screen {
  /** Switches it off. */
  leave(): Promise<void>
}

export interface Devices {
  /** One more device, on the app’s first screen. */
  bring(): Promise<Device>
  /** Ends all of them. @throws Error when a page complained of something */
  end(): Promise<void>
  /** Ends all of them, whatever they complained of. */
  close(): Promise<void>
}

/** WebRTC needs the first and the permissions below where there is only loopback. */
const FLAGS = ['--allow-loopback-in-peer-connection', '--no-sandbox', '--disable-gpu', '--no-first-run']

/** What has not come by then never will, on a slow machine either. */
const LATEST_MS = 120_000

export const launchDevices = async (url: string): Promise<Devices> => {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('Chromium is missing: install it, or name it in CHROMIUM.')
  const browser = await chromium.launch({ executablePath, args: FLAGS })
  const complaints: string[] = []
  const close = () => browser.close()
  return {
    close,
    bring: async () => {
      const context = await browser.newContext()
      await context.grantPermissions(['microphone', 'camera'])
      context.setDefaultTimeout(LATEST_MS)
      const page = await context.newPage()
      page.on('pageerror', ({ message }) => complaints.push(message))
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      await page.goto(url)
      return { ...createScreen(page), leave: () => context.close() }
    },
    end: async () => {
      await close()
      if (complaints.length > 0) throw new Error(`Pages complained:\n${complaints.join('\n')}`)
    },
  }
}
