"""Where PostgreSQL's programs are: the newest installation that also has PostGIS."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from geo.errors import ClusterError
from layers.text import Text

__all__ = ["OLDEST_MAJOR", "Binaries", "find_binaries", "main"]

OLDEST_MAJOR = 15
"""PostgreSQL's oldest major version that the product is tested with."""

INSTALL_COMMAND = "apt-get install -y postgresql postgresql-postgis"

DISTRIBUTION_ROOT = Path("/usr/lib/postgresql")
"""Debian and Ubuntu keep each major version's programs in ``MAJOR/bin`` below this directory, outside PATH."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL: the directory of its programs and its major version."""

    directory: Path
    major: int

    def program(self, name: str) -> str:
        """The full path of one of its programs, such as ``initdb``."""
        return str(self.directory / name)


def _output(*command: str) -> str:
    """What a program printed; nothing when it cannot be run or fails (it is then no candidate)."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _directories() -> Iterator[Path]:
    """Directories that may hold the programs, the distribution's first, each once."""
    seen: set[Path] = set()
    candidates = list(DISTRIBUTION_ROOT.glob("*/bin"))
    if config := which("pg_config"):
        candidates.append(Path(_output(config, "--bindir") or "/nonexistent"))
    if initdb := which("initdb"):
        candidates.append(Path(initdb).resolve().parent)
    for directory in candidates:
        if directory not in seen and (directory / "initdb").exists() and (directory / "pg_ctl").exists():
            seen.add(directory)
            yield directory


def _major(directory: Path) -> int:
    """The major version by the server's own word, ``postgres (PostgreSQL) 15.18 (Debian …)``; 0 when it says none."""
    match = re.search(r"\(PostgreSQL\) (\d+)", _output(str(directory / "postgres"), "--version"))
    return int(match.group(1)) if match else 0


def _has_postgis(directory: Path, major: int) -> bool:
    """Whether ``CREATE EXTENSION postgis`` would find its control file."""
    distribution = Path(f"/usr/share/postgresql/{major}/extension/postgis.control")
    if directory.parent.parent == DISTRIBUTION_ROOT and distribution.exists():
        return True
    config = directory / "pg_config"  # absent from Debian's server package, there the line above decides
    share = _output(str(config), "--sharedir") if config.exists() else str(directory.parent / "share")
    return (Path(share) / "extension" / "postgis.control").exists()


def find_binaries(major: int | None = None) -> Binaries:
    """The newest PostgreSQL ≥ 15 with PostGIS, or the one of exactly ``major`` (that of an existing data directory).

    Raises ClusterError naming what is missing and the command that installs it.
    """
    found = [Binaries(directory, _major(directory)) for directory in _directories()]
    usable = [one for one in found if one.major >= OLDEST_MAJOR and _has_postgis(one.directory, one.major)]
    if major is not None:
        usable = [one for one in usable if one.major == major]
    if usable:
        return max(usable, key=lambda one: one.major)
    raise ClusterError(_what_is_missing(found, major))


def _what_is_missing(found: list[Binaries], major: int | None) -> Text:
    versions = ", ".join(str(one.major) for one in sorted(found, key=lambda one: one.major)) or "无 / none"
    if major is not None:
        return Text(
            zh=f"数据目录由 PostgreSQL {major} 建立，但本机可用的版本是：{versions}。"
            f"请安装同一版本：apt-get install -y postgresql-{major} postgresql-{major}-postgis-3",
            en=f"The data directory was made by PostgreSQL {major}, but this machine has: {versions}. "
            f"Install that version: apt-get install -y postgresql-{major} postgresql-{major}-postgis-3",
        )
    return Text(
        zh=f"未找到带 PostGIS 的 PostgreSQL（≥ {OLDEST_MAJOR}；本机：{versions}）。请运行：{INSTALL_COMMAND}，"
        "或设置 ONEMAP_DATABASE_URL 使用已有的 PostGIS。",
        en=f"No PostgreSQL ≥ {OLDEST_MAJOR} with PostGIS was found (this machine has: {versions}). "
        f"Run: {INSTALL_COMMAND}, or set ONEMAP_DATABASE_URL to a PostGIS of your own.",
    )


def main() -> int:
    """Print the directory of the programs; 3 when there is none. For ``set-up.sh``, so that the rule stands once."""
    try:
        print(find_binaries().directory)
    except ClusterError:
        return 3
    return 0
