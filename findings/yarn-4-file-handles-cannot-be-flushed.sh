#!/usr/bin/env bash
# Yarn 4.18.1 with Plug'n'Play, its default, on Node 20: the file handles of `fs/promises`.
#
# Yarn puts handles of its own in the place of Node's, for files outside of its zip archives too. Theirs have `sync` and `datasync`,
# which throw "Method not implemented.", at the call and not by a promise. A library that makes a file durable in the usual way (write,
# sync, rename) works under npm and pnpm and fails under Yarn. `writeFile` with `flush`, and `fsync` of the handle's number, work.
#
# Seen with Node 20: "works" three times in Node alone; below Yarn "Method not implemented.", then "works" twice.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
touch yarn.lock
cat >run.js <<'JS'
const fs = require('fs')
const { promisify } = require('util')
const say = async (name, work) => console.log(name + ':', await work().then(() => 'works', (error) => error.message))
const main = async () => {
  const file = await fs.promises.open('data', 'w')
  await file.write('hello')
  await say('sync of the handle', async () => file.sync())
  await say('fsync of its number', () => promisify(fs.fsync)(file.fd))
  await file.close()
  await say('writeFile with flush', () => fs.promises.writeFile('data', 'hello', { flush: true }))
}
main()
JS
export YARN_ENABLE_TELEMETRY=0
yarn() { npx --yes @yarnpkg/cli-dist@4.18.1 "$@"; }
yarn install >/dev/null
{
  echo 'Node alone'
  node run.js
  echo "Yarn's Plug'n'Play"
  yarn node run.js
} | tee seen
cat >expected <<'TXT'
Node alone
sync of the handle: works
fsync of its number: works
writeFile with flush: works
Yarn's Plug'n'Play
sync of the handle: Method not implemented.
fsync of its number: works
writeFile with flush: works
TXT
diff expected seen
