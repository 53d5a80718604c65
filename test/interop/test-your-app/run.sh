#!/usr/bin/env bash
# The examples of the page "Test your app", each under the runner that it is written for.
set -euo pipefail
cd "$(dirname "$0")/../../.."
python=${STRONGROOM_PYTHON:-$(test/interop/python.sh)}
here=$PWD folder=.cache/interop/test-your-app
rm -rf "$folder"
mkdir -p "$folder/node_modules"
cp examples/test-your-app/* test/interop/go/go.mod test/interop/go/go.sum "$folder"
# As npm installs it: the checkout under its name, and the packages beside it.
for name in node_modules/*; do ln -s "$here/$name" "$folder/node_modules/"; done
ln -s "$here" "$folder/node_modules/strongroom"
ln -s "$here/node_modules/.bin" "$folder/node_modules/.bin"
cd "$folder"
# Or the configuration of the checkout is found above.
echo 'export default {}' >vitest.config.mjs

passed=0 failed=0
try() {
  local name=$1
  shift
  if "$@" >"$name.log" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'not ok  %s\n' "$name"
    tail -30 "$name.log"
  fi
}
try node node --test node.test.mjs
try vitest npx vitest run vitest.test.mjs
try pytest env AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null "$python" -m pytest -q -p no:cacheprovider test_charge.py
if command -v go >/dev/null; then
  try go env AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null go test ./...
else
  echo 'not run: there is no Go on this machine'
fi
printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
