"""What is said of a tailings pond: along which water was looked, how that is known, and what was found there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo.audits.audit import AuditQuery
from geo.audits.downstream import Direction, Way
from geo.rasters import PeopleEstimate
from layers.text import Text

__all__ = ["METHODS", "PondGround", "notes_of", "why_of"]

METHODS = {
    "river": Text("河道线", "river line"),
    "ground": Text("高程栅格", "elevation grid"),
    "straight": Text("直线", "straight line"),
}
"""By what a row was found."""
_DIRECTIONS = {
    Direction.DECLARED: Text("流向按登记", "direction as declared"),
    Direction.HEIGHTS: Text("流向按河段两端高程", "direction by the heights of the reaches' ends"),
    Direction.UNKNOWN: Text("流向未知,上下游都列出", "direction unknown, so both ways are listed"),
}


@dataclass(frozen=True)
class PondGround:
    """What is known around one pond: people, heights (NaN: unknown), the way of the water, and what lies along it."""

    people: PeopleEstimate | None
    pond_m: float
    near_m: Sequence[float]
    way: Way | None
    people_along: PeopleEstimate | None
    reached: Sequence[bool]

    @property
    def heights_known(self) -> bool:
        """Whether the pond's own height is known."""
        return self.pond_m == self.pond_m

    @property
    def method(self) -> str:
        """A code of ``METHODS``."""
        return "straight" if self.way is None else "ground" if self.way.rivers is None else "river"


def _where(ground: PondGround, breadth_m: float) -> Text:
    """Where was looked: along which water, or how far around."""
    way = ground.way
    if way is None:
        if ground.heights_known:
            return Text("1 公里内且低于库区(直线距离)", "within 1 km (straight line) and lower than it")
        return Text("1 公里内(直线距离)", "within 1 km (straight line)")
    ends = Text("", "")
    if not way.whole:
        ends = Text(f",只到 {way.length_m:,.0f} 米为止", f", which is known for {way.length_m:,.0f} m only")
    if way.rivers is None:
        return Text(
            f"下游 1 公里内(高程栅格:沿水流两侧各 {breadth_m:.0f} 米{ends.zh})",
            f"within 1 km downstream (elevation grid: {breadth_m:.0f} m to either side of the water's way{ends.en})",
        )
    names, how = way.rivers, _DIRECTIONS[way.direction]
    zh = f"距库 {way.river_m:,.0f} 米的{'、'.join(names)},{how.zh},两侧各 {breadth_m:.0f} 米{ends.zh}"
    en = f"{', '.join(names)}, {way.river_m:,.0f} m away, {how.en}, {breadth_m:.0f} m to either side{ends.en}"
    if way.doubtful:
        zh = f"{zh};{'、'.join(way.doubtful)}登记的流向与高程不符,应核查"
        en = f"{en}; the declared direction of {', '.join(way.doubtful)} runs uphill: to be checked"
    side = Text("下游", "downstream") if way.direction is not Direction.UNKNOWN else Text("沿河", "along the river")
    return Text(f"{side.zh} 1 公里内(河道线:{zh})", f"within 1 km {side.en} (river line: {en})")


def why_of(
    values: Mapping[str, object],
    named: Sequence[Mapping[str, object]],
    ground: PondGround,
    recorded: bool | None,
    query: AuditQuery,
) -> Text:
    """Why a pond is listed, with the first of what lies below it."""
    names = [str(each["name"] or each["id"]) for each in named[:3]]
    more = "等" if len(named) > 3 else ""
    where = _where(ground, query.downstream_breadth_m)
    zh = f"{where.zh}的学校、医院、避难场所、企业 {len(named)} 处"
    en = f"{len(named)} schools, hospitals, shelters and plants {where.en}"
    if names:
        zh, en = f"{zh}:{'、'.join(names)}{more}", f"{en}: {', '.join(names)}{' …' if more else ''}"
    people, below = values["people_1km"], values["people_downstream"]
    zh += f";1 公里内约 {people:,} 人" if people is not None else ";1 公里内人口未知"
    en += f"; about {people:,} people within 1 km" if people is not None else "; people within 1 km unknown"
    if below is not None:
        zh, en = f"{zh},水流沿线约 {below:,} 人", f"{en}, about {below:,} along the water"
    if values["should_check"]:
        was = Text("没有登记是否头顶库", "whether it is above homes is not on record")
        if recorded is False:
            was = Text("登记为非头顶库", "on record as not above homes")
        zh, en = f"{zh};{was.zh},应核查", f"{en}; {was.en}: to be checked"
    elif recorded:
        zh, en = f"{zh};登记为头顶库", f"{en}; on record as above homes"
    return Text(zh, en)


def notes_of(grounds: Sequence[PondGround], query: AuditQuery) -> list[Text]:
    """By what way the answer was found, and whose the distances are."""
    methods = Counter(ground.method for ground in grounds)
    unsure = sum(
        ground.method == "river" and ground.way is not None and ground.way.direction is Direction.UNKNOWN
        for ground in grounds
    )
    breadth, snap = query.downstream_breadth_m, query.river_snap_m
    told = []
    if methods["river"]:
        zh = f"{methods['river']} 座沿河道线(库边 {snap:.0f} 米内有河流)"
        en = f"{methods['river']} by river lines (a river within {snap:.0f} m)"
        if unsure:
            zh, en = f"{zh},其中 {unsure} 座流向未知,上下游都列出", f"{en}, {unsure} of them both ways"
        told.append(Text(zh, en))
    if methods["ground"]:
        told.append(
            Text(
                f"{methods['ground']} 座沿高程栅格的最陡坡向(D8)追踪水流",
                f"{methods['ground']} down the steepest slope of the elevation grid (D8)",
            )
        )
    if methods["straight"]:
        told.append(
            Text(
                f"{methods['straight']} 座附近没有河道线,也没有高程栅格可用,1 公里为直线距离",
                f"{methods['straight']} by straight line: no river line is near and no elevation grid knows the ground",
            )
        )
    if not told:
        return []
    own = Text(
        f"两侧 {breadth:.0f} 米与 {snap:.0f} 米为本项目取值,可在设置中改",
        f"{breadth:.0f} m to either side and {snap:.0f} m are this project's own; the settings change them",
    )
    return [Text(";".join(each.zh for each in told), "; ".join(each.en for each in told)), own]
