import { createReadStream } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import type { Around } from './context.js'
import { Interrupted, UsageError } from './exit-codes.js'

/** Nine words of the list take 90 characters at most. */
const MAX_PASSPHRASE_BYTES = 4 * 1024

export interface PassphraseOptions {
  readonly passphraseStdin?: boolean
  readonly passphraseFd?: number
}

/** The first line of what is piped in. */
const readLine = async (input: NodeJS.ReadableStream, stop: AbortSignal): Promise<string> => {
  const decoder = new StringDecoder('utf8')
  let text = ''
  const give = new Promise<string>((resolve, reject) => {
    input.on('data', (chunk: Buffer) => {
      text += decoder.write(chunk)
      if (text.includes('\n')) resolve(text)
      else if (text.length > MAX_PASSPHRASE_BYTES)
        reject(new UsageError('What was given as the passphrase is too long.'))
    })
    input.on('end', () => resolve(text))
    input.on('error', () => reject(new UsageError('The passphrase could not be read from there.')))
    stop.addEventListener('abort', () => reject(new Interrupted()))
  })
  const [line = ''] = (await give).split(/\r?\n/)
  return line
}

/** Typed without an echo. Backspace and Ctrl-U work, as a terminal's own line would. */
const prompt = async (question: string, { stdin, stderr }: Around, stop: AbortSignal): Promise<string> => {
  // Before it is asked: who types quickly must not be echoed either.
  stdin.setRawMode(true)
  stderr.write(question)
  const decoder = new StringDecoder('utf8')
  let typed: string[] = []
  let end = () => {}
  try {
    return await new Promise<string>((resolve, reject) => {
      const onData = (chunk: Buffer) => {
        for (const character of decoder.write(chunk)) {
          if (character === '\r' || character === '\n') return resolve(typed.join(''))
          if (character === '\u0003' || character === '\u0004') return reject(new Interrupted())
          if (character === '\u007f' || character === '\b') typed.pop()
          else if (character === '\u0015') typed = []
          else if (typed.length < MAX_PASSPHRASE_BYTES) typed.push(character)
        }
      }
      const onStop = () => reject(new Interrupted())
      stdin.on('data', onData)
      stdin.on('end', onStop)
      stop.addEventListener('abort', onStop)
      // It was paused if this is not the first question.
      stdin.resume()
      end = () => {
        stdin.off('data', onData)
        stdin.off('end', onStop)
        stop.removeEventListener('abort', onStop)
      }
    })
  } finally {
    end()
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
}

/**
 * The passphrase by the way that the options choose: a prompt, standard input or a file descriptor. Never an argument.
 * @throws UsageError, Interrupted
 */
export const readPassphrase = async (
  { passphraseStdin, passphraseFd }: PassphraseOptions,
  around: Around,
  stop: AbortSignal,
): Promise<string> => {
  if (passphraseStdin && passphraseFd !== undefined)
    throw new UsageError('Give --passphrase-stdin or --passphrase-fd, not both.')
  if (passphraseFd !== undefined) {
    const input = createReadStream('', { fd: passphraseFd, autoClose: passphraseFd > 2 })
    try {
      return await readLine(input, stop)
    } finally {
      input.destroy()
    }
  }
  // On a terminal that is the same as being asked.
  if (passphraseStdin && !around.stdin.isTTY) {
    try {
      return await readLine(around.stdin, stop)
    } finally {
      around.stdin.pause()
    }
  }
  if (around.stdin.isTTY) return prompt('Passphrase: ', around, stop)
  throw new UsageError(
    'There is no terminal to ask for the passphrase. Give it with --passphrase-stdin or --passphrase-fd.',
  )
}
