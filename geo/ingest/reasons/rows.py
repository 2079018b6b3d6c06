"""Reasons in the row as a whole: rows that are no features, and cells that are too many or damaged."""

from __future__ import annotations

from geo.ingest.reasons.reason import F, N, reason

__all__ = ["ROWS"]

ROWS = (
    reason(
        F,
        "cells-beyond-header",
        "该行的单元格多于表头",
        "more cells than the header has",
        "请检查分隔符和引号",
        "check delimiters and quotes",
    ),
    reason(
        F,
        "text-damaged",
        "文字中有无法解码的字节",
        "bytes that could not be decoded",
        "请检查 --encoding",
        "check --encoding",
    ),
    reason(
        N,
        "row-total",
        "合计、小计行,不是要素,未导入",
        "a row of totals, which is no feature; not imported",
        "无需处理",
        "nothing",
    ),
    reason(
        N,
        "row-note",
        "说明、分节或签名行,不是要素,未导入",
        "a note, a heading or a signature, which is no feature; not imported",
        "无需处理",
        "nothing",
    ),
    reason(
        N,
        "row-header-repeated",
        "重复的表头行,未导入",
        "the header once more; not imported",
        "无需处理",
        "nothing",
    ),
)
