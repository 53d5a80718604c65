#!/usr/bin/env bash
# Encrypted files under the reference implementation of age, in Go, and its files under ours.
set -euo pipefail
cd "$(dirname "$0")/../../.."
if ! command -v go >/dev/null; then
  echo 'not run: there is no Go on this machine (1.21 or later fetches the version that go.mod names)'
  echo '0 passed, 0 failed'
  exit 0
fi
go build -C test/interop/age -o "$PWD/.cache/interop/age" .
node test/interop/age/drive.mjs .cache/interop/age
