#!/usr/bin/env bash
# Runs every test runner to its end, also after a failure of another one, and closes with one line:
# `N passed, N failed`. `make test` has built everything before.
set -euo pipefail
cd "$(dirname "$0")/.."

# A runner that hangs fails at its limit: well above what it needs on two cores that others use too.
readonly RUST_LIMIT=20m WEB_LIMIT=10m BROWSER_LIMIT=30m
# Tests of Rust at once. They mostly wait, so they may be more than there are cores.
readonly RUST_THREADS=4

readonly results=${CARGO_TARGET_DIR:-target}/test-results
rm -rf "$results"
mkdir -p "$results"
readonly results_here=$(cd "$results" && pwd)
locked=()
[ -z "${CI:-}" ] || locked=(--locked)
outcomes=()
# The words that put a runner into namespaces of its own; none by default.
inside=()

running=
# What runs beside this.
side=
watch_the_end() {
  trap 'for pid in $running $side; do kill "$pid" 2>/dev/null || true; done' EXIT
  trap 'exit 130' INT TERM
}
watch_the_end

# runner NAME FORMAT LIMIT COMMAND...: runs it and remembers its exit code for the tally.
# It runs in the background, because `timeout` takes it out of reach of the terminal's Ctrl-C.
runner() {
  local name=$1 format=$2 limit=$3 status=0 started=$SECONDS screen tee
  shift 3
  echo "==> tests: $name"
  exec {screen}> >(tee "$results/$name.log")
  tee=$!
  timeout --kill-after=30s "$limit" "${inside[@]}" "$@" >&"$screen" 2>&1 &
  running=$!
  exec {screen}>&-
  wait "$running" || status=$?
  running=
  wait "$tee"
  echo "==> tests: $name ended after $((SECONDS - started)) s with exit code $status"
  outcomes+=("$name:$format:$status")
}

# The browser of most tests: the same engine takes half of the processor's time without windows of its own, and two cores
# serve four of them. What is on bad lines has the Chromium that people have.
light_chromium() {
  export CHROMIUM=${CHROMIUM:-$(command -v chromium-headless-shell || command -v chromium)}
}

vitest() {
  local name=$1 limit=$2 folder=$3
  shift 3
  runner "$name" vitest "$limit" npm --prefix web run --silent test --workspace "$folder" -- \
    --reporter=default --reporter=json --outputFile.json="$results_here/$name.json" "$@"
}

# Browsers are in a network of their own: a change of the machine's, as the tests of bad lines beside them make, would stop
# what they load. It has an interface beside loopback, as machines have. Some tests make namespaces: root may, others may
# within a user namespace.
own_network() {
  local rights=()
  if [ "$(id -u)" != 0 ]; then rights=(--user --map-root-user --mount); fi
  inside=(unshare "${rights[@]}" --net scripts/own-network.sh)
}

runner scripts node 1m node --test --test-reporter=tap scripts/tally.test.mjs

# The tests of what people see, one after the other; what became of them is left in a file.
pages() {
  watch_the_end
  light_chromium
  outcomes=()
  runner types check "$WEB_LIMIT" npm --prefix web run --silent check
  vitest sdk "$WEB_LIMIT" sdk
  own_network
  vitest pages "$WEB_LIMIT" app
  vitest browsers "$BROWSER_LIMIT" e2e --project browsers
  printf '%s\n' "${outcomes[@]}" >"$results/pages.outcomes"
}

# They go beside those of Rust, which wait for sockets and databases more than they compute. None of them measures time.
pages &
side=$!
runner rust cargo "$RUST_LIMIT" env RUST_TEST_THREADS="$RUST_THREADS" cargo test "${locked[@]}" --workspace --no-fail-fast
wait "$side"
side=
mapfile -t beside <"$results/pages.outcomes"
outcomes+=("${beside[@]}")
own_network
vitest lines "$BROWSER_LIMIT" e2e --project lines

node scripts/tally.mjs "$results" "${outcomes[@]}"
