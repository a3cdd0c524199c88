# reprompt: proves that activating a privileged role asks for a new sign-in.
# `make` alone lists what there is.

GO       ?= go
BIN      := bin/reprompt
EVIDENCE ?= evidence-out
LDFLAGS  := -s -w
SOAK     ?= 2000
FLEET    ?= 500
FUZZTIME ?= 60s
# The race detector runs where the Graph SDK is not compiled (a second copy of it costs minutes).
RACE     := ./await ./browser/... ./config ./emulator/... ./evidence ./secret ./signin ./tokens ./verdict

.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' $(MAKEFILE_LIST))

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

deps: ## find a browser, or install one (root on Debian or Ubuntu)
	@sh scripts/deps.sh

build: $(BIN) ## build bin/reprompt

.PHONY: $(BIN)
$(BIN):
	@mkdir -p bin
	@if [ -t 2 ]; then echo "building (the first time takes a few minutes: the Graph SDK is large)" >&2; fi
	$(GO) build -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/reprompt

run: deps $(BIN) ## prove one activation on the embedded tenant, end to end
	@$(BIN) run --tags @smoke --evidence $(EVIDENCE)

test: deps ## run every test
	$(GO) test -ldflags=-w -timeout 30m $(TESTFLAGS) ./...
	cd examples/own-suite && $(GO) test $(TESTFLAGS) ./...
	cd emulator/contract && $(GO) test $(TESTFLAGS) ./...
	cd docs/site && $(GO) test $(TESTFLAGS) ./...

test-clients: deps $(BIN) ## run unmodified Microsoft clients, Go and JavaScript, against the embedded tenant
	cd clients/go && REPROMPT="$(CURDIR)/$(BIN)" $(GO) test -count=1 $(TESTFLAGS) ./...
	cd clients/terraform && $(GO) test $(TESTFLAGS) ./...
	@command -v npm >/dev/null || { echo "the JavaScript clients need Node.js 20 or newer with npm" >&2; exit 1; }
	cd clients/node && npm ci --no-audit --no-fund && REPROMPT="$(CURDIR)/$(BIN)" npm test

site: ## build the documents as pages, in site/
	@cd docs/site && $(GO) run . -out ../../site

pictures: deps $(BIN) ## take the pictures of README and documents anew, from a real run
	@cd docs/site && $(GO) run ./pictures -reprompt ../../$(BIN)

clients-table: ## write docs/clients.md anew, from what the clients' tests recorded
	cd clients/go && $(GO) run ./table

race: deps ## the race detector, on what does not compile the Graph SDK and on one scenario
	$(GO) test -race $(RACE)
	$(GO) test -race ./features -run '^TestFeatures$$/^Activation_through_the_portal$$'

check: ## formats, vet, staticcheck, imports, generated files, tidy tree
	@sh scripts/check.sh

bench: deps ## measure; docs/performance.md has the last full figures
	$(GO) test -run '^$$' -bench . -benchtime $(or $(BENCHTIME),5x) -timeout 60m ./suite ./cmd/reprompt ./browser ./evidence ./emulator
	$(GO) test -run '^$$' -bench GraphRead -benchtime 2000x ./emulator/internal/services

bench-peer: deps $(BIN) ## the same scenarios with Playwright and cucumber-js, ten rounds interleaved
	cd bench/peer/node && npm ci --no-audit --no-fund --silent
	cd bench/peer && $(GO) test . && $(GO) run . -rounds $(or $(ROUNDS),10) -table ../../bin/bench-peer.md

soak: deps ## thousands of scenarios: run after run in one process, then one run (an hour or two; SOAK=400 is shorter)
	REPROMPT_SOAK=$(SOAK) $(GO) test -count=1 -timeout 0 -v ./suite -run '^TestLongRun$$'
	REPROMPT_SOAK=$(SOAK) REPROMPT_SOAK_RUN=$(SOAK) $(GO) test -count=1 -timeout 0 -v ./suite -run '^TestLongRun$$'

fleet: deps ## prove 500 embedded tenants, killed in the middle and resumed (FLEET=50 is shorter)
	REPROMPT_FLEET=$(FLEET) REPROMPT_FLEET_AT_ONCE=3 REPROMPT_FLEET_WAY=graph $(GO) test -count=1 -timeout 0 -v ./cmd/reprompt -run '^TestFleetOfEmbeddedTenants$$'

fuzz: deps ## every fuzz target for FUZZTIME each; FUZZ=light leaves the Graph SDK out
	@GO=$(GO) sh scripts/fuzz.sh $(FUZZTIME) $(FUZZ)

bench-roles: deps ## 10 and 40 protected roles over 1, 4 and 8 test admins: time against the plan, memory
	REPROMPT_ROLES=1 $(GO) test -run '^$$' -bench 'ManyRoles|ManyRows' -benchtime 1x -timeout 60m ./suite

mutants: deps ## hold the suite against every modelled fault: what is caught, and what is accused
	$(GO) run ./cmd/mutants

chaos: deps $(BIN) ## kill runs at every write, spoil disks; docs/reliability.md has the last full figures
	cd fixtures && REPROMPT="$(CURDIR)/$(BIN)" $(GO) test -count=1 -timeout 3h -run 'Chaos|PowerFailure|Damaged' -args -chaos

faults: deps ## disturb proofs and scenarios in every phase, and at random; docs/reliability.md has the last full figures
	$(GO) run ./cmd/faults

tools: ## install cosign and an in-toto verifier into bin/tools, at pinned versions
	@sh scripts/tools.sh

test-verifiers: deps $(BIN) ## hold signed bundles against cosign and in-toto's libraries
	@sh scripts/test-verifiers.sh

test-formats: deps $(BIN) ## hold what is written for others against their schemas, readers and axe-core (npm)
	cd evidence/conformance && $(GO) test $(TESTFLAGS) ./...
	cd metrics/conformance && $(GO) test $(TESTFLAGS) ./...
	cd deploy/conformance && $(GO) test $(TESTFLAGS) ./...
	cd clients/formats && npm ci --no-audit --no-fund --silent && REPROMPT=$(abspath $(BIN)) npm test --silent
	cd clients/editor && npm ci --no-audit --no-fund --silent && REPROMPT=$(abspath $(BIN)) npm test --silent

sbom: ## write what the program is made of, with licences, to dist/
	@mkdir -p dist && sh scripts/sbom.sh dist/reprompt.cdx.json && echo dist/reprompt.cdx.json

release: ## archives for every platform, checksums and a bill of materials, in dist/
	@sh scripts/release.sh

reproducible: ## build the last commit twice, from nothing and in two folders, and compare (minutes)
	@sh scripts/reproducible.sh

cleanup: $(BIN) ## undo what an interrupted run left in a tenant: make cleanup TENANT=tenant.yaml
	@$(BIN) cleanup --tenant "$(TENANT)"
