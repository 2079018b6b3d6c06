"""Imports over HTTP: sent, performed by a worker, reported on, mended, confirmed, cancelled, refused."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import openpyxl
import psycopg
import pytest

from api.main import create_app
from api.settings import Settings
from api.worker import run_worker

CONTENT = """统一编号,灾害名称,经度,纬度,威胁人口（人）
360721001,王家屋后滑坡,114.93512,25.83117,120
360721002,李屋崩塌,暂无,,3
360721003,张屋泥石流,114.93732,25.83337,很多
"""
FORM = {"layer": "hazard_points", "crs": "CRS84", "source": "某局"}


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, upload_max_mb=1)


@pytest.fixture
async def asking(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://onemap") as client:
        yield client
    assert app.state.onemap.database.loans == 0
    await app.state.onemap.database.close()


@asynccontextmanager
async def _worker(settings: Settings) -> AsyncIterator[None]:
    task = asyncio.create_task(run_worker(settings))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _send(
    client: httpx.AsyncClient, content: bytes | str = CONTENT, name: str = "隐患点.csv", **form: str
) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return await client.post("/imports", data=FORM | form, files={"file": (name, data)})


async def _ended(client: httpx.AsyncClient, run: str) -> dict[str, Any]:
    for _ in range(600):
        shown: dict[str, Any] = (await client.get(f"/imports/{run}")).json()
        if shown["state"] not in ("waiting", "running"):
            return shown
        await asyncio.sleep(0.1)
    raise AssertionError(f"still {shown}")


def _count(dsn: str, table: str = "hazard_points") -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


async def test_a_file_that_is_sent_is_imported_reported_mended_and_sent_again(
    settings: Settings, asking: httpx.AsyncClient, database_url: str
) -> None:
    answer = await _send(asking)
    assert answer.status_code == 202, answer.text
    run = answer.json()["id"]
    assert answer.headers["location"] == f"/imports/{run}"
    assert answer.json()["state"] == "waiting"
    assert (await asking.get(f"/imports/{run}/report.json")).status_code == 404
    async with _worker(settings):
        shown = await _ended(asking, run)
        assert (shown["state"], shown["source"]) == ("done", "某局")
        counts = shown["counts"]
        assert (counts["read"], counts["inserted"], counts["rejected"], counts["flagged"]) == (3, 2, 1, 1)
        report = (await asking.get(f"/imports/{run}/report.json")).json()
        assert [(row["row"], row["outcome"], row["reasons"][0]["code"]) for row in report["rows"]] == [
            (3, "rejected", "coordinate-missing"),
            (4, "flagged", "number-unreadable"),
        ]
        assert report["rows"][1]["geometry"]["coordinates"] == [114.93732, 25.83337]
        assert report["rows_total"] == 2
        book = openpyxl.load_workbook(io.BytesIO((await asking.get(f"/imports/{run}/report.xlsx")).content))
        sheet = book.worksheets[0]
        sheet["C2"], sheet["D2"], sheet["E3"] = "114.93622", "25.83227", 45
        buffer = io.BytesIO()
        book.save(buffer)
        again = await asking.post(
            "/imports", data={"layer": "hazard_points"}, files={"file": ("修正.xlsx", buffer.getvalue())}
        )
        shown = await _ended(asking, again.json()["id"])
    assert shown["mends"] == run
    assert (shown["counts"]["inserted"], shown["counts"]["updated"], shown["counts"]["rejected"]) == (1, 1, 0)
    assert _count(database_url) == 3


async def test_a_dry_run_writes_nothing_until_it_is_confirmed(
    settings: Settings, asking: httpx.AsyncClient, database_url: str
) -> None:
    async with _worker(settings):
        run = (await _send(asking, dry_run="true")).json()["id"]
        shown = await _ended(asking, run)
        assert (shown["state"], shown["confirmable"], shown["counts"]["inserted"]) == ("done", True, 2)
        assert _count(database_url) == 0
        confirmed = (await asking.post("/imports", files={"confirm": (None, run)})).json()
        shown = await _ended(asking, confirmed["id"])
    assert (shown["dry_run"], shown["counts"]["inserted"]) == (False, 2)
    assert _count(database_url) == 2
    assert (await asking.post("/imports", files={"confirm": (None, confirmed["id"])})).status_code == 404


async def test_a_cancelled_import_is_never_performed(
    settings: Settings, asking: httpx.AsyncClient, database_url: str
) -> None:
    run = (await _send(asking)).json()["id"]
    assert (await asking.delete(f"/imports/{run}")).json()["state"] == "cancelled"
    async with _worker(settings):
        done = (await _send(asking, source="另一局")).json()["id"]
        assert (await _ended(asking, done))["state"] == "done"
        assert (await asking.delete(f"/imports/{done}")).json()["state"] == "done"
    assert (await _ended(asking, run))["state"] == "cancelled"
    assert _count(database_url) == 2


async def test_an_import_under_way_can_be_cancelled(
    settings: Settings, asking: httpx.AsyncClient, database_url: str
) -> None:
    rows = "".join(f"A{n},x,{114 + n * 1e-5:.5f},25.83,1\n" for n in range(28_000))
    async with _worker(settings):
        run = (await _send(asking, CONTENT.splitlines()[0] + "\n" + rows)).json()["id"]
        for _ in range(600):
            if (await asking.get(f"/imports/{run}")).json()["state"] != "waiting":
                break
            await asyncio.sleep(0.02)
        assert (await asking.delete(f"/imports/{run}")).json()["state"] == "cancelled"
        after = (await _send(asking)).json()["id"]
        assert (await _ended(asking, after))["state"] == "done"
    assert (await _ended(asking, run))["state"] == "cancelled"
    assert _count(database_url) == 2


async def test_a_bad_file_is_said_to_be_and_the_next_one_is_imported(
    settings: Settings, asking: httpx.AsyncClient
) -> None:
    async with _worker(settings):
        bad = (await _send(asking, b"\x89PNG\r\n\x1a\n" * 100)).json()["id"]
        shown = await _ended(asking, bad)
        assert (shown["state"], shown["error"]["code"]) == ("failed", "file-unreadable")
        assert "PNG" in shown["error"]["zh"]
        good = (await _send(asking)).json()["id"]
        assert (await _ended(asking, good))["state"] == "done"


@pytest.mark.parametrize(
    ("form", "name", "content", "status", "field"),
    [
        ({"layer": "nothing"}, "a.csv", b"x", 422, "layer"),
        ({"profile": "nobody's"}, "a.csv", b"x", 404, "profile"),
        ({"again": "yesterday"}, "a.csv", b"x", 422, "again"),
        ({"notation": "roman"}, "a.csv", b"x", 422, "notation"),
        ({"mapping": "[1"}, "a.csv", b"x", 422, "mapping"),
        ({"data_date": "soon"}, "a.csv", b"x", 422, "data_date"),
        ({}, "a.csv", b"", 422, "file"),
        ({}, "a.csv", b"x" * (3 << 20), 413, "file"),
    ],
)
async def test_a_wrong_order_is_refused_at_the_door(
    asking: httpx.AsyncClient,
    database_url: str,
    form: dict[str, str],
    name: str,
    content: bytes,
    status: int,
    field: str,
) -> None:
    answer = await _send(asking, content, name, **form)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field), answer.text
    assert _count(database_url, "import_runs") == _count(database_url, "import_uploads") == 0


async def test_a_form_that_a_page_of_another_site_sends_is_refused(
    asking: httpx.AsyncClient, database_url: str
) -> None:
    form = {"files": {"file": ("a.csv", CONTENT.encode(), "text/csv")}, "data": FORM}
    for origin in ("https://elsewhere.example", "http://onemap:8000", "null"):
        answer = await asking.post("/imports", headers={"Origin": origin}, **form)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign-page"), origin
    assert _count(database_url, "import_runs") == 0
    for own in ({"Origin": "http://onemap"}, {"Origin": "https://map.example", "X-Forwarded-Host": "map.example"}, {}):
        assert (await asking.post("/imports", headers=own, **form)).status_code == 202, own


@pytest.mark.parametrize(
    ("field", "value"), [("dataum", "gcj02"), ("dry-run", "true"), ("dry_run", "y"), ("full", "2")]
)
async def test_what_would_not_be_heeded_is_refused(asking: httpx.AsyncClient, field: str, value: str) -> None:
    answer = await _send(asking, **{field: value})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_what_is_no_form_is_refused(asking: httpx.AsyncClient) -> None:
    assert (await asking.post("/imports", content=b"{}")).status_code == 422
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert (await asking.post("/imports", content=b"--x\r\nnonsense", headers=broken)).status_code == 422
    bare = {"content-type": "multipart/form-data"}
    assert (await asking.post("/imports", content=b"--x", headers=bare)).status_code == 422


async def test_an_import_that_there_is_not_is_not_found(asking: httpx.AsyncClient) -> None:
    nobody = "00000000-0000-0000-0000-000000000007"
    for address in (f"/imports/{nobody}", f"/imports/{nobody}/report.json", f"/imports/{nobody}/report.xlsx"):
        assert (await asking.get(address)).status_code == 404
    assert (await asking.delete(f"/imports/{nobody}")).status_code == 404
    assert (await asking.get("/imports/not-an-id")).status_code == 422


async def test_the_queue_leaves_nothing_behind(
    settings: Settings, asking: httpx.AsyncClient, database_url: str
) -> None:
    async with _worker(settings):
        run = (await _send(asking)).json()["id"]
        await _ended(asking, run)
        for _ in range(50):
            if not _count(database_url, "procrastinate_jobs"):
                break
            await asyncio.sleep(0.1)
    assert _count(database_url, "procrastinate_jobs") == 0


async def test_a_profile_says_it_once_for_every_delivery_of_its_source(
    settings: Settings, asking: httpx.AsyncClient, database_url: str
) -> None:
    odd = CONTENT.replace("灾害名称", "点名").replace("统一编号", "号码")
    mapping = json.dumps({"点名": "name", "号码": "source_id"})
    async with _worker(settings):
        checked = (await _send(asking, odd, mapping=mapping, save_profile="某局月报", dry_run="true")).json()["id"]
        await _ended(asking, checked)
        assert (await asking.get("/imports/profiles")).json() == {"profiles": []}
        confirmed = (await asking.post("/imports", files={"confirm": (None, checked)})).json()["id"]
        await _ended(asking, confirmed)
        (saved,) = (await asking.get("/imports/profiles")).json()["profiles"]
        assert (saved["name"], saved["layer"], saved["source"], saved["crs"]) == (
            "某局月报",
            "hazard_points",
            "某局",
            "CRS84",
        )
        assert saved["mapping"] == {"点名": "name", "号码": "source_id"}
        again = odd.replace("点名", "点名 ").replace("号码,", "").replace("3607210", "").replace("120", "130")
        form = {"profile": "某局月报"}
        sent = await asking.post("/imports", data=form, files={"file": ("六月.csv", again.encode())})
        shown = await _ended(asking, sent.json()["id"])
    assert (shown["state"], shown["layer"], shown["source"], shown["profile"]) == (
        "done",
        "hazard_points",
        "某局",
        "某局月报",
    )
    report = (await asking.get(f"/imports/{shown['id']}/report.json")).json()
    assert report["profile"] == "某局月报"
    assert {each["header"]: each["field"] for each in report["columns"]}["点名"] == "name"
    assert any("号码" in each["zh"] for each in report["warnings"]), "a column that the file lacks is told"
    assert (await asking.get("/imports/profiles/某局月报")).json()["used_at"] is not None
    assert (await asking.delete("/imports/profiles/某局月报")).status_code == 204
    assert (await asking.get("/imports/profiles/某局月报")).status_code == 404


async def test_the_file_of_a_dry_run_can_be_looked_at_again_with_other_declarations(
    settings: Settings, asking: httpx.AsyncClient, database_url: str
) -> None:
    async with _worker(settings):
        first = (await _send(asking, dry_run="true", crs="")).json()["id"]
        shown = await _ended(asking, first)
        assert (shown["state"], shown["error"]["field"]) == ("failed", "crs")
        form = FORM | {"again": first, "dry_run": "true", "mapping": json.dumps({"灾害名称": "address"})}
        second = (await asking.post("/imports", files={name: (None, value) for name, value in form.items()})).json()
        shown = await _ended(asking, second["id"])
        assert (shown["state"], shown["counts"]["inserted"], shown["file"]) == ("done", 2, "隐患点.csv")
        report = (await asking.get(f"/imports/{second['id']}/report.json")).json()
        assert {each["header"]: each["field"] for each in report["columns"]}["灾害名称"] == "address"
        nobody = FORM | {"again": "00000000-0000-0000-0000-000000000007"}
        lost = await asking.post("/imports", files={name: (None, value) for name, value in nobody.items()})
    assert lost.status_code == 404
    assert _count(database_url) == 0


async def test_what_can_be_imported_is_listed_with_its_fields(asking: httpx.AsyncClient) -> None:
    found = {each["name"]: each for each in (await asking.get("/imports/targets?lang=zh")).json()["targets"]}
    assert {"hazard_points", "supply_stock"} <= set(found)
    fields = {each["name"]: each for each in found["hazard_points"]["fields"]}
    assert fields["source_id"]["title"] == "编号"
    assert "longitude" in found["hazard_points"]["places"]
    assert found["supply_stock"]["places"] == []


async def test_stock_is_imported_as_a_job_like_any_layer(
    settings: Settings, asking: httpx.AsyncClient, database_url: str
) -> None:
    table = "储备库编号,品名,数量,单位\nCK1,帐篷,120,顶\nCK1,棉被,,床\n,雨衣,5,件\n"
    async with _worker(settings):
        run = (await _send(asking, table, "库存.csv", layer="supply_stock", source="局", crs="")).json()["id"]
        shown = await _ended(asking, run)
    counts = shown["counts"]
    assert (shown["state"], counts["read"], counts["inserted"], counts["rejected"]) == ("done", 3, 2, 1)
    assert _count(database_url, "supply_stock") == 2


async def test_a_name_that_no_file_system_takes_is_no_hindrance(
    settings: Settings, asking: httpx.AsyncClient, database_url: str
) -> None:
    async with _worker(settings):
        long = (await _send(asking, name="隐" * 300 + ".csv")).json()["id"]
        shown = await _ended(asking, long)
        assert (shown["state"], shown["counts"]["inserted"]) == ("done", 2)
        outside = (await _send(asking, name="../../../etc/点.csv", source="二")).json()["id"]
        assert (await _ended(asking, outside))["counts"]["inserted"] == 2
        nothing = (await _send(asking, name="..")).json()["id"]
        assert (await _ended(asking, nothing))["error"]["code"] == "file-unreadable"
