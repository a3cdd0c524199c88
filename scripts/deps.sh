#!/bin/sh
# Finds a browser that reprompt can drive, or installs one.
# Exit 0: there is one. Exit 2: there is none and this script may not install it.
set -eu

for name in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable microsoft-edge microsoft-edge-stable; do
	if command -v "$name" >/dev/null 2>&1; then
		exit 0
	fi
done
if [ -n "${REPROMPT_BROWSER:-}" ] && [ -x "$REPROMPT_BROWSER" ]; then
	exit 0
fi
if [ "$(uname -s)" = Darwin ]; then
	for app in "Google Chrome" Chromium "Microsoft Edge"; do
		[ -d "/Applications/$app.app" ] && exit 0
	done
	echo "reprompt needs a browser and none was found. Install one: brew install --cask chromium" >&2
	exit 2
fi

id=unknown
like=
if [ -r /etc/os-release ]; then
	id=$(. /etc/os-release && echo "$ID")
	like=$(. /etc/os-release && echo "${ID_LIKE:-}")
fi
# Debian has the small headless shell; Ubuntu's chromium is a snap, so Chrome's own package is named there.
case "$id $like" in
debian*)
	packages="chromium-headless-shell fonts-liberation" ;; # without a font screenshots show no letters
*debian* | *ubuntu*)
	packages="chromium-browser" ;;
*fedora* | *rhel*)
	echo "reprompt needs a browser and none was found. Install one: sudo dnf install chromium-headless" >&2
	exit 2 ;;
*arch*)
	echo "reprompt needs a browser and none was found. Install one: sudo pacman -S chromium" >&2
	exit 2 ;;
*suse*)
	echo "reprompt needs a browser and none was found. Install one: sudo zypper install chromium" >&2
	exit 2 ;;
*)
	echo "reprompt needs a browser and none was found. Install Chromium, Chrome or Edge, or name one in REPROMPT_BROWSER" >&2
	exit 2 ;;
esac
if [ "$(id -u)" != 0 ]; then
	echo "reprompt needs a browser and none was found. Install one: sudo apt-get update && sudo apt-get install -y $packages" >&2
	exit 2
fi
echo "no browser was found: installing $packages with apt-get" >&2
apt-get update -qq >&2
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
