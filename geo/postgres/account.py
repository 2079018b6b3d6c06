"""As whom the cluster's programs run: PostgreSQL refuses root, so root hands them to an unprivileged user."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from geo.errors import ClusterError
from layers.text import Text

__all__ = ["Account", "account_for"]

SERVICE_USER = "postgres"
"""The system user that the distribution's PostgreSQL package creates."""

READ_SEARCH = "+dac_read_search"
"""The capability to pass through directories closed to the user, below which root's checkouts often are (/root)."""


_ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": str(8 * 2**20), "MALLOC_MMAP_THRESHOLD_": str(4 * 2**20)}
"""glibc gives the memory of a statement back to the kernel, from which the next must take it again: a tenth of the time
of a small one. So a backend keeps up to 8 MB."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user that owns the cluster, and the words that run a command as that user."""

    name: str
    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def command(self, *words: str) -> list[str]:
        """``words`` as a command line that runs as this user."""
        return [*self.prefix, *words]

    def run(self, *words: str, timeout_s: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, from ``/``, with a bare environment; its exit status is the caller's to judge."""
        return subprocess.run(
            self.command(*words),
            cwd="/",
            env=bare_environment(),
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=timeout_s,
            check=False,
        )

    def own(self, path: Path) -> None:
        """Give ``path`` to this user (only root can, and only root needs to)."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)


def bare_environment() -> dict[str, str]:
    """An environment in which no PGDATA, PGHOST or locale of the caller changes what the cluster is."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", **_ALLOCATOR}


def account_for(directory: Path, *, owner_of: Path | None = None) -> Account:
    """The user who runs the cluster in ``directory`` (an existing one).

    Without root: the caller. As root: the owner of ``owner_of`` when that exists (a cluster once made stays its
    maker's), else the system user ``postgres``; where a parent directory is closed to that user, with the capability
    to pass through it. Raises ClusterError with the command that mends it.
    """
    if os.geteuid() != 0:
        me = pwd.getpwuid(os.geteuid())
        return Account(me.pw_name, me.pw_uid, me.pw_gid)
    user = _unprivileged_user(owner_of)
    plain = Account(user.pw_name, user.pw_uid, user.pw_gid, _prefix(user))
    closed = _closed_directory(plain, directory)
    if closed is None:
        return plain
    able = Account(user.pw_name, user.pw_uid, user.pw_gid, _prefix(user, passing=True))
    if _passes(able, directory):
        return able
    raise ClusterError(
        Text(
            zh=f"目录 {closed} 不允许用户 {user.pw_name} 进入，数据库无法在其下运行。请运行：chmod o+x {closed}",
            en=f"The directory {closed} is closed to the user {user.pw_name}, so the database cannot run below it. "
            f"Run: chmod o+x {closed}",
        )
    )


def _unprivileged_user(owner_of: Path | None) -> pwd.struct_passwd:
    if owner_of is not None and owner_of.exists() and (uid := owner_of.stat().st_uid) != 0:
        try:
            return pwd.getpwuid(uid)
        except KeyError:
            raise ClusterError(
                Text(
                    zh=f"{owner_of} 属于本机不存在的用户（编号 {uid}）。请运行：chown -R {SERVICE_USER} {owner_of}",
                    en=f"{owner_of} belongs to user number {uid}, whom this machine does not know. "
                    f"Run: chown -R {SERVICE_USER} {owner_of}",
                )
            ) from None
    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        raise ClusterError(
            Text(
                zh=f"以 root 运行时需要系统用户 {SERVICE_USER}。请运行：useradd --system {SERVICE_USER}",
                en=f"Run as root, the database needs the system user {SERVICE_USER}. "
                f"Run: useradd --system {SERVICE_USER}",
            )
        ) from None


def _prefix(user: pwd.struct_passwd, *, passing: bool = False) -> tuple[str, ...]:
    """``setpriv`` (or ``runuser``, which knows no capabilities) as the first words of a command run as ``user``."""
    if setpriv := which("setpriv"):
        capabilities: Sequence[str] = ()
        if passing:
            capabilities = (f"--inh-caps={READ_SEARCH}", f"--ambient-caps={READ_SEARCH}")
        identity = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--init-groups")
        return (setpriv, *identity, *capabilities, "--")
    if runuser := which("runuser"):
        return (runuser, "-u", user.pw_name, "--")
    raise ClusterError(
        Text(
            zh="缺少 setpriv 或 runuser。请运行：apt-get install -y util-linux",
            en="Neither setpriv nor runuser was found. Run: apt-get install -y util-linux",
        )
    )


def _passes(account: Account, directory: Path) -> bool:
    """Whether the account reaches what is in ``directory``.

    ``ls -d DIRECTORY/.`` and not ``test -x``: access(2) leaves ambient capabilities out of account.
    """
    return account.run("ls", "-d", f"{directory}/.").returncode == 0


def _closed_directory(account: Account, directory: Path) -> Path | None:
    """The first directory on the way that the account may not enter, or None."""
    if _passes(account, directory):
        return None
    chain = [*reversed(directory.parents), directory]
    return next((one for one in chain if not _passes(account, one)), directory)
