#!/usr/bin/env bash
# The Azure emulator under the Python SDK: rows of table.jsonl, and every operation against every error of faults.json.
set -euo pipefail
cd "$(dirname "$0")/../../.."
python=${STRONGROOM_PYTHON:-$(test/interop/python.sh)}
exec node test/interop/azure-python/run.mjs "$python"
