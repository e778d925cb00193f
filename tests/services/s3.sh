#!/usr/bin/env bash
# An S3 server of the tests' own (moto, in memory) on a free loopback port, with one bucket.
#
#   url=$(tests/services/s3.sh start)     # prints http://127.0.0.1:PORT; ready when it returns
#   tests/services/s3.sh stop "$url"
#   tests/services/s3.sh hold             # prints the address; stops when its input ends
#
# Bucket `sluss`, access key `test`, secret `test`, region `eu-north-1`. Conditional puts work
# (object_store's PutMode::Create and Update), which not every stand-in can.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

venv=${XDG_CACHE_HOME:-$HOME/.cache}/sluss/venv
home=/tmp/sluss-s3

start() {
    if [[ ! -x $venv/bin/moto_server ]]; then
        echo "no S3 server: run tests/setup.sh" >&2
        exit 1
    fi
    local port folder
    port=$(free_port)
    folder=$home-$port
    mkdir -m 700 "$folder"
    setsid "$venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$folder/log" 2>&1 </dev/null &
    echo $! >"$folder/pid"
    "$venv/bin/python" - "$port" <<'PY' || { cat "$folder/log" >&2; exit 1; }
import sys, time
import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

s3 = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{sys.argv[1]}", region_name="eu-north-1",
                  aws_access_key_id="test", aws_secret_access_key="test",
                  config=Config(retries={"max_attempts": 0}, connect_timeout=1, read_timeout=5))
until = time.monotonic() + 30
while True:
    try:
        s3.create_bucket(Bucket="sluss", CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
        break
    except (BotoCoreError, ClientError):
        if time.monotonic() > until:
            raise
        time.sleep(0.1)
PY
    echo "http://127.0.0.1:$port"
}

stop() {
    local folder
    folder=$home-$(sed -nE 's|^http://127\.0\.0\.1:([0-9]+)$|\1|p' <<<"$1")
    ours "$folder" pid
    end "$folder"
}

case ${1:-} in
    start) start ;;
    hold) hold ;;
    stop) stop "${2:?the URL that start printed}" ;;
    *) echo "usage: s3.sh start | stop URL | hold" >&2; exit 2 ;;
esac
