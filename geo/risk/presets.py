"""Rings by kind of event: a file that a bureau can edit."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from geo.errors import InputError
from geo.risk.rules import BadRules, Titles
from layers.text import Text

__all__ = ["Preset", "read_presets", "rings_of"]


class Preset(BaseModel):
    """The rings of one kind of event, in metres."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Titles
    rings_m: tuple[float, ...] = Field(min_length=1)


_PRESETS = TypeAdapter(dict[str, Preset])


def read_presets(path: Path | None = None) -> Mapping[str, Preset]:
    """The presets of a bureau's file, or those that the product ships.

    Raises:
        BadRules: the file is absent or wrong.
    """
    name = "presets.toml" if path is None else path.name
    try:
        text = (path or files("geo.risk").joinpath("presets.toml")).read_text(encoding="utf-8")
        return _PRESETS.validate_python(tomllib.loads(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise BadRules(
            Text(f"预设文件 {name} 不能使用:{error}", f"the presets {name} cannot be used: {error}"), field="event"
        ) from error


def rings_of(presets: Mapping[str, Preset], event: str) -> tuple[float, ...]:
    """The rings of an event.

    Raises:
        InputError: no such event; the message lists those that are known.
    """
    if event not in presets:
        known = ", ".join(presets)
        raise InputError(
            Text(f"没有事件类型 {event!r};可用:{known}", f"no event {event!r}; known: {known}"), field="event"
        )
    return presets[event].rings_m
