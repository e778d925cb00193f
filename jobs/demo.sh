#!/usr/bin/env bash
# Builds Sluss and runs the whole sample country: code lists, care units, every region's contracts, each
# in a form of its own, waiting times, procurements. No network, no service; all that it writes is in jobs/var.
#
#   jobs/demo.sh            build, run, show
#   jobs/demo.sh --fresh    the same from an empty register
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/sluss/target}
if [[ ${1:-} == --fresh ]]; then
    rm -rf jobs/var
fi
cargo build --locked --quiet
sluss() { "$CARGO_TARGET_DIR/debug/sluss" --project jobs "$@"; }

# Local keys for the encrypted landing zone, in jobs/.secrets, where there are none yet.
sluss init

# Exit 3 says that something was held, or more was rejected than a job allows: worth seeing, not a failure.
sluss run --all || (($? == 3))
sluss jobs
sluss quarantine list
sluss sql "SELECT lanskod, count(*) AS avtal FROM avtal GROUP BY lanskod ORDER BY lanskod"
