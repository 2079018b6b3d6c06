"""Where the cluster's Unix socket lies: in the checkout, or in a short directory where that path is too long."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path

from geo.errors import ClusterError
from geo.postgres.account import Account
from layers.text import Text

__all__ = ["LONGEST_SOCKET_BYTES", "choose_socket_directory", "prepare_socket_directory"]

LONGEST_SOCKET_BYTES = 107
"""Linux's sockaddr_un holds 108 bytes, the closing NUL included."""

SHORT_PARENT = Path("/tmp")
"""Not TMPDIR: the same checkout must find the same socket from every shell."""

SOCKET_NAME = ".s.PGSQL.5432"

PLAIN = re.compile(r"[\w/.+@~ -]+")
"""Paths that need no quoting in ``unix_socket_directories``, which is a comma-separated list."""


def choose_socket_directory(home: Path) -> Path:
    """``home/socket``, or where that does not do a directory below /tmp that is named after ``home``."""
    beside = home / "socket"
    if len(os.fsencode(beside / SOCKET_NAME)) <= LONGEST_SOCKET_BYTES and PLAIN.fullmatch(str(beside)):
        return beside
    return SHORT_PARENT / f"onemap-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"


def prepare_socket_directory(directory: Path, account: Account) -> None:
    """Make the directory, open to the account alone; refuse one that somebody else put there before."""
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        state = directory.lstat()
        if not stat.S_ISDIR(state.st_mode) or state.st_uid not in (account.uid, os.geteuid()):
            raise ClusterError(
                Text(
                    zh=f"{directory} 已被他人占用。请由其所有者或管理员删除后重试：rm -r {directory}",
                    en=f"{directory} belongs to somebody else. Have it removed, then try again: rm -r {directory}",
                )
            ) from None
    account.own(directory)
    directory.chmod(0o700)
