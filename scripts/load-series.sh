#!/usr/bin/env bash
# Puts the SFU under loads of all sizes, one after the other, and keeps each report as FOLDER/PLOT/LINE/NUMBER.json:
# `vestibule-benches load-plots FOLDER` draws them. The lists and lengths below can be set from outside.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:?a folder for the reports}
ROOMS=${ROOMS:-1 10 50 100 200 300 400}
PEOPLE=${PEOPLE:-2 3 4 5}
PAYLOAD=${PAYLOAD:-100 300 600 900 1100}
WORKERS=${WORKERS:-1 2}
SECONDS_EACH=${SECONDS_EACH:-20}
# Rooms of two where rooms are not what is looked at.
SOME_ROOMS=${SOME_ROOMS:-50}
if [ -z "${LOAD:-}" ]; then
	cargo build --package vestibule-load
	LOAD=${CARGO_TARGET_DIR:-target}/debug/vestibule-load
fi

# The cores of so many workers and of the load tool: a worker has one of its own where there are enough.
cores_of() {
	if [ "$(nproc)" -lt 2 ]; then
		echo none
	elif [ "$1" -gt 1 ] && [ "$(nproc)" -gt 2 ]; then
		echo 0,2:1
	else
		echo 0:1
	fi
}

# Rooms of so many people that have about as many packets forwarded as SOME_ROOMS rooms of two: in a room they grow as people
# times the others, and a server that has more to do takes less for each.
rooms_of() {
	local pairs=$(($1 * ($1 - 1)))
	local rooms=$(((SOME_ROOMS * 2 + pairs / 2) / pairs))
	echo $((rooms > 0 ? rooms : 1))
}

# Arguments: plot, line, number, then what the load tool is told.
measure() {
	local report="$folder/$1/$2/$3.json"
	mkdir -p "$(dirname "$report")"
	"$LOAD" --json --seconds "$SECONDS_EACH" --cpu "$cores" --workers "$workers" "${@:4}" >"$report.part"
	mv "$report.part" "$report"
}

rm -rf "$folder"
for workers in $WORKERS; do
	cores=$(cores_of "$workers")
	line="$workers worker"
	[ "$workers" = 1 ] || line+=s
	for rooms in $ROOMS; do
		measure rooms "$line" "$rooms" --rooms "$rooms"
	done
	for people in $PEOPLE; do
		measure people "$line" "$people" --people "$people" --rooms "$(rooms_of "$people")"
	done
	for payload in $PAYLOAD; do
		measure payload "$line" "$payload" --video-bytes "$payload" --rooms "$SOME_ROOMS"
	done
done
