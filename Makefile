# The commands of this repository. `make` alone lists them.
#
# Everything is built once, in the dev profile: dependencies are optimised there (see Cargo.toml).
# The pages come before any cargo command, because the server embeds web/app/dist when it compiles.

.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

CARGO_DENY_VERSION := 0.20.2
CARGO_FUZZ_VERSION := 0.13.2
CARGO_FUZZ := .tools/cargo-fuzz-$(CARGO_FUZZ_VERSION)/bin/cargo-fuzz
CARGO_DENY := .tools/cargo-deny-$(CARGO_DENY_VERSION)/bin/cargo-deny
TARGET := $(or $(CARGO_TARGET_DIR),target)
# In CI a Cargo.lock that does not match is an error, not a thing to mend. (And `make test` checks the types there, and what
# is generated.)
LOCKED := $(if $(CI),--locked)
# `make bench PROFILE=bench` (`make load PROFILE=release`) measures fully optimised code, at the price of a second build.
PROFILE ?= dev
# Benchmarks run in rounds, each short, so that all takes two minutes. The fastest round of each counts: what keeps a
# machine busy for a while makes one round slow and not all.
BENCH_ROUNDS ?= 1 2 3
BENCH_ARGS ?= --noplot --output-format bencher --nresamples 1000 --warm-up-time 0.1 --measurement-time 0.3
ARGS ?=
# How long `make fuzz` stays with each target.
FUZZ_SECONDS ?= 60
# How many schedules `make sim` runs.
SEEDS ?= 10000
# `make run DEMO=0` serves without simulated patients.
export DEMO ?= 1
# `make run PHONE=0` serves no pages to the network. Media keeps listening on every address: Firefox sends none to
# 127.0.0.1.
PHONE ?= 1

PAGES := web/app/dist
WEB_DEPS := web/node_modules/.installed
# Folders are listed too: a deleted file changes the time of its folder.
PAGES_SOURCES := $(shell find web/app web/sdk web/tsconfig.base.json \
	\( -name node_modules -o -name dist -o -name test \) -prune -o -print)

.PHONY: help run test torture bench instructions load load-plots fuzz sim lint lint-rust lint-dependencies lint-web \
	audit build web screenshots format clean-data bootstrap-run bootstrap-test bootstrap-lint \
	bootstrap-fuzz bootstrap-instructions

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

run: bootstrap-run $(PAGES) ## Build and serve everything, print the links (PHONE=0: pages for this machine only; DEMO=0: nobody waits)
	cargo build $(LOCKED) --workspace --bin vestibule
	exec scripts/run.sh --any-port $(if $(filter-out 0,$(PHONE)),--phone) $(ARGS)

test: bootstrap-test build ## Run every test: Rust, web, browser
	scripts/test.sh

# Each page is a connection, and so is each of the server's.
torture: bootstrap-test $(PAGES) ## Kill the server, and PostgreSQL, in storms of visits (KILLS=200 VISITS=1000 on each store; SEED=n tells one again)
	ulimit -n 8192 && KILLS=$(or $(KILLS),200) VISITS=$(or $(VISITS),1000) \
		cargo test $(LOCKED) --workspace --test kill_nine -- --nocapture --test-threads 1

lint: lint-rust lint-dependencies lint-web ## Check format, lints, dependencies, documentation and types

lint-rust: bootstrap-lint $(PAGES)
	cargo fmt --all --check
	cargo clippy $(LOCKED) --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc $(LOCKED) --workspace --no-deps
	$(if $(CI),,cargo test $(LOCKED) --quiet --workspace --test typescript --test documentation)

lint-dependencies: bootstrap-lint $(CARGO_DENY)
	$(CARGO_DENY) --log-level error $(LOCKED) check bans licenses sources

lint-web: $(WEB_DEPS)
	cd web && npm run --silent format:check && npm run --silent lint
	$(if $(CI),,cd web && npm run --silent check)

