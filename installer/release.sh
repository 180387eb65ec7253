#!/bin/sh
# A release, from the tag to the folder that is handed out:   installer/release.sh VERSION [--check]      (make release VERSION=0.1.0)
#
# Refuses in words, before anything is built: uncommitted changes, a version other than that of pyproject.toml, no section for it in CHANGELOG.md,
# a tag v VERSION that is missing or points elsewhere. Then make dist, make prove-dist (as root), make bundle (KEY=…), make audit; dist/RELEASE.txt says
# what was built of what, what was proved, and what was not. --check only looks. Exit code 1 where something was refused or failed.
set -u
cd "$(dirname "$0")/.." || exit 1
version=${1:-}
failed=0

no() { echo "release: $1" >&2; failed=1; }

[ -n "$version" ] || { echo "release: which version? installer/release.sh 0.1.0" >&2; exit 1; }
[ -z "$(git status --porcelain)" ] || no "there are changes that are not committed"
told=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
[ "$told" = "$version" ] || no "pyproject.toml says $told, not $version"
grep -q "^## $version\b" CHANGELOG.md || no "CHANGELOG.md has no section '## $version'"
tagged=$(git rev-list -n 1 "v$version" 2>/dev/null || true)
[ "$tagged" = "$(git rev-parse HEAD)" ] || no "the tag v$version is missing or points elsewhere: git tag -s v$version"
[ $failed = 0 ] || exit 1
[ "${2:-}" != --check ] || { echo "release: $version can be built"; exit 0; }

make dist || exit 1
note=dist/RELEASE.txt
{
    echo "Tingdan $version, commit $(git rev-parse HEAD), $(git log -1 --format=%cI)"
    echo "built with $(.var/dist/env/bin/python --version) on $(. /etc/os-release && echo "$PRETTY_NAME"), $(uname -m)"
    echo
    sha256sum dist/*.deb dist/*.rpm dist/sbom.cdx.json dist/THIRD-PARTY-NOTICES.txt | sed 's#dist/##'
    echo
} > "$note"
if [ "$(id -u)" = 0 ]; then
    make bundle ${KEY:+KEY="$KEY"} ${POLICY:+POLICY="$POLICY"} ${KNOWLEDGE:+KNOWLEDGE="$KNOWLEDGE"} || exit 1
    make prove-dist; proved=$?
    { echo "make prove-dist:"; cat .var/prove-dist/table.txt; } >> "$note"
    [ $proved = 0 ] || { echo "release: the proof failed, see $note" >&2; exit 1; }
else
    echo "make prove-dist: not run, it needs root" >> "$note"
fi
if make audit > .var/dist/logs/audit.log 2>&1; then
    echo "make audit: no known vulnerability" >> "$note"
else
    { echo "make audit: NOT PROVED, findings or no way to the advisory service:"; tail -n 5 .var/dist/logs/audit.log; } >> "$note"
fi
echo "release: dist/ is ready; $note says what was proved. Sign the packages in your repository (docs/operations.md)."
