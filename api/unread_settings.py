"""Variables named ``ONEMAP_…`` that nothing reads: a typing error in one would be passed over without a word."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches

from api.settings import Settings
from layers.text import Text

__all__ = ["unread_variables"]

_PREFIX = "ONEMAP_"
_READ_ELSEWHERE = frozenset(("LANG", "PORT", "DATABASE_PASSWORD", "TEST_CLUSTER"))
"""By the command line, by docker-compose.yml, and by the tests."""


def unread_variables(environment: Mapping[str, str] = os.environ) -> list[Text]:
    """What to say of each variable that no setting is named by; its value, which may be a secret, is not told."""
    known = {name.upper() for name in Settings.model_fields}
    given = sorted(name.removeprefix(_PREFIX) for name in environment if name.startswith(_PREFIX))
    told = []
    for name in given:
        if name in known | _READ_ELSEWHERE:
            continue
        meant = get_close_matches(name, known, n=1)
        told.append(
            Text(
                f"没有设置 {_PREFIX}{name},它不起作用" + (f";是否应为 {_PREFIX}{meant[0]}?" if meant else ""),
                f"There is no setting {_PREFIX}{name}: nothing reads it"
                + (f"; was {_PREFIX}{meant[0]} meant?" if meant else ""),
            )
        )
    return told
