#!/usr/bin/env bash
# publint 0.3.25 and Parcel 2.16.4: a package with one file for Node and another for pages.
#
# publint suggests that the field `browser` be replaced by the condition of the same name in `exports`. Parcel reads no `exports` unless
# the app's own package.json turns that on, so following the suggestion makes it bundle the file for Node, without a word. A package
# that keeps both fields works everywhere, and the suggestion stays.
#
# Seen with Node 20: publint suggests for the package with both and not for the one with exports alone; Parcel takes "page" from the first
# and "node" from the second.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# Without the `main` of `npm init`, which Parcel would take for what to build.
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts publint@0.3.25 parcel@2.16.4
make() {
  mkdir -p "node_modules/$1/dist"
  echo "export const place = 'node'" >"node_modules/$1/dist/node.js"
  echo "export const place = 'page'" >"node_modules/$1/dist/page.js"
  cat >"node_modules/$1/package.json" <<JSON
{ "name": "$1", "version": "1.0.0", "type": "module", "license": "MIT", "files": ["dist"], "sideEffects": false,
  "main": "./dist/node.js", $2
  "exports": { ".": { "browser": "./dist/page.js", "default": "./dist/node.js" } } }
JSON
  echo "<script type=\"module\">import { place } from '$1'; document.title = 'for the ' + place</script>" >"$1.html"
  npx parcel build "$1.html" --no-cache --no-optimize --no-source-maps --dist-dir "out-$1" >/dev/null 2>&1
  grep -rhoE "= '(node|page)'" "out-$1" | grep -oE 'node|page' | sed 's/^/  Parcel takes: /'
  (cd "node_modules/$1" && npx publint --pack npm 2>&1 | grep -oE 'pkg.browser|All good' | head -1 | sed 's/^/  publint says: /')
}
{
  echo 'both fields'
  make with-both '"browser": { "./dist/node.js": "./dist/page.js" },'
  echo 'exports alone'
  make with-exports ''
} | tee seen
cat >expected <<'TXT'
both fields
  Parcel takes: page
  publint says: pkg.browser
exports alone
  Parcel takes: node
  publint says: All good
TXT
diff expected seen
