"""A bureau's own template: a TOML file that says which kind it starts from, what it shows, and under which letterhead.

Every value is checked when the file is read; a name that is not known is refused with those that are.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from geo.cartography.theme import contrast
from geo.errors import InputError
from geo.exhibits.paper import Orientation, Paper
from geo.exhibits.request import KINDS, GradeName, KindName
from layers.registry import Registry
from layers.text import Lang, Text

__all__ = ["PARTS", "Letterhead", "Part", "Template", "TemplateError", "Templates", "read_template"]

Part = Literal["locator", "relief", "figures", "counts", "charts", "list", "text"]
PARTS: Mapping[Part, Text] = {
    "locator": Text("位置示意图", "locator map"),
    "relief": Text("地形晕渲", "relief"),
    "figures": Text("关键数字", "key figures"),
    "counts": Text("统计表", "tables of counts"),
    "charts": Text("统计图", "charts"),
    "list": Text("清单", "list of features"),
    "text": Text("文字说明", "text"),
}

Colour = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
_Line = Annotated[str, Field(max_length=60)]
_LOGO_BYTES_MAX = 500_000
_LEAST_STEP = 1.15
_LEAST_TEXT_CONTRAST = 4.5


class TemplateError(InputError):
    """A template that does not exist, cannot be read, or asks for what there is not."""

    code = "template"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TwoTexts(_Strict):
    """A text in both languages; one alone stands for both."""

    zh: _Line = ""
    en: _Line = ""

    def get(self, lang: Lang) -> str:
        """The text in ``lang``, else the other one."""
        own, other = (self.zh, self.en) if lang == "zh" else (self.en, self.zh)
        return own or other


class Letterhead(_Strict):
    """What stands above the title."""

    organisation: TwoTexts = TwoTexts()
    line: TwoTexts = TwoTexts()
    """A second, smaller line: department, address, telephone of the office."""
    logo: str | None = Field(default=None, max_length=200)
    """An SVG or PNG beside the template's file."""


class Colours(_Strict):
    """Colours of rules and headings, and of the four steps of a choropleth; the rest is the theme's."""

    accent: Colour | None = None
    choropleth: tuple[Colour, Colour, Colour, Colour] | None = None

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Colours:
        if self.accent and contrast(self.accent, "#FFFFFF") < _LEAST_TEXT_CONTRAST:
            said = f"{contrast(self.accent, '#FFFFFF'):.1f}"
            raise ValueError(f"accent: {self.accent} on white has contrast {said}, needs {_LEAST_TEXT_CONTRAST}")
        for lighter, darker in zip(self.choropleth or (), (self.choropleth or ())[1:], strict=False):
            if contrast(lighter, "#000000") < contrast(darker, "#000000") * _LEAST_STEP:
                raise ValueError(f"choropleth: {darker} should be clearly darker than {lighter}")
        return self


class Template(_Strict):
    """One template. What it leaves out is as the kind has it; what the request says goes before it."""

    name: str
    kind: KindName
    title: TwoTexts
    heading: TwoTexts | None = None
    """The title on the page; ``{division}`` stands for the name of the asked division."""
    parts: tuple[Part, ...] | None = None
    layers: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=30)
    grades: tuple[GradeName, ...] | None = Field(default=None, min_length=1)
    radius_m: tuple[Annotated[float, Field(gt=0, le=200_000)], ...] | None = Field(
        default=None, min_length=1, max_length=5
    )
    reach_m: dict[str, Annotated[float, Field(gt=0, le=200_000)]] | None = None
    paper: Paper | None = None
    orientation: Orientation | None = None
    features_max: int | None = Field(default=None, ge=1, le=10_000)
    theme: str | None = Field(default=None, max_length=40)
    maker: Annotated[str, Field(max_length=30)] | None = None
    secrecy: Annotated[str, Field(max_length=30)] | None = None
    note: TwoTexts | None = None
    letterhead: Letterhead = Letterhead()
    colours: Colours = Colours()
    logo_file: bytes | None = Field(default=None, exclude=True, repr=False)

    @field_validator("title")
    @classmethod
    def _has_a_title(cls, value: TwoTexts) -> TwoTexts:
        if not (value.zh or value.en):
            raise ValueError("give title.zh or title.en")
        return value

    def told(self, lang: Lang) -> tuple[str, ...]:
        """What the template is, a line each."""
        lines = [f"{self.name}: {self.title.get(lang)}", f"  {KINDS[self.kind].get(lang)} ({self.kind})"]
        if self.layers:
            lines.append(Text("  图层 ", "  layers ").get(lang) + ", ".join(self.layers))
        if self.parts is not None:
            named = ", ".join(f"{part} {PARTS[part].get(lang)}" for part in self.parts)
            lines.append(Text("  部分 ", "  parts ").get(lang) + (named or "—"))
        if self.letterhead.organisation.get(lang):
            lines.append(Text("  版头 ", "  letterhead ").get(lang) + self.letterhead.organisation.get(lang))
        return tuple(lines)

    def check(self, registry: Registry, themes: tuple[str, ...]) -> None:
        """Whether the layers and the theme that it names are there.

        Raises:
            TemplateError: one is not.
        """
        named = [("layers", name, tuple(registry)) for name in self.layers or ()]
        named += [("reach_m", name, tuple(registry)) for name in self.reach_m or ()]
        named += [("theme", self.theme, themes)] if self.theme else []
        for field, name, known in named:
            if name not in known:
                raise _refused(self.name, [_unknown(field, name, known)])


