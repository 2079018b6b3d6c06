"""A depot's stock is shown with the depot, wherever the depot is answered, and a change of it makes answers new."""

from __future__ import annotations

import psycopg
import pytest

from tests.seeding import insert


@pytest.fixture
def depot(small_city):
    insert(small_city, "supply_depots", "POINT(115.1 25)", "d-1", name="县储备库", level="county")
    insert(small_city, "supply_depots", "POINT(115.2 25)", "d-2", name="空的储备点", level="township")
    with psycopg.connect(small_city) as connection:
        connection.execute(
            "INSERT INTO supply_stock (source, source_id, item_code, item_name, quantity, unit) VALUES"
            " ('test', 'd-1', NULL, '块石', 11.707, '万方'), ('test', 'd-1', '1999999', '救灾帐篷', 504, '顶'),"
            " ('test', 'd-1', '1999999', '折叠床', NULL, '张'), ('elsewhere', 'd-1', NULL, '木桩', 1, '根')"
        )
    return small_city


async def stock_of(client, source_id):
    feature = (await client.get(f"/layers/supply_depots/features/test/{source_id}")).json()
    return feature["properties"]["stock"]


async def test_a_depot_lists_its_stock_with_exact_quantities_and_unknown_ones(client, depot):
    stock = {each["item_name"]: each for each in await stock_of(client, "d-1")}
    assert stock["块石"]["quantity"] == 11.707
    assert stock["块石"]["item_code"] is None
    assert stock["救灾帐篷"] == {
        "item_code": "1999999",
        "item_name": "救灾帐篷",
        "quantity": 504,
        "unit": "顶",
        "counted_on": None,
    }
    assert stock["折叠床"]["quantity"] is None
    assert "木桩" not in stock


async def test_a_depot_without_stock_lists_none(client, depot):
    assert await stock_of(client, "d-2") == []


async def test_the_nearest_depot_of_a_risk_answer_comes_with_its_stock(client, depot):
    answer = (await client.get("/risk", params={"lon": 115, "lat": 25, "radius_m": 500, "nearest": 1})).json()
    (depots,) = (group["features"] for group in answer["nearest"] if group["layer"] == "supply_depots")
    assert {item["unit"] for item in depots[0]["properties"]["stock"]} == {"万方", "张", "顶"}


async def test_a_change_of_the_stock_is_a_new_revision_of_the_depots(client, depot):
    async def revision():
        return (await client.get("/layers/supply_depots")).json()["revision"]

    before = await revision()
    with psycopg.connect(depot) as connection:
        connection.execute("UPDATE supply_stock SET quantity = 503 WHERE item_name = '救灾帐篷'")
    assert await revision() == before + 1


@pytest.mark.parametrize(("code", "quantity"), [("199999", 1), ("199999X", 1), ("0199999", 1), ("1999999", -1)])
def test_a_code_of_other_than_seven_digits_or_a_negative_quantity_is_refused(small_city, code, quantity):
    with psycopg.connect(small_city) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "INSERT INTO supply_stock (source, source_id, item_code, item_name, quantity, unit) "
            "VALUES ('test', 'd', %s, '帐篷', %s, '顶')",
            (code, quantity),
        )
