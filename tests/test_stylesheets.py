"""The volume's own style sheets: what each output carries of them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pikepdf
import pytest

from proceedings import stylesheets, typesetting
from proceedings.agreement import structure
from proceedings.build import FileStore, Workshop
from proceedings.edition import Looks
from proceedings.stylesheets import LookView

HOUSE = """
.a { background: url(ground.svg) }
.b { background: url('ground.svg') }
@media print { .c { background: url("ground.svg") } }
@font-face { font-family: X; src: url(fonts/x.otf) }
.d { background: url(data:image/png;base64,AAAA) }
"""


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    (tmp_path / "styles" / "fonts").mkdir(parents=True)
    (tmp_path / "styles" / "house.css").write_text(HOUSE, encoding="utf-8")
    (tmp_path / "styles" / "ground.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    (tmp_path / "styles" / "fonts" / "x.otf").write_bytes(b"OTTO")
    return Workshop(tmp_path, FileStore(tmp_path / "store"))


def looks(shop: Workshop, **names: tuple[str, ...]) -> Looks:
    result = stylesheets.read(LookView(**{"pdf": (), "site": (), "epub": (), **names}), shop)
    assert not result.findings
    assert isinstance(result.value, Looks)
    return result.value


def test_each_output_has_its_own_sheets_and_their_files(shop: Workshop) -> None:
    made = looks(shop, site=("house.css",), epub=("house.css",))
    assert not made.pdf.sheets
    assert [name for name, _ in made.site.files] == ["fonts/x.otf", "ground.svg"]
    text = stylesheets.appended(b"p { color: red }", made.site, shop.store).decode()
    assert text.startswith("p { color: red }")
    assert text.count("styles/ground.svg") == 3
    assert "url(data:image/png;base64,AAAA)" in text


def test_pages_find_the_files_of_styles(shop: Workshop) -> None:
    made = looks(shop, pdf=("house.css",))
    files = {name: shop.store.get(digest) for name, digest in made.pdf.files}
    sheet = shop.store.get(made.pdf.sheets[0]).decode()
    html = '<html lang="en"><head><title>T</title></head><body><p class="a">a</p><p class="b">b</p></body></html>'
    assert "ground.svg" not in typesetting.layout(html, [sheet], files).refused
    assert "ground.svg" in typesetting.layout(html, [sheet], {}).refused


@pytest.mark.parametrize("sheet", sorted(path.name for path in stylesheets.SHIPPED.glob("*.css")))
def test_what_is_shipped_is_understood(sheet: str, shop: Workshop) -> None:
    assert stylesheets.exists(sheet, [])
    assert looks(shop, pdf=(sheet,)).pdf.sheets


def test_the_house_style_is_understood() -> None:
    sheet = stylesheets.SHIPPED.parent / "templates" / "pages.css"
    assert typesetting.ignored(sheet.read_text(encoding="utf-8")) == []


LOOKS = stylesheets.SHIPPED.parent / "templates"


@pytest.mark.parametrize("sheet", ["pages.css", "site.css", "epub/style.css"])
def test_what_a_text_marks_has_a_look(sheet: str) -> None:
    css = (LOOKS / sheet).read_text(encoding="utf-8")
    marked = [".smallcaps", "mark", "kbd", "hr", ".task-list", ".line-block", ".csl-entry", ".theorem", ".caution"]
    assert [name for name in marked if not re.search(rf"(^|[\s,]){re.escape(name)}[\s,{{]", css, re.M)] == []


def test_notes_look_alike_wherever_they_are_called() -> None:
    note = '<span class="footnote">Note</span>'
    html = (
        '<html lang="en"><head><title>T</title></head><body class="contribution"><div class="text">'
        f"<h1>Head{note}</h1><p>First{note}</p><p>Second{note} <em>third{note}</em></p>"
        f"<table><tr><th>Cell{note}</th></tr></table></div></body></html>"
    )
    css = (LOOKS / "pages.css").read_text(encoding="utf-8")
    with pikepdf.open(io.BytesIO(typesetting.layout(html, [css], {}).pdf)) as pdf:
        notes = structure.runs(pdf.pages[0].obj)[-10:]
    assert len({round(run.x, 1) for run in notes}) == 2  # where their numbers begin, and their words
