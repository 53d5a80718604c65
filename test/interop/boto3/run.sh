#!/usr/bin/env bash
# The AWS emulator under boto3: rows of table.jsonl, and every operation against every error of the service.
set -euo pipefail
cd "$(dirname "$0")/../../.."
python=${STRONGROOM_PYTHON:-$(test/interop/python.sh)}

coproc emulator { exec node dist/cli/main.js emulate aws=0 --json; }
trap 'kill "$emulator_PID"' EXIT
read -r line <&"${emulator[0]}"
url=$(node -p 'JSON.parse(process.argv[1]).aws.url' "$line")
PYTHONPATH=test/interop "$python" test/interop/boto3/interop.py "$url"
