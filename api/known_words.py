"""A parameter that no one reads is refused: the answer to another question than was asked is worse than none.

``radius=5000`` for ``radius_m``, ``grade=red`` for ``grades`` or ``at=`` (which no table can answer yet) were passed
over, and what came back looked like the answer.
"""

from __future__ import annotations

from fastapi import Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute

from geo.errors import InputError
from layers.text import Text

__all__ = ["refuse_unknown_words"]

_EVERYWHERE = frozenset(("lang",))
"""Read beside the routes (``api.errors.wanted_lang``)."""


def _known(route: APIRoute) -> frozenset[str]:
    declared = get_flat_params(route.dependant)
    return _EVERYWHERE | {each.alias for each in declared if isinstance(each.field_info, params.Query)}


async def refuse_unknown_words(request: Request) -> None:
    """Hold the words of the query against those that the route declares; each may be given once.

    Raises:
        InputError: a word that it does not declare, with those that it does; or one given twice.
    """
    words = [word for word, _ in request.query_params.multi_items()]
    route = request.scope.get("route")
    if not words or not isinstance(route, APIRoute):
        return
    known = _known(route)
    for word in words:
        told = repr(word[:60])
        if word not in known:
            listed = ", ".join(sorted(known))
            said = Text(f"没有参数 {told};可用:{listed}", f"no parameter {told}; known: {listed}")
        elif words.count(word) > 1:
            said = Text(f"参数 {told} 给了不止一次;几个值请用逗号", f"{told} is given twice; put commas between values")
        else:
            continue
        raise InputError(said, field=word[:60])
