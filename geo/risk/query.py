"""RiskQuery: the question as understood, with every bound checked before the database is asked."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import shapely

from geo.errors import InputError
from geo.limits import RiskLimits
from geo.risk.where import Where, around_point
from geo.selection import Reader
from layers.layer import Layer
from layers.registry import Registry
from layers.severity import RiskGrade
from layers.text import Text

__all__ = ["RiskQuery"]


@dataclass(frozen=True)
class RiskQuery:
    """What is within the radii of a place. Metres are on the ellipsoid; radius 0 means inside the asked shape."""

    where: Where
    radii_m: tuple[float, ...]
    layers: tuple[Layer, ...]
    grades: frozenset[RiskGrade | None] | None = None
    division: str | None = None
    limit: int = 1000
    nearest: int = 3
    reader: Reader = field(default_factory=Reader)
    helpers: tuple[Layer, ...] = ()
    """The resource layers whose nearest features are named, wherever they are."""

    @staticmethod
    def at(lon: float, lat: float, radii_m: tuple[float, ...], registry: Registry) -> RiskQuery:
        """All layers around a point given in CGCS2000 degrees.

        Raises:
            CoordinateError: not a place on earth.
        """
        return RiskQuery(around_point(lon, lat), radii_m, tuple(registry.searchable()), helpers=registry.helpers())

    def check(self, limits: RiskLimits) -> None:
        """Accept the question or say what is wrong with it.

        Raises:
            InputError: a radius, ring count or limit out of bounds.
        """
        if not self.radii_m or len(self.radii_m) > limits.rings:
            raise InputError(
                Text(
                    f"半径应给出 1 到 {limits.rings} 个,现为 {len(self.radii_m)} 个",
                    f"give 1 to {limits.rings} radii, not {len(self.radii_m)}",
                ),
                field="radius_m",
            )
        for radius_m in self.radii_m:
            positive = radius_m > 0 or (radius_m == 0 and shapely.get_dimensions(self.where.shape) == 2)
            if not (math.isfinite(radius_m) and positive and radius_m <= limits.radius_m):
                raise InputError(
                    Text(
                        f"半径 {radius_m:g} 应大于 0 且不超过 {limits.radius_m:,.0f} 米",
                        f"radius_m={radius_m:g} should be more than 0 and at most {limits.radius_m:,.0f} m",
                    ),
                    field="radius_m",
                )
        _within("limit", self.limit, 1, limits.features)
        _within("nearest", self.nearest, 0, limits.nearest)

    @property
    def rings_m(self) -> tuple[float, ...]:
        """The radii, each once, ascending."""
        return tuple(sorted(set(self.radii_m)))

    def as_dict(self) -> dict[str, object]:
        """The question as understood, for the answer."""
        return {
            "kind": self.where.kind,
            "lon": self.where.centre[0],
            "lat": self.where.centre[1],
            "crs": "EPSG:4490",
            "radius_m": list(self.rings_m),
            "layers": [layer.name for layer in self.layers],
            "grades": None
            if self.grades is None
            else sorted("none" if grade is None else grade.value for grade in self.grades),
            "division": self.division,
            "limit": self.limit,
            "nearest": self.nearest,
        }


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InputError(
            Text(f"{name}={value} 应在 {least} 到 {most} 之间", f"{name}={value} should be {least} to {most}"),
            field=name,
        )
