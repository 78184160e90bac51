# make run    the daemon in the foreground        make test   set-up and every test
# make setup  the virtual environment alone       make lint   ruff and mypy
# make bench  the rate of acceptance              make clean  removes what make made; var/ (the data) stays
# make fuzz   a million broken PDUs for txsmpp, 100,000 broken mails, 100,000 broken SMTP dialogues
# make bench-smpp  the cost of SMPP, beside smpp.twisted3
# make bench-gsm  what sixteen modems send, and what a message costs
# make bench-mail  the rate of acceptance by e-mail
# make bench-pages  what the pages ask of a database with a million messages of one account
# make screenshots  every page, light and dark, desktop and phone, into var/screenshots/
# make desktop  the desktop program, dist/smstob.pyz; of which service: ARGS="--base-url https://… --domain …"
# make messages  the English catalogue, brought up to the pages' French

PYTHON ?= python3
CONFIG ?= config/smstob.toml
# ARGS goes to pytest: make test ARGS="-k ledger"
ARGS ?=
# processes that share the tests, which wait as much as they work; make test WORKERS=0 runs them in one
WORKERS ?= 3

NODE_STAMP := $(if $(wildcard tests/node/package-lock.json),tests/node/node_modules/.stamp)
PIP_INSTALL := .venv/bin/python -m pip install --quiet --disable-pip-version-check
SUDO := $(if $(filter 0,$(shell id -u)),,sudo )

.NOTPARALLEL:
.PHONY: setup run test lint fuzz bench bench-smpp bench-gsm bench-mail bench-pages screenshots desktop messages clean debian

setup: .venv/setup.stamp
	@:

run: setup
	@mkdir -p var
	@exec .venv/bin/twistd --nodaemon --pidfile= smstob --config $(CONFIG)

test: debian .venv/test.stamp $(NODE_STAMP)
	@.venv/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: .venv/test.stamp
	@.venv/bin/ruff check
	@.venv/bin/mypy

fuzz: .venv/test.stamp
	@.venv/bin/python -m tests.txsmpp.fuzz --count 1000000
	@.venv/bin/python -m tests.channels.smtp.text.fuzz_mails --count 100000
	@.venv/bin/python -m tests.channels.smtp.dialogue.fuzz_dialogue --count 100000

bench: setup
	@.venv/bin/python -m benchmarks.accept_rate

bench-smpp: setup
	@.venv/bin/python -m benchmarks.smpp

bench-gsm: .venv/test.stamp
	@.venv/bin/python -m benchmarks.gsm

bench-mail: setup
	@.venv/bin/python -m benchmarks.mail

bench-pages: setup
	@.venv/bin/python -m benchmarks.pages

screenshots: debian .venv/test.stamp
	@.venv/bin/python -m tests.browser.screenshots

desktop: setup
	@.venv/bin/python -m smstob.desktop.archive $(ARGS) dist/smstob.pyz

messages: .venv/test.stamp
	@.venv/bin/python -m tests.channels.web.catalogue

clean:
	@rm -rf .venv *.egg-info build dist _trial_temp tests/node/node_modules
	@rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -path ./var -prune -o \( -name __pycache__ -o -name dropin.cache \) -prune -exec rm -rf {} +

# pip comes last into a new environment: where it is, the environment is whole.
.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Il faut Python 3.11 ou plus récent. Lancez : make PYTHON=/chemin/vers/python3.11 setup" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Il manque à Python de quoi créer un environnement. Lancez : $(SUDO)apt-get install -y python3-venv" >&2; exit 1; }
	@echo "Création de l'environnement Python dans .venv…"
	@$(PYTHON) -m venv .venv

.venv/setup.stamp: setup.py pyproject.toml | .venv/bin/pip
	@echo "Installation de SMStoB et de ses dépendances (une minute ou deux la première fois)…"
	@$(PIP_INSTALL) -e '.[postgresql]'
	@touch $@

.venv/test.stamp: setup.py pyproject.toml | .venv/bin/pip
	@echo "Installation de SMStoB, de ses dépendances et des outils de test (une minute ou deux la première fois)…"
	@$(PIP_INSTALL) -e '.[postgresql,test]'
	@touch .venv/setup.stamp $@

debian:
	@sh tests/install_debian.sh

tests/node/node_modules/.stamp: tests/node/package-lock.json | debian
	@echo "Installation des modules Node des tests…"
	@cd tests/node && npm ci --loglevel=error --no-audit --no-fund --no-update-notifier >/dev/null
	@touch $@
