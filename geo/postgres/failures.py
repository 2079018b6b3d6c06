"""What PostgreSQL's programs say when they fail, as one sentence and what to do."""

from __future__ import annotations

from pathlib import Path

from layers.text import Text

__all__ = ["explain"]

ACTIONS = {
    "make": Text(zh="建立数据库目录", en="making the database's directory"),
    "read": Text(zh="读取数据库目录", en="reading the database's directory"),
    "initdb": Text(zh="初始化数据库", en="setting up the database"),
    "start": Text(zh="启动数据库", en="starting the database"),
    "stop": Text(zh="停止数据库", en="stopping the database"),
}


def explain(action: str, output: str, directory: Path) -> Text:
    """Why ``action`` (a key of ACTIONS) failed in ``directory``, by what the program printed."""
    doing = ACTIONS[action]
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return Text(
            zh=f"{doing.zh}失败：{directory} 所在磁盘已满。请腾出至少 1 GB 后重试（查看：df -h {directory}）。",
            en=f"Failed at {doing.en}: the disk of {directory} is full. "
            f"Free at least 1 GB, then try again (see: df -h {directory}).",
        )
    if "Permission denied" in output or "Operation not permitted" in output or "Read-only file system" in output:
        return Text(
            zh=f"{doing.zh}失败：当前用户无权使用 {directory}。请以其所有者身份运行（查看：ls -ld {directory}/*）。",
            en=f"Failed at {doing.en}: this user may not use {directory}. "
            f"Run the command as its owner (see: ls -ld {directory}/*).",
        )
    said = _last_words(output)
    return Text(
        zh=f"{doing.zh}失败：{said}（日志：{directory}/postgres.log）",
        en=f"Failed at {doing.en}: {said} (log: {directory}/postgres.log)",
    )


def _last_words(output: str) -> str:
    """The first line that names an error, else the last line that was printed."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if any(mark in line for mark in ("FATAL", "PANIC", "error:", "could not"))]
    return telling[0] if telling else lines[-1] if lines else "no reason was given"
