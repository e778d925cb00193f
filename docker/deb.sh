#!/usr/bin/env bash
# Makes the Debian package. Needs cargo-deb (cargo install cargo-deb --locked).
#
#   docker/deb.sh                   # builds the program as it is installed, and packs it
#   docker/deb.sh --built PROFILE   # packs what is built already (dev, release, dist)
#
# The last line is the package's path.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

profile=dist
if [[ ${1:-} == --built ]]; then
    profile=${2:?a profile}
else
    cargo build --locked --profile dist --bin sluss
fi
folder=$profile
if [[ $profile == dev ]]; then folder=debug; fi
built=${CARGO_TARGET_DIR:-target}/$folder

# What shells complete is told by the program itself.
mkdir -p "$built/completions"
for shell in bash zsh fish; do
    "$built/sluss" completions "$shell" >"$built/completions/sluss.$shell"
done

out=${SLUSS_DEB_OUT:-${CARGO_TARGET_DIR:-target}/debian}
mkdir -p "$out"
# What is not to be installed need not be small.
fast=()
if [[ $profile != dist ]]; then fast=(--fast); fi
cargo deb --no-build --no-strip "${fast[@]}" --profile "$profile" --locked --quiet --output "$out/" >&2
find "$out" -name 'sluss_*.deb' -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2-
