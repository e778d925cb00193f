#!/usr/bin/env bash
# The national nightly load: Sluss beside the peers, on the same machine in the same minutes.
#
#   tests/bench/bench.sh [--rows 1m] [--seeds 42,7,11] [--peers duckdb,polars,pyarrow] [--repeat 1]
#
# Needs the harness (SLUSS_SHARED/bench, by default ../shared/bench beside the checkout) and a
# release build: SLUSS_BIN, by default target/release/sluss in CARGO_TARGET_DIR. Wall times swing on
# a shared machine: only ratios within one run are safe.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
harness=${SLUSS_SHARED:-$root/../shared}/bench
work=${XDG_CACHE_HOME:-$HOME/.cache}/sluss/bench
rows=1m seeds=42,7,11 peers=duckdb,polars,pyarrow repeat=1

while (($#)); do
    case $1 in
        --rows) rows=$2 ;;
        --seeds) seeds=$2 ;;
        --peers) peers=$2 ;;
        --repeat) repeat=$2 ;;
        *) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    esac
    shift 2
done

if [[ ! -f $harness/run.py ]]; then
    echo "skipped: no harness in $harness (set SLUSS_SHARED)"
    exit 0
fi
SLUSS_BIN=${SLUSS_BIN:-${CARGO_TARGET_DIR:-$root/target}/release/sluss}
if [[ ! -x $SLUSS_BIN ]]; then
    echo "no program at $SLUSS_BIN: run cargo build --release, or set SLUSS_BIN" >&2
    exit 1
fi
export SLUSS_BIN

# Peers and harness in the cache, never in the checkout.
mkdir -p "$work"
cp "$harness"/*.py "$harness"/*.sh "$work"/
if [[ ! -x $work/venv/bin/python ]]; then
    python3 -m venv "$work/venv"
fi
"$work/venv/bin/pip" install -q numpy==2.4.6 pyarrow==26.0.1 duckdb==2.0.0 polars==2.1.0 'psycopg[binary]==3.3.9'

# The harness's own database server runs as another user, who must reach its folder.
PGBENCH_DIR=$(mktemp -d /tmp/sluss-bench-pg.XXXXXX)
export PGBENCH_DIR
chmod 755 "$PGBENCH_DIR"
trap '"$work/pg.sh" stop >/dev/null 2>&1 || true; rm -rf "$PGBENCH_DIR"' EXIT

for seed in ${seeds//,/ }; do
    # run.py keeps data, output and results beside itself: one folder per seed.
    at=$work/seed-$seed
    mkdir -p "$at/data" "$at/out"
    ln -sfn "$work/venv" "$at/venv"
    for file in "$work"/*.py "$work"/*.sh; do ln -sf "$file" "$at/"; done
    if [[ ! -f $at/data/$rows/answer_key.json ]]; then
        count=$("$work/venv/bin/python" -c 'import sys; s = sys.argv[1]; print(int(float(s[:-1]) * {"k": 1e3, "m": 1e6}[s[-1]]))' "$rows")
        "$work/venv/bin/python" "$work/gen.py" --rows "$count" --seed "$seed" --out "$at/data/$rows"
    fi
    rm -f "$at/results.jsonl"
    "$work/venv/bin/python" "$at/run.py" --sizes "$rows" --peers "$peers" --repeat "$repeat" \
        --contestant "$work/venv/bin/python $here/contestant.py {data} {out}" >/dev/null
    echo "seed $seed, $rows rows"
    "$work/venv/bin/python" "$here/ratios.py" "$at/results.jsonl"
done
