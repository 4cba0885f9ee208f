# make run is all that a first look needs; make help lists the rest.
.DEFAULT_GOAL := help
.PHONY: help run build web deps test lint generate verify bench soak

# Pure Go and static: the time zones are inside, nothing else is needed.
GOBUILD = CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags timetzdata

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## build and serve the demo district on 127.0.0.1:8080, with SQLite in data/
	@scripts/web.sh build --or-go-on
	@$(GOBUILD) -o bin/youyue ./cmd/youyue
	@mkdir -p data
	@YOUYUE_DEMO=$${YOUYUE_DEMO:-on} exec bin/youyue serve

build: web ## build bin/youyue with the pages' scripts and styles
	$(GOBUILD) -o bin/youyue ./cmd/youyue

web: ## install and build app/web (Node 20 or later)
	@scripts/web.sh build

deps: ## install what the tests need (Debian, as root), or say what is missing
	@scripts/deps.sh

test: ## everything: Go with the race detector on both engines, Vitest, browser
	@scripts/test.sh

lint: ## golangci-lint with the architecture's walls, oxlint, TypeScript
	@scripts/lint.sh

generate: ## write docs/openapi.json and app/web/src/api.d.ts anew
	@scripts/generate.sh

verify: lint generate ## lint, generate, and fail when a generated file differs
	@scripts/unchanged.sh

bench: ## measure against raw pgbench and write docs/benchmarks.md
	go run ./cmd/bench

# Tests that kill the server read the number of rounds from YOUYUE_SOAK; they
# carry Kill or Soak in their names.
soak: ## 200 rounds of kill -9 in mid-storm, a million wishes for rooms against the oracle
	go build -o bin/pg ./scripts/pg
	YOUYUE_SOAK=$${YOUYUE_SOAK:-200} bin/pg -durable go test -count=1 -timeout=4h -v -run 'Kill|Soak|Oracle' ./...
