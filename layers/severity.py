"""Level schemes: every scale of severity, each with code, rank, colour family and names.

重大 is red as a risk grade but orange as a warning; 一级 is the worst 重大危险源 but the lowest forest-fire
danger. So a level is always (scheme, code), never an integer, and a word is read only within a declared scheme
(domain brief 2.1).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from layers.text import Text

__all__ = ["Choice", "Choices", "Level", "LevelScheme", "RiskGrade", "fold"]


def fold(word: str) -> str:
    """``word`` as it is compared: NFKC, case folded, without spaces or hyphens."""
    folded = unicodedata.normalize("NFKC", word).casefold()
    return "".join(char for char in folded if not char.isspace() and char not in "-_—·.")


class RiskGrade(StrEnum):
    """安全风险等级, worst first. The one scale in which all layers can be compared."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"

    @property
    def rank(self) -> int:
        """Severity rank, 1 is worst."""
        return list(RiskGrade).index(self) + 1

    @property
    def label(self) -> Text:
        """重大, 较大, 一般, 低."""
        return _GRADE_TITLES[self]

    @property
    def code_text(self) -> Text:
        """The one-character code that stands beside colour and shape: 红 橙 黄 蓝."""
        return _GRADE_CODES[self]


_GRADE_TITLES = {
    RiskGrade.RED: Text("重大", "major"),
    RiskGrade.ORANGE: Text("较大", "considerable"),
    RiskGrade.YELLOW: Text("一般", "moderate"),
    RiskGrade.BLUE: Text("低", "low"),
}
_GRADE_CODES = {
    RiskGrade.RED: Text("红", "R"),
    RiskGrade.ORANGE: Text("橙", "O"),
    RiskGrade.YELLOW: Text("黄", "Y"),
    RiskGrade.BLUE: Text("蓝", "B"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a closed vocabulary: the stored code, its names, and the spellings that sources use."""

    code: str
    title: Text
    aliases: tuple[str, ...] = ()

    def spellings(self) -> Iterable[str]:
        """Every folded spelling that means this value."""
        return {fold(word) for word in (self.code, self.title.zh, self.title.en, *self.aliases)}


@dataclass(frozen=True, slots=True)
class Level(Choice):
    """One step of a scale of severity. ``rank`` 1 is worst; ``grade`` is the risk grade it stands for, if any."""

    rank: int = 0
    grade: RiskGrade | None = None


C = TypeVar("C", bound=Choice)


@dataclass(frozen=True)
class Choices(Generic[C]):
    """A closed vocabulary, read strictly: a word that is not in it is not guessed."""

    name: str
    title: Text
    values: tuple[C, ...]

    def read(self, word: str) -> C | None:
        """The value that ``word`` spells, or None.

        A bare integer is never a level: 1 is the best in one scheme and the worst in the next.
        """
        folded = fold(word)
        if not folded or (folded.isdigit() and any(isinstance(value, Level) for value in self.values)):
            return None
        return next((value for value in self.values if folded in value.spellings()), None)

    def by_code(self, code: str) -> C:
        """The value stored as ``code``.

        Raises:
            KeyError: no such code in this vocabulary.
        """
        for value in self.values:
            if value.code == code:
                return value
        raise KeyError(f"{self.name} has no code {code!r}")


LevelScheme = Choices[Level]

_R = RiskGrade

RISK_GRADE = LevelScheme(
    "risk_grade",
    Text("安全风险等级", "risk grade"),
    (
        Level("red", Text("重大", "major"), ("重大风险", "红", "红色", "红色风险"), 1, _R.RED),
        Level("orange", Text("较大", "considerable"), ("较大风险", "橙", "橙色", "橙色风险"), 2, _R.ORANGE),
        Level("yellow", Text("一般", "moderate"), ("一般风险", "黄", "黄色", "黄色风险"), 3, _R.YELLOW),
        Level("blue", Text("低", "low"), ("低风险", "蓝", "蓝色", "蓝色风险"), 4, _R.BLUE),
    ),
)
"""红 橙 黄 蓝; the colour of low risk is blue by state convention (some sources say green)."""

GEOHAZARD_DANGER = LevelScheme(
    "geohazard_danger",
    Text("地质灾害险情等级", "geohazard danger class"),
    (
        Level("extra_large", Text("特大型", "extra large"), ("特大", "Ⅰ级"), 1, _R.RED),
        Level("large", Text("大型", "large"), ("大", "Ⅱ级"), 2, _R.ORANGE),
        Level("medium", Text("中型", "medium"), ("中", "Ⅲ级"), 3, _R.YELLOW),
        Level("small", Text("小型", "small"), ("小", "Ⅳ级"), 4, _R.BLUE),
    ),
)
"""险情等级 by threatened people and property (国家突发地质灾害应急预案)."""

MAJOR_HAZARD = LevelScheme(
    "major_hazard",
    Text("重大危险源等级", "major hazard installation class"),
    (
        Level("class_1", Text("一级", "class 1"), ("一级重大危险源", "Ⅰ级"), 1),
        Level("class_2", Text("二级", "class 2"), ("二级重大危险源", "Ⅱ级"), 2),
        Level("class_3", Text("三级", "class 3"), ("三级重大危险源", "Ⅲ级"), 3),
        Level("class_4", Text("四级", "class 4"), ("四级重大危险源", "Ⅳ级"), 4),
    ),
)
"""GB 18218 by R: 一级 R ≥ 100 … 四级 R < 10. It is not a risk grade and sets none."""

RESERVOIR_SCALE = LevelScheme(
    "reservoir_scale",
    Text("水库工程规模", "reservoir scale"),
    (
        Level("large_1", Text("大(1)型", "large (1)"), ("大(一)型", "大一型", "大1型"), 1),
        Level("large_2", Text("大(2)型", "large (2)"), ("大(二)型", "大二型", "大2型"), 2),
        Level("medium", Text("中型", "medium"), (), 3),
        Level("small_1", Text("小(1)型", "small (1)"), ("小(一)型", "小一型", "小1型"), 4),
        Level("small_2", Text("小(2)型", "small (2)"), ("小(二)型", "小二型", "小2型"), 5),
        Level("pond", Text("山塘", "pond"), ("堰塘", "塘坝"), 6),
    ),
)
"""SL 252 by total storage; big to small, no statement about risk."""

FOREST_FIRE_DANGER = LevelScheme(
    "forest_fire_danger",
    Text("森林火险等级", "forest fire danger"),
    (
        Level("class_5", Text("五级", "class 5"), ("极高", "极度危险", "Ⅴ级"), 1, _R.RED),
        Level("class_4", Text("四级", "class 4"), ("高", "高度危险", "Ⅳ级"), 2, _R.ORANGE),
        Level("class_3", Text("三级", "class 3"), ("较高", "较高危险", "Ⅲ级"), 3, _R.YELLOW),
        Level("class_2", Text("二级", "class 2"), ("较低", "中度危险", "Ⅱ级"), 4, _R.BLUE),
        Level("class_1", Text("一级", "class 1"), ("Ⅰ级",), 5, _R.BLUE),
    ),
)
"""QX/T 77-2007: reversed, 五级 is worst. 一级 is green there; among risk grades it is blue (low)."""

WARNING = LevelScheme(
    "warning",
    Text("预警级别", "warning level"),
    (
        Level("I", Text("Ⅰ级(特别重大)", "level I"), ("特别重大", "特别严重", "Ⅰ级", "I级", "红色预警"), 1, _R.RED),
        Level("II", Text("Ⅱ级(重大)", "level II"), ("重大", "严重", "Ⅱ级", "II级", "橙色预警"), 2, _R.ORANGE),
        Level("III", Text("Ⅲ级(较大)", "level III"), ("较大", "较重", "Ⅲ级", "III级", "黄色预警"), 3, _R.YELLOW),
        Level("IV", Text("Ⅳ级(一般)", "level IV"), ("一般", "Ⅳ级", "IV级", "蓝色预警"), 4, _R.BLUE),
    ),
)
"""突发事件预警级别: here 重大 is orange."""

__all__ += ["FOREST_FIRE_DANGER", "GEOHAZARD_DANGER", "MAJOR_HAZARD", "RESERVOIR_SCALE", "RISK_GRADE", "WARNING"]
