#!/usr/bin/env bash
# A PostgreSQL server for the tests, which leaves nothing behind.
#
#   tests/postgres.sh start           start it (or find it running); prints the URL
#   tests/postgres.sh stop            stop it and delete its files
#   tests/postgres.sh run COMMAND...  start, run COMMAND with PORTWAY_TEST_POSTGRES
#                                     set, stop; exits as COMMAND did
#
# Listens on a free port of 127.0.0.1 and trusts whoever connects (except the
# user needs_password), so it is for tests only. Speed before safety: it does not wait for the disk. Its files lie
# in a directory of /tmp that belongs to this checkout and this user.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${TMPDIR:-/tmp}/portway-postgres-$(id -u)-$(printf '%s' "$here" | cksum | cut -d' ' -f1)

say() { printf '%s\n' "postgres.sh: $*" >&2; }

# The server refuses to run as root.
as_owner() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

find_programs() {
  local directory
  for directory in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
    "$(pg_config --bindir 2>/dev/null || true)"; do
    if [ -n "$directory" ] && [ -x "$directory/initdb" ] && [ -x "$directory/pg_ctl" ]; then
      printf '%s\n' "$directory"
      return 0
    fi
  done
  return 1
}

install_programs() {
  if ! command -v apt-get >/dev/null; then
    say "PostgreSQL is not installed and there is no apt-get. Install PostgreSQL 14 or newer"
    say "so that initdb and pg_ctl are in \$(pg_config --bindir), then run this again."
    exit 69
  fi
  local root=()
  if [ "$(id -u)" != 0 ]; then root=(sudo -n); fi
  say "installing the package postgresql"
  {
    "${root[@]}" apt-get update -q
    # Debian starts a server of its own after installing; it is not wanted.
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive PG_CLUSTER_CONF_ROOT=/nonexistent \
      apt-get install -q -y --no-install-recommends postgresql
  } >&2
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

running() {
  [ -f "$home/url" ] && as_owner "$programs/pg_ctl" -D "$home/data" status >/dev/null 2>&1
}

start() {
  if running; then
    cat "$home/url"
    return
  fi
  remove
  mkdir -m 700 "$home"
  if [ "$(id -u)" = 0 ]; then chown postgres: "$home"; fi
  as_owner "$programs/initdb" -D "$home/data" --username=postgres --auth=trust \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$home.log" 2>&1 || fail_with_log
  # One user has to give a password, so that a wrong one can be tested.
  as_owner sed -i '1i host all needs_password 127.0.0.1/32 scram-sha-256' "$home/data/pg_hba.conf"
  local port attempt
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + RANDOM % 20000))
    port_is_free "$port" || continue
    if as_owner "$programs/pg_ctl" -D "$home/data" -w -t 60 -l "$home/server.log" start -o "\
      -c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$home \
      -c max_connections=200 -c shared_buffers=64MB \
      -c fsync=off -c synchronous_commit=off -c full_page_writes=off" >>"$home.log" 2>&1; then
      printf 'postgres://postgres@127.0.0.1:%s/postgres\n' "$port" >"$home/url"
      cat "$home/url"
      return
    fi
  done
  fail_with_log
}

fail_with_log() {
  say "the server did not start:"
  cat "$home.log" "$home/server.log" >&2 2>/dev/null || true
  exit 70
}

remove() {
  if [ -d "$home/data" ]; then
    as_owner "$programs/pg_ctl" -D "$home/data" -w -m immediate stop >/dev/null 2>&1 || true
  fi
  rm -rf -- "$home" "$home.log"
}

programs=$(find_programs) || { install_programs; programs=$(find_programs); }

case "${1:-}" in
  start) start ;;
  stop) remove ;;
  run)
    shift
    [ $# -gt 0 ] || { say "run what?"; exit 64; }
    was_running=no
    if running; then was_running=yes; fi
    PORTWAY_TEST_POSTGRES=$(start)
    export PORTWAY_TEST_POSTGRES
    if [ "$was_running" = no ]; then trap remove EXIT; fi
    status=0
    "$@" || status=$?
    exit "$status"
    ;;
  *)
    say "usage: tests/postgres.sh start | stop | run COMMAND..."
    exit 64
    ;;
esac
