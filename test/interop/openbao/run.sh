#!/usr/bin/env bash
# The vault provider on OpenBao, a server of Vault's interface that others wrote: the conformance suite, its logins,
# policies, quotas, its seal and a restart, and every operation against every fault.
set -euo pipefail
cd "$(dirname "$0")/../../.."
STRONGROOM_BAO=${STRONGROOM_BAO:-$(bash test/interop/openbao/install.sh)}
export STRONGROOM_BAO
npx vitest run --config test/interop/openbao/vitest.config.ts "$@"
