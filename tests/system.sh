#!/bin/sh
# Installs the system packages that the application and its browser test need, where it may;
# otherwise says in one line what to install where.
set -eu
packages="python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core"
browser="chromium"
ipads="webkit2gtk-driver xvfb" # the engine of every iPad, for the long tests

[ "$(uname -s)" = "Linux" ] || exit 0
command -v dpkg-query >/dev/null 2>&1 || { echo "Install Pango, HarfBuzz with its subsetter, the Noto fonts and Chromium with your system's package manager." >&2; exit 0; }

lacks() { [ "$(dpkg-query -W -f='${Status}' "$1" 2>/dev/null)" != "install ok installed" ]; }

missing=""
for package in $packages $ipads; do
  if [ "$package" = python3-venv ] && "${PYTHON:-python3}" -c 'import ensurepip' 2>/dev/null; then continue; fi
  if lacks "$package"; then missing="$missing $package"; fi
done
if ! command -v chromium >/dev/null 2>&1; then missing="$missing $browser"; fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  sudo apt-get update -qq
  sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "Missing from this system. Run once: sudo apt-get install$missing" >&2
  exit 1
fi
