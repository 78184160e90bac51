#!/bin/sh
# Installs the Debian packages that the tests need and this machine lacks.
# Who is not root gets the one command to run.
set -eu

missing=""
present() { command -v "$1" >/dev/null 2>&1; }

# The server refuses root, who needs the package's account to run it.
postgresql() {
    { present initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; } &&
        { [ "$(id -u)" -ne 0 ] || id postgres >/dev/null 2>&1; }
}

postgresql || missing="$missing postgresql"
present node || missing="$missing nodejs"
present npm || missing="$missing npm"
present tshark || missing="$missing tshark"
present postfix || [ -x /usr/sbin/postfix ] || missing="$missing postfix"
present swaks || missing="$missing swaks"
present curl || missing="$missing curl"
present php || missing="$missing php-cli"
present pdftotext || missing="$missing poppler-utils"
present gammu || missing="$missing gammu"
/usr/bin/python3 -c 'import tkinter' 2>/dev/null || missing="$missing python3-tk"
present Xvfb || missing="$missing xvfb"
present xdotool || missing="$missing xdotool"
present import || missing="$missing imagemagick"
present chromium || missing="$missing chromium fonts-dejavu-core fonts-liberation2"

[ -n "$missing" ] || exit 0

if ! present apt-get; then
    echo "Il manque pour les tests, à installer avec les outils de ce système :$missing" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Il manque des paquets pour les tests. Lancez : sudo sh tests/install_debian.sh ($(echo $missing))" >&2
    exit 1
fi

echo "Installation des paquets Debian manquants ($(echo $missing))…"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# The tests make a Postfix of their own: the package is left without a configuration, and then starts none. It would
# take the place of another mail server, so nothing may be removed.
install() {
    case "$missing" in
    *postfix*) echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections ;;
    esac
    apt-get update && apt-get install -y --no-remove --no-install-recommends $missing
}
if ! install >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "L'installation des paquets Debian a échoué :$missing" >&2
    exit 1
fi
