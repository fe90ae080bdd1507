// A worker thread's whole life: one Argon2id derivation. Plain JavaScript, so that the sources can start it as it is. The
// larger libsodium (with Argon2) is loaded here and nowhere else.
import { parentPort, workerData } from 'node:worker_threads'
import sodium from 'libsodium-wrappers-sumo'

/** @type {{ passphrase: Uint8Array<ArrayBuffer>, salt: Uint8Array, passes: number, memory: number }} */
const { passphrase, salt, passes, memory } = workerData

const derive = async () => {
  try {
    await sodium.ready
    const key = new Uint8Array(
      sodium.crypto_pwhash(32, passphrase, salt, passes, memory, sodium.crypto_pwhash_ALG_ARGON2ID13),
    )
    parentPort?.postMessage(key, [key.buffer])
  } finally {
    passphrase.fill(0)
  }
}

derive()
