# Two commands are all a newcomer needs: `make run` and `make test`. Nothing is installed outside of .venv.
PYTHON ?= python3
PYTEST_ARGS ?= -n auto
BIN := .venv/bin
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help run test check bench pictures constraints clean

help: ## List these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

run: $(READY) ## Start everything on this machine and print the addresses; Ctrl-C stops it
	@exec $(BIN)/support-desk up

test: $(READY) ## Run the whole test suite on engines of its own
	@exec $(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(READY) ## Lint, format, types, import contracts, migrations, OpenAPI document
	@echo "==> ruff" && $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "==> mypy" && $(BIN)/mypy
	@echo "==> import contracts" && $(BIN)/lint-imports
	@echo "==> migrations and OpenAPI" && $(BIN)/python scripts/check_contracts.py

bench: $(READY) ## Measure: runs every file of benchmarks/
	@for file in benchmarks/*.py; do \
		[ -f "$$file" ] || { echo "no benchmarks yet"; break; }; \
		echo "==> $$file"; PYTHONPATH=. $(BIN)/python "$$file" || exit 1; \
	done

pictures: $(READY) ## Take the pictures of the documentation anew; needs a Chromium
	@PYTHONPATH=. $(BIN)/python scripts/pictures.py

constraints: $(READY) ## Write constraints.txt anew from what is installed in .venv
	@$(BIN)/python -m pip freeze --exclude-editable | grep -E '^[A-Za-z0-9._-]+==' > constraints.new
	@mv constraints.new constraints.txt && touch $(READY) && wc -l constraints.txt

clean: ## Remove the environment, engine data and caches
	rm -rf .venv var .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(READY): pyproject.toml constraints.txt scripts/prepare
	@PYTHON="$(PYTHON)" scripts/prepare
	@touch $@
