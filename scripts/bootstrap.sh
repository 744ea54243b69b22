#!/usr/bin/env bash
# Installs what the given mode needs, through the distribution's own packages.
#
#   scripts/bootstrap.sh run    what building and serving the product needs
#   scripts/bootstrap.sh test   that, and what the tests need: browsers, PostgreSQL, schemathesis
#   scripts/bootstrap.sh lint   that of `run`, and the Rust lint components
#   scripts/bootstrap.sh fuzz   that of `run`, and what compiles the fuzzer
#   scripts/bootstrap.sh instructions   that of `run`, and what counts instructions
#
# Quick and silent when nothing is missing. When something cannot be installed
# (no root, no apt), it says what is missing, prints the command that installs
# it, and exits non-zero.
set -euo pipefail

readonly RUST_MIN=1.94.0
readonly NODE_MIN=20.19.0
readonly NPM_MIN=9.2.0
# Tries the REST API against its description; scripts/schemathesis.txt has the same version.
readonly SCHEMATHESIS=4.32.5

mode=${1:-run}
missing_packages=()
problems=()

has() { command -v "$1" >/dev/null 2>&1; }

# True when version $1 is at least version $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Asks for the apt package $2 unless the command $1 exists.
want_command() { has "$1" || missing_packages+=("$2"); }

# Asks for the apt package $2 unless the path $1 exists.
want_path() { [ -e "$1" ] || missing_packages+=("$2"); }

# The version that apt would install of package $1, without epoch and Debian suffix.
apt_version() {
  has apt-cache || return 0
  apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9]*:\)\{0,1\}\([0-9.]*\).*/\2/p'
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -qq "$@" >/dev/null
}

can_be_root() {
  [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }
}

check_build_tools() {
  want_command cc gcc
  want_command make make
  want_command git git
  want_path /etc/ssl/certs/ca-certificates.crt ca-certificates
}

check_browser_tools() {
  want_command chromium chromium
  want_command firefox-esr firefox-esr
  # Firefox plays no sound at all on a machine without a sound device; this makes one up.
  want_command pulseaudio pulseaudio
  want_command ip iproute2
  want_command openssl openssl
  # Tries to decode what the SFU relays.
  want_command vpxdec vpx-tools
  # Text and emoji (the safety code) in screenshots, the same on every machine.
  want_path /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf fonts-dejavu-core
  want_path /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf fonts-noto-color-emoji
}

# Chromium without windows of its own: the same engine for half of the processor's time. Where it cannot be had, the whole
# Chromium serves.
install_light_chromium() {
  local package=chromium-headless-shell
  if has "$package" || ! has apt-get || ! can_be_root; then return 0; fi
  if [ "${#problems[@]}" -gt 0 ]; then return 0; fi
  # An image may come without apt's lists.
  compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || as_root apt-get update -qq || true
  [ -n "$(apt_version "$package")" ] || return 0
  echo "bootstrap: installing $package"
  apt_install "$package" || { as_root apt-get update -qq && apt_install "$package"; } \
    || echo "bootstrap: $package could not be installed; the tests take longer without it" >&2
}

# Python makes an environment for schemathesis; Debian keeps what that takes apart.
check_python() {
  want_command python3 python3
  { has python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; } || missing_packages+=(python3-venv)
}

# The tests start servers of their own with it; Debian keeps the server's programs out of the path.
check_postgres() {
  [ -n "$(find_postgres)" ] || missing_packages+=(postgresql)
}

find_postgres() {
  command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null || true
}

# With a Python of its own under .tools, so that nothing of the system's changes.
install_schemathesis() {
  local here folder log
  here=$(dirname "$0")
  folder=$here/../.tools/schemathesis-$SCHEMATHESIS
  log=$folder.log
  [ ! -x "$folder/bin/schemathesis" ] || return 0
  if [ "${#problems[@]}" -gt 0 ]; then return 0; fi
  echo "bootstrap: installing schemathesis $SCHEMATHESIS"
  mkdir -p "$here/../.tools"
  rm -rf "$folder"
  # A half-made folder has no program in it, and is made anew the next time.
  python3 -m venv "$folder" >"$log" 2>&1 \
    && "$folder/bin/python" -m pip install --disable-pip-version-check -r "$here/schemathesis.txt" >>"$log" 2>&1 \
    || problems+=("schemathesis could not be installed from PyPI; $log says why")
}

install_missing_packages() {
  [ "${#missing_packages[@]}" -gt 0 ] || return 0
  local command="apt-get install -y --no-install-recommends ${missing_packages[*]}"
  if ! has apt-get; then
    problems+=("missing: ${missing_packages[*]} (no apt here; install them with your system's package manager)")
  elif ! can_be_root; then
    problems+=("missing: ${missing_packages[*]} (needs root). Run: sudo $command")
  else
    echo "bootstrap: installing ${missing_packages[*]}"
    # A stale list names packages that are gone from the mirror.
    as_root apt-get update -qq || echo "bootstrap: apt-get update failed; trying with the lists as they are" >&2
    apt_install "${missing_packages[@]}" \
      || problems+=("apt-get failed. Run it to see why: sudo $command")
  fi
}

check_node() {
  local found=none candidate
  if has node; then found=$(node --version); found=${found#v}; fi
  if [ "$found" != none ] && at_least "$found" "$NODE_MIN"; then return 0; fi
  candidate=$(apt_version nodejs)
  if [ "$found" = none ] && [ -n "$candidate" ] && at_least "$candidate" "$NODE_MIN"; then
    missing_packages+=(nodejs)
    has npm || missing_packages+=(npm)
    return 0
  fi
  problems+=("Node.js >= $NODE_MIN is needed, found: $found. Install version 22 or 24 from https://nodejs.org/en/download or with your version manager, for example: nvm install 22")
}

check_npm() {
  local found=none
  if has npm; then found=$(npm --version 2>/dev/null); fi
  if [ "$found" != none ] && at_least "$found" "$NPM_MIN"; then return 0; fi
  problems+=("npm >= $NPM_MIN is needed, found: $found. Run: npm install --global npm@10")
}

check_rust() {
  local found=none
  if has rustc && has cargo; then found=$(rustc --version 2>/dev/null | awk '{print $2}'); fi
  if [ -n "$found" ] && [ "$found" != none ] && at_least "${found%%-*}" "$RUST_MIN"; then return 0; fi
  if has rustup; then
    problems+=("Rust >= $RUST_MIN is needed, found: ${found:-none}. Run: rustup update stable && rustup default stable")
  else
    problems+=("Rust >= $RUST_MIN is needed, found: ${found:-none}. Install it from https://rustup.rs, then open a new shell")
  fi
}

check_rust_lints() {
  has cargo-fmt && has cargo-clippy && return 0
  problems+=("rustfmt and clippy are needed. Run: rustup component add rustfmt clippy")
}

report() {
  [ "${#problems[@]}" -gt 0 ] || return 0
  echo "bootstrap: this machine is not ready for 'make $mode':" >&2
  printf '  - %s\n' "${problems[@]}" >&2
  exit 1
}

case "$mode" in
  run) check_build_tools ;;
  test) check_build_tools; check_browser_tools; check_postgres; check_python ;;
  lint) check_build_tools; check_rust_lints ;;
  fuzz) check_build_tools; want_command c++ g++ ;;
  instructions) check_build_tools; want_command valgrind valgrind ;;
  *) echo "usage: scripts/bootstrap.sh run|test|lint|fuzz|instructions" >&2; exit 2 ;;
esac
check_node
install_missing_packages
if [ "$mode" = test ]; then
  install_light_chromium
  install_schemathesis
fi
check_npm
check_rust
report
