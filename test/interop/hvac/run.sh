#!/usr/bin/env bash
# The Vault emulator under hvac: rows of table.jsonl, and every operation against every error of faults.json.
set -euo pipefail
cd "$(dirname "$0")/../../.."
python=${STRONGROOM_PYTHON:-$(test/interop/python.sh)}

coproc emulator { exec node dist/cli/main.js emulate vault=0 --json; }
trap 'kill "$emulator_PID"' EXIT
read -r line <&"${emulator[0]}"
url=$(node -p 'JSON.parse(process.argv[1]).vault.url' "$line")
PYTHONPATH=test/interop "$python" test/interop/hvac/interop.py "$url"
