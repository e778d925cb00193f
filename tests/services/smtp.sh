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
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

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
    port=$(free_port)
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
    local folder
    folder=$home-$(sed -nE 's|^localhost:([0-9]+) .*$|\1|p' <<<"$1")
    ours "$folder" pid
    end "$folder"
}

case ${1:-} in
    start) start ;;
    hold) hold ;;
    stop) stop "${2:?what start printed}" ;;
    *) echo "usage: smtp.sh start | stop ADDRESS | hold" >&2; exit 2 ;;
esac
