"""Scenes by duty (防汛, 森林防火 …): the layers that the wall shows and the rings it asks; a bureau edits the file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from geo.risk import Preset
from geo.risk.rules import BadRules, Titles
from layers.text import Text

__all__ = ["Scene", "read_scenes"]


class Scene(BaseModel):
    """What one duty looks at; no layers: all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Titles
    event: str
    layers: tuple[str, ...] = ()
    overdue: bool = Field(default=False, description="whether overdue inspections stand before what changed")

    def rings_m(self, presets: Mapping[str, Preset]) -> tuple[float, ...]:
        """The rings that its kind of event asks; none where a bureau's presets do not know that event."""
        return presets[self.event].rings_m if self.event in presets else ()


_SCENES = TypeAdapter(dict[str, Scene])


def read_scenes(presets: Mapping[str, Preset], path: Path | None = None) -> Mapping[str, Scene]:
    """The scenes of a bureau's file, or those that the product ships (a bureau's own presets need not fit these).

    Raises:
        BadRules: the file is absent or wrong, or a bureau's own names a kind of event that ``presets`` has not.
    """
    name = "scenes.toml" if path is None else path.name
    try:
        text = (path or files("geo").joinpath("scenes.toml")).read_text(encoding="utf-8")
        scenes = _SCENES.validate_python(tomllib.loads(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise BadRules(
            Text(f"场景文件 {name} 不能使用:{error}", f"the scenes {name} cannot be used: {error}"), field="scene"
        ) from error
    for title, scene in scenes.items():
        if path is not None and scene.event not in presets:
            known = ", ".join(presets)
            raise BadRules(
                Text(
                    f"场景文件 {name}:{title} 的 event={scene.event!r} 不在预设之中;可用:{known}",
                    f"the scenes {name}: event={scene.event!r} of {title} is no preset; known: {known}",
                ),
                field="scene",
            )
    return scenes
