# make demo    install into .venv and show what is in pcaps/
# make test    install what the tests need, system packages included, then lint and run everything, in both forms
# make fuzz    fuzz each target for ten minutes, two and a half hours in all; fuzz/, docs/reliability.md
# make lint    ruff, mypy, import-linter
# make soak    the tests that are too long for every day, in full
# make bench   measure beside other readers of captures, an hour or so; docs/performance.md gets the tables
# make docs    the documentation as a site, in build/docs/index.html
# make man     the manual page, in build/man
# make dist    a wheel and an archive of the source, in dist/
# make install-matrix  install it in every way that this machine has, and run it there; minutes
# make generate  write again what is generated: codec, protocol tables, Wireshark's script, schemas, findings, pictures

VENV := .venv
PYTHON ?= $(firstword $(foreach each,python3 python3.13 python3.12 python3.11,\
	$(if $(shell $(each) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>&1 || echo no),,$(each))))
BIN := $(VENV)/bin
SYSTEM_PACKAGES := tshark jq gcc libc6-dev slapd ldap-utils john chromium chromium-driver fonts-dejavu-core rpcbind iproute2 suricata zsh fish man-db
# What setup.py compiles: a change there is compiled again before anything runs.
COMPILED := $(wildcard netinfo_scapy/*/*.pxd netinfo_scapy/*/*/*.pxd)
SOURCES := setup.py pyproject.toml $(COMPILED) $(wildcard $(COMPILED:.pxd=.py))
# pip does the same for what it installs elsewhere: else the first start is slow, or where Python writes no files, each.
COMPILE := $(BIN)/python -m compileall -q netinfo_scapy
# The tests of what is compiled run once more in the pure form; those that only use it do not.
USING := apt_install architecture extracted_captures formats guides hostile_names ids_guide installing resource_attacks scrubbed_captures secrets site support verify_captures
PURE_TESTS := tests/analysis tests/capture tests/protocol $(filter-out $(USING:%=tests/test_%.py),$(wildcard tests/test_*.py)) \
	--ignore=tests/analysis/scrub --ignore=tests/analysis/test_dask.py
# ... in a smaller size: it is the same source, and some ten times slower.
PURE_SIZES := NETINFO_MUTATIONS=200 NETINFO_MUTATIONS_INSTALLED=8 NETINFO_HOLES=10 NETINFO_SINGLE_BYTE_FRAMES=100 NETINFO_CAPTURES=40 NETINFO_COST=0.5
# Each process begins with tests that stand together, so that what they share is made once, and helps others at the end.
IN_PARTS := -q -n auto --dist worksteal
BENCH_PACKAGES := tcpdump tshark
BENCH_OPTIONS :=
FUZZ_OPTIONS :=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test fuzz lint soak bench docs man dist install-matrix generate system-packages bench-packages clean

demo: $(VENV)/.installed
	$(BIN)/netinfo-scapy analyze pcaps/recorded

test: system-packages lint
	NETINFO_NO_SKIPS=1 $(BIN)/pytest $(IN_PARTS)
	NETINFO_NO_SKIPS=1 NETINFO_SCAPY_PURE=1 $(PURE_SIZES) $(BIN)/pytest $(IN_PARTS) $(PURE_TESTS)
	$(BIN)/python -m fuzz --seconds 1 --jobs 2 --fresh --folder build/fuzz-daily

# Some of it, or for longer: make fuzz FUZZ_OPTIONS='--seconds 3600 tcp ip'
fuzz: $(VENV)/.installed-test
	$(BIN)/python -m fuzz $(FUZZ_OPTIONS)

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: system-packages $(VENV)/.installed-test
	NETINFO_NO_SKIPS=1 NETINFO_MUTATIONS=10000 NETINFO_MUTATIONS_INSTALLED=100 NETINFO_HOLES=9999 \
		NETINFO_SINGLE_BYTE_FRAMES=9999 NETINFO_CAPTURES=2000 NETINFO_COST=4 NETINFO_KILLS=100 \
		NETINFO_CONNECTIONS=1000 NETINFO_CALLS=100000 NETINFO_COMPOSITIONS=2000 \
		NETINFO_HOSTILE_PEERS=500 NETINFO_HOSTILE_SECONDS=5 NETINFO_ATTACKS=full $(BIN)/pytest $(IN_PARTS)

# A shorter one, whose tables stand in the file as well: make bench BENCH_OPTIONS='--scale 0.01 --rounds 2'
bench: bench-packages $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks run --json build/benchmarks/results.json --markdown docs/performance.md $(BENCH_OPTIONS)

# Sphinx's own caches lie in build/, too; a warning is an error.
docs: $(VENV)/.installed-test
	$(BIN)/sphinx-build -q -W --keep-going -b html -d build/doctrees docs build/docs
	@echo build/docs/index.html

man: $(VENV)/.installed-test
	$(BIN)/sphinx-build -q -W --keep-going -b man -d build/doctrees-man docs build/man
	@echo build/man/netinfo-scapy.1

dist: man
	rm -rf dist
	mkdir -p docs/man
	cp build/man/netinfo-scapy.1 docs/man/
	$(BIN)/python -m build
	@ls dist/*

install-matrix: system-packages $(VENV)/.installed-test
	NETINFO_NO_SKIPS=1 $(BIN)/pytest -v tests/install_matrix.py
	@cat build/install-matrix.md

generate: system-packages $(VENV)/.installed-test
	$(BIN)/python -m netinfo_scapy.protocol.codegen
	$(BIN)/python -m netinfo_scapy.protocol.document > docs/protocol.md
	$(BIN)/python -m netinfo_scapy.wireshark.generate
	$(BIN)/python -m netinfo_scapy.report.schema docs/schema
	$(BIN)/python -m netinfo_scapy.report.explain > docs/findings.md
	$(BIN)/python -m netinfo_scapy.craft.rules.document docs/ids.md
	$(BIN)/python pcaps/make_crafted.py pcaps/crafted
	$(BIN)/netinfo-scapy ids corpus -o pcaps/ids
	$(BIN)/python -m netinfo_scapy.craft.transforms.document docs/crafting.md
	$(BIN)/python docs/make_picture.py
	$(BIN)/python docs/make_way_picture.py
	PYTHONPATH=. $(BIN)/python docs/make_report_picture.py

clean:
	rm -rf $(VENV) build *.egg-info

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed and none was found; on Debian or Ubuntu: apt-get install python3 python3-venv, or name one: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(MAKE) --no-print-directory install-venv
	@rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)

# Debian and Ubuntu keep venv in a package of its own, named after the Python it belongs to.
.PHONY: install-venv
install-venv:
	@package="python$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"; \
	$(call apt_install,$$package) \
	|| { echo "$(PYTHON) has no venv, and $$package could not be installed; as root: apt-get install $$package" >&2; exit 1; }

$(VENV)/.installed: $(BIN)/python $(SOURCES)
	$(BIN)/pip install --quiet --editable .
	$(COMPILE)
	@touch $@

$(VENV)/.installed-test: $(BIN)/python $(SOURCES)
	$(BIN)/pip install --quiet --editable '.[test]'
	$(COMPILE)
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: $(BIN)/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[bench]'
	$(COMPILE)
	@touch $@ $(VENV)/.installed

# gcc and Python's headers are for the compiled form; without them the package installs in its pure form. slapd and john
# take what dump writes; no slapd is started but the tests' own (.ci/apt-install), which lies in a folder of theirs. So is
# rpcbind, in a network of its own; Suricata only reads captures.
system-packages: $(BIN)/python
	@packages="$(SYSTEM_PACKAGES)"; missing=; \
	for tool in tshark editcap jq gcc slapd ldapsearch john chromium chromedriver rpcbind ip suricata zsh fish man; do PATH="$$PATH:/usr/sbin" command -v $$tool >/dev/null || missing=yes; done; \
	$(BIN)/python -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' \
	|| { missing=yes; packages="$$packages python$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')-dev"; }; \
	test -z "$$missing" || { $(call apt_install,$$packages); } \
	|| { echo "the tests need $$packages; as root: apt-get install $$packages" >&2; exit 1; }

bench-packages:
	@for tool in $(BENCH_PACKAGES); do command -v $$tool >/dev/null || missing=yes; done; \
	test -z "$$missing" || { $(call apt_install,$(BENCH_PACKAGES)); } \
	|| { echo "the benchmarks need $(BENCH_PACKAGES); as root: apt-get install $(BENCH_PACKAGES)" >&2; exit 1; }

# Install Debian packages, as root or through sudo where that asks for no password.
apt_install = if [ "$$(id -u)" = 0 ]; then as=; else as="sudo -n"; fi; \
	command -v apt-get >/dev/null \
	&& $$as .ci/apt-install $(1)
