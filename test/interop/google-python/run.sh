#!/usr/bin/env bash
# The Google emulator under the Python SDK, over gRPC, asyncio and REST: rows of table.jsonl, and every operation against
# every error of faults.json.
set -euo pipefail
cd "$(dirname "$0")/../../.."
python=${STRONGROOM_PYTHON:-$(test/interop/python.sh)}
exec node test/interop/google-python/run.mjs "$python"
