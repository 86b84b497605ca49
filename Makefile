# Every target does its own set-up; `make help` lists them.
PYTHON ?= python3.11
MODEL ?= demo/model
FUZZ_SECONDS ?= 3600
IMAGE ?= segmentation-container
BIN := .venv/bin
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check audit bench bench-full fuzz image test-image lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) ## make .venv with everything pinned in requirements/dev.txt

$(READY): requirements/dev.txt scripts/check_system.py
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not here; name it: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	$(PYTHON) scripts/check_system.py
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $(READY)

demo: $(READY) ## serve a small model, send it a photo of a cat, write demo/out
	$(BIN)/python -m demo

serve: $(READY) ## serve MODEL=<directory or model.tar.gz> on port 8080
	$(BIN)/python -m container serve --model-dir '$(MODEL)'

test: $(READY) .venv-sdk/ready .venv-aws/ready ## run the tests
	$(BIN)/python -m pytest
	@echo "left out: the image's tests, which need a Docker Engine (make test-image)"

# Environments beside .venv, for what does not go with it.
.venv-%/ready: requirements/%.txt
	$(PYTHON) -m venv --clear .venv-$*
	.venv-$*/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

check: $(READY) ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

audit: .venv-audit/ready ## known vulnerabilities of what is installed; writes sbom.cdx.json
	.venv-audit/bin/python scripts/audit.py requirements/runtime.txt requirements/cpu.txt --sbom sbom.cdx.json

bench: $(READY) ## stock against ours in one run: ratios of speed and memory
	$(BIN)/python -W ignore -m bench

bench-full: $(READY) ## the same for every network and four photo sizes; takes hours
	$(BIN)/python -W ignore -m bench --full

fuzz: $(READY) ## feed every reader inputs that grow towards new code, an hour in all (FUZZ_SECONDS)
	$(BIN)/python -m fuzz --seconds '$(FUZZ_SECONDS)'

image: ## build the container image
	docker build $(BUILD_FLAGS) -t $(IMAGE) .

test-image: $(READY) image ## build the image, run it on the demo model and ask it for a mask
	IMAGE=$(IMAGE) $(BIN)/python -m pytest tests/image/check_image.py

lock: export UV_CUSTOM_COMPILE_COMMAND = make lock
lock: ## pin requirements/*.in anew (needs uv)
	cd requirements && \
	compile="uv pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
	  --generate-hashes" && \
	$$compile sdk.in -o sdk.txt && \
	compile="$$compile --override overrides.txt" && \
	$$compile --override runtime-overrides.txt --no-emit-package mxnet runtime.in -o runtime.txt && \
	$$compile --no-deps cpu.in -o cpu.txt && \
	$$compile --no-deps cu112.in -o cu112.txt && \
	$$compile --no-deps cu12.in -o cu12.txt && \
	$$compile dev.in -o dev.txt && \
	$$compile audit.in -o audit.txt && \
	$$compile aws.in -o aws.txt

clean: ## remove what the targets made, but for what fuzzing found
	rm -rf .venv .venv-audit .venv-sdk .venv-aws sbom.cdx.json demo/out bench/results.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
