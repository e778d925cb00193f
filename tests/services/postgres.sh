#!/usr/bin/env bash
# A PostgreSQL server of the tests' own: a temporary folder, a free loopback port, no password.
#
#   url=$(tests/services/postgres.sh start)     # prints postgresql://…; ready when it returns
#   tests/services/postgres.sh stop "$url"      # stops that one and removes its folder
#   tests/services/postgres.sh start durable    # as above, and what it has confirmed survives `kill`
#   tests/services/postgres.sh kill "$url"      # stops that one at once, as its machine would
#   tests/services/postgres.sh again "$url"     # starts it again; ready when it returns
#   tests/services/postgres.sh hold             # prints the address; makes a database of each name that it
#                                               # reads, prints its address; stops when its input ends
#
# As root it runs as the system user `postgres`, else as the caller (the server refuses root).
# Several may run at once.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)
if [[ -z $bin ]]; then
    echo "no PostgreSQL server: run tests/setup.sh" >&2
    exit 1
fi
home=/tmp/sluss-postgres

as_server() {
    if ((EUID == 0)); then setpriv --reuid postgres --regid postgres --clear-groups -- "$@"; else "$@"; fi
}

start() {
    local port folder
    # Another process can take a free port between asking and binding: three tries.
    for _ in 1 2 3; do
        port=$(free_port)
        folder=$home-$port
        mkdir -m 700 "$folder"
        if ((EUID == 0)); then chown postgres: "$folder"; fi
        # Run where the server's user may be; no disk flushes: the data is thrown away.
        cd "$folder" 2>/dev/null || cd /
        as_server "$bin/initdb" -D "$folder/data" -U sluss -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log"
        cat >>"$folder/data/postgresql.conf" <<CONF
port = $port
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 60
timezone = 'UTC'
CONF
        # Its process may be killed, its machine is not: what reached the system is safe without flushes.
        if [[ ${1:-} == durable ]]; then
            printf '%s\n' 'synchronous_commit = on' 'full_page_writes = on' >>"$folder/data/postgresql.conf"
        fi
        if as_server "$bin/pg_ctl" -w -s -D "$folder/data" -l "$folder/server.log" start >/dev/null 2>&1; then
            as_server "$bin/createdb" -h 127.0.0.1 -p "$port" -U sluss sluss
            echo "postgresql://sluss@127.0.0.1:$port/sluss"
            return
        fi
        tail -5 "$folder/server.log" >&2 || true
        cd /
        rm -rf "$folder"
    done
    exit 1
}

# The folder of the server at this address.
folder_of() {
    local folder
    folder=$home-$(sed -nE 's|^postgresql://sluss@127\.0\.0\.1:([0-9]+)/.*$|\1|p' <<<"$1")
    ours "$folder" data
    echo "$folder"
}

crash() {
    local folder
    folder=$(folder_of "$1")
    cd /
    as_server "$bin/pg_ctl" -w -s -m immediate -D "$folder/data" stop
}

again() {
    local folder
    folder=$(folder_of "$1")
    cd /
    as_server "$bin/pg_ctl" -w -s -D "$folder/data" -l "$folder/server.log" start >/dev/null
}

# A database more, in the server that is held.
database() {
    as_server "$bin/createdb" -h 127.0.0.1 -p "$(sed -E 's|.*:([0-9]+)/.*|\1|' <<<"$held")" -U sluss "$1"
}

stop() {
    local folder
    folder=$(folder_of "$1")
    cd /
    as_server "$bin/pg_ctl" -w -s -m immediate -D "$folder/data" stop
    rm -rf "$folder"
}

case ${1:-} in
    start) start "${2:-}" ;;
    kill) crash "${2:?the URL that start printed}" ;;
    again) again "${2:?the URL that start printed}" ;;
    hold) hold ;;
    stop) stop "${2:?the URL that start printed}" ;;
    *) echo "usage: postgres.sh start [durable] | kill URL | again URL | stop URL | hold" >&2; exit 2 ;;
esac
