"""A text in the product's two languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Lang", "Text"]

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One text, in Chinese and in English; both are always given."""

    zh: str
    en: str

    def get(self, lang: Lang) -> str:
        """The text in ``lang``."""
        return self.zh if lang == "zh" else self.en

    def as_dict(self) -> dict[str, str]:
        """``{"zh": …, "en": …}``, as stored in ``grade_basis`` and sent in answers."""
        return {"zh": self.zh, "en": self.en}

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"
