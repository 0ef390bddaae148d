# Every target sets itself up: a machine with python3 and make is enough.

PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
export UV_COMPILE_BYTECODE = 1
export UV_PROJECT_ENVIRONMENT = .venv

.PHONY: demo test check unit crew ui-test test-llm container docs fix bench clean

demo: .venv/.demo-ready
	@.venv/bin/hparam-ci inspect examples/sample_results.csv examples/digits_sweep.csv --fail-on never

test: check unit crew ui-test container

check: .venv/.ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python docs/generate.py --check
	.venv/bin/python tests/lint_workflows.py

unit: .venv/.ready .producers/.ready
	.venv/bin/pytest -n auto -m "not container and not crew and not ui"

crew: .crew/.ready
	.crew/bin/pytest tests/crew -n auto -m "not slow"

ui-test: .ui/.ready
	.ui/bin/pytest tests/ui -m ui

test-llm: .crew/.ready
	.crew/bin/pytest tests/crew -s -m llm

container: .venv/.ready
	.venv/bin/pytest tests/container -m container

docs: .venv/.ready
	.venv/bin/python docs/generate.py

fix: .venv/.ready
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: .venv/.ready
	.venv/bin/python benchmarks/startup.py

clean:
	rm -rf .venv .producers .crew .ui .uv build dist .mypy_cache .pytest_cache .ruff_cache

.venv/.ready: pyproject.toml uv.lock $(UV)
	@$(UV) sync --locked --quiet
	@.venv/bin/python -m compileall -q hparam_ci
	@touch $@

.producers/.ready: pyproject.toml uv.lock $(UV)
	@UV_COMPILE_BYTECODE=0 UV_PROJECT_ENVIRONMENT=.producers $(UV) sync --locked --only-group producers --quiet
	@touch $@

.crew/.ready: pyproject.toml uv.lock $(UV)
	@UV_PROJECT_ENVIRONMENT=.crew $(UV) sync --locked --no-dev --extra crew --group llm --quiet
	@touch $@

.ui/.ready: pyproject.toml uv.lock $(UV)
	@UV_PROJECT_ENVIRONMENT=.ui $(UV) sync --locked --no-dev --extra ui --group browser --quiet
	@touch $@

.venv/.demo-ready: pyproject.toml uv.lock $(UV)
	@$(UV) sync --locked --no-dev --inexact --quiet
	@.venv/bin/python -m compileall -q hparam_ci
	@touch $@

.uv/bin/uv:
	@$(PYTHON) .ci/bootstrap_uv.py
