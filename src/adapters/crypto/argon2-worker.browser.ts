// A worker's whole life in a browser: one Argon2id derivation. The larger libsodium (with Argon2) is loaded here and
// nowhere else.
import sodium from 'libsodium-wrappers-sumo'
import type { Argon2Order, Argon2Result } from './argon2.browser.js'

const derive = async ({ passphrase, salt, passes, memory }: Argon2Order): Promise<void> => {
  const answer = (result: Argon2Result, moved: Transferable[] = []) =>
    postMessage(result, { transfer: moved })
  try {
    await sodium.ready
    const key = new Uint8Array(
      sodium.crypto_pwhash(32, passphrase, salt, passes, memory, sodium.crypto_pwhash_ALG_ARGON2ID13),
    )
    answer({ key }, [key.buffer])
  } catch (error) {
    answer({ failure: error instanceof Error ? error.message : String(error) })
  } finally {
    passphrase.fill(0)
  }
}

if (typeof addEventListener === 'function')
  addEventListener('message', ({ data }: MessageEvent<Argon2Order>) => void derive(data))
