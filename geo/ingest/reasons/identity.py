"""Reasons in which feature a row is: ids, doubles, and what became of it since the last delivery."""

from __future__ import annotations

from geo.ingest.reasons.reason import F, N, R, reason

__all__ = ["IDENTITY"]

IDENTITY = (
    reason(
        R,
        "id-missing",
        "编号为空",
        "no id",
        "请补上编号,或用 --map 列名=- 表示该列不是编号",
        "add the id, or say with --map HEADER=- that the column is none",
    ),
    reason(
        R,
        "id-unreadable",
        "编号已被电子表格损坏(科学计数法)",
        "an id that a spreadsheet has mangled (scientific notation)",
        "请把该列设为文本后从原始数据重新填写",
        "make the column text and enter the ids again from the original",
    ),
    reason(
        R,
        "id-too-long",
        "编号超过 200 个字符",
        "an id of more than 200 characters",
        "请核对该列是否真是编号;若不是,请用 --map 列名=-",
        "check whether the column really is an id; if not, say --map HEADER=-",
    ),
    reason(
        F,
        "name-too-long",
        "名称超过 300 个字符,只取其开头,原文保留在 extra 中",
        "a name of more than 300 characters: its beginning was taken, the whole is kept in extra",
        "请把说明移到其他列",
        "move what explains to another column",
    ),
    reason(
        R,
        "duplicate-id",
        "编号与前面的行重复,保留先出现的行",
        "the id of an earlier row, which was kept",
        "请区分编号;若该列不是编号,请用 --map 列名=-",
        "tell the ids apart; if the column is no id, say --map HEADER=-",
    ),
    reason(
        R,
        "duplicate-row",
        "与前面的行内容完全相同",
        "the same in every cell as an earlier row",
        "无需处理",
        "nothing",
    ),
    reason(
        F,
        "moved-far",
        "同一编号的位置与库中相差 1 公里以上",
        "the same id lies over 1 km from where it was",
        "请核对坐标;若是另一处,请改用新编号",
        "check the coordinates; if it is another place, give it another id",
    ),
    reason(
        F,
        "same-name-place",
        "同村同名而编号不同,可能是同一处",
        "the name and village of another id: perhaps one and the same",
        "请核对;若是同一处,请统一编号,只留一条",
        "if they are one, keep one id and one row",
    ),
    reason(
        F,
        "same-place",
        "与另一编号坐标完全相同",
        "exactly the coordinates of another id",
        "请核对是否重复登记,或是否都填了同一代表点",
        "check whether one was registered twice, or a stand-in point was used",
    ),
    reason(
        N,
        "moved",
        "同一编号的坐标有改动",
        "the same id with other coordinates",
        "无需处理",
        "nothing",
    ),
    reason(
        N,
        "closed-by-source",
        "来源已销号:保留但不再显示和统计",
        "closed by its source: kept, but neither shown nor counted",
        "无需处理",
        "nothing",
    ),
    reason(
        N,
        "returned",
        "曾被停用的要素又出现在来源中,已恢复",
        "had been retired, and is in the source again: restored",
        "无需处理",
        "nothing",
    ),
)
