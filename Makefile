.PHONY: demo api test bench soak fuzz mutate vuln

demo: ## run the demo on http://localhost:8080
	go run ./cmd/social demo

test: ## everything that must pass: vet, staticcheck, race, real counterparties, allocation gates
	scripts/test

bench: ## the benchmarks of BENCHMARKS.md, beside their baseline
	scripts/bench

fuzz: ## each fuzz target for a minute
	scripts/fuzz

soak: ## what takes too long for every change
	scripts/soak

mutate: ## faults that no test notices; PACKAGES="./oauth ./vault" FILES="claims.go" TESTS="." MATCH="nonce" RUN="Security17" select
	cd integration && go run ./mutate -root .. $(if $(PACKAGES),-packages "$(PACKAGES)") $(if $(FILES),-files "$(FILES)") $(if $(filter undefined,$(origin TESTS)),,-tests "$(TESTS)") $(if $(MATCH),-match "$(MATCH)") $(if $(RUN),-run "$(RUN)") $(if $(FRESH),-fresh)

api: ## docs/api.txt, the public API of every module
	cd integration && go run ./apilist > ../docs/api.txt

vuln: ## known vulnerabilities, where their database can be reached
	for module in $$(go list -m -f '{{.Dir}}'); do (cd $$module && go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...) || exit 1; done
