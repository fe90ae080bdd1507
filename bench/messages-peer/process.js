/** @localfirst/auth with automerge-repo and its sync server: the server, or a device, in a process of its own. */
import { mkdtempSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const serverPath = createRequire(import.meta.url).resolve('@localfirst/auth-syncserver')
const inServer = createRequire(serverPath)
const load = (resolve, name) => import(pathToFileURL(resolve.resolve(name)))
const { LocalFirstAuthSyncServer } = await import(pathToFileURL(serverPath))
const providerPath = inServer.resolve('@localfirst/auth-provider-automerge-repo')
const { AuthProvider, getShareId } = await import(pathToFileURL(providerPath))
const Auth = await load(createRequire(providerPath), '@localfirst/auth')
const { Repo } = await load(inServer, '@automerge/automerge-repo')
const { BrowserWebSocketClientAdapter } = await load(inServer, '@automerge/automerge-repo-network-websocket')
const { NodeFSStorageAdapter } = await load(inServer, '@automerge/automerge-repo-storage-nodefs')
globalThis.WebSocket ??= (await import('ws')).WebSocket

const now = () => Number(process.hrtime.bigint()) / 1e6
const folder = () => mkdtempSync(join(tmpdir(), 'messages-peer-'))

let address
let team
let handle
let auth
const start = (context) => {
  const storage = new NodeFSStorageAdapter(folder())
  auth = new AuthProvider({ ...context, storage, server: address })
  const adapter = new BrowserWebSocketClientAdapter(`ws://${address}`)
  return new Repo({ peerId: `${context.device.deviceId}`, network: [auth.wrap(adapter)], storage })
}

const heard = { count: 0, lastAt: 0 }
let credit = 0
let onCredit = () => {}

const calls = {
  listen: () =>
    new Promise((resolve, reject) => {
      const free = createServer().listen(0, '127.0.0.1', () => {
        const { port } = free.address()
        free.close(async () => {
          try {
            const server = new LocalFirstAuthSyncServer('localhost')
            await server.listen({ port, storageDir: folder(), silent: true })
            resolve({ url: `localhost:${port}` })
          } catch (error) {
            reject(error)
          }
        })
      })
    }),
  begin: async ({ url }) => {
    address = url
    const user = Auth.createUser('alice')
    const repo = start({ user, device: Auth.createDevice(user.userId, 'laptop') })
    team = await auth.createTeam('team')
    handle = repo.create({ entries: {} })
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const { seed } = team.inviteDevice()
    return { seed, userId: team.members()[0].userId, shareId: getShareId(team), document: handle.url }
  },
  join: async ({ url, seed, userId, shareId, document }) => {
    address = url
    const repo = start({ device: Auth.createDevice(userId, 'phone') })
    const joined = new Promise((resolve) => auth.on('joined', resolve))
    await auth.addInvitation({ shareId, invitationSeed: seed, userId, userName: 'alice' })
    await joined
    handle = repo.find(document)
    await handle.whenReady()
    handle.on('ephemeral-message', () => {
      heard.lastAt = now()
      heard.count++
      if (heard.count % 100 === 0) process.send({ heard: heard.count })
    })
  },
  /** It has no backpressure of its own: no more than so many are under way, by what the other device says that it heard. */
  send: async ({ count, window, text }) => {
    credit = 0
    const at = now()
    for (let i = 0; i < count; i++) {
      for (let waits = 0; i - credit >= window && waits < 100; waits++) {
        await Promise.race([
          new Promise((resolve) => {
            onCredit = resolve
          }),
          new Promise((resolve) => setTimeout(resolve, 15)),
        ])
      }
      // What was lost is not waited for any longer.
      if (i - credit >= window) credit = i
      handle.broadcast({ i, text })
      if (i % 50 === 49) await new Promise(setImmediate)
    }
    return { at }
  },
  credit: ({ count }) => {
    credit = Math.max(credit, count)
    onCredit()
  },
  heard: () => heard,
  forget: () => {
    heard.count = 0
  },
}

process.on('message', async ({ id, name, give }) => {
  try {
    process.send({ id, take: (await calls[name](give)) ?? null })
  } catch (error) {
    process.send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
})
process.on('disconnect', () => process.exit())
