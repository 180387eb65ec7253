#!/bin/sh
# After removal: the desktop forgets the menu entry. Only `apt-get purge` takes what the administrator put on this machine
# (policy, models, knowledge, autostart). Operators' drafts and tickets lie in their own folders and are never touched.
set -u
command -v update-desktop-database >/dev/null 2>&1 && update-desktop-database -q /usr/share/applications || true
if [ "${1:-}" = purge ]; then
    rm -rf /etc/tingdan /var/lib/tingdan
    rm -f /etc/xdg/autostart/tingdan.desktop
fi
exit 0
