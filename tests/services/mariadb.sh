#!/usr/bin/env bash
# A MariaDB server of the tests' own: a temporary folder, a free loopback port.
#
#   url=$(tests/services/mariadb.sh start)     # prints mysql://…; ready when it returns
#   tests/services/mariadb.sh stop "$url"      # stops that one and removes its folder
#   tests/services/mariadb.sh hold             # prints the address; makes a database of each name that it
#                                              # reads, prints its address; stops when its input ends
#
# User `sluss`, password `sluss`, database `sluss`. As root it runs as the system user `mysql`, else
# as the caller (the server refuses root). Several may run at once.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

server=$(command -v mariadbd || ls /usr/sbin/mariadbd 2>/dev/null || true)
if [[ -z $server ]]; then
    echo "no MariaDB server: run tests/setup.sh" >&2
    exit 1
fi
home=/tmp/sluss-mariadb

as_server() {
    if ((EUID == 0)); then setpriv --reuid mysql --regid mysql --clear-groups -- "$@"; else "$@"; fi
}

admin() { mariadb --no-defaults --socket "$1/socket" "${@:2}"; }

# installed FOLDER: an empty database. Its temporary tables lie there too: a server that starts takes away those that
# it finds, as left by one that ended, and would take another's that is at work.
installed() {
    as_server mkdir "$1/tmp"
    as_server mariadb-install-db --no-defaults --datadir="$1/data" --tmpdir="$1/tmp" --auth-root-authentication-method=normal \
        --skip-test-db >"$1/install.log" 2>&1
}

# answers FOLDER: the server lets its administrator in, within half a minute.
answers() {
    for _ in $(seq 300); do
        if admin "$1" -u root -e 'SELECT 1' >/dev/null 2>&1; then return 0; fi
        # Installed by half: it never will.
        if grep -q 'Access denied' "$1/server.log"; then return 1; fi
        sleep 0.1
    done
    return 1
}

start() {
    local port folder user
    # Another process can take a free port between asking and binding: three tries.
    for _ in 1 2 3; do
        port=$(free_port)
        folder=$home-$port
        mkdir -m 700 "$folder"
        user=$(id -un)
        if ((EUID == 0)); then
            chown mysql: "$folder"
            user=mysql
        fi
        cd "$folder" 2>/dev/null || cd /
        if installed "$folder"; then
            # No disk flushes: the data is thrown away.
            as_server setsid "$server" --no-defaults --user="$user" --datadir="$folder/data" --tmpdir="$folder/tmp" \
                --socket="$folder/socket" --pid-file="$folder/pid" --port="$port" --bind-address=127.0.0.1 --skip-name-resolve \
                --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync --innodb-buffer-pool-size=64M \
                --character-set-server=utf8mb4 --default-time-zone=+01:00 >"$folder/server.log" 2>&1 </dev/null &
            if answers "$folder"; then
                admin "$folder" -u root -e "CREATE DATABASE sluss; CREATE USER sluss@'%' IDENTIFIED BY 'sluss'; GRANT ALL ON *.* TO sluss@'%' WITH GRANT OPTION"
                echo "mysql://sluss:sluss@127.0.0.1:$port/sluss"
                return
            fi
        fi
        tail -n 5 "$folder"/*.log >&2 || true
        cd /
        end "$folder" KILL
    done
    exit 1
}

# The folder of the server at this address.
folder_of() { sed -nE "s|^mysql://sluss:sluss@127\.0\.0\.1:([0-9]+)/.*\$|$home-\1|p" <<<"$1"; }

# A database more, in the server that is held.
database() { admin "$(folder_of "$held")" -u root -e "CREATE DATABASE $1"; }

stop() {
    local folder
    folder=$(folder_of "$1")
    ours "$folder" pid
    end "$folder" KILL
}

case ${1:-} in
    start) start ;;
    hold) hold ;;
    stop) stop "${2:?the URL that start printed}" ;;
    *) echo "usage: mariadb.sh start | stop URL | hold" >&2; exit 2 ;;
esac
