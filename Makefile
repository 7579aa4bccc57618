# Two commands do the work: `make demo` and `make test`. Each does all of its own set-up.

.PHONY: demo test build setup release bench faults soak fuzz sanitize lint check docs check-docs clean

# Without Swift's libraries beside it: it starts sooner, and runs where Swift is not.
RELEASE := -c release --static-swift-stdlib

demo: build
	@scripts/demo .build/debug/stowage

test: build
	@scripts/setup --tests
	swift build --build-tests
	swift test --skip-build --skip 'StateStorageTests|LockContentionTests' --experimental-maximum-parallelization-width 16
	swift test --skip-build --filter StateStorageTests --experimental-maximum-parallelization-width 16
	swift test --skip-build --filter LockContentionTests

build: setup
	swift build --product stowage

setup:
	@scripts/setup

# The order of what is linked is nothing that SwiftPM looks at.
release: setup
	@[ ! .build/release/stowage -ot scripts/symbol-order.txt ] || rm .build/release/stowage
	swift build $(RELEASE) --product stowage

# Beside what would be used instead, into Benchmarks/results.md. ONLY=pull,large measures a part, CLUSTER=context a real cluster.
bench: release
	@ONLY="$(ONLY)" CLUSTER="$(CLUSTER)" scripts/bench .build/release/stowage

# Every request of push, rollback, restore, move and of a save through the gateway, at 1, 2 and 5 parts, disturbed in eight ways: thousands of cases, which take
# more than an hour on two cores. ONLY="move, 2" runs those whose name begins so.
faults: release
	swift build --build-tests
	STOWAGE_FAULTS="$(ONLY)" STOWAGE_PROGRAM="$(CURDIR)/.build/release/stowage" \
	  swift test --skip-build --filter AcceptanceTests.FaultTests

lint:
	swift format lint --strict --recursive --parallel Sources Tests Package.swift

# Everything that changes states, on 20 environments at a time, with faults and deaths, for so many minutes. SEED=n is the same order of
# things again; without it a seed is taken and printed.
MINUTES := 10
soak: release
	swift build --build-tests
	STOWAGE_SOAK_MINUTES="$(MINUTES)" STOWAGE_SOAK_SEED="$(SEED)" STOWAGE_PROGRAM="$(CURDIR)/.build/release/stowage" \
	  swift test --skip-build --filter AcceptanceTests.SoakTests.nothingIsLost

# What reads bytes of others, given bytes that lead to code which was not reached before: each target, or TARGET=…, for so many seconds.
SECONDS := 60
fuzz: build
	@scripts/fuzz $(SECONDS) $(TARGET)

# All tests again with a sanitizer in everything: KIND=thread, KIND=address, or both after each other. Each is built
# from nothing the first time.
KIND := thread address
sanitize: setup
	@scripts/setup --tests
	@scripts/sanitize $(KIND)

# Format and rules of the sources, without building them.
check:
	@scripts/check

# docs/cli.md, from what the program says of its commands.
docs: build
	scripts/document-commands .build/debug/stowage > .build/cli.md
	mv .build/cli.md docs/cli.md

# Whether docs/cli.md is what the program says, and the commands of README.md work.
check-docs: build
	@scripts/document-commands .build/debug/stowage | diff -u docs/cli.md - || \
	  { echo "docs/cli.md is not what the commands say of themselves: make docs" >&2; exit 1; }
	@scripts/check-readme .build/debug/stowage

clean:
	rm -rf .build
