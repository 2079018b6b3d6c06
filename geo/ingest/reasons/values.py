"""Reasons in one cell: numbers, dates, codes, words, and figures that contradict each other."""

from __future__ import annotations

from geo.ingest.reasons.reason import F, N, reason

__all__ = ["VALUES"]

_AS_TEXT = (
    "原文保留在 extra 中;请在来源中改正后重新导入",
    "the original is kept in extra; mend the source and import again",
)

VALUES = (
    reason(F, "number-unreadable", "不是数字", "not a number", *_AS_TEXT),
    reason(F, "number-range", "是范围或约数,不是一个数", "a range or an estimate, not one number", *_AS_TEXT),
    reason(F, "unit-unknown", "单位不认识", "a unit that is not known", *_AS_TEXT),
    reason(F, "not-whole", "应为整数", "should be a whole number", *_AS_TEXT),
    reason(F, "out-of-bounds", "超出可能的范围", "outside the possible range", *_AS_TEXT),
    reason(F, "date-unreadable", "不是日期", "not a date", *_AS_TEXT),
    reason(F, "boolean-unreadable", "不是“是/否”", "neither yes nor no", *_AS_TEXT),
    reason(F, "choice-unknown", "不在可选值中", "not one of the known values", *_AS_TEXT),
    reason(
        F,
        "code-mangled",
        "代码已被电子表格损坏(科学计数法)",
        "a code that a spreadsheet has mangled (scientific notation)",
        *_AS_TEXT,
    ),
    reason(F, "code-unreadable", "不是代码", "not a code", *_AS_TEXT),
    reason(
        F,
        "division-code-unreadable",
        "行政区划代码不是 2–12 位数字,改按位置确定",
        "not an administrative code of 2 to 12 digits; the division is found by place",
        *_AS_TEXT,
    ),
    reason(
        F,
        "scheme-foreign",
        "该列用的是另一套等级,未采用",
        "the column is of another scale of levels and was not taken",
        "请用 --map 指到对应的等级字段,或换算为红橙黄蓝",
        "map it to the field of its own scale, or translate it to red, orange, yellow, blue",
    ),
    reason(
        N,
        "missing-mark",
        "写明为缺失(无、/、暂无 …),记为未知",
        "marked as missing; taken as unknown",
        "无需处理",
        "nothing",
    ),
    reason(
        N,
        "date-precision",
        "日期只到年或月,按其首日存储",
        "a date to the month or year only, stored as its first day",
        "无需处理",
        "nothing",
    ),
    reason(
        F,
        "number-approximate",
        "是约数(约、余、多、左右),按所写数值存储",
        "an estimate (about, over); stored as the number that is written",
        "原文保留在 extra 中;如有确数请补上",
        "the original is kept in extra; give the exact number if there is one",
    ),
    reason(
        F,
        "code-doubtful",
        "代码的校验位不符,已照原样存储",
        "a code whose check character is wrong; stored as it is written",
        "请核对该代码",
        "check the code",
    ),
    reason(
        F,
        "levels-out-of-order",
        "特征水位或坝顶高程的次序不合理",
        "characteristic levels or the dam crest out of order",
        "请核对各水位及其高程基准",
        "check the levels and their height datum",
    ),
    reason(
        F,
        "storage-differs",
        "总库容与工程规模不符",
        "a total storage that is none of the stated scale",
        "请核对单位(m³、万m³、亿m³),并写进表头",
        "check the unit (m³, 万m³, 亿m³) and write it into the header",
    ),
    reason(
        F,
        "danger-level-differs",
        "所填险情等级与按威胁人口、财产推算的不一致",
        "the danger class differs from the one that the threatened people and property give",
        "请核对险情等级、威胁人口和威胁财产",
        "check the class, the people and the property",
    ),
    reason(
        N,
        "date-serial",
        "日期是电子表格的序列数,已换算(1900 日期系统)",
        "a date as a spreadsheet's serial number, converted (1900 date system)",
        "无需处理",
        "nothing",
    ),
    reason(
        F,
        "capacity-none",
        "避难场所没有容量,或容量为0",
        "a shelter without a capacity, or with one of 0",
        "请补上可容纳人数",
        "give the capacity",
    ),
)
