"""Exhibits in every format: the same content, readable by the programs that people have, the same bytes every time."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from docx.oxml.ns import qn
from PIL import Image
from pptx import Presentation

from geo.errors import FileUnreadable
from geo.exhibits.formats.recipes import read_recipe_of
from geo.exhibits.formats.writing import FORMATS, write
from geo.exhibits.manuscript import prepare
from geo.exhibits.page import pages_of
from geo.exhibits.wording import cell_text
from tests.exhibit_pages import text_of
from tests.exhibit_workshop import STATE, asked, in_workshop
from tests.seeding import insert

HOSTILE = '=HYPERLINK("http://x") </script><img src=x onerror=alert(1)> {{7*7}} #image("a") & 隐患'
LONG = "长" * 200


@pytest.fixture(scope="module")
def town(module_database_url: str) -> str:
    for number, grade in enumerate(("red", "orange", "yellow", "blue", None)):
        place = f"POINT({115 + 0.004 * number} 25.002)"
        insert(module_database_url, "hazard_points", place, f"h{number}", name=f"东坑{number}组滑坡", grade=grade)
        insert(module_database_url, "shelters", f"POINT({115 + 0.004 * number} 25.01)", f"s{number}", name="文化广场")
    insert(module_database_url, "enterprises", "POINT(115.01 25.0)", "evil", name=HOSTILE, grade="red")
    insert(module_database_url, "schools", "POINT(115.011 25.004)", "long", name=LONG)
    return module_database_url


@pytest.fixture(scope="module")
def made(town: str):
    """The files of every format, the PDF's text, and the manuscript that all were written from; written twice."""
    request = asked("surroundings", lon=115.0, lat=25.0, radius_m=(1000, 3000))

    async def work(workshop):
        manuscript = await prepare(workshop, request, STATE)
        twice = [
            {
                name: await workshop.studio.queue.run(lambda f=form: write(manuscript, f, 96))
                for name, form in FORMATS.items()
            }
            for _ in range(2)
        ]
        return manuscript, *twice

    return in_workshop(town, work)


@pytest.fixture(scope="module")
def converted(made, tmp_path_factory) -> dict[str, bytes]:
    """Word, slides and workbook as LibreOffice shows them: one run for all."""
    folder = tmp_path_factory.mktemp("office")
    names = ("docx", "pptx", "xlsx")
    for name in names:
        (folder / f"as-{name}.{name}").write_bytes(made[1][name][0])
    home = f"-env:UserInstallation=file://{folder}/home"
    files = [str(folder / f"as-{name}.{name}") for name in names]
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(folder / "pdf"), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return {name: (folder / "pdf" / f"as-{name}.pdf").read_bytes() for name in names}


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def cells_of(manuscript) -> list[str]:
    return [
        cell_text(column, cell)
        for table in manuscript.content.tables
        for row in table.rows
        if row.role != "band"
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.kind != "bar"
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_manuscript_gives_the_same_bytes(made, name):
    assert made[1][name] == made[2][name]


@pytest.mark.parametrize("name", FORMATS)
def test_every_file_carries_the_recipe_that_it_was_made_by(made, name):
    manuscript, files, _ = made
    for file in files[name]:
        assert read_recipe_of(file) == manuscript.recipe


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n\0\0\0\0", b"<html></html>", b"\0" * 99]
)
def test_a_file_without_a_recipe_is_refused_in_a_sentence(content):
    with pytest.raises(FileUnreadable):
        read_recipe_of(content)


def test_an_editor_that_saves_the_document_anew_keeps_the_recipe(made, tmp_path):
    document = Document(io.BytesIO(made[1]["docx"][0]))
    document.add_paragraph("补充说明")
    document.save(tmp_path / "edited.docx")
    assert read_recipe_of((tmp_path / "edited.docx").read_bytes()) == made[0].recipe


def test_the_indent_of_a_paragraph_stands_before_its_alignment_as_word_demands(made):
    document = Document(io.BytesIO(made[1]["docx"][0]))
    properties = [found for each in document.paragraphs if (found := each._p.pPr) is not None]
    orders = [[child.tag.rpartition("}")[2] for child in each] for each in properties]
    indented = [order for order in orders if "ind" in order]
    assert indented
    for order in indented:
        assert "jc" not in order or order.index("ind") < order.index("jc")


def test_word_holds_tables_and_text_that_can_be_edited_and_the_map_as_a_picture(made):
    manuscript, files, _ = made
    document = Document(io.BytesIO(files["docx"][0]))
    told = {cell.text.strip() for table in document.tables for row in table.rows for cell in row.cells}
    assert {text.strip() for text in cells_of(manuscript)} <= told
    assert set(manuscript.content.sections[0].paragraphs) <= {each.text for each in document.paragraphs}
    assert document.core_properties.title == manuscript.content.title
    widest = max(shape.width.mm for shape in document.inline_shapes)
    assert widest == pytest.approx(manuscript.content.maps[0].panel.sheet.box.w + 5, abs=6)
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        fonts = document.styles[name].element.rPr.find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) == "微软雅黑"
    heads = [row for table in document.tables for row in table._tbl.tr_lst if row.findall(f".//{qn('w:tblHeader')}")]
    assert len(heads) == len(manuscript.content.tables)


