# The two commands of the README are `make run` and `make test`; both install what is missing first.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.PHONY: run test simulate check check-api check-mail check-power check-sarif check-signatures build release dist bench \
  format deps test-deps

# Warnings of our own code are errors in everything that goes through make.
export WARNINGS_AS_ERRORS = 1

run: build
	@scripts/demo

build: deps
	swift build --product zentra-sync

release: deps
	swift build -c release --product zentra-sync

# The program as one file that needs no Swift where it runs: what pipelines download.
dist: deps
	swift build -c release --static-swift-stdlib --product zentra-sync
	strip -o .build/zentra-sync "$$(swift build -c release --show-bin-path)/zentra-sync"

# Tests at a time. With all at once each of them waits for the others, and their time limits say nothing.
TEST_WIDTH ?= 12
test: export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH = $(TEST_WIDTH)
test: test-deps
	swift build --build-tests
	swift test --skip-build 2>&1 | grep -v '^◇ '

# Plays random workflows against an oracle, a million steps of them, in a release build of the engine. STEPS=5000000 plays
# more, SEED=4711 one world again with everything that happens in it.
STEPS ?= 1000000
simulate: deps
	swift build -c release --product simulate
	@"$$(swift build -c release --show-bin-path)/simulate" $(if $(SEED),--seed $(SEED),--steps $(STEPS))

check: test-deps
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks
	swift build --build-tests

# The checks from here on look at the program as it is shipped: the optimizer has a hand in it too. To look at another build,
# call the script with CHECK_BINARY=FILE.

# Runs schemathesis against the API's own document; needs PyPI, and about two minutes.
check-api: test-deps release
	scripts/check-api

# Verifies deliveries with the libraries `standardwebhooks` and `svix`; needs PyPI, seconds.
check-signatures: test-deps release
	scripts/check-signatures

# Validates the logs of `validate --format sarif` against the schema of SARIF 2.1.0; needs PyPI, seconds.
check-sarif: test-deps release
	scripts/check-sarif

# Posts 20 mails of 25 MiB at once and looks at the memory of the process; about a minute.
check-mail: test-deps release
	scripts/check-mail

# Cuts the power of a disk while events and mails come in: what was answered has to be on it. Needs root, for a file system
# in a file; half a minute.
check-power: test-deps release
	scripts/check-power

# Release build; figures and their ratios to limits that are measured in the same run. ONLY=delivery measures one subject,
# PHASES=drain,latency parts of it.
bench: deps
	swift build -c release --product zentra-sync
	swift build -c release --product benchmarks
	@"$$(swift build -c release --show-bin-path)/benchmarks" --json .build/benchmarks.json \
	  --only "$(ONLY)" --phases "$(PHASES)"

format:
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks

deps:
	@scripts/deps

test-deps:
	@scripts/deps test
