#!/usr/bin/env bash
# Runs each body of some benchmarks once under callgrind, which counts its instructions: FOLDER PROFILE BENCH...
# Only what is measured counts: what criterion calls in its loop, and where that prepares something as well, what a
# benchmark's function `measured` calls. Calls are counted by their callers' callers, up to there: of a function that was
# called from elsewhere before, callgrind would add those calls, and not what they took.
# `vestibule-benches instructions FOLDER/*.out` makes a table of what it wrote.
set -euo pipefail

# A benchmark runs in its package's folder.
folder=$(realpath -m "${1:?a folder for the counts}")
profile=${2:?a profile}
shift 2
target=$(rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
rm -rf "$folder"
mkdir -p "$folder"
counted="--separate-callers=12 --toggle-collect=*Bencher*::iter --toggle-collect=*::measured"
for bench in "$@"; do
	export "CARGO_TARGET_${target}_RUNNER=valgrind --quiet --tool=callgrind $counted --callgrind-out-file=$folder/$bench.out"
	cargo bench ${LOCKED:-} --workspace --bench "$bench" --profile "$profile" -- --test
done
