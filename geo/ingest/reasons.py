"""Every reason why a row is refused or flagged: a stable code, what it means, and what the user can do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from layers.text import Text

__all__ = ["REASONS", "Effect", "Reason"]


class Effect(StrEnum):
    """What a reason does to its row."""

    REJECTED = "rejected"
    """The row is not loaded."""
    FLAGGED = "flagged"
    """The row is loaded; something in it is unknown or was mended."""
    NOTED = "noted"
    """The row is loaded and whole; the source merely left something open."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. ``code`` is stable: programs and re-imports rely on it."""

    code: str
    effect: Effect
    what: Text
    todo: Text


def _reason(effect: Effect, code: str, zh: str, en: str, todo_zh: str, todo_en: str) -> Reason:
    return Reason(code, effect, Text(zh, en), Text(todo_zh, todo_en))


_R, _F, _N = Effect.REJECTED, Effect.FLAGGED, Effect.NOTED
_AS_TEXT = (
    "原文保留在 extra 中;请在来源中改正后重新导入",
    "the original is kept in extra; mend the source and import again",
)

_ALL = (
    _reason(_R, "coordinate-missing", "没有坐标", "no coordinates", "请补上经纬度", "add longitude and latitude"),
    _reason(
        _R,
        "coordinate-unreadable",
        "坐标无法识别",
        "coordinates that cannot be read",
        "请改为十进制度,如 115.944",
        "write decimal degrees, such as 115.944",
    ),
    _reason(
        _R,
        "coordinate-zero",
        "坐标为 (0, 0),不是真实地点",
        "coordinates are (0, 0), which is no real place",
        "请补上真实经纬度",
        "give the real longitude and latitude",
    ),
    _reason(
        _R,
        "coordinate-out-of-range",
        "坐标不在所声明坐标系的范围内",
        "coordinates that are no place in the declared CRS",
        "请检查数值与 --crs 是否相符",
        "check the numbers against --crs",
    ),
    _reason(
        _R,
        "coordinate-swapped",
        "经纬度像是写反了:交换后才是地点",
        "longitude and latitude look swapped: only exchanged are they a place",
        "请交换两列,或改正 --map",
        "exchange the two columns, or correct --map",
    ),
    _reason(_R, "geometry-missing", "没有几何图形", "no geometry", "请在来源中补绘", "draw it in the source"),
    _reason(
        _R,
        "geometry-unreadable",
        "几何图形无法识别",
        "a geometry that cannot be read",
        "请用 GIS 软件检查该图形",
        "check it with a GIS",
    ),
    _reason(
        _R,
        "geometry-invalid",
        "几何图形无效且无法修复",
        "an invalid geometry that cannot be repaired",
        "请用 GIS 软件重绘",
        "draw it again with a GIS",
    ),
    _reason(
        _R,
        "geometry-kind",
        "几何类型与图层不符",
        "a kind of geometry that the layer does not take",
        "请检查 --layer 是否正确",
        "check --layer",
    ),
    _reason(
        _F,
        "geometry-repaired",
        "无效的线、面已修复(自相交、零长度部分等)",
        "an invalid line or polygon, repaired (self-intersection, parts of no length)",
        "请核对修复后的图形",
        "look at the repaired shape",
    ),
    _reason(
        _R,
        "id-missing",
        "编号为空",
        "no id",
        "请补上编号,或用 --map 列名=- 表示该列不是编号",
        "add the id, or say with --map HEADER=- that the column is none",
    ),
    _reason(
        _R,
        "id-unreadable",
        "编号已被电子表格损坏(科学计数法)",
        "an id that a spreadsheet has mangled (scientific notation)",
        "请把该列设为文本后从原始数据重新填写",
        "make the column text and enter the ids again from the original",
    ),
    _reason(
        _R,
        "duplicate-id",
        "编号与前面的行重复,保留先出现的行",
        "the id of an earlier row, which was kept",
        "请区分编号;若该列不是编号,请用 --map 列名=-",
        "tell the ids apart; if the column is no id, say --map HEADER=-",
    ),
    _reason(
        _R,
        "duplicate-row",
        "与前面的行内容完全相同",
        "the same in every cell as an earlier row",
        "无需处理",
        "nothing",
    ),
    _reason(_F, "number-unreadable", "不是数字", "not a number", *_AS_TEXT),
    _reason(_F, "number-range", "是范围或约数,不是一个数", "a range or an estimate, not one number", *_AS_TEXT),
    _reason(_F, "unit-unknown", "单位不认识", "a unit that is not known", *_AS_TEXT),
    _reason(_F, "not-whole", "应为整数", "should be a whole number", *_AS_TEXT),
    _reason(_F, "out-of-bounds", "超出可能的范围", "outside the possible range", *_AS_TEXT),
    _reason(_F, "date-unreadable", "不是日期", "not a date", *_AS_TEXT),
    _reason(_F, "boolean-unreadable", "不是“是/否”", "neither yes nor no", *_AS_TEXT),
    _reason(_F, "choice-unknown", "不在可选值中", "not one of the known values", *_AS_TEXT),
    _reason(
        _F,
        "code-mangled",
        "代码已被电子表格损坏(科学计数法)",
        "a code that a spreadsheet has mangled (scientific notation)",
        *_AS_TEXT,
    ),
    _reason(_F, "code-unreadable", "不是代码", "not a code", *_AS_TEXT),
    _reason(
        _F,
        "division-code-unreadable",
        "行政区划代码不是 2–12 位数字,改按位置确定",
        "not an administrative code of 2 to 12 digits; the division is found by place",
        *_AS_TEXT,
    ),
    _reason(
        _F,
        "scheme-foreign",
        "该列用的是另一套等级,未采用",
        "the column is of another scale of levels and was not taken",
        "请用 --map 指到对应的等级字段,或换算为红橙黄蓝",
        "map it to the field of its own scale, or translate it to red, orange, yellow, blue",
    ),
    _reason(
        _F,
        "cells-beyond-header",
        "该行的单元格多于表头",
        "more cells than the header has",
        "请检查分隔符和引号",
        "check delimiters and quotes",
    ),
    _reason(
        _F,
        "text-damaged",
        "文字中有无法解码的字节",
        "bytes that could not be decoded",
        "请检查 --encoding",
        "check --encoding",
    ),
    _reason(
        _N,
        "missing-mark",
        "写明为缺失(无、/、暂无 …),记为未知",
        "marked as missing; taken as unknown",
        "无需处理",
        "nothing",
    ),
    _reason(
        _N,
        "date-precision",
        "日期只到年或月,按其首日存储",
        "a date to the month or year only, stored as its first day",
        "无需处理",
        "nothing",
    ),
    # Told by comparing the delivery with itself and with what the source delivered before (changes.py, closing.py).
    _reason(
        _F,
        "moved-far",
        "同一编号的位置与库中相差 1 公里以上",
        "the same id lies over 1 km from where it was",
        "请核对坐标;若是另一处,请改用新编号",
        "check the coordinates; if it is another place, give it another id",
    ),
    _reason(
        _F,
        "same-name-place",
        "同村同名而编号不同,可能是同一处",
        "the name and village of another id: perhaps one and the same",
        "请核对;若是同一处,请统一编号,只留一条",
        "if they are one, keep one id and one row",
    ),
    _reason(
        _F,
        "same-place",
        "与另一编号坐标完全相同",
        "exactly the coordinates of another id",
        "请核对是否重复登记,或是否都填了同一代表点",
        "check whether one was registered twice, or a stand-in point was used",
    ),
    _reason(
        _N,
        "moved",
        "同一编号的坐标有改动",
        "the same id with other coordinates",
        "无需处理",
        "nothing",
    ),
    _reason(
        _N,
        "closed-by-source",
        "来源已销号:保留但不再显示和统计",
        "closed by its source: kept, but neither shown nor counted",
        "无需处理",
        "nothing",
    ),
    _reason(
        _N,
        "returned",
        "曾被停用的要素又出现在来源中,已恢复",
        "had been retired, and is in the source again: restored",
        "无需处理",
        "nothing",
    ),
    _reason(
        _R,
        "coordinate-ambiguous",
        "坐标有几种读法,无法确定是哪一处",
        "coordinates that can be read as several places",
        "请从候选中选定,改写为十进制度;或补上县区、乡镇列后重新导入",
        "choose one of the candidates and write decimal degrees, or add the county's and township's columns",
    ),
    _reason(
        _F,
        "coordinate-exchanged",
        "经纬度写反了,已交换",
        "longitude and latitude were exchanged; they have been put right",
        "请核对位置,并在来源中改正",
        "check the place and mend the source",
    ),
    _reason(
        _F,
        "coordinate-crs-inferred",
        "坐标不是所声明坐标系的写法,按数值判读",
        "not written in the declared CRS; read as what the numbers can be",
        "请核对位置,特别是基准(CGCS2000、西安80、北京54)",
        "check the place, above all the datum (CGCS2000, Xian 1980, Beijing 1954)",
    ),
    _reason(
        _F,
        "coordinate-zone-inferred",
        "坐标没有带号,按行政区划确定了投影带",
        "no zone number; the zone was found by the division",
        "请核对位置,或用 --crs 声明投影带",
        "check the place, or declare the zone with --crs",
    ),
    _reason(
        _F,
        "coordinate-notation-inferred",
        "坐标像是省去符号的度分秒,按此判读",
        "looks like degrees, minutes and seconds without their signs; read so",
        "请核对位置,或用 --notation dms 声明",
        "check the place, or declare it with --notation dms",
    ),
    _reason(
        _F,
        "coordinate-outside-division",
        "坐标不在该行所写的行政区划内",
        "outside the division that the row names",
        "请核对坐标和行政区划",
        "check the coordinates and the division",
    ),
    _reason(
        _F,
        "coordinate-coarse",
        "坐标只有两位小数或更少,误差可达约1公里",
        "two decimals or fewer: up to about 1 km off",
        "请补上更精确的坐标",
        "give more exact coordinates",
    ),
    _reason(
        _N,
        "row-total",
        "合计、小计行,不是要素,未导入",
        "a row of totals, which is no feature; not imported",
        "无需处理",
        "nothing",
    ),
    _reason(
        _N,
        "row-note",
        "说明、分节或签名行,不是要素,未导入",
        "a note, a heading or a signature, which is no feature; not imported",
        "无需处理",
        "nothing",
    ),
    _reason(
        _N,
        "row-header-repeated",
        "重复的表头行,未导入",
        "the header once more; not imported",
        "无需处理",
        "nothing",
    ),
    _reason(
        _F,
        "number-approximate",
        "是约数(约、余、多、左右),按所写数值存储",
        "an estimate (about, over); stored as the number that is written",
        "原文保留在 extra 中;如有确数请补上",
        "the original is kept in extra; give the exact number if there is one",
    ),
    _reason(
        _F,
        "code-doubtful",
        "代码的校验位不符,已照原样存储",
        "a code whose check character is wrong; stored as it is written",
        "请核对该代码",
        "check the code",
    ),
    _reason(
        _F,
        "levels-out-of-order",
        "特征水位或坝顶高程的次序不合理",
        "characteristic levels or the dam crest out of order",
        "请核对各水位及其高程基准",
        "check the levels and their height datum",
    ),
    _reason(
        _F,
        "danger-level-differs",
        "所填险情等级与按威胁人口、财产推算的不一致",
        "the danger class differs from the one that the threatened people and property give",
        "请核对险情等级、威胁人口和威胁财产",
        "check the class, the people and the property",
    ),
    _reason(
        _N,
        "date-serial",
        "日期是电子表格的序列数,已换算(1900 日期系统)",
        "a date as a spreadsheet's serial number, converted (1900 date system)",
        "无需处理",
        "nothing",
    ),
    _reason(
        _F,
        "capacity-none",
        "避难场所没有容量,或容量为0",
        "a shelter without a capacity, or with one of 0",
        "请补上可容纳人数",
        "give the capacity",
    ),
)

REASONS = {reason.code: reason for reason in _ALL}
"""Every reason by its code."""
