#!/usr/bin/env bash
# Proves that the two commands need nothing but python3, make and git: builds a bare Debian root and runs them there.
#
#   installer/prove_fresh_machine.sh FOLDER [CASE...]       as root; FOLDER gets a root per case (2-3 GB each, left for a look)
#
# Cases:
#   root-shared      root, ../shared beside the clone: make demo, again, make test, doctor
#   root-download    root, no ../shared: the model's archive fetched over HTTP (packed here from ../shared, served on loopback)
#   root-alone       root, no ../shared: model from the official release where it can be reached, else Whisper base
#   user-shared      an ordinary user, no system packages, no python3-venv beforehand: told the lines; then root types them
#   user-bare        an ordinary user, python3-venv there, no system packages at all: tests and demo go as far as they can
#
# The mirror, the certificates and pip's configuration are taken from this machine; the source is the committed HEAD of the
# repository this script lies in. Each command's output lands in FOLDER/CASE.log; a table of exit codes and seconds grows in
# FOLDER/table.txt.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mkdir -p "$1" && cd "$1" && pwd)
shift
cases=("$@")
[ ${#cases[@]} -gt 0 ] || cases=(root-shared root-download root-alone user-shared user-bare)

mirror() {  # first Debian mirror of this machine's apt
    grep -hoE '^(URIs:|deb) +[^ ]+' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | awk '{print $2}' | head -1
}

base="$folder/base"
if [ ! -e "$base/.ready" ]; then
    echo "building a bare Debian root with python3, make, git"
    debootstrap --variant=minbase --include=python3,make,git,ca-certificates bookworm "$base" "$(mirror)" > "$folder/debootstrap.log"
    touch "$base/.ready"
fi

cleanup() {  # everything that is mounted below the folder, innermost first
    local point
    awk -v below="$folder/" 'index($2, below) == 1 {print $2}' /proc/mounts | sort -r | while read -r point; do umount -l "$point"; done
}
server=""
address=""
trap 'cleanup; [ -z "$server" ] || kill "$server"' EXIT

bind() {  # read-only look at a file or folder of this machine, at the same place in the root
    [ -e "$1" ] || return 0
    if [ -d "$1" ]; then mkdir -p "$2"; else mkdir -p "$(dirname "$2")"; touch "$2"; fi
    mount --bind -o ro "$1" "$2"
}

new_root() {  # a copy of the base with the network's configuration of this machine and a clean clone
    root="$folder/$1"
    cleanup
    if grep -q " $root/" /proc/mounts; then echo "still mounted below $root" >&2; exit 1; fi
    rm -rf --one-file-system "$root"
    cp -a "$base" "$root"
    mount -t proc proc "$root/proc"
    mount --bind /dev "$root/dev"
    [ ! -e /dev/pts/ptmx ] || mount --bind /dev/pts "$root/dev/pts"
    mount -t tmpfs tmpfs "$root/tmp"
    local place
    for place in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/ssl/certs /usr/local/share/ca-certificates; do
        bind "$place" "$root$place"
    done
    rm -rf "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d" "$root/etc/apt/apt.conf.d"
    cp -a /etc/apt/sources.list.d /etc/apt/apt.conf.d "$root/etc/apt/"
    [ ! -e /etc/apt/sources.list ] || cp -a /etc/apt/sources.list "$root/etc/apt/"
    [ ! -e /root/.config/pip ] || { mkdir -p "$root/etc/xdg/pip"; cp -a /root/.config/pip/. "$root/etc/xdg/pip/"; }
    # folders of packages that pip's configuration points to
    for place in $(pip_folders); do bind "$place" "$root$place"; done
    mkdir -p "$root/work"
    git clone -q "$here" "$root/work/tingdan"
    chroot "$root" useradd -m clerk
}

pip_folders() {  # local folders named in pip's configuration and environment
    { cat /etc/pip.conf /root/.config/pip/pip.conf 2>/dev/null || true; env | grep '^PIP_' || true; } |
        grep -oE '(file://)?/opt/[^ ]+' | sed -E 's#^file://##; s#/simple/?$##' | sort -u
}

serve_model() {  # the acoustic model as an archive on loopback; its address goes into the commands' environment
    tar -cjf "$folder/model.tar.bz2" -C "$here/../shared/models" zipformer-zh-3.3m
    python3 -u -m http.server --bind 127.0.0.1 --directory "$folder" 0 > "$folder/server.log" 2>&1 &
    server=$!
    local port=""
    while [ -z "$port" ]; do port=$(grep -oE 'port [0-9]+' "$folder/server.log" | cut -d' ' -f2) || true; sleep 0.2; done
    address="TINGDAN_MODEL_ADDRESS=http://127.0.0.1:$port/model.tar.bz2"
}

give_shared() { bind "$here/../shared" "$1/work/shared"; }

run_in() {  # run_in ROOT USER LOG COMMAND [NOTE]: one row of the table; NOTE offline: with no network but loopback
    local root=$1 user=$2 log=$3 command=$4 note=${5:-} begin code=0 apart=()
    [ "$note" != offline ] || apart=(unshare -n sh -c 'ip link set lo up && exec "$@"' offline)
    local keep=(PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8)
    [ -z "$address" ] || keep+=("$address")
    while IFS= read -r line; do keep+=("$line"); done < <(env | grep -E '^(PIP_|SSL_CERT|REQUESTS_CA|CURL_CA|GIT_SSL|[a-z]+_proxy=|[A-Z]+_PROXY=)' || true)
    [ "$user" = root ] && keep+=(HOME=/root) || keep+=(HOME=/home/clerk USER=clerk)
    printf '\n##### %s: %s %s\n' "$user" "$command" "$note" >> "$log"
    begin=$(date +%s%N)
    "${apart[@]}" chroot --userspec="$user" "$root" /usr/bin/env -i "${keep[@]}" sh -c "cd /work/tingdan && $command" >> "$log" 2>&1 < /dev/null || code=$?
    printf '%-12s %-6s %-45.45s %-8s exit %-4s %6d.%d s\n' "$(basename "$root")" "$user" "$command" "$note" "$code" \
        $((($(date +%s%N) - begin) / 1000000000)) $((($(date +%s%N) - begin) / 100000000 % 10)) | tee -a "$folder/table.txt"
}

prove() {  # one case: its root, its commands
    local name=$1 command line
    new_root "$name"
    log="$folder/$name.log"
    : > "$log"
    case "$name" in
    root-shared|root-alone)
        [ "$name" = root-alone ] || give_shared "$root"
        for command in "make demo" "make demo" ".venv/bin/tingdan doctor" "make test"; do run_in "$root" root "$log" "$command"; done
        for command in "make demo" "make test"; do run_in "$root" root "$log" "$command" offline; done ;;
    root-download)
        serve_model
        for command in "make demo" ".venv/bin/tingdan doctor"; do run_in "$root" root "$log" "$command"; done
        kill "$server"
        server="" address="" ;;
    user-shared)
        give_shared "$root"
        chroot "$root" chown -R clerk /work/tingdan
        run_in "$root" clerk "$log" "make demo"
        run_in "$root" root "$log" "apt-get update && apt-get install -y python3.11-venv"
        run_in "$root" clerk "$log" "make demo"
        line=$(grep -oE 'apt-get install -y --no-install-recommends .*' "$log" | tail -1)
        run_in "$root" root "$log" "$line"
        for command in "make demo" "make test"; do run_in "$root" clerk "$log" "$command"; done ;;
    user-bare)
        chroot "$root" chown -R clerk /work/tingdan
        run_in "$root" root "$log" "apt-get update && apt-get install -y python3.11-venv"
        for command in "make demo" ".venv/bin/tingdan doctor" "make test"; do run_in "$root" clerk "$log" "$command"; done ;;
    *) echo "no such case: $name" >&2; exit 2 ;;
    esac
    cleanup
}

run_all() {  # read as a whole before it starts, so that the script may change meanwhile
    local name
    for name in "${cases[@]}"; do prove "$name"; done
    exit 0
}
run_all
