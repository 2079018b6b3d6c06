"""The import page in a real browser: a bureau's dirty workbook is checked, understood, imported, mended, cancelled."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.wall.driving import Watched, watched_page
from tests.wall.looking import ask
from tests.wall.test_accessible import violations

TITLE = "于都县地质灾害隐患点一览表（2026年汛前）"
UPPER = (
    "序号",
    "县（市、区）",
    "乡镇",
    "统一编号",
    "灾害名称 ",
    "位置",
    None,
    "位置描述",
    "威胁人口（人）",
    "责任人",
    None,
)
LOWER = (None, None, None, None, None, "经度", "纬度", None, None, "姓名", "电话")
ROWS = (
    ("360731001", "上坝组滑坡", "115.30512", "25.95117", "水库边", 120),
    ("360731002", "下坝组崩塌", "115°18′32.4″", "25°57′03.1″", "学校后山", "约300余人"),
    ("360731003", "高陂泥石流", "25.96011", "115.31022", "沟口", 15),
    ("360731004", "石门滑坡", "暂无", "/", "村委会旁", 8),
    ("360731005", "梅岭滑坡", "115.18.32.4", "25.57.03", "岭下", 22),
    ("360731006", "桥头崩塌", "117.30512", "25.95117", "桥头", "很多"),
    ("3.60731E+08", "坪山滑坡", "115.31111", "25.94222", "坪上", 4),
)
MENDED = {"360731004": ("115.28801", "25.94302"), "360731005": ("115.30901", "25.95088")}


def _workbook(path: Path, first_people: int = 120) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([TITLE])
    sheet.append(list(UPPER))
    sheet.append(list(LOWER))
    for number, (own, name, lon, lat, where, people) in enumerate(ROWS, start=1):
        told = first_people if number == 1 else people
        sheet.append([number, "于都县", "贡江镇", own, name, lon, lat, where, told, "张三", "13812345678"])
    sheet.append(["合计", None, None, None, None, None, None, None, 469])
    sheet.merge_cells("A1:K1")
    sheet.merge_cells("F2:G2")
    sheet.merge_cells("J2:K2")
    for column in "ABCDEHI":
        sheet.merge_cells(f"{column}2:{column}3")
    book.save(path)
    return path


def _open(watched: Watched, lang: str = "zh") -> Page:
    page = watched.page
    page.goto(f"{watched.address}/import#lang={lang}")
    page.get_by_test_id("layer").locator("option").first.wait_for(state="attached")
    return page


def _check(page: Page, state: str = "done") -> None:
    before = page.get_by_test_id("state").get_attribute("data-run") or ""
    page.get_by_test_id("check").click()
    page.wait_for_selector(f"[data-test=state][data-state={state}]:not([data-run='{before}'])", timeout=60_000)


def _counts(page: Page) -> dict[str, int]:
    page.get_by_test_id("counts").wait_for()
    found = page.locator("[data-count]").evaluate_all(
        "all => all.map(each => [each.dataset.count, each.querySelector('dd').textContent])"
    )
    return {name: int(text.replace(",", "")) for name, text in found}


def _checked(page: Page, path: Path) -> None:
    """The workbook, checked as degrees."""
    page.get_by_test_id("file").set_input_files(path)
    page.get_by_test_id("place").select_option("CRS84")
    _check(page)


def _points(page: Page, count: int) -> None:
    page.wait_for_selector(f"[data-test=points][data-drawn='{count}']", timeout=30_000)


def test_a_dirty_workbook_is_checked_understood_confirmed_mended_and_sent_again(wall: Watched, tmp_path: Path) -> None:
    page = _open(wall)
    page.get_by_test_id("file").set_input_files(_workbook(tmp_path / "于都县隐患点.xlsx"))

    # Nothing is assumed: without a CRS the page asks for it and goes to the control.
    _check(page, "failed")
    expect(page.get_by_test_id("problem")).to_contain_text("坐标系")
    expect(page.get_by_test_id("place")).to_be_focused()
    page.get_by_test_id("place").select_option("CRS84")
    _check(page)
    assert _counts(page) == {"total": 7, "loaded": 4, "flagged": 3, "rejected": 3, "retired": 0}
    expect(page.get_by_test_id("facts")).to_contain_text("XLSX")

    # The reasons, and their rows on the map: three flagged places, and one that a refused row may have meant.
    for words in ("没有坐标", "经纬度写反了", "坐标有几种读法", "不在该行所写的行政区划内", "约数", "损坏"):
        expect(page.get_by_test_id("findings")).to_contain_text(words)
    _points(page, 4)
    page.locator("[data-code=coordinate-outside-division]").click()
    _points(page, 1)
    expect(page.get_by_test_id("rows").locator("li")).to_have_count(1)
    page.locator("[data-row='9']").click()
    expect(page.locator(".maplibregl-popup-content")).to_contain_text("第 9 行 360731006")
    page.locator("[data-code=coordinate-outside-division]").click()
    _points(page, 4)

    # A column that was not understood is given its meaning; until it is checked again, nothing can be confirmed.
    where = page.locator("select[data-column='位置描述']")
    expect(where.locator("option:checked")).to_have_text("原样保留")
    where.select_option("address")
    expect(page.get_by_test_id("confirm")).to_be_disabled()
    expect(page.get_by_test_id("check")).to_have_text("按新的声明重新检查")
    _check(page)
    expect(page.get_by_test_id("confirm")).to_be_enabled()
    expect(page.locator("select[data-column='位置描述'] option:checked")).to_have_text("地址")
    assert _features(wall.address) == 0, "nothing is written before it is confirmed"

    page.get_by_test_id("save-as").fill("于都汛前")
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("state")).to_have_text("已导入", timeout=60_000)
    assert _features(wall.address) == 4
    shown = ask(f"{wall.address}/layers/hazard_points/features/{quote('于都县隐患点')}/360731001")
    assert shown["properties"]["address"] == "水库边"

    # The workbook comes back mended: it needs no declaration, and takes just its rows.
    with page.expect_download() as download:
        page.get_by_test_id("workbook").click()
    mended = _mend(Path(download.value.path()), tmp_path / "修正.xlsx")
    page.get_by_test_id("place").select_option("")
    page.get_by_test_id("file").set_input_files(mended)
    _check(page)
    expect(page.get_by_test_id("mends")).to_be_visible()
    counts = _counts(page)
    assert (counts["total"], counts["rejected"]) == (6, 1)
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("state")).to_have_text("已导入", timeout=60_000)
    assert _features(wall.address) == 6

    # The profile is there for the next delivery, with all that was declared.
    page.reload()
    page.get_by_test_id("profile").select_option("于都汛前")
    expect(page.get_by_test_id("place")).to_have_value("CRS84")
    expect(page.get_by_test_id("source")).to_have_value("于都县隐患点")
    page.get_by_test_id("file").set_input_files(_workbook(tmp_path / "七月.xlsx", first_people=135))
    _check(page)
    expect(page.get_by_test_id("facts")).to_contain_text("于都汛前")
    expect(page.locator("select[data-column='位置描述'] option:checked")).to_have_text("地址")
    expect(page.get_by_test_id("changes")).to_contain_text("threatened_people: 120 → 135")


def _features(address: str) -> int:
    listed = ask(f"{address}/layers/hazard_points/features?limit=1000")
    return sum(each["properties"]["source"] != "test" for each in listed["features"])


def _mend(downloaded: Path, path: Path) -> Path:
    book = openpyxl.load_workbook(io.BytesIO(downloaded.read_bytes()))
    sheet = book.worksheets[0]
    heads = [str(cell.value) for cell in sheet[1]]
    own, lon, lat = heads.index("统一编号"), heads.index("经度"), heads.index("纬度")
    for row in sheet.iter_rows(min_row=2):
        if (place := MENDED.get(str(row[own].value))) is not None:
            row[lon].value, row[lat].value = place
    book.save(path)
    return path


@pytest.mark.parametrize(("theme", "lang"), [("light", "zh"), ("dark", "en")])
def test_no_rule_of_access_is_broken_before_and_after_a_check(
    browser: Browser, service: str, tmp_path: Path, theme: str, lang: str
) -> None:
    with watched_page(browser, service) as watched:
        page = watched.page
        page.goto(f"{service}/import#theme={theme}&lang={lang}")
        page.get_by_test_id("layer").locator("option").first.wait_for(state="attached")
        assert violations(page) == []
        page.get_by_test_id("more").click()
        _checked(page, _workbook(tmp_path / "a.xlsx"))
        page.get_by_test_id("findings").wait_for()
        _points(page, 4)
        assert violations(page) == []


def test_at_1366_by_768_the_page_fits_and_its_parts_scroll_by_themselves(wall: Watched, tmp_path: Path) -> None:
    page = _open(wall)
    _checked(page, _workbook(tmp_path / "a.xlsx"))
    _points(page, 4)
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [1366, 768]
    for part in ("check", "confirm", "points"):
        box = page.get_by_test_id(part).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1366
        assert box["y"] + box["height"] <= 768, f"{part} lies below the screen"
    assert page.evaluate("[...document.querySelectorAll('.middle, .left')].every(e => e.scrollWidth <= e.clientWidth)")


def test_it_is_worked_by_the_keyboard_alone(wall: Watched, tmp_path: Path) -> None:
    page = _open(wall, "en")
    page.get_by_test_id("file").set_input_files(_workbook(tmp_path / "a.xlsx"))
    page.get_by_test_id("place").focus()
    page.keyboard.type("degrees (CGCS2000")
    expect(page.get_by_test_id("place")).to_have_value("CRS84")
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.test") == "check":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-test=state][data-state=done]", timeout=60_000)
    _points(page, 4)
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.update(page.evaluate("Object.keys(document.activeElement.dataset)"))
        seen.add(page.evaluate("document.activeElement.dataset.test"))
    assert {"workbook", "save-as", "confirm", "column", "code", "row"} <= seen


def test_a_check_under_way_is_cancelled_and_writes_nothing(wall: Watched, tmp_path: Path) -> None:
    page = _open(wall)
    path = tmp_path / "大表.csv"
    rows = (
        f"S{n},安置点{n},{114 + n % 997 * 0.001:.3f}1,{25 + n % 991 * 0.001:.3f}1,{n % 500}" for n in range(300_000)
    )
    path.write_text("编号,名称,经度,纬度,容纳人数\n" + "\n".join(rows), encoding="utf-8")
    page.get_by_test_id("layer").select_option("shelters")
    page.get_by_test_id("file").set_input_files(path)
    page.get_by_test_id("place").select_option("CRS84")
    page.get_by_test_id("check").click()
    page.wait_for_selector("[data-test=state][data-state=running]", timeout=60_000)
    page.get_by_test_id("cancel").click()
    expect(page.get_by_test_id("state")).to_have_text("已取消,没有写入任何数据")
    expect(page.get_by_test_id("confirm")).to_have_count(0)


def test_stock_asks_for_no_coordinates(wall: Watched, tmp_path: Path) -> None:
    page = _open(wall)
    path = tmp_path / "库存.csv"
    path.write_text("储备库编号,品名,数量,单位\nCK1,帐篷,120顶,\nCK1,棉被,/,床\n,雨衣,5,件\n", encoding="gb18030")
    page.get_by_test_id("layer").select_option("supply_stock")
    expect(page.get_by_test_id("place")).to_have_count(0)
    page.get_by_test_id("file").set_input_files(path)
    page.get_by_test_id("source").fill("某局")
    _check(page)
    counts = _counts(page)
    assert (counts["total"], counts["loaded"], counts["rejected"]) == (3, 2, 1)
    expect(page.get_by_test_id("findings")).to_contain_text("没有写明储备库")
