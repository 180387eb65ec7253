#!/bin/sh
# Prints the path of a Python that can run the project: 3.11 or newer, with venv and ensurepip.
#
# Order: $PYTHON where set, then 3.11 (the version the locks are measured on), 3.12, 3.13, whatever python3 is, 3.14. A name
# that is only a shim of a version manager fails the trial run and is passed over. Debian keeps venv in a package of its own:
# root gets it installed, anybody else is told the line. Exit code 1 and words on stderr where nothing fits.
set -u

CANDIDATES="${PYTHON:-} python3.11 python3.12 python3.13 python3 python3.14"

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
complete() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }
where() { "$1" -c 'import sys; print(sys.executable)'; }

first_complete() {
    for name in $CANDIDATES; do
        if recent "$name" && complete "$name"; then where "$name"; return 0; fi
    done
    return 1
}

first_recent() {
    for name in $CANDIDATES; do
        if recent "$name"; then echo "$name"; return 0; fi
    done
    return 1
}

first_complete && exit 0

if ! name=$(first_recent); then
    echo "tingdan needs Python 3.11 or newer and found none. On Debian 12 and newer: apt-get install python3 python3-venv" >&2
    exit 1
fi
version=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
package="python$version-venv"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing $package (Debian keeps venv apart from python3)" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update >/dev/null 2>&1
    apt-get install -y --no-install-recommends "$package" >/dev/null 2>&1 ||
        apt-get install -y --no-install-recommends python3-venv >&2
    first_complete && exit 0
fi
echo "$name is there, but without the module venv. As root: apt-get install $package    then run the same make command again" >&2
exit 1
