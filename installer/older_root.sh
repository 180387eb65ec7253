#!/usr/bin/env bash
# Packages for older systems (UOS V20, Kylin V10 SP1, Debian 11; x86_64): the same build in a Debian 11 root. As root:
#
#   installer/older_root.sh FOLDER        -> FOLDER/dist/*.deb, *.rpm; FOLDER gets the root (3 GB) and logs
#
# Debian 11 has no Python 3.11: it is built there from Debian 12's source package, whose checksum apt compares with the signed list.
# That root has glibc 2.31; UOS V20 has 2.28. What we compile there (Python, SQLite) therefore asks for the older names of the few functions
# that were given new ones since (a header in every file says so), and does without what is newer: the package asks for glibc 2.28.
# The run dependencies are those of installer/locks/runtime-older.txt (PySide6 6.9). A second run takes the root as it stands.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mkdir -p "$1" && cd "$1" && pwd)
root="$folder/root"
python=/opt/python3.11
mirror=$(grep -hoE '^(URIs:|deb) +[^ ]+' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | awk '{print $2}' | head -1 || true)

cleanup() { awk -v below="$folder/" 'index($2, below) == 1 {print $2}' /proc/mounts | sort -r | while read -r point; do umount -l "$point"; done; }
trap cleanup EXIT
bind() { [ -e "$1" ] || return 0; if [ -d "$1" ]; then mkdir -p "$2"; else mkdir -p "$(dirname "$2")"; touch "$2"; fi; mount --bind -o ro "$1" "$2"; }
inside() { chroot "$root" /usr/bin/env -i PATH="$python/bin:/usr/sbin:/usr/bin:/sbin:/bin" LANG=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive \
    "${kept[@]}" nice sh -c "$1"; }

if [ ! -e "$root/.ready" ]; then
    [ -e "$root/bin/sh" ] || debootstrap --variant=minbase --include=ca-certificates bullseye "$root" "$mirror" > "$folder/debootstrap.log"
    touch "$root/.ready"
fi
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
for place in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/ssl/certs /usr/local/share/ca-certificates; do bind "$place" "$root$place"; done
for place in $({ cat /etc/pip.conf /root/.config/pip/pip.conf 2>/dev/null || true; env | grep '^PIP_' || true; } |
    grep -oE '(file://)?/opt/[^ ]+' | sed -E 's#^file://##; s#/simple/?$##' | sort -u); do bind "$place" "$root$place"; done
[ ! -e /root/.config/pip ] || { mkdir -p "$root/etc/xdg/pip"; cp -a /root/.config/pip/. "$root/etc/xdg/pip/"; }
cp -a /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
kept=(NICE=1)
while IFS= read -r line; do kept+=("$line"); done < <(env | grep -E '^(PIP_|SSL_CERT|REQUESTS_CA|[a-z]+_proxy=|[A-Z]+_PROXY=)' || true)

if [ ! -x "$root$python/bin/python3.11" ]; then
    inside "apt-get update && apt-get install -y --no-install-recommends build-essential git binutils openssl pkg-config libssl-dev zlib1g-dev \
        libffi-dev libbz2-dev liblzma-dev uuid-dev tcl" > "$folder/apt.log" 2>&1
    mkdir -p "$folder/source/lists/partial"
    echo "deb-src $mirror bookworm main" > "$folder/source/sources.list"
    echo "deb-src $mirror bullseye main" >> "$folder/source/sources.list"
    (cd "$folder/source" && apt-get -qq -o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::Lists="$PWD/lists" update &&
        apt-get -qq -o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::Lists="$PWD/lists" \
            -o APT::Sandbox::User=root --download-only source python3.11 sqlite3/bullseye)
    for name in exp exp2 log log2 pow; do echo "__asm__(\".symver $name,$name@GLIBC_2.2.5\");"; done > "$root/opt/older-names.h"
    for name in python3.11 sqlite3; do
        rm -rf "$root/usr/src/$name" && mkdir -p "$root/usr/src/$name"
        tar -xf "$folder/source/${name}"_*.orig.tar.* -C "$root/usr/src/$name" --strip-components=1
    done
    inside "cd /usr/src/sqlite3 && ./configure -q --prefix=$python --disable-tcl --enable-fts5 --enable-load-extension --disable-static \
        CFLAGS='-O2 -include /opt/older-names.h -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_SECURE_DELETE' && make -s -j2 libsqlite3.la sqlite3.h &&
        mkdir -p $python/lib $python/include && ./libtool --mode=install install libsqlite3.la $python/lib && cp sqlite3.h sqlite3ext.h $python/include" \
        > "$folder/sqlite.log" 2>&1
    inside "cd /usr/src/python3.11 && ac_cv_func_sem_clockwait=no ./configure -q --prefix=$python --enable-shared --with-ensurepip=install \
        CFLAGS='-include /opt/older-names.h' CPPFLAGS=-I$python/include LDFLAGS='-L$python/lib -Wl,-rpath,$python/lib' &&
        make -s -j2 && make -s install" > "$folder/python.log" 2>&1
fi

rm -rf "$root/work" && git clone -q "$here" "$root/work"
inside "cd /work && python3.11 installer/freeze.py --older && python3.11 installer/pack.py"
mkdir -p "$folder/dist" && cp -a "$root/work/dist/." "$folder/dist/"
ls -la "$folder/dist"
