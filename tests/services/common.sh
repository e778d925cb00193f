# What the scripts of these servers share; they read it in. A script has `start` and `stop ADDRESS`, and may
# have `database NAME` for what it is asked for while it holds a server.
# shellcheck shell=bash

# What fails in $(…) fails the script, as elsewhere.
shopt -s inherit_errexit

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# ours FOLDER FILE: the folder has what a server of ours has.
ours() {
    if [[ $1 == *- || ! -e $1/$2 ]]; then
        echo "no server of ours at this address" >&2
        exit 2
    fi
}

# end FOLDER [SIGNAL]: ends the process whose number is in its file, and removes the folder.
end() {
    local pid
    pid=$(cat "$1/pid" 2>/dev/null || true)
    if [[ -n $pid ]]; then
        kill "-${2:-TERM}" "$pid" 2>/dev/null || true
        for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    fi
    rm -rf "$1"
}

# For a test process: the server goes with it, even where it is killed, since its end of the pipe closes.
hold() {
    local name
    held=$(start)
    # Not a local variable: the trap runs when this function has ended.
    trap 'stop "$held"' EXIT
    # Whoever stops the tests may signal the whole group: the end of the input decides, nothing else.
    trap '' INT TERM HUP
    echo "$held"
    while read -r name; do
        database "$name"
        echo "${held%/*}/$name"
    done
}
