#!/usr/bin/env bash
# A mail server of the tests' own (aiosmtpd) on a free loopback port, with STARTTLS and log-in.
#
#   told=$(tests/services/smtp.sh start)   # prints localhost:PORT FOLDER; ready when it returns
#   tests/services/smtp.sh stop "$told"
#   tests/services/smtp.sh hold            # prints the same; stops when its input ends
#
# Letters are FOLDER/box/*.eml; the certificate's authority is FOLDER/ca.pem; user `sluss`, password
# `brevlosen-for-prov`.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/sluss/venv
home=/tmp/sluss-smtp

certificates() {
    local folder=$1
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=Prov" -keyout "$folder/ca.key" -out "$folder/ca.pem" \
        -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout "$folder/key.pem" -out "$folder/request.pem" 2>/dev/null
    openssl x509 -req -in "$folder/request.pem" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial -days 2 \
        -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") -out "$folder/certificate.pem" 2>/dev/null
}

start() {
    if ! "$venv/bin/python" -c 'import aiosmtpd' 2>/dev/null; then
        echo "no mail server: run tests/setup.sh" >&2
        exit 1
    fi
    local port folder
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    folder=$home-$port
    mkdir -m 700 "$folder" "$folder/box"
    certificates "$folder"
    setsid "$venv/bin/python" "$here/smtp.py" "$port" "$folder/box" "$folder/certificate.pem" "$folder/key.pem" \
        >"$folder/log" 2>&1 </dev/null &
    echo $! >"$folder/pid"
    for _ in $(seq 300); do
        grep -q ready "$folder/log" && break
        kill -0 "$(<"$folder/pid")" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
        sleep 0.1
    done
    echo "localhost:$port $folder"
}

stop() {
    local port folder pid
    port=$(sed -nE 's|^localhost:([0-9]+) .*$|\1|p' <<<"$1")
    folder=$home-$port
    if [[ -z $port || ! -f $folder/pid ]]; then
        echo "no server of ours at this address" >&2
        exit 2
    fi
    pid=$(<"$folder/pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    rm -rf "$folder"
}

# For a test process: the server goes with it, even where it is killed, since its end of the pipe closes.
hold() {
    held=$(start)
    # Not a local variable: the trap runs when this function has ended.
    trap 'stop "$held"' EXIT
    # Whoever stops the tests may signal the whole group: the end of the input decides, nothing else.
    trap '' INT TERM HUP
    echo "$held"
    cat >/dev/null || true
}

case ${1:-} in
    start) start ;;
    hold) hold ;;
    stop) stop "${2:?what start printed}" ;;
    *) echo "usage: smtp.sh start | stop ADDRESS | hold" >&2; exit 2 ;;
esac
