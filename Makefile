# Every target sets up .venv from requirements.lock first, if it is not there or not current.
PYTHON ?= python3
MONTH ?= 2022-06
export MONTH
VENV_PYTHON = $(shell $(PYTHON) -c "from healthmon.bootstrap import environment_python as p; print(p())")

.DEFAULT_GOAL := help
.PHONY: help setup report test faults lab simulate intake docs check check-lock lock bench quarto clean

help:  ## show this list
	@echo "make report [MONTH=2022-06]   publish a month; simulates the exports if data/raw is empty"
	@echo "make test                     run the tests"
	@echo "make faults                   kill runs, fill disks: the slow tests"
	@echo "make lab                      open the notebooks in JupyterLab"
	@echo "make simulate                 write the simulated province's exports into data/raw"
	@echo "make intake [MONTH=2022-06]   take in exports up to a month, without publishing"
	@echo "make quarto                   install PyPI's quarto-cli into .venv (downloads Quarto)"
	@echo "make check                    ruff, stripped notebooks, current lock, current docs"
	@echo "make bench                    measure time and memory of the whole path, and scoring all China"
	@echo "make docs                     write the generated pages in docs/ anew"
	@echo "make lock                     resolve requirements.lock anew from pyproject.toml"
	@echo "make setup                    set up .venv only (every target above does it too)"
	@echo "make clean                    remove processed data and the published site, never data/raw"
	@echo "PYTHON=python3.12 chooses another interpreter; without make: python -m healthmon report"

setup:
	@$(PYTHON) -m healthmon.bootstrap

report: setup
	@$(VENV_PYTHON) -m healthmon report

test: setup
	@$(VENV_PYTHON) -m pytest -n 2 --dist loadfile

faults: setup
	@$(VENV_PYTHON) -m pytest -m faults tests/test_faults.py

lab: setup
	@$(VENV_PYTHON) -m healthmon lab

simulate: setup
	@$(VENV_PYTHON) -m healthmon simulate

intake: setup
	@$(VENV_PYTHON) -m healthmon intake

docs: setup
	@$(VENV_PYTHON) -m healthmon docs
	@$(VENV_PYTHON) tests/clause_coverage.py

check: setup check-lock
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m nbstripout --verify notebooks/*.ipynb
	@echo "check passed"

UV_COMPILE = $(VENV_PYTHON) -m uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet

check-lock: setup  # resolves with the locked versions as preferences: differs only if pyproject asks for more
	@cp requirements.lock .venv/lock-check.txt
	@$(UV_COMPILE) -o .venv/lock-check.txt
	@cmp requirements.lock .venv/lock-check.txt || { echo "requirements.lock is not current: run make lock"; exit 1; }

lock: setup
	@$(UV_COMPILE) --upgrade -o requirements.lock

bench: setup
	@$(VENV_PYTHON) tests/bench.py
	@$(VENV_PYTHON) tests/bench_scores.py

quarto: setup
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check quarto-cli || \
		{ echo "quarto-cli could not download Quarto; make report uses the built-in publisher"; exit 1; }

clean:
	@$(PYTHON) -c "import shutil, pathlib; [shutil.rmtree(p) for p in [*pathlib.Path('data/processed').iterdir(), pathlib.Path('reports/site'), pathlib.Path('reports/executed')] if p.is_dir()]; [p.unlink() for p in pathlib.Path('data/processed').glob('*.json')]"
