#!/usr/bin/env bash
# Installs the pinned servers and clients of requirements.txt into .cache/python, once, and prints its interpreter.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=.cache/python
if ! cmp -s test/interop/requirements.txt "$venv/requirements.txt"; then
  python3 -m venv "$venv" >&2
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r test/interop/requirements.txt >&2
  cp test/interop/requirements.txt "$venv/requirements.txt"
fi
printf '%s\n' "$PWD/$venv/bin/python"
