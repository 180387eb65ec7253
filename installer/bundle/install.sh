#!/bin/sh
# Installs Tingdan from this folder (a stick, a share), with no network. As root:   sh install.sh [OPTIONS]
#
#   --fingerprint HEX   the publisher's key, as you were told it by another way than this stick
#   --yes               ask nothing: take the key that lies here, go on where no signature can be checked
#   --autostart         the desk starts when an operator logs in
#   --check             only check this folder, change nothing
#
# In this order, and nothing of a later step where one fails: checksums, signature, room on the disk, policy file, the package with
# what it depends on (from system/ here where the PC lacks it), models, knowledge, policy. Folders appear by one rename. Exit codes: 0
# done, 1 refused or failed, nothing half done; the lines say what to do.
set -u

here=$(cd "$(dirname "$0")" && pwd) || exit 1
fingerprint="" yes="" autostart="" only_check=""
while [ $# -gt 0 ]; do
    case "$1" in
    --fingerprint) fingerprint=$(printf '%s' "${2:-}" | tr -d ': ' | tr 'A-F' 'a-f'); shift ;;
    --yes) yes=1 ;;
    --autostart) autostart=1 ;;
    --check) only_check=1 ;;
    *) echo "不认识的选项 $1。 Unknown option $1." >&2; exit 1 ;;
    esac
    shift
done

say() { printf '%s\n%s\n' "$1" "$2"; }
stop() { printf '%s\n%s\n' "$1" "$2" >&2; exit 1; }

machine=$(uname -m)
needed_mb=900
root=${TINGDAN_INSTALL_ROOT:-}

checksums() {
    command -v sha256sum >/dev/null || stop "本机没有 sha256sum，无法校验。" "No sha256sum on this PC: nothing can be checked."
    bad=$(cd "$here" && sha256sum --quiet -c SHA256SUMS 2>&1) || stop \
        "安装盘不完整或已损坏，未做任何改动。请重新拷贝：
$bad" "This folder is incomplete or damaged; nothing was changed. Copy it again."
    extra=$(cd "$here" && find . -type f ! -name SHA256SUMS ! -name SHA256SUMS.sig | sed 's#^\./##' | sort > "${work}/there" &&
        sed 's/^[0-9a-f]*  //' SHA256SUMS | sort > "${work}/listed" && comm -23 "${work}/there" "${work}/listed")
    [ -z "$extra" ] || stop "安装盘里有来历不明的文件，未做任何改动：$extra" "Files that nobody listed lie here; nothing was changed: $extra"
    say "文件校验通过。" "Checksums: all files are whole."
}

signature() {
    if [ ! -f "$here/SHA256SUMS.sig" ]; then
        [ -z "$fingerprint" ] || stop "安装盘没有签名，而您要求核对签名；未做任何改动。" "This folder is not signed, and you asked for a signature; nothing was changed."
        say "注意：安装盘没有签名，只校验了完整性。" "Note: this folder is not signed; only its wholeness was checked."
        return
    fi
    if ! command -v openssl >/dev/null; then
        [ -n "$yes" ] && [ -z "$fingerprint" ] || stop "本机没有 openssl，无法核对签名；未做任何改动。确认来源可靠后可加 --yes。" \
            "No openssl on this PC: the signature cannot be checked; nothing was changed. If you trust the stick, add --yes."
        say "注意：本机没有 openssl，未核对签名。" "Note: no openssl on this PC, the signature was not checked."
        return
    fi
    openssl pkeyutl -verify -pubin -inkey "$here/publisher.pem" -rawin -in "$here/SHA256SUMS" -sigfile "$here/SHA256SUMS.sig" \
        >/dev/null 2>&1 || stop "签名不符：内容不是签名者发布的；未做任何改动。" "The signature does not fit: this is not what was published; nothing was changed."
    key=$(openssl pkey -pubin -in "$here/publisher.pem" -outform DER 2>/dev/null | sha256sum | cut -d' ' -f1)
    if [ -n "$fingerprint" ]; then
        [ "$fingerprint" = "$key" ] || stop "签名者的公钥不是您所说的那一把（$key）；未做任何改动。" \
            "Signed, but with another key than you named ($key); nothing was changed."
    elif [ -z "$yes" ]; then
        say "签名者的公钥指纹是：$key" "The publisher's key has this fingerprint. Is it the one that you were told? [y/N]"
        read -r answer || answer=""
        case "$answer" in y|Y|是) ;; *) stop "未确认，未做任何改动。" "Not confirmed; nothing was changed." ;; esac
    fi
    say "签名有效。" "Signature: good."
}

room() {
    for place in "$root/usr" "$root/var"; do
        free=$(df -Pm "$place" | awk 'NR == 2 {print $4}')
        [ "$free" -ge "$needed_mb" ] || stop "磁盘空间不足：$place 剩余 $free MB，需要 $needed_mb MB；未做任何改动。" \
            "Too little room: $place has $free MB free, $needed_mb MB are needed; nothing was changed."
    done
}

