import { expect, test } from 'vitest'
import { createNode, webSocket } from '../../src/index.js'
import { answerCheck, askedFor, button, heading, nameDevice, prompt, signUp, wordsOf } from './app.js'
import { useServedApp } from './app-world.js'

const world = useServedApp()

test('the passphrase is shown once, can be copied, and whoever has not saved it does not get on', async () => {
  const page = await world.chromium.newPage(world.server.url)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await button(page, 'Sign up').click()
  await heading(page, 'Your passphrase').waitFor()
  const words = await wordsOf(page.getByRole('list', { name: 'Passphrase' }))
  await button(page, 'Copy').click()
  await button(page, 'Copied ✓').waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(words.join(' '))

  // Leaving is asked about.
  const asked = new Promise<string>((resolve) =>
    page.once('dialog', (dialog) => {
      resolve(dialog.type())
      void dialog.dismiss()
    }),
  )
  await page.close({ runBeforeUnload: true })
  expect(await asked).toBe('beforeunload')

  await button(page, 'I have saved it').click()
  expect(await page.getByText(words[0]!).count()).toBe(0)
  const [first, second] = await askedFor(page)
  await button(page, 'Continue').click()
  await page.getByText(`Word ${first} is missing.`).waitFor()
  await page.getByLabel(`Word ${first}`, { exact: true }).fill('wrong')
  await page.getByLabel(`Word ${second}`, { exact: true }).fill(words[second! - 1]!.toUpperCase())
  await button(page, 'Continue').click()
  await page.getByText(`That is not word ${first}.`).waitFor()
  await button(page, 'Show it again').click()
  await button(page, 'I have saved it').click()
  await answerCheck(page, words)
  await heading(page, 'Write something').waitFor()
  expect(await page.content()).not.toContain(words.slice(0, 3).join(' '))
})

test('the whole passphrase pasted shows as well that it was saved', async () => {
  const page = await world.chromium.newPage(world.server.url)
  await button(page, 'Sign up').click()
  const words = await wordsOf(page.getByRole('list', { name: 'Passphrase' }))
  await button(page, 'I have saved it').click()
  await page
    .getByLabel(/^Word/)
    .first()
    .fill(`  ${words.join('\n')} `)
  await button(page, 'Continue').click()
  await heading(page, 'Write something').waitFor()
})

test('typing errors are told at the field, capitals and spaces forgiven', async () => {
  const laptop = await world.chromium.newPage(world.server.url)
  const passphrase = await signUp(laptop, 'Laptop')
  const page = await world.chromium.newPage(world.server.url)
  await button(page, 'Sign in').click()
  const field = page.getByLabel('Passphrase')
  const error = page.locator('#passphrase-error')

  await button(page, 'Sign in').click()
  await expect.poll(() => error.innerText()).toContain('9 words')
  await field.fill('only three words')
  await page.getByText('3 of 9 words').waitFor()
  await button(page, 'Sign in').click()
  await expect.poll(() => error.innerText()).toContain('3 words were given')

  const words = passphrase.split(' ')
  // As they were written down: in a numbered list.
  const misspelt = words.map((word, index) => (index === 3 ? 'xylofone' : word))
  await field.fill(misspelt.map((word, index) => `${index + 1}. ${word}`).join('\n'))
  await page.getByText('9 of 9 words').waitFor()
  await button(page, 'Sign in').click()
  await expect.poll(() => error.innerText()).toContain('Word 4')
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  // Selected, ready to be typed anew.
  const selected = () =>
    field.evaluate((area) =>
      area instanceof HTMLTextAreaElement ? area.value.slice(area.selectionStart, area.selectionEnd) : '',
    )
  await expect.poll(selected).toBe('xylofone')

  // A near miss: the word that was meant is offered, and takes its place.
  const near = words.map((word, index) => (index === 5 ? `${word}q` : word))
  await field.fill(near.map((word, index) => `${index + 1}. ${word}`).join('\n'))
  await button(page, 'Sign in').click()
  await expect.poll(() => error.innerText()).toContain('Word 6')
  await expect.poll(selected).toBe(near[5])
  await button(page, `Did you mean “${words[5]}”?`).click()
  await expect.poll(() => field.inputValue()).toContain(`6. ${words[5]}\n`)

  await page.getByText('More', { exact: true }).click()
  await page.getByLabel('Domain').fill('not a domain')
  await button(page, 'Sign in').click()
  await expect.poll(() => page.locator('#domain-error').innerText()).toContain('not a domain')
  await page.getByLabel('Domain').fill('other.example')
  await field.fill(passphrase)
  await page.getByText('More', { exact: true }).click()
  await button(page, 'Sign in').click()
  await expect.poll(() => error.innerText()).toContain('do not fit together')
  // The domain may be to blame, so it shows.
  await page.getByLabel('Domain').waitFor()

  await page.getByLabel('Domain').fill('LocalHost')
  await button(page, 'Hide words').click()
  expect(await field.getAttribute('type')).toBe('password')
  const numbered = words.map((word, index) => `${index + 1}) ${word.toUpperCase()}`)
  await field.fill(`  ${numbered.join('   ')} `)
  await button(page, 'Sign in').click()
  await heading(page, 'Say yes on another of your devices').waitFor()
  await prompt(laptop).waitFor()
})

