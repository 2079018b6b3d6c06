"""What a kind of exhibit is, and an order for one: the request, the template it names, and what it is made with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import cached_property

from geo.cartography.symbology import LayerSymbology
from geo.cartography.theme import Theme
from geo.database import Database
from geo.exhibits.content import Content
from geo.exhibits.paper import Grid, Layout, grid_of
from geo.exhibits.request import KINDS, ExhibitRequest, KindName
from geo.exhibits.template import Part, Template, TemplateError
from geo.exhibits.workshop import Workshop
from geo.selection import Reader, choose_layers
from layers.layer import Family, Layer
from layers.registry import Registry
from layers.text import Lang, Text

__all__ = ["Kind", "Order", "order_of"]


@dataclass(frozen=True)
class Order:
    """One exhibit to be made. The request has the template's values where it had none of its own."""

    workshop: Workshop
    request: ExhibitRequest
    template: Template | None = None

    @property
    def lang(self) -> Lang:
        """The language of the page."""
        return self.request.lang

    @property
    def registry(self) -> Registry:
        """The layers there are."""
        return self.workshop.extras.registry

    @property
    def database(self) -> Database:
        """The pool."""
        return self.workshop.database

    @property
    def theme(self) -> Theme:
        """The colours."""
        return self.workshop.theme

    @property
    def reader(self) -> Reader:
        """Whose scope everything is read in."""
        return self.workshop.reader

    @cached_property
    def symbologies(self) -> dict[str, LayerSymbology]:
        """By layer."""
        return {each.layer.name: each for each in self.workshop.studio.symbologies(self.theme)}

    def wants(self, part: Part) -> bool:
        """Whether the exhibit has a part."""
        return self.template is None or self.template.parts is None or part in self.template.parts

    def layers_of(self, family: Family) -> tuple[Layer, ...]:
        """The request's layers, else all of a family."""
        if self.request.layers is not None:
            return choose_layers(self.registry, self.request.layers)
        return tuple(layer for layer in self.registry.values() if layer.family is family)

    def grid(self, layout: Layout = "side") -> Grid:
        """The first page."""
        return grid_of(self.request.paper, self.request.orientation, layout)

    def heading(self, own: str, division: str = "") -> str:
        """The title: the request's, else the template's, else the kind's ``own``."""
        if self.request.title:
            return self.request.title
        if self.template is not None and self.template.heading is not None:
            return self.template.heading.get(self.lang).replace("{division}", division)
        return own

    def most(self, own: int) -> int:
        """How many features are listed at most."""
        return self.request.features_max or own


def order_of(workshop: Workshop, request: ExhibitRequest) -> Order:
    """The order of a request, with its template read.

    Raises:
        TemplateError: no such template, or one that is wrong or of another kind.
        ThemeError: the template names a theme that there is none of.
    """
    if request.template is None:
        return Order(workshop, request)
    template = workshop.templates.get(request.template)
    template.check(workshop.extras.registry, workshop.studio.themes.names)
    if template.kind != request.kind:
        raise TemplateError(
            Text(
                f"模板 {template.name} 是{KINDS[template.kind].zh}({template.kind}),不是 {request.kind}",
                f"the template {template.name} is of kind {template.kind}, not {request.kind}",
            ),
            field="template",
        )
    names = ("layers", "grades", "radius_m", "reach_m", "paper", "orientation", "features_max", "maker", "secrecy")
    defaults = {name: ExhibitRequest.model_fields[name].default for name in names}
    own = {
        name: getattr(template, name)
        for name in names
        if getattr(request, name) == defaults[name] and getattr(template, name) is not None
    }
    if template.theme:
        workshop = replace(workshop, theme=workshop.studio.themes.get(template.theme))
    return Order(workshop, request.model_copy(update=own), template)


@dataclass(frozen=True)
class Kind:
    """One kind: a template over Selections, declared once."""

    name: KindName
    about: Text
    """What it answers, for catalogues and help."""
    parts: tuple[Part, ...]
    """What it has that a bureau's template may leave out."""
    compose: Callable[[Order], Awaitable[Content]]

    @property
    def title(self) -> Text:
        """周边分析, 四色图 …"""
        return KINDS[self.name]
