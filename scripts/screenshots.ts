/** Drives the web app through every screen and saves pictures of each: light, dark, and on a phone. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { createNode, webSocket } from '../src/index.js'
import {
  answerCheck,
  authorise,
  buildApp,
  button,
  entry,
  heading,
  nameDevice,
  prompt,
  signUp,
  wordsOf,
  write,
} from '../test/browser/app.js'
import { startProxy } from '../test/browser/app-proxy.js'
import { launchChromium } from '../test/browser/chromium.js'

const folder = fileURLToPath(new URL('../screenshots', import.meta.url))

const looks: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light', viewport: { width: 1100, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1100, height: 800 } },
  phone: {
    colorScheme: 'light',
    viewport: { width: 360, height: 640 },
    deviceScaleFactor: 2,
    hasTouch: true,
  },
  'phone-dark': {
    colorScheme: 'dark',
    viewport: { width: 360, height: 640 },
    deviceScaleFactor: 2,
    hasTouch: true,
  },
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })
const app = await buildApp()
const chromium = await launchChromium()

const drive = async (look: string, options: BrowserContextOptions): Promise<void> => {
  const server = await app.serve()
  let number = 0
  const shoot = async (page: Page, name: string, fullPage = true) => {
    number++
    await page.screenshot({
      path: join(folder, `${look}-${String(number).padStart(2, '0')}-${name}.png`),
      fullPage,
      animations: 'disabled',
    })
  }
  const laptop = await chromium.newPage(server.url, options)
  await heading(laptop, 'What is yours, on all your devices').waitFor()
  await shoot(laptop, 'welcome')
  await laptop.getByText('More', { exact: true }).click()
  await laptop.getByLabel('Domain').fill('not a domain')
  await button(laptop, 'Sign up').click()
  await laptop.getByText('This is not a domain').waitFor()
  await shoot(laptop, 'welcome-domain-wrong')
  await laptop.getByLabel('Domain').fill('localhost')
  await nameDevice(laptop, 'Laptop')
  await button(laptop, 'Sign up').click()
  await heading(laptop, 'Making your keys…').waitFor()
  await shoot(laptop, 'making')
  await heading(laptop, 'Your passphrase').waitFor()
  const words = await wordsOf(laptop.getByRole('list', { name: 'Passphrase' }))
  await shoot(laptop, 'passphrase')
  await button(laptop, 'I have saved it').click()
  await laptop.getByLabel(/^Word/).first().fill('wrong')
  await button(laptop, 'Continue').click()
  await shoot(laptop, 'check')
  await answerCheck(laptop, words)
  await laptop.getByText('Connected', { exact: true }).waitFor()
  await shoot(laptop, 'home-empty')

  const forgetful = await chromium.newPage(server.url, options)
  forgetful.on('dialog', (dialog) => void dialog.accept())
  await button(forgetful, 'Sign up').click()
  await heading(forgetful, 'Your passphrase').waitFor()
  await forgetful.reload()
  await heading(forgetful, 'Did you save your passphrase?').waitFor()
  await shoot(forgetful, 'unconfirmed')
  await button(forgetful, 'Start over').click()
  await shoot(forgetful, 'start-over')
  await forgetful.context().close()

  const second = await laptop.context().newPage()
  await second.goto(server.url)
  await heading(second, 'Getting ready…').waitFor()
  await shoot(second, 'opening')
  await heading(second, 'Hypha is open in another tab').waitFor()
  await shoot(second, 'locked')
  await second.close()

  const phone = await chromium.newPage(server.url, options)
  await button(phone, 'Sign in').click()
  await shoot(phone, 'sign-in')
  await phone.getByLabel('Passphrase').fill([...words.slice(0, 3), 'xylofone', ...words.slice(4)].join(' '))
  await button(phone, 'Sign in').click()
  await phone.getByText('Word 4').waitFor()
  await shoot(phone, 'sign-in-wrong')
  await phone.getByLabel('Passphrase').fill(words.join(' '))
  await nameDevice(phone, 'Firefox on Ubuntu')
  await button(phone, 'Sign in').click()
  await phone.getByText('Making your keys.').waitFor()
  await shoot(phone, 'sign-in-busy')
  await heading(phone, 'Say yes on another of your devices').waitFor()
  await prompt(laptop).waitFor()
  await shoot(phone, 'waiting')
  await shoot(laptop, 'prompt', false)
  await button(prompt(laptop), 'Later').click()
  await heading(laptop, /Waiting requests/).waitFor()
  await shoot(laptop, 'later')
  await button(laptop, /^Decline/).click()
  await heading(phone, 'One of your devices declined').waitFor()
  await shoot(phone, 'declined')
  await button(phone, 'Ask again').click()
  await authorise(laptop, phone)

  await write(laptop, 'notes/shopping', 'Milk, bread, and the good coffee')
  await write(
    phone,
    'notes/reading',
    'The entangled life of fungi, from the shelf by the window.\nPages 40–72.',
  )
  await laptop.getByRole('radio', { name: 'JSON' }).check()
  await write(laptop, 'settings/theme', '{"accent":"green","rounded":true,"sizes":[1,2,3]}')
  await laptop.getByRole('radio', { name: 'Text' }).check()
  await write(laptop, 'a/very/long/name/that/does/not/fit/on/one/line/of/a/phone/at/all', 'x '.repeat(400))
  await laptop.getByLabel(/^Public/).check()
  await write(laptop, 'profile/name', 'Alice')
  await shoot(laptop, 'entries')
  await laptop.getByText('Technical details').click()
  await shoot(laptop, 'technical')
  await laptop.getByText('Technical details').click()
  await button(laptop, 'Edit notes/shopping').click()
  await button(laptop, 'Delete notes/reading').click()
  await shoot(laptop, 'edit')
  await phone.reload()
  await button(phone, 'Edit notes/shopping').click()
  await phone.locator('form.entry-form textarea').fill('Milk, and the good coffee')
  await button(phone, 'Save').click()
  await heading(phone, 'Write something').waitFor()
  await entry(laptop, 'notes/shopping').getByText('Milk, and the').waitFor()
  await button(laptop, 'Save').click()
  await laptop.getByText('was changed meanwhile by').waitFor()
  await shoot(laptop, 'changed-meanwhile')
  await button(laptop, 'Take theirs').click()
  await button(laptop, 'Cancel').click()
  const form = laptop.locator('form.entry-form')
  await form.getByLabel('Name', { exact: true }).fill('notes/reading')
  await button(form, 'Save').click()
  await laptop.getByText('exists already').waitFor()
  await shoot(laptop, 'exists')
  await button(laptop, 'Keep writing').click()
  await form.getByLabel('Name', { exact: true }).fill('')
  await laptop.getByLabel('Filter entries').fill('nothing like this')
  await shoot(laptop, 'filter-empty')

  await laptop.getByLabel('Filter entries').fill('')
  const relic = createNode({ name: '2019 relic', transports: [webSocket(server.url)] })
  const third = createNode({
    // Another has this name too.
    name: 'Firefox on Ubuntu',
    transports: [webSocket(server.url)],
  })
  for (const node of [relic, third]) await node.signIn({ domain: 'localhost', passphrase: words.join(' ') })
  await laptop.getByText('The first of 2').waitFor()
  await shoot(laptop, 'two-prompts', false)
  while (await prompt(laptop).isVisible()) await laptop.keyboard.press('Escape')
  await shoot(laptop, 'two-waiting')
  await Promise.all([relic.close(), third.close()])

  while (await prompt(phone).isVisible()) await phone.keyboard.press('Escape')
  await server.close()
  // The straight road between the two stays.
  await heading(phone, 'The server can’t be reached').waitFor()
  await shoot(phone, 'offline')
  await Promise.all([laptop, phone].map((page) => page.context().close()))

  const closed = await app.serve()
  const proxy = await startProxy(closed.url)
  const stranger = await chromium.newPage(proxy.url, options)
  await signUp(stranger, 'Laptop')
  await heading(stranger, 'This server wants a code').waitFor()
  await shoot(stranger, 'code')
  await stranger.context().close()
  proxy.close()
  await closed.close()

  const full = await app.serve({ claim: 1 })
  const taker = createNode({ transports: [webSocket(full.url)] })
  await taker.signUp({ domain: 'localhost' })
  await new Promise((resolve) => taker.on('peer-connected', resolve))
  const refused = await chromium.newPage(full.url, options)
  await nameDevice(refused, 'Laptop')
  await button(refused, 'Sign up').click()
  await heading(refused, 'Your passphrase').waitFor()
  const others = await wordsOf(refused.getByRole('list', { name: 'Passphrase' }))
  await button(refused, 'I have saved it').click()
  await answerCheck(refused, others)
  await refused.locator('.notice').waitFor()
  await shoot(refused, 'refused')
  await refused.goto(`${full.url}/status`)
  await shoot(refused, 'status')
  await refused.context().close()
  await taker.close()
  await full.close()
  say(`${look}: ${number} pictures`)
}

try {
  const wanted = process.argv.slice(2)
  for (const [look, options] of Object.entries(looks))
    if (wanted.length === 0 || wanted.includes(look)) await drive(look, options)
} finally {
  await chromium.browser.close()
  await app.remove()
}
