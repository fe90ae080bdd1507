#!/usr/bin/env bash
# hyperdb 3.5.0: the empty key.
#
# `put('')` and `put('/')` succeed and `get('')` finds the value, but neither `list('')`, which lists everything, nor
# `iterator('')` ever shows it: a copy made from a listing loses it.
#
# Seen with Node 20: get has it, list and iterator have "other" alone.
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
const main = async () => {
  const db = hyperdb(() => ram(), { valueEncoding: 'utf-8' })
  await call((done) => db.ready(done))
  await call((done) => db.put('other', 'x', done))
  await call((done) => db.put('/', 'root', done))
  console.log('get:', JSON.stringify((await call((done) => db.get('', done))).map(({ key, value }) => [key, value])))
  console.log('list:', JSON.stringify((await call((done) => db.list('', done))).map(([{ key }]) => key)))
  const iterator = db.iterator('')
  const keys = []
  for (;;) {
    const nodes = await call((done) => iterator.next(done))
    if (!nodes) break
    keys.push(nodes[0].key)
  }
  console.log('iterator:', JSON.stringify(keys))
}
main()
JS
node run.js | tee seen
cat >expected <<'TXT'
get: [["","root"]]
list: ["other"]
iterator: ["other"]
TXT
diff expected seen
