#!/usr/bin/env bash
# hypercore 6.26.0: the writer of a feed whose storage is set back to an older copy, beside a peer that has all of it.
#
# A feed that has its secret key asks peers for nothing, so the blocks that were lost never come back, `update` reports
# nothing, and no event says that the peer has more. The next append takes the place of a block that the peer has already.
#
# Seen with Node 20: the restored writer stays at 1 of 3 blocks; the same storage without the secret key gets all 3.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts hypercore@6.26.0 random-access-memory@3.1.4
cat >run.js <<'JS'
const hypercore = require('hypercore')
const ram = require('random-access-memory')
const call = (start) => new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))))
const files = () => {
  const made = new Map()
  const open = (name) => made.get(name) ?? (made.set(name, ram()), made.get(name))
  const copy = async () => {
    const all = new Map()
    for (const [name, file] of made) {
      const length = file.length
      all.set(name, length ? ram(await call((done) => file.read(0, length, done))) : ram())
    }
    return (name) => all.get(name) ?? (all.set(name, ram()), all.get(name))
  }
  return { open, copy }
}
const main = async () => {
  const store = files()
  const writer = hypercore(store.open, { valueEncoding: 'utf-8' })
  await call((done) => writer.append('one', done))
  const backup = await store.copy()
  const readOnlyBackup = await store.copy()
  const peer = hypercore(() => ram(), writer.key, { valueEncoding: 'utf-8' })
  await call((done) => writer.append(['two', 'three'], done))
  await call((done) => peer.ready(done))
  const first = writer.replicate()
  await new Promise((resolve) => first.pipe(peer.replicate()).pipe(first).on('end', resolve))
  console.log('the peer has', peer.length)
  for (const [name, storage, options] of [
    ['with its secret key', backup, {}],
    ['without it', (file) => (file === 'secret_key' ? ram() : readOnlyBackup(file)), {}],
  ]) {
    const restored = hypercore(storage, writer.key, { valueEncoding: 'utf-8', ...options })
    await call((done) => restored.ready(done))
    const stream = restored.replicate({ live: true })
    stream.pipe(peer.replicate({ live: true })).pipe(stream)
    await Promise.race([
      new Promise((resolve) => restored.on('sync', () => restored.length === 3 && resolve())),
      new Promise((resolve) => setTimeout(resolve, 3000)),
    ])
    console.log('restored', name + ', writable', restored.writable + ':', restored.length)
    stream.destroy()
  }
  process.exit()
}
main()
JS
node run.js | tee seen
cat >expected <<'TXT'
the peer has 3
restored with its secret key, writable true: 1
restored without it, writable false: 3
TXT
diff expected seen
