#!/usr/bin/env bash
# libsodium-wrappers 0.8.4 where a test runner emulates a browser (jsdom 26.1.0).
#
# libsodium-wrappers asks `instanceof Uint8Array`. An emulated page has a Uint8Array of its own; code that runs in it and gets its
# bytes from Node (Buffer, WebCrypto, a file) hands over valid bytes and is told "unsupported input type".
#
# Seen with Node 20: a hash of Node's bytes is made, one of the page's bytes is refused.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts libsodium-wrappers@0.8.4 jsdom@26.1.0
cat >run.js <<'JS'
const { JSDOM } = require('jsdom')
const sodium = require('libsodium-wrappers')
const say = (name, bytes) => {
  try {
    console.log(name + ':', sodium.crypto_generichash(16, bytes).length)
  } catch (error) {
    console.log(name + ':', error.message)
  }
}
sodium.ready.then(() => {
  const page = new JSDOM('', { runScripts: 'outside-only' }).window
  say('bytes of Node', new Uint8Array(4))
  say('bytes of the page', page.eval('new Uint8Array(4)'))
})
JS
node run.js | tee seen
cat >expected <<'TXT'
bytes of Node: 16
bytes of the page: unsupported input type for message
TXT
diff expected seen
