#!/usr/bin/env bash
# An OpenLDAP server of the tests' own: a temporary folder, free loopback ports, certificates and a
# made-up HSA catalogue of its own.
#
#   url=$(tests/services/openldap.sh start [UNITS])    # prints ldaps://localhost:PORT; ready when it returns
#   tests/services/openldap.sh stop "$url"             # stops that one and removes its folder
#
# In /tmp/sluss-openldap-PORT lie ca.pem (the server's issuer), client.pem and client.key (which it
# knows as cn=sluss), stranger.pem and stranger.key (which it does not), plain (the address without
# TLS), and units (how many there are; 300 unless told).
#
# cn=sluss,o=Region Exempel,… (password losenord-som-inte-syns) reads everything in pages, and 500
# entries without them; cn=admin (password admin) writes; nobody else sees anything.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=/tmp/sluss-openldap
top='o=Region Exempel,l=Exempelköping,c=SE'
slapd=$(PATH=$PATH:/usr/sbin:/usr/local/libexec command -v slapd || true)

# authority NAME: a key and a certificate that signs others.
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
        -addext basicConstraints=critical,CA:TRUE -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

# certificate NAME SUBJECT EXTENSION AUTHORITY
certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
    openssl x509 -req -in "$1.csr" -CA "$4.pem" -CAkey "$4.key" -CAcreateserial -days 2 \
        -extfile <(echo "$3") -out "$1.pem" 2>/dev/null
}

start() {
    local units=$1 port plain folder
    if [[ -z $slapd ]]; then
        echo "no OpenLDAP server: run tests/setup.sh" >&2
        exit 1
    fi
    # Another process can take a free port between asking and binding: three tries.
    for _ in 1 2 3; do
        port=$(free_port)
        plain=$(free_port)
        folder=$home-$port
        mkdir -m 700 "$folder"
        cd "$folder"
        mkdir data
        authority ca
        authority other
        certificate server /CN=localhost subjectAltName=DNS:localhost ca
        certificate client /C=SE/O=Exempel/OU=Funktion/CN=sluss extendedKeyUsage=clientAuth ca
        certificate stranger /C=SE/O=Exempel/OU=Funktion/CN=sluss extendedKeyUsage=clientAuth other
        echo "ldap://localhost:$plain" >plain
        echo "$units" >units
        cat >slapd.conf <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include $here/openldap/hsa.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $folder/pid
TLSCACertificateFile $folder/ca.pem
TLSCertificateFile $folder/server.pem
TLSCertificateKeyFile $folder/server.key
TLSVerifyClient try
authz-regexp "^cn=sluss,ou=funktion,o=exempel,c=se\$" "cn=sluss,$top"
database mdb
suffix c=SE
rootdn cn=admin,c=SE
rootpw admin
directory $folder/data
maxsize 1073741824
dbnosync
index objectClass,hsaIdentity eq
index entryCSN,modifyTimestamp eq
limits dn.exact="cn=sluss,$top" size.soft=500 size.hard=500 size.pr=1000 size.prtotal=unlimited
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=sluss,$top" read by anonymous auth by * none
CONF
        python3 "$here/openldap/units.py" "$units" >katalog.ldif
        "$slapd" -T add -q -f slapd.conf -l katalog.ldif >slapadd.log 2>&1 || { tail -5 slapadd.log >&2; exit 1; }
        if "$slapd" -f slapd.conf -h "ldaps://127.0.0.1:$port ldap://127.0.0.1:$plain" >slapd.log 2>&1 </dev/null; then
            echo "ldaps://localhost:$port"
            return
        fi
        tail -5 slapd.log >&2 || true
        cd /
        rm -rf "$folder"
    done
    exit 1
}

stop() {
    local folder
    folder=$home-$(sed -nE 's|^ldaps://localhost:([0-9]+)$|\1|p' <<<"$1")
    ours "$folder" slapd.conf
    end "$folder"
}

case ${1:-} in
    start) start "${2:-300}" ;;
    stop) stop "${2:?the URL that start printed}" ;;
    *) echo "usage: openldap.sh start [UNITS] | stop URL" >&2; exit 2 ;;
esac
