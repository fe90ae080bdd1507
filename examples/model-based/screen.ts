/** The web app as a person has it before them: what they see and where they click. Knows nothing of machines. */
import type { Locator, Page } from 'playwright-core'

export interface Screen {
  readonly page: Page
  /** Waits until the screen has this heading. */
  shows(heading: string | RegExp): Promise<void>
  /** Whether there is a form to write with. */
  mayWrite(): Promise<boolean>
  /** From the first screen to the home screen. @returns the passphrase */
  signUp(name: string): Promise<string>
  /** Types a passphrase and presses “Sign in”. */
  signIn(name: string, passphrase: string): Promise<void>
  press(button: string): Promise<void>
  /** Turns a road on or off. */
  setRoad(name: string, on: boolean): Promise<void>
  /** Waits for the question about a device. @returns the words to compare */
  asks(about: string): Promise<readonly string[]>
  /** Answers the question that is there, and waits until it is gone. */
  answer(answer: 'Authorise' | 'Decline'): Promise<void>
  /** Waits until no question is there. */
  asksNothing(): Promise<void>
  /** The words that a device shows that asks. */
  wordsOfQuestion(): Promise<readonly string[]>
}

const wordsIn = async (place: Page | Locator, list: string): Promise<readonly string[]> => {
  const found = place.getByRole('list', { name: list })
  await found.waitFor()
  return found.locator('li').allInnerTexts()
}

export const createScreen = (page: Page): Screen => {
  const heading = (name: string | RegExp) => page.getByRole('heading', { name })
  const button = (name: string, within: Page | Locator = page) =>
    within.getByRole('button', { name, exact: true })
  const question = page.getByRole('dialog')
  const nameDevice = (name: string) => page.getByLabel('Name of this device').fill(name)

  /** “Did you save it?” asks for two words. */
  const proveSaved = async (passphrase: readonly string[]): Promise<void> => {
    const labels = page.locator('label').filter({ hasText: /^Word \d$/ })
    await labels.first().waitFor()
    for (const label of await labels.allInnerTexts()) {
      const word = passphrase[Number(label.replace(/\D/g, '')) - 1] ?? ''
      await page.getByLabel(label, { exact: true }).fill(word)
    }
    await button('Continue').click()
  }

  return {
    page,
    shows: (name) => heading(name).first().waitFor(),
    mayWrite: async () => (await page.getByRole('form', { name: 'Write something' }).count()) > 0,
    press: (name) => button(name).click(),
    signUp: async (name) => {
      // After a sign-in that failed, that is still on the screen.
      if ((await heading('Sign in').count()) > 0) await button('Back').click()
      await nameDevice(name)
      await button('Sign up').click()
      await heading('Your passphrase').waitFor()
      const words = await wordsIn(page, 'Passphrase')
      await button('I have saved it').click()
      await proveSaved(words)
      return words.join(' ')
    },
    signIn: async (name, passphrase) => {
      if ((await heading('Sign in').count()) === 0) await button('Sign in').click()
      await page.getByLabel('Passphrase').fill(passphrase)
      await nameDevice(name)
      await button('Sign in').click()
    },
    setRoad: (name, on) =>
      page.getByRole('region', { name: 'Connection' }).getByLabel(name, { exact: true }).setChecked(on),
    asks: async (about) => {
      await heading(`Authorise ${about}?`).waitFor()
      return wordsIn(question, 'Words to compare')
    },
    answer: async (answer) => {
      await button(answer, question).click()
      await question.waitFor({ state: 'hidden' })
    },
    asksNothing: () => question.waitFor({ state: 'hidden' }),
    wordsOfQuestion: () => wordsIn(page, 'Words to compare'),
  }
}
