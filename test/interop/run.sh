#!/usr/bin/env bash
# Servers and clients that we did not write, against ours: every lane has a folder with a run.sh of its own. All lanes
# run, also when one before them failed.
set -euo pipefail
cd "$(dirname "$0")/../.."
node scripts/build.mjs --if-needed
python=$(test/interop/python.sh)
export STRONGROOM_PYTHON=$python

failed=()
for lane in test/interop/*/run.sh; do
  printf '\n--- %s\n' "$lane"
  bash "$lane" || failed+=("$lane")
done
[ "${#failed[@]}" -eq 0 ] || { printf 'failed: %s\n' "${failed[@]}"; exit 1; }