def test_libreoffice_shows_the_words_of_the_page_in_word_and_workbook(made, converted):
    manuscript = made[0]
    wanted = {bare(text) for text in cells_of(manuscript) if len(bare(text)) > 1 and text != LONG}
    page = bare(text_of(made[1]["pdf"][0]))
    for name in ("docx", "xlsx"):
        shown = bare(text_of(converted[name]))
        # LibreOffice breaks a long word of Latin letters in a narrow cell; what is in that cell is tested below.
        assert {text for text in wanted if text not in shown and text != bare(HOSTILE)} == set(), name
    assert {
        bare(text)
        for text in manuscript.content.sections[0].paragraphs
        if bare(text) not in bare(text_of(converted["docx"]))
    } == set()
    assert bare(manuscript.content.title) in page
    assert LONG[:60] in bare(text_of(converted["docx"]))


def test_slides_are_one_page_a_section_and_nothing_leaves_them(made, converted):
    manuscript, files, _ = made
    show = Presentation(io.BytesIO(files["pptx"][0]))
    assert len(show.slides) == len(manuscript.content.sections)
    for slide in show.slides:
        assert slide.shapes.title.text_frame.text.startswith(manuscript.content.title)
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= show.slide_width
            assert shape.top + shape.height <= show.slide_height
    fonts = re.findall(
        rb'<a:ea typeface="([^"]*)"', zipfile.ZipFile(io.BytesIO(files["pptx"][0])).read("ppt/slides/slide1.xml")
    )
    assert set(fonts) == {"微软雅黑".encode()}
    shown = bare(text_of(converted["pptx"]))
    legend = [entry.text for part in manuscript.content.maps for group in part.legend for entry in group.entries]
    assert {text for text in legend if bare(text) not in shown} == set()


def test_a_workbook_keeps_numbers_as_numbers_and_runs_no_text(made):
    manuscript, files, _ = made
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"][0]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert [cell.value for cell in cells if isinstance(cell.value, str) and cell.value.startswith(tuple("=+-@"))] == []
    assert "'=HYPERLINK" in "".join(str(cell.value) for cell in cells)
    listed = next(table for table in manuscript.content.tables if not table.compact)
    assert book[book.sheetnames[0]].max_row >= len(listed.rows) + 2
    assert len(book.sheetnames) == len(manuscript.content.tables) + 1


def test_the_web_page_lets_data_be_text_and_asks_for_nothing(made):
    page = made[1]["html"][0].decode()
    assert "<img src=x" not in page
    assert "</script><img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt; {{7*7}}" in page
    markup = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="(?!data:)', markup)
    assert not re.search(r"url\((?!data:|#)", markup)
    assert "default-src 'none'" in page


@pytest.mark.parametrize("dpi", [96, 150, 200, 300])
def test_a_picture_has_the_size_of_its_page(made, dpi):
    (page, *_) = FORMATS["png"].write(made[0], dpi)
    with Image.open(io.BytesIO(page)) as picture:
        wide, high = (edge / picture.info["dpi"][0] * 25.4 for edge in picture.size)
        assert picture.info["dpi"][0] == pytest.approx(dpi, abs=0.1)
        assert picture.text["Title"] == made[0].content.title
    assert (wide, high) == (pytest.approx(210, abs=0.3), pytest.approx(297, abs=0.3))


def test_the_pdf_is_tagged_and_the_svg_has_a_title(made):
    import pikepdf

    with pikepdf.open(io.BytesIO(made[1]["pdf"][0])) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
    assert f"<title>{made[0].content.title}</title>" in made[1]["svg"][0].decode()


def test_nothing_found_is_said_in_every_format(town):
    async def work(workshop):
        manuscript = await prepare(workshop, asked("surroundings", lon=100.0, lat=40.0), STATE)
        return {name: write(manuscript, FORMATS[name], 96)[0] for name in ("docx", "pptx", "html", "xlsx")}

    files = in_workshop(town, work)
    said = "没有符合条件的要素"
    assert said in files["html"].decode()
    assert said in "".join(each.text for each in Document(io.BytesIO(files["docx"])).paragraphs)
    slides = Presentation(io.BytesIO(files["pptx"])).slides
    assert said in "".join(shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame)
    cells = [
        cell.value
        for sheet in openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
        for row in sheet.iter_rows()
        for cell in row
    ]
    assert said in cells


def test_a_list_of_ten_thousand_rows_is_written_in_full(made):
    from dataclasses import replace

    manuscript = made[0]
    section = manuscript.content.sections[0]
    listed = next(table for table in section.tables if not table.compact)
    row = next(row for row in listed.rows if row.role == "row")
    long = replace(listed, rows=(row,) * 10_000, of=None)
    content = replace(manuscript.content, sections=(replace(section, tables=(long,)),))
    many = replace(manuscript, content=content)
    document = Document(io.BytesIO(write(many, FORMATS["docx"], 96)[0]))
    assert max(len(table._tbl.tr_lst) for table in document.tables) == 10_001
    book = openpyxl.load_workbook(io.BytesIO(write(many, FORMATS["xlsx"], 96)[0]), read_only=True)
    assert sum(1 for _ in book[book.sheetnames[0]].iter_rows()) >= 10_002
    assert write(many, FORMATS["html"], 96)[0].count(b"<tr") > 10_000
    assert len(Presentation(io.BytesIO(write(many, FORMATS["pptx"], 96)[0])).slides) == 1


def test_pages_of_and_the_pdf_format_are_the_same(made):
    assert pages_of(made[0], "pdf") == made[1]["pdf"]
    assert Path(STATE).is_dir()