_FIELDS = {name: field for name, field in Template.model_fields.items() if name not in ("name", "logo_file")}


def _unknown(field: str, name: str, known: tuple[str, ...]) -> Text:
    near = difflib.get_close_matches(name, known, 1)
    zh = f"{field}: 没有 {name[:60]!r}" + (f",是不是 {near[0]}?" if near else "") + f" 可用:{'、'.join(known)}"
    en = f"{field}: no {name[:60]!r}" + (f"; did you mean {near[0]}?" if near else "") + f" known: {', '.join(known)}"
    return Text(zh, en)


def _refused(name: str, problems: list[Text]) -> TemplateError:
    return TemplateError(
        Text(
            f"模板 {name} 不能使用:" + ";".join(each.zh for each in problems),
            f"the template {name} cannot be used: " + "; ".join(each.en for each in problems),
        ),
        field="template",
    )


def _known_beside(loc: tuple[int | str, ...]) -> tuple[str, ...]:
    """The fields that may stand where an unknown one stood."""
    model: object = {"letterhead": Letterhead, "colours": Colours}.get(str(loc[0])) if len(loc) > 1 else None
    if isinstance(model, type) and issubclass(model, BaseModel) and len(loc) == 2:
        return tuple(model.model_fields)
    return ("zh", "en") if len(loc) > 1 else tuple(_FIELDS)


def _problems(error: ValidationError) -> Iterator[Text]:
    for each in error.errors(include_url=False):
        place = ".".join(map(str, each["loc"]))
        if each["type"] == "extra_forbidden":
            yield _unknown(place, str(each["loc"][-1]), _known_beside(each["loc"]))
        elif each["type"] == "missing":
            yield Text(f"{place}: 缺少此项", f"{place}: is missing")
        else:
            said = str(each["msg"]).removeprefix("Value error, ")
            yield Text(f"{place}: {said}" if place else said, f"{place}: {said}" if place else said)


def read_template(path: Path) -> Template:
    """The template in a TOML file; its name is the file's. A logo is read with it.

    Raises:
        TemplateError: not TOML, a field that is not known, a value out of bounds; every one of them is named.
    """
    try:
        values = tomllib.loads(path.read_text("utf-8"))
        template = Template.model_validate({**values, "name": path.stem[:60]})
    except OSError as error:
        raise _refused(path.name, [Text(f"读不到:{error.strerror}", f"cannot be read: {error.strerror}")]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused(path.name, [Text(f"不是 TOML:{error}", f"not TOML: {error}")]) from error
    except ValidationError as error:
        raise _refused(path.name, list(_problems(error))) from error
    logo = template.letterhead.logo
    return template if logo is None else template.model_copy(update={"logo_file": _logo(path, logo)})


def _logo(path: Path, name: str) -> bytes:
    """The logo's file: beside the template, small, and what its ending says."""
    place = path.parent / name
    if Path(name).name != name or place.suffix.lower() not in (".svg", ".png"):
        zh = f"letterhead.logo: {name!r} 应为同一文件夹中的 .svg 或 .png"
        en = f"letterhead.logo: {name!r} should be an .svg or .png in the same folder"
        raise _refused(path.name, [Text(zh, en)])
    try:
        content = place.read_bytes()
    except OSError as error:
        said = Text(f"读不到 {name}:{error.strerror}", f"{name} cannot be read: {error.strerror}")
        raise _refused(path.name, [Text(f"letterhead.logo: {said.zh}", f"letterhead.logo: {said.en}")]) from error
    is_png = content.startswith(b"\x89PNG\r\n\x1a\n")
    is_svg = b"<svg" in content[:2000]
    if len(content) > _LOGO_BYTES_MAX or not (is_png if place.suffix.lower() == ".png" else is_svg):
        most = f"{_LOGO_BYTES_MAX // 1000} kB"
        raise _refused(
            path.name,
            [
                Text(
                    f"letterhead.logo: {name} 不是不超过 {most} 的 SVG 或 PNG",
                    f"letterhead.logo: {name} is no SVG or PNG of at most {most}",
                )
            ],
        )
    return content


class Templates:
    """The templates in a bureau's folder, read and checked when they are asked for."""

    def __init__(self, own: Path | None = None) -> None:
        self._own = own

    @property
    def _files(self) -> dict[str, Path]:
        return {path.stem: path for path in sorted(self._own.glob("*.toml"))} if self._own else {}

    @property
    def names(self) -> tuple[str, ...]:
        """The templates there are."""
        return tuple(self._files)

    def get(self, name: str) -> Template:
        """The template called ``name``.

        Raises:
            TemplateError: there is none, or its file is wrong.
        """
        files = self._files
        if name not in files:
            raise TemplateError(
                Text(
                    f"没有模板 {name[:40]!r};可用:{'、'.join(files) or '(没有)'}",
                    f"there is no template {name[:40]!r}; known: {', '.join(files) or '(none)'}",
                ),
                field="template",
            )
        return read_template(files[name])


assert set(get_args(Part)) == set(PARTS)
