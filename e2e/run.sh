#!/usr/bin/env bash
# Runs the end-to-end suites: real clients and a real browser against the real
# program. Installs what is missing.
#
#   e2e/run.sh [SUITE...]      for example: e2e/run.sh catalog-client pages
#
# PORTWAY_BIN      the program to test instead of target/debug/portway
# PORTWAY_GALLERY  the gallery of components instead of examples/gallery beside that program
# CHROMIUM         the browser instead of /usr/bin/chromium
# PORTWAY_E2E_ALL  1: every language, theme and width together instead of samples
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
say() { printf '%s\n' "e2e: $*" >&2; }

need_packages() {
  local missing=()
  command -v "${CHROMIUM:-/usr/bin/chromium}" >/dev/null || missing+=(chromium)
  # Without a Korean font every letter would be a box of the same width.
  if ! fc-list :lang=ko 2>/dev/null | grep -q .; then missing+=(fonts-noto-cjk fontconfig); fi
  command -v node >/dev/null || missing+=(nodejs npm)
  [ ${#missing[@]} -eq 0 ] && return
  if ! command -v apt-get >/dev/null; then
    say "these are not installed and there is no apt-get: ${missing[*]}"
    exit 69
  fi
  local root_command=()
  [ "$(id -u)" = 0 ] || root_command=(sudo -n)
  say "installing ${missing[*]}"
  {
    "${root_command[@]}" apt-get update -q
    "${root_command[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
  } >&2
}

need_node_modules() {
  # npm writes this file last.
  local stamp=$here/node_modules/.package-lock.json
  if [ ! -e "$stamp" ] || [ "$here/package-lock.json" -nt "$stamp" ]; then
    say "npm ci"
    (cd "$here" && npm ci --no-audit --no-fund --loglevel=error >&2)
  fi
}

need_packages
need_node_modules
if [ -z "${PORTWAY_BIN:-}" ]; then
  (cd "$root" && cargo build --quiet --bin portway)
  export PORTWAY_BIN=${CARGO_TARGET_DIR:-$root/target}/debug/portway
fi
export PORTWAY_GALLERY=${PORTWAY_GALLERY:-$(dirname "$PORTWAY_BIN")/examples/gallery}
if [ ! -x "$PORTWAY_GALLERY" ]; then
  (cd "$root" && cargo build --quiet -p portal --example gallery)
  PORTWAY_GALLERY=${CARGO_TARGET_DIR:-$root/target}/debug/examples/gallery
fi

suites=()
for suite in "$@"; do suites+=("$here/$suite.test.mjs"); done
[ ${#suites[@]} -gt 0 ] || suites=("$here"/*.test.mjs)
rm -rf "$here/out"
mkdir -p "$here/out"
# One suite at a time: each starts its own server, one of them a browser too.
exec node --test --test-concurrency=1 --test-timeout=900000 "${suites[@]}"
