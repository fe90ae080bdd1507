#!/usr/bin/env bash
# sodium-universal 2.0.0 (of hypercore 6 and hyperdb 3) installed beside sodium-native 5.0.6 (of today's hyper* packages).
#
# sodium-universal 2 requires `sodium-native` if any is found, of whatever version, and falls back to JavaScript only if there is
# none. sodium-native 5 no longer has `crypto_stream_xor_instance`, so a hypercore of 2019 that works alone fails as soon as an
# app also installs a current one, without either of them having changed.
#
# Seen with Node 20: "function" alone, "undefined" beside sodium-native 5.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
look="console.log(typeof require('sodium-universal').crypto_stream_xor_instance)"
npm install --silent --no-audit --no-fund --ignore-scripts --omit=optional sodium-universal@2.0.0
alone=$(node -e "$look")
npm install --silent --no-audit --no-fund --ignore-scripts --omit=optional sodium-native@5.0.6
beside=$(node -e "$look")
echo "alone: $alone"
echo "beside sodium-native 5: $beside"
[ "$alone" = function ] && [ "$beside" = undefined ]
