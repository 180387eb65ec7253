#!/bin/sh
# Before files are replaced or removed: a desk that runs would lose its program in the middle of a call, so we wait for nobody
# and change nothing, but say so. TINGDAN_IGNORE_RUNNING=1 goes on all the same (the desk's drafts are on disk at every final).
set -u
case "${1:-}" in abort-*|failed-upgrade) exit 0 ;; esac
[ "${TINGDAN_IGNORE_RUNNING:-}" = 1 ] && exit 0
for process in /proc/[0-9]*; do
    program=$(readlink "$process/exe" 2>/dev/null) || continue
    if [ "$program" = /usr/lib/tingdan/tingdan ]; then
        echo "听单正在运行（进程 ${process#/proc/}）。请先结束通话并退出听单，再安装、升级或卸载。本机未做任何改动。" >&2
        echo "Tingdan is running (process ${process#/proc/}). Finish the call and quit Tingdan first. Nothing was changed." >&2
        exit 1
    fi
done
exit 0