package() {
    case "$machine" in x86_64) deb=amd64 ;; aarch64) deb=arm64 ;; *) deb=$machine ;; esac
    if command -v dpkg >/dev/null; then
        file=$(ls "$here"/packages/tingdan_*_"$deb".deb 2>/dev/null | tail -1)
    else
        file=$(ls "$here"/packages/tingdan-*."$machine".rpm 2>/dev/null | tail -1)
    fi
    [ -n "$file" ] || stop "安装盘没有适合本机（$machine）的安装包；未做任何改动。" "No package for this PC ($machine) lies here; nothing was changed."
    say "正在安装 $(basename "$file")，约一分钟……" "Installing $(basename "$file"), about a minute…"
    case "$file" in
    *.rpm) rpm -U --replacepkgs "$file" > "$work/log" 2>&1 ;;
    *) by_apt > "$work/log" 2>&1 ;;
    esac || { tail -15 "$work/log" >&2; stop "安装包未能装上（上面是系统的说明）；程序保持原样。" \
        "The package could not be installed (the system's words are above); the program is as it was before."; }
    "$root/usr/bin/tingdan" --version || stop "程序装上了但不能启动，请联系支持人员。" "Installed, but the program does not start; call support."
}

by_apt() {  # apt takes what is missing from system/ here and nothing else; dpkg alone where there is no apt
    export DEBIAN_FRONTEND=noninteractive
    if [ ! -d "$here/system" ] || ! command -v apt-get >/dev/null; then
        dpkg --dry-run -i "$file" && dpkg -i "$file"
        return
    fi
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/repository"
    ln -s "$here/system"/* "$work/repository/"
    echo "deb [trusted=yes] file:$work/repository ./" > "$work/apt/sources.list"
    chmod -R a+rX "$work"
    set -- -o "Dir::Etc::sourcelist=$work/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::Lists=$work/apt/lists" \
        -o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none
    apt-get "$@" update && apt-get "$@" install -y --no-install-recommends --allow-downgrades "$file"
}

place() {  # place FROM TO: a folder or file appears by one rename; what was there before is gone only then
    mkdir -p "$(dirname "$2")" && rm -rf "$2.new" "$2.old" && cp -R "$1" "$2.new" && chmod -R u=rwX,go=rX "$2.new" || {
        rm -rf "$2.new"; stop "无法写入 $2；原来的内容未动。" "Cannot write $2; what was there is as before."; }
    [ ! -e "$2" ] || mv "$2" "$2.old"
    mv "$2.new" "$2" && rm -rf "$2.old"
}

data() {
    for model in "$here"/models/*/; do
        [ -d "$model" ] || continue
        place "${model%/}" "$root/var/lib/tingdan/models/$(basename "$model")"
        say "语音模型已安装：$(basename "$model")" "Model installed: $(basename "$model")"
    done
    if [ -d "$here/knowledge" ]; then
        place "$here/knowledge" "$root/var/lib/tingdan/knowledge"
        say "知识库已安装。" "Knowledge installed."
    fi
    if [ -f "$here/policy.toml" ]; then
        [ ! -f "$root/etc/tingdan/policy.toml" ] || cp "$root/etc/tingdan/policy.toml" "$root/etc/tingdan/policy.toml.before"
        place "$here/policy.toml" "$root/etc/tingdan/policy.toml"
        say "策略已安装：/etc/tingdan/policy.toml" "Policy installed: /etc/tingdan/policy.toml"
    fi
    if [ -n "$autostart" ]; then
        place "$root/usr/share/applications/tingdan.desktop" "$root/etc/xdg/autostart/tingdan.desktop"
        say "已设为登录后自动启动。" "The desk starts at login."
    fi
}

work=$(mktemp -d) || stop "无法建立临时文件夹。" "No temporary folder can be made."
trap 'rm -rf "$work"' EXIT
[ -n "$only_check" ] || [ "$(id -u)" = 0 ] || stop "需要管理员权限：请以 root 身份运行（sudo sh install.sh）；未做任何改动。" \
    "Administrator's rights are needed: run it as root (sudo sh install.sh); nothing was changed."
checksums
signature
[ -z "$only_check" ] || { say "检查完毕，未做任何改动。" "Checked; nothing was changed."; exit 0; }
room
package
if [ -f "$here/policy.toml" ] && ! "$root/usr/bin/tingdan" doctor --policy "$here/policy.toml"; then
    stop "程序已安装；策略文件有误，未下发。" "The program is installed; the policy is wrong and was left out."
fi
data
say "安装完成。请从开始菜单打开“听单”。" "Done. Open “Tingdan” from the menu."
