#!/usr/bin/env bash
# Set-up and all tests. Arguments go to the test runner (tests/run.sh -E 'test(receipt)').
#
# Tests that need a server start their own; tests that need files from outside the repository find
# them in SLUSS_SHARED (by default ../shared beside the checkout), or say that they were skipped.
# SLUSS_LONG=1 does the whole of the long loops (tests/long) instead of a tenth.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=$(tests/setup.sh | tail -1)
# The Python of the peers that read our lake, and of the scripts that make the sample data.
export SLUSS_TEST_PYTHON=${SLUSS_TEST_PYTHON:-$venv/bin/python}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/sluss/target}
shared=${SLUSS_SHARED:-$PWD/../shared}
if [[ -d $shared ]]; then
    SLUSS_SHARED=$(cd "$shared" && pwd)
    export SLUSS_SHARED
else
    echo "no files from outside the repository in $shared: the tests that read them are skipped"
fi

if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --locked --workspace --features odbc --no-tests=pass "$@"
else
    cargo test --locked --workspace --features odbc --lib --bins --tests -- "$@"
fi
if (($# == 0)); then
    cargo test --locked --workspace --features odbc --doc
fi
