#!/usr/bin/env bash
# Next 16.4.6 built with webpack, and ws 8.23.0 in one of its route handlers.
#
# ws uses the package bufferutil where `require('bufferutil')` does not throw; bufferutil is an optional peer of ws. For optional peers
# that are not installed Next's webpack build gives an empty module and no error, so ws takes an empty object for bufferutil. A
# client's messages below 48 bytes, which ws masks by itself, are sent; longer ones throw at `send`. Plain Node and Next's Turbopack
# do throw at `require`, and all is well. (Setting WS_NO_BUFFER_UTIL before ws is loaded keeps it from looking.)
#
# Seen with Node 20: "sent" and "sent" by Turbopack; "sent" and "... is not a function" by webpack.
set -eu
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts next@16.4.6 react@19.3.1 react-dom@19.3.1 ws@8.23.0
mkdir -p app/send
echo 'export default function Layout({ children }) { return <html><body>{children}</body></html> }' >app/layout.jsx
cat >app/send/route.js <<'JS'
import { WebSocket, WebSocketServer } from 'ws'

export const dynamic = 'force-dynamic'
export const GET = async () => {
  const server = new WebSocketServer({ port: 0 })
  const socket = new WebSocket(`ws://127.0.0.1:${server.address().port}`)
  await new Promise((resolve) => socket.on('open', resolve))
  const send = (length) => {
    try {
      socket.send('x'.repeat(length))
      return 'sent'
    } catch (error) {
      return error.message.replace(/^\S+ is/, '... is')
    }
  }
  const said = `47 bytes: ${send(47)}\n48 bytes: ${send(48)}\n`
  socket.terminate()
  server.close()
  return new Response(said)
}
JS
export NEXT_TELEMETRY_DISABLED=1
try() {
  echo "$1"
  rm -rf .next
  node node_modules/next/dist/bin/next build "--$1" >build.log 2>&1
  node node_modules/next/dist/bin/next start --hostname 127.0.0.1 --port 0 >start.log 2>&1 &
  server=$!
  until grep -q Ready start.log; do sleep 0.2; done
  curl --silent --max-time 30 "$(grep -oE 'http://[0-9.:]+' start.log | head -1)/send"
  kill "$server"
  server=
}
try turbopack >seen
try webpack >>seen
cat seen
cat >expected <<'TXT'
turbopack
47 bytes: sent
48 bytes: sent
webpack
47 bytes: sent
48 bytes: ... is not a function
TXT
diff expected seen
