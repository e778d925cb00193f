#!/usr/bin/env bash
# An OpenSSH server of the tests' own: a temporary folder, a free loopback port, keys of its own.
#
#   url=$(tests/services/sshd.sh start)        # prints sftp://USER@127.0.0.1:PORT; ready when it returns
#   tests/services/sshd.sh stop "$url"         # stops that one and removes its folder
#   tests/services/sshd.sh restart "$url"      # ends every connection, and starts it again
#
# It runs as whoever calls, gives SFTP and nothing else, and lets in one user: the caller's own. In
# /tmp/sluss-sshd-PORT lie client (a key that it knows; client-rsa too), locked (a known key behind the
# passphrase `losenfras-som-inte-syns`), stranger (a key that it does not know), host_key.pub (its own
# key) and files (a folder to work in). Passwords: a server that is not root's cannot check them, so it
# refuses every one.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

home=/tmp/sluss-sshd
sshd=$(PATH=$PATH:/usr/sbin command -v sshd || true)
subsystem=internal-sftp

key() { ssh-keygen -q -t "$2" -N "${3:-}" -C "$1" -f "$1"; }

run() {
    local folder=$1
    # As root it wants this folder, which the service would have made.
    if ((EUID == 0)); then mkdir -p -m 755 /run/sshd; fi
    setsid "$sshd" -D -f "$folder/sshd_config" -E "$folder/log" </dev/null >/dev/null 2>&1 &
    echo $! >"$folder/pid"
    local port
    port=${folder##*-}
    for _ in $(seq 100); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return 0; fi
        sleep 0.05
    done
    tail -5 "$folder/log" >&2 || true
    return 1
}

start() {
    local port folder
    if [[ -z $sshd ]]; then
        echo "no OpenSSH server: run tests/setup.sh" >&2
        exit 1
    fi
    # Another process can take a free port between asking and binding: three tries.
    for _ in 1 2 3; do
        port=$(free_port)
        folder=$home-$port
        mkdir -m 700 "$folder"
        cd "$folder"
        mkdir files
        key host_key ed25519
        key client ed25519
        key client-rsa rsa
        key stranger ed25519
        key locked ed25519 losenfras-som-inte-syns
        cat client.pub client-rsa.pub locked.pub >authorized_keys
        cat >sshd_config <<CONF
Port $port
ListenAddress 127.0.0.1
HostKey $folder/host_key
PidFile none
AuthorizedKeysFile $folder/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
PermitRootLogin yes
MaxStartups 100
MaxSessions 100
UseDNS no
LogLevel VERBOSE
Subsystem sftp $subsystem -d $folder/files
ForceCommand $subsystem -d $folder/files
CONF
        if run "$folder"; then
            echo "sftp://$(id -un)@127.0.0.1:$port"
            return
        fi
        cd /
        rm -rf "$folder"
    done
    exit 1
}

folder_of() {
    local folder
    folder=$home-$(sed -nE 's|^sftp://[^@]*@127\.0\.0\.1:([0-9]+)$|\1|p' <<<"$1")
    ours "$folder" sshd_config
    echo "$folder"
}

# The server and the processes of its connections are one group.
halt() { kill -KILL -- "-$(<"$1/pid")" 2>/dev/null || true; sessions "$1"; }

# A connection's process leaves the group when it has logged in: it is known by its configuration.
sessions() {
    local pid
    for pid in $(cat "$1/children" 2>/dev/null); do kill -KILL "$pid" 2>/dev/null || true; done
}

children() {
    local parents next
    parents=$(<"$1/pid")
    : >"$1/children"
    while [[ -n $parents ]]; do
        next=$(for pid in $parents; do cat "/proc/$pid/task/"*/children 2>/dev/null || true; done)
        [[ -n $next ]] && echo "$next" >>"$1/children"
        parents=$next
    done
}

case ${1:-} in
    start) start ;;
    stop)
        folder=$(folder_of "${2:?the URL that start printed}")
        children "$folder"
        halt "$folder"
        rm -rf "$folder"
        ;;
    restart)
        folder=$(folder_of "${2:?the URL that start printed}")
        children "$folder"
        halt "$folder"
        run "$folder"
        ;;
    *) echo "usage: sshd.sh start | stop URL | restart URL" >&2; exit 2 ;;
esac
