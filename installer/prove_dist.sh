#!/usr/bin/env bash
# Proves the packages of dist/ on a bare Debian root: `make prove-dist`, as root, after `make dist` and `make bundle`.
#
#   installer/prove_dist.sh FOLDER [CASE...]        FOLDER gets the roots (1-2 GB) and FOLDER/table.txt
#
# Cases:
#   install   the .deb by apt with its declared dependencies only; models by `tingdan models import`; as an ordinary user the sample call
#             offscreen, submitted; the desk on a virtual screen from start to quit (the screen is this machine's); nothing on stderr
#   upgrade   an older version with an open draft, policy and settings; refused while the desk runs; then upgraded: all there
#   remove    after `remove` what the administrator placed stays, after `purge` no file of ours is left outside home folders
#   bundle    the stick's folder with no network at all: installs, runs; its faults: broken file, wrong key, no rights, full disk, running
#   program   program updates from a web server: fetched, tried, in use after a watched start, broken ones refused or rolled back, forged,
#             killed, no room, switched off by the policy
#   rpm       the .rpm by rpm itself (Debian's, in a root that has the libraries from apt): names what lacks, installs, verifies, runs,
#             refuses while the desk runs, upgrades, is removed
#   broken    damaged .deb, disk full in the middle: words, exit code, nothing half done
#
# DEBIAN=bullseye DIST=FOLDER proves the packages of installer/older_root.sh in an older root. Each check is one row: what, ok or FAILED. Exit code 1 where one failed.
set -uo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mkdir -p "$1" && cd "$1" && pwd)
shift
debian=${DEBIAN:-bookworm}
dist=${DIST:-$here/dist}
display=${SCREEN:-97}  # number of the virtual screen
cases=("$@")
[ ${#cases[@]} -gt 0 ] || cases=(install upgrade remove bundle program rpm broken)
package=$(ls -t "$dist"/tingdan_*.deb | head -1)
models=${TINGDAN_MODELS_FROM:-$HOME/.local/share/tingdan/models}
table="$folder/table.txt"
failed=0
screen=""

cleanup() {
    [ -z "$screen" ] || kill "$screen" 2>/dev/null
    screen=""
    awk -v below="$folder/" 'index($2, below) == 1 {print $2}' /proc/mounts | sort -r | while read -r point; do umount -l "$point"; done
}
trap cleanup EXIT

row() {  # row OK WHAT [NOTE]
    local word=ok
    [ "$1" = 0 ] || { word=FAILED; failed=1; }
    printf '%-8s %-62s %-6s %s\n' "$case" "$2" "$word" "${3:-}" | tee -a "$table"
}

base="$folder/base-$debian"
if [ ! -e "$base/.ready" ]; then
    mirror=$(grep -hoE '^(URIs:|deb) +[^ ]+' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | awk '{print $2}' | head -1)
    debootstrap --variant=minbase "$debian" "$base" "$mirror" > "$folder/debootstrap.log" || exit 1
    printf '#!/bin/sh\nexit 101\n' > "$base/usr/sbin/policy-rc.d"
    chmod +x "$base/usr/sbin/policy-rc.d"
    chroot "$base" useradd -m clerk
    touch "$base/.ready"
fi

bind() { [ -e "$1" ] || return 0; if [ -d "$1" ]; then mkdir -p "$2"; else mkdir -p "$(dirname "$2")"; touch "$2"; fi; mount --bind -o ro "$1" "$2"; }

new_root() {
    cleanup
    root="$folder/$case"
    if grep -q " $root/" /proc/mounts; then echo "still mounted below $root" >&2; exit 1; fi
    rm -rf --one-file-system "$root"
    cp -a "$base" "$root"
    mount -t proc proc "$root/proc"
    mount -t tmpfs tmpfs "$root/tmp"
    local device
    while read -r device; do [ -e "$root/dev/${device%% *}" ] || mknod -m 666 "$root/dev/${device%% *}" c ${device#* }; done \
        <<< $'null 1 3\nzero 1 5\nrandom 1 8\nurandom 1 9\ntty 5 0'
    mkdir -p "$root/dev/shm" && mount -t tmpfs tmpfs "$root/dev/shm"
    chmod 1777 "$root/tmp" "$root/dev/shm"
    for place in /etc/resolv.conf /etc/hosts /etc/ssl/certs /usr/local/share/ca-certificates; do bind "$place" "$root$place"; done
    if [ "$debian" = bookworm ]; then
        rm -rf "$root/etc/apt/sources.list.d" "$root/etc/apt/sources.list"
        cp -a /etc/apt/sources.list.d "$root/etc/apt/"
        [ ! -e /etc/apt/sources.list ] || cp -a /etc/apt/sources.list "$root/etc/apt/"
    fi
    rm -rf "$root/etc/apt/apt.conf.d"; cp -a /etc/apt/apt.conf.d "$root/etc/apt/"
    mkdir -p "$root/stick"
    [ ! -d "$dist/bundle" ] || mount --bind -o ro "$dist/bundle" "$root/stick"
    log="$folder/$case.log"
    : > "$log"
}

as() {  # as USER COMMAND: output to $out and $err, both into the log; gives the exit code and $seconds
    local user=$1 command=$2 begin code home=/root
    [ "$user" = root ] || home=/home/$user
    begin=$(date +%s%N)
    chroot --userspec="$user" "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME="$home" USER="$user" \
        DEBIAN_FRONTEND=noninteractive TINGDAN_PASSPHRASE=of-the-proof-only ${extra:-} sh -c "cd $home && $command" \
        > "$folder/out" 2> "$folder/err" < /dev/null
    code=$?
    seconds=$(awk -v a="$begin" -v b="$(date +%s%N)" 'BEGIN {printf "%.1f s", (b - a) / 1e9}')
    out=$(cat "$folder/out") err=$(cat "$folder/err")
    printf '\n##### %s: %s -> %s, %s\n%s\n%s\n' "$user" "$command" "$code" "$seconds" "$out" "$err" >> "$log"
    return $code
}

install_online() {  # the package and its declared dependencies, nothing recommended
    as root "apt-get update" >/dev/null
    cp "$1" "$root/root/"
    as root "apt-get install -y --no-install-recommends ./$(basename "$1")"
}

give_models() {
    mkdir -p "$root/home/clerk/brought"
    cp -r "$models/zipformer-zh-3.3m" "$models/libime-zh" "$root/home/clerk/brought/"
    chroot "$root" chown -R clerk /home/clerk/brought
    as clerk "tingdan models import zipformer-zh-3.3m brought/zipformer-zh-3.3m" || return 1
    mkdir -p "$root/var/lib/tingdan/models" && cp -r "$models/libime-zh" "$root/var/lib/tingdan/models/" &&
        chmod -R go=rX "$root/var/lib/tingdan"
}

sample() {  # a recording for the proof, as an operator would have one
    cp "$here/resources/sample_calls/night-construction.flac" "$root/home/clerk/call.flac"
}

start_screen() {
    Xvfb ":$display" -screen 0 1366x768x24 -nolisten tcp > "$folder/xvfb.log" 2>&1 &
    screen=$!
    for _ in $(seq 100); do [ -e /tmp/.X11-unix/X$display ] && break; sleep 0.1; done
    mkdir -p "$root/tmp/.X11-unix" && mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
}

quit_desk() {  # as a person does: Escape to what lies on top (the first start's dialog comes late), then Ctrl+Q; without a window manager the focus is set by hand
    local top
    for _ in $(seq 20); do
        for top in $(DISPLAY=:$display xdotool search --onlyvisible --class tingdan 2>/dev/null); do
            [ "$top" = "$1" ] || { DISPLAY=:$display timeout 5 xdotool windowfocus --sync "$top" 2>/dev/null && DISPLAY=:$display xdotool key Escape; sleep 1; }
        done
        DISPLAY=:$display timeout 5 xdotool windowfocus --sync "$1" 2>/dev/null || return 0
        DISPLAY=:$display xdotool key ctrl+q
        sleep 2
    done
}

by_keyboard() {  # the sample call in the window: F2 answers, Ctrl+Enter submits, Ctrl+Q quits; gives the program's exit code
    local window running
    (extra="DISPLAY=:$display" as clerk "tingdan replay call.flac --speed max --city 广州市 --window"; echo "$? $seconds" > "$folder/code") &
    running=$!
    window=$(DISPLAY=:$display timeout 60 xdotool search --sync --onlyvisible --name '听单|Tingdan' 2>/dev/null | head -1)
    [ -n "$window" ] || return 1
    DISPLAY=:$display xdotool windowfocus --sync "$window"
    DISPLAY=:$display xdotool key F2
    for _ in $(seq 40); do  # a first press may only name what is still to settle
        sleep 3
        DISPLAY=:$display xdotool key ctrl+Return
        chroot --userspec=clerk "$root" /usr/bin/env -i HOME=/home/clerk LANG=C.UTF-8 PATH=/usr/bin:/bin QT_QPA_PLATFORM=offscreen \
            TINGDAN_PASSPHRASE=of-the-proof-only tingdan doctor 2>/dev/null | grep -q '工单 2' && break
    done
    DISPLAY=:$display import -window root "$folder/$case-call.png" 2>/dev/null
    DISPLAY=:$display xdotool key ctrl+q
    wait "$running"
    err=$(cat "$folder/err") seconds=$(cut -d' ' -f2- "$folder/code")
    return "$(cut -d' ' -f1 "$folder/code")"
}

desk_round() {  # start the desk, see the window, quit it as a person does; start time of the warmest of three in $best
    local begin end window try code
    best=999999
    for try in 1 2 3; do
        begin=$(date +%s%N)
        extra="DISPLAY=:$display" as clerk tingdan &
        local running=$!
        window=$(DISPLAY=:$display timeout 60 xdotool search --sync --onlyvisible --name '听单|Tingdan' 2>/dev/null | head -1)
        end=$(date +%s%N)
        [ -n "$window" ] || return 1
        sleep 4
        DISPLAY=:$display import -window root "$folder/$case-desk.png" 2>/dev/null
        quit_desk "$window"
        wait "$running"; code=$?
        [ $code = 0 ] && [ ! -s "$folder/err" ] || return 1
        [ $(((end - begin) / 1000000)) -ge "$best" ] || best=$(((end - begin) / 1000000))
    done
    best="$best ms"
}

case_install() {
    new_root
    install_online "$package"; row $? "apt installs with the declared dependencies only" "$seconds"
    row "$([ "$(stat -c %s "$package")" -le 250000000 ]; echo $?)" "package <= 250 MB without models" "$(($(stat -c %s "$package") / 1000000)) MB"
    as clerk "tingdan --version"; row $? "answers --version" "$seconds"
    row "$([ -z "$err" ]; echo $?)" "  nothing on stderr"
    missing=$(chroot "$root" sh -c 'find /usr/lib/tingdan -name "*.so*" -type f | LD_LIBRARY_PATH=/usr/lib/tingdan/_internal xargs -n1 ldd 2>/dev/null | grep "not found" | sort -u')
    row "$([ -z "$missing" ]; echo $?)" "every library of the package finds what it needs" "$missing"
    give_models; row $? "models: one imported by the user, one placed by the administrator"
    sample
    extra="QT_QPA_PLATFORM=offscreen" as clerk "tingdan doctor"; row $? "doctor finds nothing wrong"
    extra="QT_QPA_PLATFORM=offscreen" as clerk "tingdan replay call.flac --speed max --city 广州市 --submit"
    row $? "sample call replayed and submitted, command line" "$seconds"
    row "$(grep -q 020701 <<< "$out"; echo $?)" "  the ticket has its item"
    row "$(! grep -q . <<< "$(grep -v 工单已存入 <<< "$err")"; echo $?)" "  nothing on stderr but the receipt" "$err"
    extra="QT_QPA_PLATFORM=offscreen" as clerk "tingdan replay call.flac --speed max --city 广州市 --window --screenshot desk.png"
    row $? "the sample call in the window, offscreen, to a draft" "$seconds"
    row "$([ -s "$root/home/clerk/desk.png" ]; echo $?)" "  the window was drawn"
    row "$([ -z "$err" ]; echo $?)" "  nothing on stderr" "$err"
    start_screen
    by_keyboard; row $? "a call on a virtual screen: answered, submitted, quit by keyboard" "$seconds"
    row "$([ -z "$err" ]; echo $?)" "  nothing on stderr" "$err"
    extra="QT_QPA_PLATFORM=offscreen" as clerk "tingdan doctor"
    row "$(grep -q '工单 2' <<< "$out"; echo $?)" "  both tickets are in the encrypted store"
    as root "apt-get install -y --no-install-recommends apparmor"
    as root "apparmor_parser -Q -K /usr/share/doc/tingdan/examples/apparmor/usr.lib.tingdan.tingdan"; row $? "the AppArmor profile is one (not loaded: no kernel of our own)" "$err"
    desk_round; row $? "the desk starts, shows its window, is quit, three times; stderr empty" "best start $best"
}

older_package() {  # the same program as an older version, with a file that the newer one does not have
    rm -rf "$folder/older" && dpkg-deb -R "$package" "$folder/older"
    sed -i 's/^Version:.*/Version: 0.0.9/' "$folder/older/DEBIAN/control"
    touch "$folder/older/usr/lib/tingdan/left-over"
    (cd "$folder/older" && find usr -type f -exec md5sum {} + > DEBIAN/md5sums)
    dpkg-deb -Zgzip -z1 --root-owner-group -b "$folder/older" "$folder/tingdan_0.0.9_amd64.deb" > /dev/null
    rm -rf "$folder/older"
}

case_upgrade() {
    new_root
    older_package
    install_online "$folder/tingdan_0.0.9_amd64.deb"; row $? "version 0.0.9 installed" "$seconds"
    give_models
    sample
    printf '[desk]\ncity = "深圳市"\n' > "$root/etc/tingdan/policy.toml"
    as clerk "mkdir -p .config/tingdan && printf '[desk]\ntheme = \"dark\"\n' > .config/tingdan/settings.toml"
    extra="QT_QPA_PLATFORM=offscreen" as clerk "tingdan replay call.flac --speed max --city 广州市 --window --screenshot desk.png"
    extra="QT_QPA_PLATFORM=offscreen" as clerk "tingdan doctor"
    row "$(grep -q '草稿 1' <<< "$out"; echo $?)" "a call was left with an open draft"
    start_screen
    extra="DISPLAY=:$display" as clerk "tingdan" &
    running=$!
    DISPLAY=:$display timeout 60 xdotool search --sync --onlyvisible --name '听单|Tingdan' > /dev/null 2>&1
    cp "$package" "$root/root/"
    as root "dpkg -i ./$(basename "$package")"; code=$?
    row "$([ $code != 0 ] && grep -q 正在运行 <<< "$err"; echo $?)" "upgrade refused while the desk runs, in words"
    window=$(DISPLAY=:$display xdotool search --onlyvisible --name '听单|Tingdan' | head -1)
    quit_desk "$window"; wait $running
    as root "dpkg -i ./$(basename "$package")"; row $? "upgraded after it was quit" "$seconds"
    row "$([ ! -e "$root/usr/lib/tingdan/left-over" ]; echo $?)" "a file that the newer version lacks is gone"
    extra="QT_QPA_PLATFORM=offscreen" as clerk "tingdan doctor"; row $? "doctor finds nothing wrong"
    row "$(grep -q '草稿 1' <<< "$out"; echo $?)" "the draft is there"
    row "$(grep -q 深圳市 "$root/etc/tingdan/policy.toml" && grep -q dark "$root/home/clerk/.config/tingdan/settings.toml"; echo $?)" "policy and settings are there"
    row "$([ -d "$root/var/lib/tingdan/models/libime-zh" ]; echo $?)" "the machine's models are there"
}

files_of() { (cd "$root" && find . -xdev \( -path ./home -o -path ./root -o -path ./proc -o -path ./tmp -o -path ./stick -o -path ./var/cache -o -path ./var/log \
    -o -path ./var/lib/apt -o -path ./var/lib/dpkg -o -path ./dev \) -prune -o -print | grep -i tingdan | sort); }

case_remove() {
    new_root
    install_online "$package"
    printf '[desk]\ncity = "深圳市"\n' > "$root/etc/tingdan/policy.toml"
    mkdir -p "$root/etc/xdg/autostart" && cp "$root/usr/share/applications/tingdan.desktop" "$root/etc/xdg/autostart/"
    give_models
    extra="QT_QPA_PLATFORM=offscreen" as clerk "tingdan doctor"
    as root "apt-get remove -y tingdan"; row $? "apt-get remove" "$seconds"
    row "$([ ! -e "$root/usr/bin/tingdan" ] && [ ! -e "$root/usr/lib/tingdan" ]; echo $?)" "the program is gone"
    row "$([ -f "$root/etc/tingdan/policy.toml" ] && [ -d "$root/var/lib/tingdan/models/libime-zh" ]; echo $?)" "policy and models stay"
    as root "apt-get purge -y tingdan"; row $? "apt-get purge" "$seconds"
    left=$(files_of); row "$([ -z "$left" ]; echo $?)" "no file of ours is left outside home folders" "$left"
    row "$([ -d "$root/home/clerk/.local/share/tingdan" ]; echo $?)" "the operator's own data was not touched"
}

apart() { unshare -n sh -c 'ip link set lo up 2>/dev/null; "$@"' sh "$@"; }

case_bundle() {
    new_root
    rm -f "$root/etc/resolv.conf" 2>/dev/null
    as clerk "sh /stick/install.sh --yes"; row "$([ $? = 1 ] && grep -q root <<< "$err"; echo $?)" "no rights: refused in words"
    cp -r "$dist/bundle" "$root/copy" && truncate -s -100 "$root/copy/packages/$(basename "$package")"
    as root "sh /copy/install.sh --yes"; row "$([ $? = 1 ] && grep -q 损坏 <<< "$err"; echo $?)" "damaged package on the stick: refused in words"
    echo x > "$root/copy/stranger.sh"; cp "$dist/bundle/packages/$(basename "$package")" "$root/copy/packages/"
    as root "sh /copy/install.sh --yes"; row "$([ $? = 1 ] && grep -q 来历 <<< "$err"; echo $?)" "a file that nobody listed: refused in words"
    rm -rf "$root/copy"
    mount -t tmpfs -o size=200m tmpfs "$root/var/tmp" && mkdir -p "$root/var/lib/small"
    cp -a "$root/var" "$folder/var-$case"
    mount -t tmpfs -o size=300m tmpfs "$root/var" && cp -a "$folder/var-$case/." "$root/var/"; rm -rf "$folder/var-$case"
    as root "sh /stick/install.sh --yes"; row "$([ $? = 1 ] && grep -q 空间不足 <<< "$err"; echo $?)" "too little room: refused in words"
    umount "$root/var"; umount "$root/var/tmp"
    row "$([ ! -e "$root/usr/bin/tingdan" ]; echo $?)" "nothing of it is installed so far"
    export -f as; export root folder log
    unshare -n bash -c 'extra="" as root "sh /stick/install.sh --yes --autostart"; echo "$? $seconds" > "$folder/code"'
    row "$(grep -q '^0' "$folder/code"; echo $?)" "installed with no network at all" "$(cut -d' ' -f2- "$folder/code")"
    row "$([ -f "$root/etc/xdg/autostart/tingdan.desktop" ]; echo $?)" "autostart entry placed"
    sample
    unshare -n bash -c 'extra="QT_QPA_PLATFORM=offscreen" as clerk "tingdan doctor"; echo $? > "$folder/code"'
    row "$(grep -q '^0' "$folder/code"; echo $?)" "doctor finds nothing wrong, no network"
    unshare -n bash -c 'extra="QT_QPA_PLATFORM=offscreen" as clerk "tingdan replay call.flac --speed max --city 广州市 --submit"; echo $? > "$folder/code"'
    row "$(grep -q '^0' "$folder/code" && grep -q 工单已存入 "$folder/err"; echo $?)" "sample call to a submitted ticket, no network"
    as root "sh /stick/install.sh --yes"; row $? "installed again over itself" "$seconds"
}

case_broken() {
    new_root
    install_online "$package"
    as root "apt-get purge -y tingdan"
    head -c $(($(stat -c %s "$package") / 2)) "$package" > "$root/root/half.deb"
    as root "dpkg -i half.deb"; row "$([ $? != 0 ] && [ -n "$err" ]; echo $?)" "half a .deb: refused" "$(head -1 <<< "$err")"
    row "$([ ! -e "$root/usr/bin/tingdan" ]; echo $?)" "  nothing installed"
    mkdir -p "$root/usr/lib/tingdan" && mount -t tmpfs -o size=100m tmpfs "$root/usr/lib/tingdan"
    as root "dpkg -i ./$(basename "$package")"; row "$([ $? != 0 ] && grep -q 'No space' <<< "$err"; echo $?)" "disk full while unpacking: told" "$(grep -m1 'No space' <<< "$err")"
    row "$([ ! -e "$root/usr/bin/tingdan" ] && [ -z "$(ls "$root/usr/lib/tingdan" | head -1)" ]; echo $?)" "  rolled back by dpkg, nothing half done"
    umount "$root/usr/lib/tingdan"
    as root "dpkg -i ./$(basename "$package")"; row $? "installs once there is room" "$seconds"
    as clerk "dpkg -i /stick/packages/$(basename "$package")"; row "$([ $? != 0 ] && [ -n "$err" ]; echo $?)" "no rights: refused" "$(head -1 <<< "$err")"
}

publish() { (cd "$folder/repo" && TINGDAN_HOME="$folder/publisher" TINGDAN_KB_PASSPHRASE=of-the-proof-only "$root/usr/lib/tingdan/tingdan" "$@" \
    >> "$log" 2>&1); }

newer() {  # newer VERSION MINUTES [FILE_TO_LOSE]: the packaged program as a later build, published; one file of it lost on the way
    local next="$folder/version-$1"
    rm -rf "$next" && cp -a "$root/usr/lib/tingdan" "$next"
    python3 - "$next/build.json" "$1" "$2" <<'PYTHON'
import json, pathlib, sys
file = pathlib.Path(sys.argv[1])
told = json.loads(file.read_bytes())
file.write_text(json.dumps({**told, "version": sys.argv[2], "built_at": told["built_at"] + 60 * int(sys.argv[3])}))
PYTHON
    [ -z "${3:-}" ] || rm -f "$next/$3"
    publish program publish "$next" --keys "$folder/offline"
    rm -rf "$next"
}

desk_from() {  # starts the desk on the screen, quits it; where its program lies in $from
    local window running
    extra="DISPLAY=:$display" as clerk tingdan &
    running=$!
    window=$(DISPLAY=:$display timeout 90 xdotool search --sync --onlyvisible --name '听单|Tingdan' 2>/dev/null | head -1)
    sleep 3
    from=$(readlink /proc/[0-9]*/exe 2>/dev/null | grep "^$root/.*/tingdan$" | sed "s#^$root##" | sort -u | tr '\n' ' ')
    for _ in $(seq "${linger:-0}"); do grep -qs '"installed"' "$root"/home/clerk/.local/share/tingdan/kb-updates/receipts/*.json && break; sleep 1; done
    [ -n "$window" ] && quit_desk "$window"
    wait "$running"; code=$?
    err=$(cat "$folder/err")
    return $code
}

case_program() {
    new_root
    install_online "$package"; row $? "the packaged program installed" "$seconds"
    give_models
    local port=18931 server folder_of=".local/share/tingdan/program"
    rm -rf "$folder/repo" "$folder/offline" "$folder/publisher" && mkdir -p "$folder/repo"
    publish kb keys init --keys "$folder/offline"; row $? "publisher's keys"
    python3 -m http.server --bind 127.0.0.1 --directory "$folder/repo/public" "$port" > "$folder/server.log" 2>&1 &
    server=$!
    as clerk "tingdan program update"; row "$([ $? = 2 ] && grep -q program.updates <<< "$err"; echo $?)" "off unless the policy says otherwise, in words" "$err"
    cp "$folder/repo/public/metadata/1.root.json" "$root/etc/tingdan/root.json"
    printf '[knowledge]\naddress = "http://127.0.0.1:%s/"\nroot = "/etc/tingdan/root.json"\n[program]\nupdates = "install"\n' "$port" > "$root/etc/tingdan/policy.toml"
    as clerk "tingdan doctor --policy /etc/tingdan/policy.toml"; row $? "the policy is good"
    publish kb publish "$here/resources/sample_kb/entries.jsonl" --keys "$folder/offline" --version k1; row $? "knowledge published beside it"
    newer 9.1 1; row $? "version 9.1 published" "$(du -shL "$folder/repo/public/targets/program" | cut -f1)"
    as clerk "mkdir -p $folder_of"
    mount -t tmpfs -o size=300m,mode=777 tmpfs "$root/home/clerk/$folder_of"
    as clerk "tingdan program update"; row "$([ $? = 3 ] && grep -q 空间不足 <<< "$err"; echo $?)" "too little room: refused in words" "$err"
    umount "$root/home/clerk/$folder_of"
    as clerk "timeout -s KILL 4 tingdan program update"; row "$([ $? != 0 ]; echo $?)" "killed in the middle of the look"
    as clerk "tingdan program status"; row "$(! grep -q 9.1 <<< "$out"; echo $?)" "  the program in use is as it was"
    as clerk "tingdan program update"; row "$(grep -q 9.1 <<< "$out"; echo $?)" "the next look fetches it, compares every file, tries it" "$seconds"
    as clerk "tail -n 1 .local/share/tingdan/kb-updates/receipts/*.json | grep -o '\"fetched_bytes\": [0-9]*' | tail -1"; row "$(grep -q fetched <<< "$out"; echo $?)" "  over the line" "$out"
    start_screen
    desk_from; row "$([ $? = 0 ] && grep -q versions/9.1 <<< "$from" && [ -z "$err" ]; echo $?)" "the desk starts as 9.1, watched; quits; nothing on stderr" "$from$err"
    printf 'poll_minutes = 1\n' > "$folder/poll" && sed -i "/^root/r $folder/poll" "$root/etc/tingdan/policy.toml"
    linger=100 desk_from
    as clerk "tingdan kb status"; row "$(grep -q '版本 k1' <<< "$out"; echo $?)" "the open desk took the published knowledge by itself" "$(head -1 <<< "$out")"
    desk_from; row "$([ "$from" != "${from#/home/clerk/}" ] && ! grep -q usr/lib <<< "$from"; echo $?)" "then 9.1 alone" "$from"
    as clerk "tingdan program status --verify"; row "$(grep -q '使用中：9.1' <<< "$out"; echo $?)" "  in use, every file as signed" "$seconds"
    newer 9.2 2 _internal/base_library.zip
    as clerk "tingdan program update"; row "$([ $? = 3 ] && grep -q 试启动未通过 <<< "$err"; echo $?)" "9.2 cannot start at all: refused in the look" "$err"
    newer 9.3 3 _internal/PySide6/Qt/plugins/platforms/libqxcb.so
    as clerk "tingdan program update"; row "$(grep -q 9.3 <<< "$out"; echo $?)" "9.3 is well apart from the window, and waits" "$seconds"
    desk_from; row "$(grep -q versions/9.1 <<< "$from"; echo $?)" "9.3 dies before its window: 9.1 starts in the same breath" "$from"
    as clerk "tingdan program update"; row "$(grep -q '拒绝过' <<< "$out"; echo $?)" "  9.3 is not tried again" "$out"
    newer 9.4 4
    find "$folder/repo/public/targets/program/files" -name '*.tar.zst' -newer "$folder/repo/public/metadata/1.root.json" -exec sh -c 'printf x | dd of="$1" bs=1 seek=100 conv=notrunc 2> /dev/null' sh {} \;
    as clerk "tingdan program update"; row "$([ $? = 3 ] && grep -q 验证 <<< "$err"; echo $?)" "a byte changed on the server: refused" "$err"
    publish program rollback 9.1 --keys "$folder/offline"
    as clerk "tingdan program update"; row "$([ $? = 0 ]; echo $?)" "rolled back by the publisher: 9.1 stays" "$out"
    sed -i 's/install/off/' "$root/etc/tingdan/policy.toml"
    desk_from; row "$([ "$from" = "/usr/lib/tingdan/tingdan " ]; echo $?)" "switched off: the packaged program starts" "$from"
    as clerk "tingdan program remove"; row "$([ -z "$(ls "$root/home/clerk/$folder_of/versions")" ]; echo $?)" "tingdan program remove leaves no version"
    kill "$server" 2> /dev/null
}

case_rpm() {
    new_root
    local file window running
    file=$(ls -t "$dist"/tingdan-*.rpm | head -1)
    as root "apt-get update" > /dev/null
    as root "apt-get install -y --no-install-recommends rpm"; row $? "rpm itself installed" "$seconds"
    cp "$file" "$root/root/tingdan.rpm"
    as root "rpm -K tingdan.rpm"; row "$(grep -q 'digests OK' <<< "$out"; echo $?)" "its digests are right" "$out"
    as root "rpm -i tingdan.rpm"; row "$([ $? != 0 ] && grep -q 'libxcb-cursor.so.0()(64bit) is needed' <<< "$err"; echo $?)" "without the libraries: refused, each named" "$(grep -c needed <<< "$err") named"
    row "$([ ! -e "$root/usr/bin/tingdan" ]; echo $?)" "  nothing installed"
    as root "apt-get install -y --no-install-recommends $(dpkg-deb -f "$package" Depends | sed 's/([^)]*)//g; s/,/ /g')"; row $? "the libraries, from apt" "$seconds"
    lacking=$(for name in $(rpm -qp --requires "$file" 2> /dev/null | sed -n 's/()(64bit)$//p'); do
        chroot "$root" sh -c "ldconfig -p | grep -q '$name '" || echo "$name"; done)
    row "$([ -z "$lacking" ]; echo $?)" "every library that the .rpm names is one that there is" "$lacking"
    as root "rpm -i --nodeps tingdan.rpm"; row "$([ $? = 0 ] && ! grep -qv '^rpm: ' <<< "${err:-rpm: }"; echo $?)" "installed (rpm does not know of apt's libraries: --nodeps)" "$seconds"
    as root "rpm -V --nodeps tingdan"; row $? "  every file as packed: mode, size, digest" "$out"
    give_models
    sample
    printf '[desk]\ncity = "深圳市"\n' > "$root/etc/tingdan/policy.toml"
    extra="QT_QPA_PLATFORM=offscreen" as clerk "tingdan replay call.flac --speed max --city 广州市 --submit"; row $? "sample call replayed and submitted" "$seconds"
    start_screen
    extra="DISPLAY=:$display" as clerk "tingdan" &
    running=$!
    window=$(DISPLAY=:$display timeout 60 xdotool search --sync --onlyvisible --name '听单|Tingdan' 2> /dev/null | head -1)
    as root "rpm -U --nodeps --replacepkgs tingdan.rpm"; row "$([ $? != 0 ] && grep -q 正在运行 <<< "$err"; echo $?)" "upgrade refused while the desk runs, in words"
    as root "rpm -e tingdan"; row "$([ $? != 0 ] && grep -q 正在运行 <<< "$err"; echo $?)" "removal refused while the desk runs, in words"
    quit_desk "$window"; wait $running
    as root "rpm -U --nodeps --replacepkgs tingdan.rpm"; row $? "repaired over itself after it was quit" "$seconds"
    as root "rpm -e tingdan"; row "$([ $? = 0 ] && [ ! -e "$root/usr/lib/tingdan" ]; echo $?)" "removed" "$seconds $err"
    row "$([ -f "$root/etc/tingdan/policy.toml" ] && [ -d "$root/var/lib/tingdan/models/libime-zh" ]; echo $?)" "policy and models stay, as rpm has no purge"
    left=$(files_of | grep -v -e '^./etc/tingdan' -e '^./var/lib/tingdan' -e '^./var/lib/rpm'); row "$([ -z "$left" ]; echo $?)" "nothing else of ours is left outside home folders" "$left"
}

run_all() {  # read as a whole before it starts, so that the script may change meanwhile
    : > "$table"
    for case in "${cases[@]}"; do "case_$case"; done
    cleanup
    echo "table: $table"
    exit $failed
}
run_all
