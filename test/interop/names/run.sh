#!/usr/bin/env bash
# Secrets that the Python SDKs of four services have made, under names of theirs, read by our providers.
set -euo pipefail
cd "$(dirname "$0")/../../.."
python=${STRONGROOM_PYTHON:-$(test/interop/python.sh)}

coproc emulators { exec node dist/cli/main.js emulate aws=0 vault=0 gcp=0 azure=0 --json; }
trap 'kill "$emulators_PID"' EXIT
read -r line <&"${emulators[0]}"
"$python" test/interop/names/create.py "$line"
node test/interop/names/read.mjs "$line"
