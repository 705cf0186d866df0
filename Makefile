# Every target is one script; the scripts say what they do and install what they need.
.DEFAULT_GOAL := help
.PHONY: help build demo test test-unit bench lint generate control-plane-up control-plane-down

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build everything in Release
	@dotnet build CertOperator.sln -c Release --nologo -v quiet

demo: ## Renew a certificate from start to end and leave nothing running (KEEP=1 keeps it, KUBECONFIG uses that cluster)
	@hack/demo.sh

test: ## Run all tests, against real components too
	@hack/test.sh

test-unit: ## Run the tests that need no component
	@hack/test.sh --unit

bench: ## Measure; ARGS="..." is handed on
	@hack/bench.sh $(ARGS)

lint: ## Check formatting, warnings, scripts, YAML and generated files
	@hack/lint.sh

generate: ## Write the CRDs, the rules for Prometheus and the reference pages
	@hack/generate.sh

control-plane-up: ## Start etcd and kube-apiserver and print the KUBECONFIG to use
	@hack/control-plane.sh up | sed 's/^/export KUBECONFIG=/'

control-plane-down: ## Stop them and delete their data
	@hack/control-plane.sh down
