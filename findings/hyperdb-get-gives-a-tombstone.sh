#!/usr/bin/env bash
# hyperdb 3.5.0: a key that one writer deletes while another one puts it.
#
# `get` without options drops deletions: a key that was deleted gives []. But where the deletion and a put don't know of each
# other, `get` and `list` answer with both, the tombstone (value null, deleted true) among the values. Code that takes
# `nodes[0].value` reads null from a key that has a value.
#
# Seen with Node 20: [["null",true],["second",false]] on both replicas.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts hyperdb@3.5.0 random-access-memory@3.1.4
cat >run.js <<'JS'
const hyperdb = require('hyperdb')
const ram = require('random-access-memory')
const call = (start) => new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))))
const sync = (one, other) =>
  new Promise((resolve, reject) => {
    const stream = one.replicate()
    stream.pipe(other.replicate()).pipe(stream).on('end', resolve).on('error', reject)
  })
const read = async (db) => JSON.stringify((await call((done) => db.get('k', done))).map(({ value, deleted }) => [String(value), deleted]))
const main = async () => {
  const a = hyperdb(() => ram(), { valueEncoding: 'utf-8' })
  await call((done) => a.ready(done))
  const b = hyperdb(() => ram(), a.key, { valueEncoding: 'utf-8' })
  await call((done) => b.ready(done))
  await call((done) => a.authorize(b.local.key, done))
  await call((done) => a.put('k', 'first', done))
  await sync(a, b)
  await call((done) => a.del('k', done))
  console.log('deleted, seen by itself:', await read(a))
  await call((done) => b.put('k', 'second', done))
  await sync(a, b)
  console.log('deleted and put at once, a:', await read(a))
  console.log('deleted and put at once, b:', await read(b))
}
main()
JS
node run.js | tee seen
cat >expected <<'TXT'
deleted, seen by itself: []
deleted and put at once, a: [["null",true],["second",false]]
deleted and put at once, b: [["null",true],["second",false]]
TXT
diff expected seen
