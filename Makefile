# Every target may be repeated. Tests, demo and benchmarks set up what they need by themselves
# (internal/testenv/README.md); that wants root on Debian 12 unless a Docker engine already answers.

GO      ?= go
TESTENV := internal/testenv/testenv
VERSION ?= $(shell git describe --tags --dirty 2>/dev/null)
LDFLAGS := -s -w $(if $(VERSION),-X main.release=$(VERSION))
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build ./gocompose.
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o gocompose ./cmd/gocompose

.PHONY: demo
demo: build ## Bring up compose.example.yaml and show the page it serves.
	@internal/testenv/demo up

.PHONY: demo-down
demo-down: build ## Take the demo down, with its database.
	@internal/testenv/demo down

.PHONY: test
test: ## Set up engines, images and docker-compose, then run every test with the race detector.
	@internal/testenv/with-env $(GO) test -race -timeout 45m $(TESTFLAGS) ./...

.PHONY: test-fast
test-fast: ## Run the tests that need no engine; sets nothing up.
	$(GO) test $(TESTFLAGS) ./...

.PHONY: test-real
test-real: ## Run only the tests that use real engines.
	@internal/testenv/with-env internal/testenv/real-tests $(TESTFLAGS)

.PHONY: differential
differential: ## Compare gocompose with docker-compose 2.40.3, command line by command line.
	@internal/testenv/with-env $(GO) test ./cmd/gocompose -count=1 -run '^TestDifferential$$' -v $(TESTFLAGS)

.PHONY: bench
bench: build ## Compare gocompose with docker-compose 2.40.3 and with the bare engine calls.
	@GOCOMPOSE=$(CURDIR)/gocompose internal/testenv/with-env $(GO) run ./internal/bench $(BENCHFLAGS)
	$(GO) test -run '^$$' -bench . -benchmem ./planner/...

.PHONY: reference
reference: ## Write docs/reference from the command tree.
	$(GO) test ./cmd/gocompose -run '^TestReference$$' -update

.PHONY: lint
lint: ## Run golangci-lint, and shellcheck where it is installed.
	@internal/testenv/lint

.PHONY: fmt
fmt: ## Format the Go files.
	gofmt -w $$(git ls-files -co --exclude-standard '*.go')

.PHONY: cross
cross: ## Build for every platform into dist/.
	@for platform in $(PLATFORMS); do \
		os=$${platform%/*}; arch=$${platform#*/}; extension=; \
		[ $$os != windows ] || extension=.exe; \
		echo "building $$platform"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags '$(LDFLAGS)' \
			-o dist/gocompose-$$os-$$arch$$extension ./cmd/gocompose || exit 1; \
	done

.PHONY: clean
clean: ## Remove what the builds made.
	rm -rf gocompose gocompose.exe dist

.PHONY: testenv-down
testenv-down: ## Stop the engines that the tests own; what they were made from stays cached.
	@$(TESTENV) engine stop trixie
	@$(TESTENV) engine stop sid
