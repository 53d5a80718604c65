#!/usr/bin/env bash
# The emulators of AWS, Azure and Google under the official SDKs for Go, pointed at them as the guide says.
set -euo pipefail
cd "$(dirname "$0")/../../.."
if ! command -v go >/dev/null; then
  echo 'not run: there is no Go on this machine (1.21 or later fetches the version that go.mod names)'
  echo '0 passed, 0 failed'
  exit 0
fi
go build -C test/interop/go -o "$PWD/.cache/interop/go" .

coproc emulators { exec node dist/cli/main.js emulate aws=0 azure=0 gcp=0 --json; }
trap 'kill "$emulators_PID"' EXIT
read -r line <&"${emulators[0]}"
variables='const { aws, azure, gcp } = JSON.parse(process.argv[1])
const more = { SSL_CERT_FILE: azure.caFile, STRONGROOM_GCP_REST_URL: gcp.restUrl }
for (const [name, value] of Object.entries({ ...aws.env, ...azure.env, ...gcp.env, ...more }))
  console.log(name + "=" + value)'
mapfile -t variables < <(node -e "$variables" "$line")
export "${variables[@]}" AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
.cache/interop/go
