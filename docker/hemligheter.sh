#!/usr/bin/env bash
# Makes the secrets of docker/compose.yaml that are missing; what is there is left alone.
#
#   docker/hemligheter.sh [FOLDER]      # docker/hemligheter unless said
#
# The files are readable by the container's user (10001) alone. Keep copies of the keys elsewhere: what they
# have closed cannot be opened without them.
set -euo pipefail

folder=${1:-$(dirname "${BASH_SOURCE[0]}")/hemligheter}
install -d -m 700 "$folder"
umask 077

# make NAME reads the secret from its input.
make() {
    if [[ -e $folder/$1 ]]; then cat >/dev/null; else cat >"$folder/$1"; fi
}

for key in huvudnyckel pseudonymnyckel kvittonyckel; do
    printf '1:%s\n' "$(openssl rand -base64 32)" | make "$key"
done
openssl rand -hex 24 | make register_losen
printf 'postgresql://sluss:%s@register:5432/sluss\n' "$(<"$folder/register_losen")" | make register_url
printf 'sluss%s\n' "$(openssl rand -hex 4)" | make lager_id
openssl rand -hex 24 | make lager_nyckel

if ((EUID == 0)); then
    # The images of PostgreSQL and MinIO read theirs as root.
    chown -R 10001:10001 "$folder"
else
    echo "run as root, or give the files to user 10001: the containers read them as that user" >&2
fi