# What an earlier run left is removed, so that the table is of one run and a benchmark that is gone is missed.
bench: bootstrap-run ## Hold the benchmarks against benches/budgets.toml, write docs/performance.md (PROFILE=bench: optimised)
	rm -rf $(TARGET)/criterion
	for round in $(BENCH_ROUNDS); do \
		CRITERION_HOME=$(abspath $(TARGET))/criterion/$$round \
			cargo bench $(LOCKED) --workspace --bench '*' --profile $(PROFILE) -- $(BENCH_ARGS); \
	done
	cargo run $(LOCKED) --quiet --package vestibule-benches --profile $(PROFILE) -- compare $(TARGET)/criterion

# Each body runs once: what is counted is the same each time.
INSTRUCTION_BENCHES := clinic demux forward open path rtp seal srtp
instructions: bootstrap-instructions ## Count the instructions of the hot functions with valgrind, write docs/performance.md
	LOCKED=$(LOCKED) scripts/count-instructions.sh $(TARGET)/instructions $(PROFILE) $(INSTRUCTION_BENCHES)
	cargo run $(LOCKED) --quiet --package vestibule-benches --profile $(PROFILE) -- instructions $(TARGET)/instructions/*.out

load-plots: bootstrap-run ## Put the SFU under loads of all sizes and draw docs/plots/load-*.svg (takes a quarter of an hour)
	scripts/load-series.sh $(TARGET)/load
	cargo run $(LOCKED) --quiet --package vestibule-benches -- load-plots $(TARGET)/load

# The whole product is another program, which the tool starts from beside itself.
load: bootstrap-run $(if $(findstring --product,$(ARGS)),$(PAGES)) ## Put the SFU, or the whole product, under load (ARGS="--product --rooms 100"; PROFILE=bench for fully optimised code): docs/load.md
	$(if $(findstring --product,$(ARGS)),cargo build $(LOCKED) --workspace --bin vestibule --profile $(PROFILE))
	cargo run $(LOCKED) --bin vestibule-load --profile $(PROFILE) -- $(ARGS)

fuzz: bootstrap-fuzz $(CARGO_FUZZ) ## Fuzz each target (FUZZ_SECONDS=60 each); what is found lies in fuzz/found
	for target in $$(ls fuzz/corpus); do \
		mkdir -p fuzz/found/$$target; \
		$(CARGO_FUZZ) run --fuzz-dir fuzz --sanitizer none $$target fuzz/found/$$target fuzz/corpus/$$target -- \
			-max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=65536 -print_final_stats=1; \
	done

# A schedule that fails ends it, with the command that repeats it.
sim: bootstrap-run ## Run schedules of a seeded world around the clinic: two nodes, crashes, clock jumps (SEEDS=10000)
	cargo run $(LOCKED) --quiet --bin vestibule-sim -- --seeds $(SEEDS) $(ARGS)

audit: $(CARGO_DENY) ## Ask the advisory databases about our dependencies (needs the network)
	$(CARGO_DENY) check advisories
	cd web && npm audit

# Benchmarks are no tests: the lints check them, and only `make bench` builds them.
build: bootstrap-run $(PAGES) ## Build the pages and every Rust target but benchmarks
	cargo build $(LOCKED) --workspace --lib --bins --tests --examples

web: $(PAGES) ## Build the pages

screenshots: bootstrap-test build ## Write the screenshots of every page and state
	cd web/e2e && SCREENSHOTS=1 npx vitest run screenshots signing-in older

format: $(WEB_DEPS) ## Format all code
	cargo fmt --all
	cd web && npm run --silent format

clean-data: ## Forget the local server's data
	rm -rf data $(TARGET)/simulated-patients

bootstrap-run bootstrap-test bootstrap-lint bootstrap-fuzz bootstrap-instructions: bootstrap-%:
	@scripts/bootstrap.sh $*

$(WEB_DEPS): web/package-lock.json
	cd web && npm ci
	touch $@

$(PAGES): $(WEB_DEPS) $(PAGES_SOURCES)
	cd web && npm run --silent build
	touch $@

$(CARGO_DENY):
	cargo install cargo-deny@$(CARGO_DENY_VERSION) --locked --debug --root .tools/cargo-deny-$(CARGO_DENY_VERSION)

$(CARGO_FUZZ):
	cargo install cargo-fuzz@$(CARGO_FUZZ_VERSION) --locked --debug --root .tools/cargo-fuzz-$(CARGO_FUZZ_VERSION)
