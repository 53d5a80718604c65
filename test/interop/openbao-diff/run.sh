#!/usr/bin/env bash
# The Vault emulator against OpenBao: the same recorded requests to both, and no difference but those that are explained.
set -euo pipefail
cd "$(dirname "$0")/../../.."
bao=${STRONGROOM_BAO:-$(bash test/interop/openbao/install.sh)}
exec node test/interop/openbao-diff/run.mjs "$bao" "$@"
