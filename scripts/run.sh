#!/usr/bin/env bash
# Serves everything with the arguments given, and sends simulated patients to the waiting room, so that a
# newcomer has somebody to admit. `make run` has built the server. The patients are built beside it, with the
# links printed already: they take some minutes the first time. `DEMO=0` does without them.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly target=${CARGO_TARGET_DIR:-target}
readonly link_file=$target/patient-link
# There while simulated patients may have a place in the waiting room: they were not told to leave if it is
# there at the start.
readonly mark=$target/simulated-patients
# How long the server keeps the places of people who are lost, and a little more.
readonly grace=${DEMO_GRACE:-130}
locked=()
[ -z "${CI:-}" ] || locked=(--locked)
rm -f "$link_file"

server=
patients=

# stop PID SECONDS: tells a process to end, and waits for it, at most so long.
stop() {
  local left=$(($2 * 10))
  kill "$1" 2>/dev/null || true
  while kill -0 "$1" 2>/dev/null && [ "$left" -gt 0 ]; do
    left=$((left - 1))
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null || true
  wait "$1"
}

# The patients leave first, as long as there is a server to be left. It says goodbye to everybody else, and is
# waited for, whatever else ends.
stop_everything() {
  trap '' HUP INT TERM
  if [ -n "$patients" ]; then
    # Those who could not leave are remembered.
    stop "$patients" 5 2>/dev/null && rm -f "$mark"
  fi
  [ -z "$server" ] || stop "$server" 15 2>/dev/null || true
  rm -f "$link_file"
}
trap stop_everything EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# simulate_patients FIRST_PAUSE: they come when the server is ready, and this long after that.
simulate_patients() {
  local working=
  # Nothing came, so that the mark stays what it was.
  trap '[ -z "$working" ] || kill "$working" 2>/dev/null || true; exit 1' HUP INT TERM
  until [ -s "$link_file" ]; do
    sleep 0.2
  done
  echo "  Simulated patients are built now: some minutes the first time. The links are good meanwhile."
  nice cargo build "${locked[@]}" --quiet --workspace --bin vestibule-demo &
  working=$!
  wait "$working"
  if [ "$1" -gt 0 ]; then
    echo "  Those of the last time were not told to leave; new ones come when they have lost their places."
    sleep "$1" &
    working=$!
    wait "$working"
  fi
  touch "$mark"
  exec "$target/debug/vestibule-demo" --link-file "$link_file"
}

# In a session of its own, where the terminal's Ctrl-C does not reach it before the patients have left.
setsid "$target/debug/vestibule" serve --patient-link-file "$link_file" "$@" &
server=$!
if [ "${DEMO:-1}" != 0 ]; then
  pause=0
  [ ! -e "$mark" ] || pause=$grace
  simulate_patients "$pause" &
  patients=$!
fi
status=0
wait "$server" || status=$?
server=
exit "$status"
