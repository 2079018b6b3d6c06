# `make up` and `make test` are all that is needed; each sets up what is missing first (set-up.sh).
PORT ?= 8000
WORKERS ?= auto
PYTEST ?=
ONEMAP := .venv/bin/onemap
# Node as set-up.sh fetched it, where the machine has none that is new enough.
export PATH := $(CURDIR)/.set-up/bin:$(PATH)

FUZZ_SECONDS ?= 600

BENCHES = bench-exhibits bench-fresh bench-growth bench-images bench-import bench-risk bench-tiles bench-wall
.PHONY: help up down serve status check test lock fuzz-import $(BENCHES)

help:
	@echo 'make up [PORT=8000]     启动地图  set up, start and open the map'
	@echo 'make down               停止      stop; nothing is lost'
	@echo 'make serve [PORT=8000]  前台运行  the same in the foreground'
	@echo 'make status             状态      what runs'
	@echo 'make test [PYTEST=…]    测试      the checks and all tests, on a throw-away database'
	@echo 'make check              检查      ruff, ruff format, mypy --strict, the checks of the wall'
	@echo 'make bench-… [BENCH=…]  测速      $(BENCHES)'
	@echo 'make fuzz-import [FUZZ_SECONDS=600]  以随机文件考验导入  random and mutated files against the importer'
	@echo 'make lock               锁定      choose newer dependencies and write them to the locks'

up:
	@./set-up.sh run
	@$(ONEMAP) up --port $(PORT)

serve:
	@./set-up.sh run
	@$(ONEMAP) serve --port $(PORT)

down:
	@[ ! -x $(ONEMAP) ] || $(ONEMAP) down

status:
	@[ -x $(ONEMAP) ] || { echo '尚未安装：请运行 make up  Not set up yet: make up' >&2; exit 3; }
	@$(ONEMAP) status

check:
	@./set-up.sh check
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy --strict layers geo api
	npm --prefix api/wall run check --if-present

test:
	@./set-up.sh test
	@$(MAKE) --no-print-directory check
	npm --prefix api/wall run test --if-present
	.venv/bin/pytest -n $(WORKERS) --dist worksteal $(PYTEST)

fuzz-import:
	@./set-up.sh check
	.venv/bin/python -m tests.fuzz_import --seconds $(FUZZ_SECONDS)

lock:
	@./set-up.sh check
	.venv/bin/uv pip compile -q --upgrade --universal --generate-hashes --no-annotate --no-header \
		--extra dev pyproject.toml -o requirements.lock
	printf 'uv\nnodejs-wheel\nsetuptools>=80\n' | .venv/bin/uv pip compile -q --upgrade --universal --generate-hashes \
		--python-version 3.11 --no-annotate --no-header - -o set-up.lock

$(BENCHES): bench-%:
	@./set-up.sh test
	.venv/bin/python -m tests.bench.bench_$* $(BENCH)
