# Doppio. Two commands do everything on a fresh Debian or Ubuntu machine: `make demo` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: demo run test simulate fuzz bench lint build clean help deps screenshots places

TAGS    := migrated_fynedo
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
TOLD    := -X main.version=$(VERSION) -X github.com/doppio-sync/doppio/cmd/doppioctl/version.Number=$(VERSION)
LDFLAGS := -s -w $(TOLD)
PEOPLE  ?= 20000
ROUNDS  ?= 3
SEEDS   ?= 300
FROM    ?= 1
UNUSUAL ?= false
COUNT   ?= 100000x

demo: ## Watch 2,000 people flow between two imitated systems: needs Go, and nothing else
	@CGO_ENABLED=0 go run -ldflags '$(TOLD)' ./cmd/doppioctl demo

run: deps ## Open the window
	go run -tags $(TAGS) ./cmd/doppio

test: deps ## Everything that is checked before a change goes in; ends with "N passed, M failed"
	@.ci/test

simulate: ## Simulated days from many seeds: make simulate SEEDS=1000 FROM=1, with UNUSUAL=true those on which a clock is set too; one that fails is told as the few deeds that are enough
	go test -count=1 -timeout 0 -run TestSimulatedDay ./app -seeds $(SEEDS) -seed $(FROM) -unusual=$(UNUSUAL) -story

fuzz: ## Every parser against inputs that a fuzzer makes: make fuzz COUNT=1000000x
	@GOFLAGS=-tags=$(TAGS) .ci/fuzz $(COUNT) guided | go run ./.ci/tally 3>&2 | { read -r passed failed; echo "$$passed passed, $$failed failed"; [ "$$failed" = 0 ]; }

bench: ## Calls, CPU and memory as ratios to a floor that is measured in the same run: make bench PEOPLE=100000; CLIENTS=1 adds jsforce and node-marketo-rest
	CGO_ENABLED=0 go build -ldflags '$(LDFLAGS)' -o bin/doppioctl ./cmd/doppioctl
	$(if $(CLIENTS),cd engine/sandbox/clients && npm ci --prefer-offline --loglevel=error)
	bin/doppioctl bench --people $(PEOPLE) --rounds $(ROUNDS) $(if $(CLIENTS),--clients engine/sandbox/clients)
	CGO_ENABLED=0 go test -run '^$$' -bench Figures -benchtime 100x ./app

lint: ## gofmt, vet, staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$unformatted" ]; then echo "not formatted: $$unformatted"; exit 1; fi
	go vet -tags $(TAGS) ./...
	go tool staticcheck -tags $(TAGS) ./...
	go vet -tags $(TAGS),pictures ./gui/shot

places: ## The tables of places and telephone plans again, from the pinned packages
	CGO_ENABLED=0 go run ./assets/places/generate

screenshots: ## The pictures of the documents, every step of the set-up in both themes and languages among them; ALL=DIR draws small and large windows too
	CGO_ENABLED=0 TZ=UTC go test -count=1 -timeout 60m -tags $(TAGS),pictures -run 'Picture' ./gui/shot $(if $(ALL),-all $(abspath $(ALL)))

build: deps ## The window and the command line, into bin/
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/doppioctl ./cmd/doppioctl
	go build -trimpath -tags $(TAGS) -ldflags '$(LDFLAGS)' -o bin/doppio ./cmd/doppio

deps: ## What building the window and testing it need from Debian or Ubuntu
	@.ci/deps

clean: ## What building and testing left behind
	rm -rf bin dist

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12
