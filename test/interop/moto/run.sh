#!/usr/bin/env bash
# The aws provider on moto, a server of AWS that others wrote: the conformance suite, and moto's differences by name.
set -euo pipefail
cd "$(dirname "$0")/../../.."
STRONGROOM_PYTHON=${STRONGROOM_PYTHON:-$(test/interop/python.sh)}
export STRONGROOM_PYTHON
npx vitest run --config test/interop/moto/vitest.config.ts
