import { createHash, randomBytes } from 'node:crypto'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  utimes,
} from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

export interface DirectoryLock {
  release(): Promise<void>
}

/** A socket's path may have this many bytes (104 on some systems, its end included); longer ones are cut off in silence. */
const MAX_SOCKET_PATH = 96
/** Two who come at the same moment may both step back: they come again, not at the same moment. */
const TRIES = 8
const MAX_PAUSE_MS = 60
/** The holder's sign of life to other machines, to which its socket is none. */
const BEAT_MS = 15_000
const SILENT_MS = 60_000
const NO_SOCKETS = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EINVAL', 'ENOSYS'])

/** Boot, machine, and which claim. Whatever else lies in the folder is somebody's, and stays. */
const OURS = /^[\da-f]{12}\.[\da-f]{12}\.[\da-f]{16}(\.new)?$/

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)

/** Names of where a socket can be asked whether its process lives: the system since it started, and the machine. */
const whereabouts = async (): Promise<string> => {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return `${digest(boot || hostname())}.${digest(hostname())}`
}

const isSameMachine = (claim: string, here: string): boolean => {
  const [boot, host] = claim.split('.')
  const [ourBoot, ourHost] = here.split('.')
  return boot === ourBoot || host === ourHost
}

const listen = (path: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    // Exclusive: a cluster's worker listens itself, and ends with itself.
    server.listen({ path, exclusive: true }, () => {
      server.off('error', reject)
      server.on('error', () => {})
      resolve(server.unref())
    })
  })

const stop = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))

/** Whether a process listens there. The system closes the sockets of a process that ends, however it ends. */
const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error) =>
      resolve(!['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(String(codeOf(error)))),
    )
  })

/** A path to the directory that is short enough for sockets, until it is disposed of. */
const shortened = async <T>(directory: string, use: (path: string) => Promise<T>): Promise<T> => {
  if (Buffer.byteLength(directory) + 60 <= MAX_SOCKET_PATH) return use(directory)
  const folder = await mkdtemp(join(tmpdir(), 'hypha-'))
  try {
    const link = join(folder, 'l')
    await symlink(directory, link)
    return await use(link)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Each who wants the directory puts a claim into the folder: a socket that it listens on, whole before it has its name. Then it
 * looks at the claims of others: dead ones are removed, and if one lives it takes its own back. Of two, at least the one that
 * looks later sees the other, so that never two go on; no process number is trusted, and what a killed process leaves is
 * told from the living by the system.
 */
const claim = async (folder: string, here: string): Promise<DirectoryLock | undefined> => {
  const name = `${here}.${randomBytes(8).toString('hex')}`
  const path = join(folder, name)
  return shortened(folder, async (short) => {
    const server = await listen(join(short, `${name}.new`))
    const withdraw = async () => {
      await rm(path, { force: true })
      await rm(`${path}.new`, { force: true })
      await stop(server)
    }
    try {
      await chmod(`${path}.new`, 0o600)
      await rename(`${path}.new`, path)
      const names = (await readdir(folder)).filter((other) => OURS.test(other) && other !== name)
      const claims = names.filter((other) => !other.endsWith('.new'))
      const alive = await Promise.all(claims.map((other) => isAlive(folder, short, other, here)))
      await Promise.all(
        claims.filter((_, i) => !alive[i]).map((other) => rm(join(folder, other), { force: true })),
      )
      if (alive.includes(true)) {
        await withdraw()
        return undefined
      }
      // Of the dead; one who is just coming will find that it is gone, and come again.
      const unfinished = names.filter((other) => other.endsWith('.new'))
      await Promise.all(unfinished.map((other) => rm(join(folder, other), { force: true })))
    } catch (error) {
      await withdraw()
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
    const beat = setInterval(() => {
      const now = new Date()
      utimes(path, now, now).catch(() => {})
    }, BEAT_MS).unref()
    return {
      async release() {
        clearInterval(beat)
        await withdraw()
      },
    }
  })
}

const isAlive = async (folder: string, short: string, name: string, here: string): Promise<boolean> => {
  if (isSameMachine(name, here)) return answers(join(short, name))
  const seen = await stat(join(folder, name)).catch(() => undefined)
  return seen !== undefined && Date.now() - seen.mtimeMs < SILENT_MS
}

/** A pipe's name there can be taken once, and goes with its process. */
const takePipe = async (directory: string): Promise<DirectoryLock | undefined> => {
  try {
    const server = await listen(`\\\\.\\pipe\\hypha-${digest(directory.toLowerCase())}`)
    return { release: () => stop(server) }
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return undefined
    throw error
  }
}

/** Whoever may write there could take a claim away. Another person's can not be made private, and is an error. */
const privateFolder = async (folder: string): Promise<string> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  return folder
}

/**
 * Takes a directory for this storage alone, among all in this process and others, in other containers too. Undefined if
 * another has it. A process that ends releases it, however it ends. Across machines (a network's disk) it is held as well as
 * a sign of life every 15 s can.
 */
export const lockDirectory = async (directory: string): Promise<DirectoryLock | undefined> => {
  const real = await realpath(directory)
  if (process.platform === 'win32') return takePipe(real)
  const here = await whereabouts()
  let folder = await privateFolder(join(real, 'lock'))
  for (let tried = 1; ; tried++) {
    try {
      const lock = await claim(folder, here)
      if (lock || tried === TRIES) return lock
    } catch (error) {
      const elsewhere = join(tmpdir(), `hypha-lock-${process.getuid?.()}-${digest(real)}`)
      if (folder === elsewhere || !NO_SOCKETS.has(String(codeOf(error)))) throw error
      // Some disks that containers share with their host hold no sockets.
      folder = await privateFolder(elsewhere)
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * MAX_PAUSE_MS))
  }
}
