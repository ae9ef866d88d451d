#!/bin/sh
# Prints the path of a Chromium or Chrome that runs, and installs Debian's where there is none and it may.

runs() {
  found=$(command -v "$1") && "$found" --version >/dev/null 2>&1 && echo "$found"
}

if [ -n "$CHROMIUM" ]; then
  runs "$CHROMIUM" && exit 0
  echo "CHROMIUM names \"$CHROMIUM\", which does not run: name a Chromium or Chrome that does, or unset CHROMIUM." >&2
  exit 1
fi

for name in chromium chromium-browser google-chrome "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
  runs "$name" && exit 0
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing the package chromium (about a minute, 400 MB)..." >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2 && apt-get install -y -qq --no-install-recommends chromium >&2 </dev/null
  runs chromium && exit 0
fi

echo "The tests need a browser: install Chromium or Google Chrome (on Debian: apt install chromium), or set CHROMIUM to its path." >&2
exit 1
