"""A header as it is compared: normalised, its unit and its remarks taken apart (domain brief 4.2)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Header", "read_header"]

_TRADITIONAL = str.maketrans(
    "經緯號稱電話聯繫責單區縣鄉鎮庫總壩長產數積時間類級險災點來應場納實際標編碼隱憂戶備註維種樹齡檢測預覽業務員處內項農臺灣貯総統國質構築規劃據營養護廠礦關閘東鋪樓",
    "经纬号称电话联系责单区县乡镇库总坝长产数积时间类级险灾点来应场纳实际标编码隐忧户备注维种树龄检测预览业务员处内项农台湾贮总统国质构筑规划据营养护厂矿关闸东铺楼",
)
_BRACKETS = re.compile(r"[(\[{【〔〈《]([^()\[\]{}【】〔〕〈〉《》]*)[)\]}】〕〉》]")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")
_JOINTS = re.compile(r"[-_—·.:*#/、,;。]+")
_SUFFIX = re.compile(r"^(.+)[_\s]([a-z]{1,4}[23]?|千米|公里|万元|亩)$")


@dataclass(frozen=True, slots=True)
class Header:
    """``key`` is compared; ``bare`` is the key without what may be a unit behind an underscore.

    ``remarks`` are what stood in brackets, ``suffix`` what stood behind the last underscore: units, if they are any.
    """

    key: str
    bare: str
    remarks: tuple[str, ...]
    suffix: str | None


def _squeeze(text: str) -> str:
    return _JOINTS.sub("", _INVISIBLE.sub("", text))


@lru_cache(maxsize=20_000)
def read_header(text: str) -> Header:
    """Normalise a header: NFKC, case, traditional characters, spaces, line breaks, brackets and joints.

    ``"威胁财产（万元） "`` has the key ``威胁财产`` and the remark ``万元``; ``"elevation_ft"`` the suffix ``ft``.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_TRADITIONAL)
    remarks = tuple(_INVISIBLE.sub("", each) for each in _BRACKETS.findall(folded))
    outside = _BRACKETS.sub("", folded).strip()
    suffixed = _SUFFIX.match(outside)
    key = _squeeze(outside)
    return Header(
        key=key or _squeeze(folded),
        bare=_squeeze(suffixed.group(1)) if suffixed else key,
        remarks=tuple(each for each in remarks if each),
        suffix=suffixed.group(2) if suffixed else None,
    )