test('a hostile name stays text, in the question and in the list', async () => {
  const laptop = await world.chromium.newPage(world.server.url)
  const passphrase = await signUp(laptop, 'Laptop')
  const name = '<img src=x onerror="document.title=1"><b>Phone'
  const intruder = createNode({ name, transports: [webSocket(world.server.url)] })
  try {
    await intruder.signIn({ domain: 'localhost', passphrase })
    await prompt(laptop).waitFor()
    expect(await prompt(laptop).locator('bdi').innerText()).toBe(name)
    expect(await prompt(laptop).locator('img, b').count()).toBe(0)
    const authorised = new Promise((resolve) => intruder.on('authorised', resolve))
    await button(prompt(laptop), /^Authorise/).click()
    await authorised
    await intruder.put('<script>alert(1)</script>', '<img src=x onerror=alert(2)>')
    await heading(laptop, '<script>alert(1)</script>').waitFor()
    await laptop.locator('.devices').getByText(name).waitFor()
    expect(await laptop.locator('img, .devices b, .entry script').count()).toBe(0)
  } finally {
    await intruder.close()
  }
})

test('the whole of signing up goes by keyboard alone', async () => {
  const page = await world.chromium.newPage(world.server.url)
  await heading(page, 'What is yours, on all your devices').waitFor()
  const press = (key: string) => page.keyboard.press(key)
  const focused = () =>
    page.evaluate(() => {
      const { activeElement } = document
      const label =
        activeElement instanceof HTMLInputElement ? activeElement.labels?.[0]?.textContent : undefined
      return label ?? activeElement?.textContent ?? ''
    })
  const tabTo = async (name: RegExp) => {
    for (let i = 0; i < 30; i++) {
      if (name.test(await focused())) return
      await press('Tab')
    }
    throw new Error(`${name} can't be reached by Tab`)
  }
  await tabTo(/^Sign up$/)
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)
  expect(outline).toBe('solid')
  await press('Enter')
  await heading(page, 'Your passphrase').waitFor()
  await expect.poll(focused).toBe('Your passphrase')
  const words = await wordsOf(page.getByRole('list', { name: 'Passphrase' }))
  await tabTo(/^I have saved it$/)
  await press('Enter')
  await expect.poll(focused).toBe('Did you save it?')
  for (const position of await askedFor(page)) {
    await tabTo(new RegExp(`^Word ${position}$`))
    await page.keyboard.type(words[position - 1]!)
  }
  await press('Enter')
  await heading(page, 'Write something').waitFor()
  await tabTo(/^Name$/)
  await page.keyboard.type('notes/keys')
  await press('Tab')
  await tabTo(/^$|^Text$/)
  await press('Tab')
  await page.keyboard.type('by keyboard')
  await tabTo(/^Save$/)
  await press('Enter')
  await heading(page, 'notes/keys').waitFor()
})

test('nothing inline runs, and a server that is full says so', async () => {
  const page = await world.chromium.newPage(world.server.url)
  const ran = await page.evaluate(async () => {
    const blocked: string[] = []
    const expected = ['script-src-elem', 'script-src-attr', 'style-src-attr']
    const allBlocked = new Promise<void>((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        blocked.push(effectiveDirective)
        if (expected.every((directive) => blocked.includes(directive))) resolve()
      })
    })
    const script = document.createElement('script')
    script.textContent = 'document.body.dataset.ran = "yes"'
    document.body.append(script)
    const image = document.createElement('div')
    image.innerHTML = '<img src="data:," onerror="document.body.dataset.ran = 1"><p style="color:red">'
    document.body.append(image)
    await allBlocked
    return { ran: document.body.dataset.ran, blocked }
  })
  expect(ran.ran).toBeUndefined()
  expect(ran.blocked.join()).toMatch(/script-src-elem/)
  expect(ran.blocked.join()).toMatch(/style-src-attr/)
  // These were this test's own doing.
  expect(world.chromium.complaints.splice(0).every((text) => /Content Security Policy/.test(text))).toBe(true)

  const full = await world.app.serve({ claim: 1 })
  const first = createNode({ transports: [webSocket(full.url)] })
  try {
    await first.signUp({ domain: 'localhost' })
    await expect.poll(() => full.status().places.taken).toBe(1)
    const other = await world.chromium.newPage(full.url)
    await nameDevice(other, 'Laptop')
    await button(other, 'Sign up').click()
    const words = await wordsOf(other.getByRole('list', { name: 'Passphrase' }))
    await button(other, 'I have saved it').click()
    await answerCheck(other, words)
    await heading(other, 'This server is full').waitFor()
    expect(await other.locator('.notice').innerText()).not.toMatch(/ws:|always-on/)
    await other.getByText('Not connected to').waitFor()
    await button(other, /^Dismiss/).click()
    await other.locator('.notice').waitFor({ state: 'detached' })
    await other.goto(`${full.url}/status`)
    expect(await other.locator('pre').innerText()).toBe('createNode({ transports: [webSocket(address)] })')
  } finally {
    await first.close()
    await full.close()
  }
  // The socket that the closing ended.
  world.chromium.complaints.splice(0)
})
