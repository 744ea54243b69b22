#!/usr/bin/env bash
# Serves everything with the arguments given, and sends simulated patients to the waiting room, so that a
# newcomer has somebody to admit. `make run` has built the server. The patients are built beside it, with the
# links printed already: they take some minutes the first time. `DEMO=0` does without them.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly target=${CARGO_TARGET_DIR:-target}
readonly link_file=$target/patient-link
locked=()
[ -z "${CI:-}" ] || locked=(--locked)
rm -f "$link_file"

server=
patients=
# The server says goodbye to everybody; it is waited for, whatever else ends.
stop() {
  trap '' INT TERM
  [ -z "$patients" ] || kill "$patients" 2>/dev/null || true
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  wait || true
  rm -f "$link_file"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

simulate_patients() {
  local building=
  trap '[ -z "$building" ] || kill "$building" 2>/dev/null || true; exit 0' TERM INT
  nice cargo build "${locked[@]}" --quiet --workspace --bin vestibule-demo &
  building=$!
  wait "$building"
  exec "$target/debug/vestibule-demo" --link-file "$link_file"
}

"$target/debug/vestibule" serve --patient-link-file "$link_file" "$@" &
server=$!
if [ "${DEMO:-1}" != 0 ]; then
  echo "Simulated patients come to the waiting room once they are built: in some minutes the first time."
  simulate_patients &
  patients=$!
fi
status=0
wait "$server" || status=$?
server=
exit "$status"
