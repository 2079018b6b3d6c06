"""What a browser did, from its own trace: the page's longest tasks, what each waited for, and each thread's work."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypedDict

from playwright.sync_api import Browser, Page

__all__ = ["LONG_MS", "Task", "Trace", "read_trace", "traced"]

LONG_MS = 50.0
"""From here on a task is long, as the browser's own observer has it."""

_CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "gpu"]
_TASK = "RunTask"
_WAITS = "ImplementationBase::WaitForCmd"
"""The page stands still until the graphics process has done what it was sent: software drawing is counted here."""
_WRAPPERS = frozenset({_TASK, "RunMicrotasks", "FunctionCall", "v8.callFunction"})


class _Event(TypedDict, total=False):
    name: str
    ph: str
    pid: int
    tid: int
    ts: float
    dur: float
    tdur: float
    args: Mapping[str, Mapping[str, str]]


_Thread = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Task:
    """One task of the page's main thread."""

    ms: float
    """From its begin to its end."""
    cpu_ms: float
    """Of which the thread was on a processor; the rest it waited, for the graphics or for a processor."""
    graphics_ms: float
    """Of which it waited for the graphics process."""
    what: str
    """The longest thing that the browser names in it, and the script that it ran."""


@dataclass(frozen=True, slots=True)
class Trace:
    """``long`` holds the tasks above ``LONG_MS``, the longest first; ``cpu_ms`` the work of each thread by its name."""

    long: tuple[Task, ...]
    cpu_ms: Mapping[str, float]

    @property
    def page_ms(self) -> float:
        """Work of the page's main thread."""
        return self.cpu_ms.get("CrRendererMain", 0.0)


@contextmanager
def traced(browser: Browser, page: Page, into: list[Trace]) -> Iterator[None]:
    """Trace what the page does meanwhile; what was found is put ``into`` the list."""
    browser.start_tracing(page=page, categories=_CATEGORIES)
    yield
    into.append(read_trace(json.loads(browser.stop_tracing())["traceEvents"]))


def read_trace(events: Sequence[_Event]) -> Trace:
    """The trace of one page in its browser."""
    threads, processes = _names(events, "thread_name"), _names(events, "process_name")
    by_process = {pid: name for (pid, _), name in processes.items()}
    cpu: Counter[str] = Counter()
    main: Counter[_Thread] = Counter()
    for event in events:
        thread = (event.get("pid", 0), event.get("tid", 0))
        # The browser's own pages are none of the wall's business.
        if event.get("name") == _TASK and by_process.get(thread[0]) != "WebUI Top Renderer":
            name = threads.get(thread, "other")
            cpu[name] += event.get("tdur", 0.0) / 1000
            if name == "CrRendererMain":
                main[thread] += event.get("dur", 0.0)
    own = main.most_common(1)[0][0] if main else (0, 0)
    inside = [event for event in events if (event.get("pid"), event.get("tid")) == own and "dur" in event]
    long = [event for event in inside if event["name"] == _TASK and event["dur"] >= LONG_MS * 1000]
    told = (_task(event, inside) for event in long)
    return Trace(tuple(sorted(told, key=lambda task: -task.ms)), dict(cpu))


def _names(events: Sequence[_Event], kind: str) -> dict[_Thread, str]:
    return {
        (event["pid"], event["tid"]): event["args"]["name"]  # type: ignore[misc]  # a name's arguments are flat
        for event in events
        if event.get("ph") == "M" and event["name"] == kind
    }


def _task(task: _Event, events: Sequence[_Event]) -> Task:
    begin, end = task["ts"], task["ts"] + task["dur"]
    parts = [event for event in events if begin <= event["ts"] < end and event is not task]
    waits = sum(event["dur"] for event in parts if event["name"] == _WAITS)
    named = [event for event in parts if event["name"] not in _WRAPPERS and "::" not in event["name"]]
    calls = [event for event in parts if event["name"] == "FunctionCall"]
    what = max(named, key=lambda event: event["dur"])["name"] if named else "script"
    if calls:
        url = max(calls, key=lambda event: event["dur"]).get("args", {}).get("data", {}).get("url", "")
        script = url.rpartition("/")[2].partition("-")[0]
        what += f" ({script})" if script else ""
    return Task(task["dur"] / 1000, task.get("tdur", 0.0) / 1000, waits / 1000, what)
