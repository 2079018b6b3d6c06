"""A working day in the demo city for the golden pictures: edits over 24 hours, and the views that a duty has saved."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

import psycopg
from playwright.sync_api import Route

_ONE = "(source, source_id) = (SELECT source, source_id FROM {layer} WHERE {which} ORDER BY source_id LIMIT 1)"

_EDITS = (
    ("helipads", "retired_at = now()", "division_code LIKE '360726%'"),
    ("enterprises", "grade = 'orange'", "grade = 'yellow' AND division_code LIKE '360781%'"),
    ("flood_spots", "data_date = '2026-07-01'", "division_code LIKE '360702%'"),
    ("hazard_points", "grade = 'blue'", "grade IS NULL AND division_code LIKE '360735%'"),
    ("tailings_ponds", "grade = 'yellow'", "grade = 'blue'"),
    ("rescue_teams", "data_date = '2026-07-01'", "division_code LIKE '360733%'"),
    ("hazard_points", "grade = 'yellow'", "grade = 'blue' AND division_code LIKE '360734%'"),
    ("shelters", "retired_at = now()", "division_code LIKE '360731%'"),
    ("reservoirs", "grade = 'red'", "grade = 'orange' AND division_code LIKE '360733%'"),
    ("supply_depots", "data_date = '2026-07-01'", "division_code LIKE '360781%'"),
    ("reservoirs", "data_date = '2026-07-01'", "grade = 'blue' AND division_code LIKE '360730%'"),
    ("hazard_points", "grade = 'orange'", "grade = 'yellow' AND division_code LIKE '360731%'"),
)
"""What is edited, the oldest first: layer, change, and which feature."""

_MINUTES_AGO = (1380, 1130, 940, 775, 610, 450, 322, 186, 97, 52, 34, 14, 1)

_VIEWS = {
    "全市总览": "#scene=all",
    "贡水沿线 于都": "#map=11.6/25.97/115.31&at=115.3082,25.9716&r=5000&scene=geohazard",
    "会昌 强降雨区": "#map=11/25.6/115.79&scene=flood",
    "瑞金 危化企业": "#map=11.2/25.88/116.03&scene=safety",
}


def work(dsn: str) -> None:
    """The edits of a day: what was loaded lies two days back."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("UPDATE onemap_changes SET at = at - interval '2 days'")
        for layer, change, which in _EDITS:
            # The words are this module's own.
            one = _ONE.format(layer=layer, which=which)
            connection.execute(f"UPDATE {layer} SET {change} WHERE {one}".encode())
        connection.execute("UPDATE schools SET data_date = '2026-07-01' WHERE division_code LIKE '360781%'")
        connection.execute(
            "UPDATE onemap_changes AS line SET at = now() - minutes * interval '1 minute'"
            " FROM (SELECT id, row_number() OVER (ORDER BY at) AS nth FROM onemap_changes"
            " WHERE at > now() - interval '1 hour') AS ours"
            " JOIN unnest(%s::int[]) WITH ORDINALITY AS told (minutes, nth) USING (nth) WHERE line.id = ours.id",
            (list(_MINUTES_AGO),),
        )


def save_views(address: str) -> None:
    """The views that the duty looks at, as another wall saves them."""
    for name, link in _VIEWS.items():
        body = json.dumps({"link": link, "duty": ""}).encode()
        asked = urllib.request.Request(
            f"{address}/views/{quote(name)}", body, {"Content-Type": "application/json"}, method="PUT"
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert answer.status == 200


def moved(now: datetime) -> Callable[[Route], None]:
    """The log's times as they would be if it were ``now``: a picture shows the same times whenever it is taken."""
    shift = now.astimezone() - datetime.now().astimezone()

    def answer(route: Route) -> None:
        told = route.fetch().json()
        for line in told["changes"]:
            line["at"] = (datetime.fromisoformat(line["at"]) + shift).isoformat()
        route.fulfill(json=told)

    return answer
