"""Running a notebook as a reader would, and keeping of its outputs only what is the same on every machine."""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.exhibit_workshop import STATE

__all__ = ["FOLDER", "execute", "pictures", "texts"]

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"

_TIMEOUT_S = 180


def execute(path: Path, database_url: str) -> NotebookNode:
    """The notebook after a run against the database: outputs in it, times and execution marks left out."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    environment = {
        **os.environ,
        "ONEMAP_DATABASE_URL": database_url,
        "ONEMAP_STATE_DIRECTORY": str(STATE),
        "PYTHONWARNINGS": "error::DeprecationWarning:__main__",
    }
    client = NotebookClient(notebook, timeout=_TIMEOUT_S, resources={"metadata": {"path": str(path.parent)}})
    client.execute(env=environment, cleanup_kc=True)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def texts(notebook: NotebookNode) -> list[list[str]]:
    """What each code cell says: streams and text forms of results, in order.

    In how many parts a stream arrives is chance: its parts are put together.
    """
    said = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            by_stream = groupby(cell.outputs, lambda output: output.get("name"))
            said.append([text for name, outputs in by_stream for text in _texts(name, list(outputs))])
    return said


def _texts(stream: str | None, outputs: list[NotebookNode]) -> list[str]:
    if stream is not None:
        return [f"{stream}: {''.join(output.text for output in outputs)}"]
    return [_text(output) for output in outputs]


def _text(output: NotebookNode) -> str:
    if output.output_type == "error":
        return f"error: {output.ename}: {output.evalue}"
    return str(output.data.get("text/html") or output.data["text/plain"])


def pictures(notebook: NotebookNode) -> list[str]:
    """The PNG pictures in the outputs, base64."""
    return [
        str(output.data["image/png"])
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type in ("display_data", "execute_result") and "image/png" in output.data
    ]
