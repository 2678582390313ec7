"""Where things stand on pages: floats, footnotes, hyphens, lines. What is read stays in the order of the source."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import pikepdf
import pytest

from proceedings import pandoc, stylesheets, typesetting
from proceedings.agreement import structure
from proceedings.agreement.of_pdf import Pages, part
from proceedings.agreement.reading import Reading
from proceedings.renderings import html
from proceedings.renderings.article import DATA
from proceedings.typesetting import Body, trees

SHEET = """
@page { size: 100mm 120mm; margin: 10mm }
html { font: 10pt/14pt "DejaVu Serif", serif }
body, p, figure, h2 { margin: 0; orphans: 2; widows: 2 }
h2 { font-size: 10pt; break-after: avoid }
figure { --float: page; break-inside: avoid }
figure.wide { --float: across }
.pictures { --float: fit; break-inside: avoid; orphans: 1; widows: 1 }
.references { --float: clear }
img { width: 60mm; height: 45mm }
.columns { columns: 2; column-gap: 6mm } .columns img { width: 30mm; height: 30mm }
.footnote { float: footnote; footnote-policy: line; font-size: 7pt; line-height: 9pt }
"""
DOT = b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><path d="M0 0h20v10z"/></svg>'
FURNITURE = {"head": '<div><span class="folio" data-slot="folio" style="width:20mm"></span></div>'}


def paragraphs(name: str, count: int) -> str:
    """Each begins with its own name and takes some lines."""
    return "".join(f"<p>{name}{number} {'thread over and under ' * 8}</p>" for number in range(1, count + 1))


def figure(name: str, kind: str = "") -> str:
    return f'<figure class="{kind}"><img src="dot.svg" alt="a dot"/><figcaption>{name}</figcaption></figure>'


def laid(content: str, css: str = "", furniture: dict[str, str] | None = None) -> Body:
    html = f'<html lang="en"><head><title>T</title></head><body>{content}</body></html>'
    return typesetting.layout(html, [SHEET, css], {"dot.svg": DOT}, furniture=furniture)


def drawn(body: Body) -> list[str]:
    """The words of each page, as they are drawn on it."""
    with pikepdf.open(io.BytesIO(body.pdf)) as pdf:
        pages, reader = list(pdf.pages)[: body.pages], Pages(body.pdf)
        reader.words(reader.file.pages[0].obj, None)
        return [
            " ".join(reader.words(reader.file.pages[index].obj, mark) for mark in range(200))
            for index in range(len(pages))
        ]


def names(text: str) -> list[str]:
    return re.findall(r"\b[A-Z]\d+\b", text)


def read(body: Body) -> list[str]:
    """The names along the tag tree."""
    pages, reading = Pages(body.pdf), Reading()
    part(pages, pages.file.Root.StructTreeRoot, reading)
    return names(reading.text)


@pytest.mark.parametrize(
    "content",
    [
        paragraphs("A", 3) + figure("F1") + paragraphs("B", 9),
        paragraphs("A", 3) + figure("F1") + figure("F2") + figure("F3") + paragraphs("B", 9),
        f"<section><h2>H1</h2>{paragraphs('A', 3)}</section><section>{figure('F1')}{paragraphs('B', 4)}</section>",
        paragraphs("A", 3) + figure("F1") + paragraphs("B", 1),  # the text ends before the figure has a place
        f'<div class="columns">{paragraphs("A", 9)}{figure("F1")}{paragraphs("B", 9)}{figure("F2")}</div>',
        f'<div class="columns">{paragraphs("A", 3)}{figure("F1", "wide")}{paragraphs("B", 12)}</div>',
        f'<div class="columns">{paragraphs("A", 6)}{figure("F1")}</div><p>C1 end</p>',
        paragraphs("A", 3) + figure("F1") + f'<section class="references"><h2>R1</h2>{paragraphs("B", 9)}</section>',
    ],
    ids=["one", "three", "first of a section", "last", "columns", "across", "end of columns", "before references"],
)
@pytest.mark.parametrize("furniture", [None, FURNITURE], ids=["bare", "furnished"])
def test_what_moves_is_read_where_the_source_has_it(content: str, furniture: dict[str, str] | None) -> None:
    body = laid(content, furniture=furniture)
    assert read(body) == names(content)
    assert sorted(name for page in drawn(body) for name in names(page)) == sorted(names(content))


def test_text_flows_on_under_a_figure_that_does_not_fit() -> None:
    content = paragraphs("A", 3) + figure("F1") + paragraphs("B", 9)
    moving, still = drawn(laid(content)), drawn(laid(content, "figure { --float: none }"))
    assert names(moving[0]) == ["A1", "A2", "A3", "B1"] and names(still[0]) == ["A1", "A2", "A3"]
    assert names(moving[1]) == ["F1", "B2", "B3"]


def test_a_link_leads_to_the_page_on_which_its_element_begins() -> None:
    """Not to the empty beginning of a box whose content stands on the next page."""
    link = '<p>A0 <a href="#figure">F</a></p>'
    body = laid(f'{link}{paragraphs("A", 3)}<div id="figure">{figure("F1")}</div>{paragraphs("B", 5)}')
    pages = drawn(body)
    assert "B1" in pages[0] and "F1" in pages[1], "the figure has moved"
    assert body.destinations == {"figure": 1}


def test_no_figure_overtakes_a_figure() -> None:
    small = figure("F2").replace("<img", '<img style="height: 5mm"')
    pages = drawn(laid(paragraphs("A", 3) + figure("F1") + small + paragraphs("B", 3)))
    assert names(pages[0]) == ["A1", "A2", "A3", "B1"]
    assert names(pages[1])[:2] == ["F1", "F2"]


def pages_of(content: str, css: str = "") -> list[list[str]]:
    body = laid(content, css)
    assert read(body) == names(content), "the order of the source"
    return [names(page) for page in drawn(body)]


def test_more_than_a_page_can_hold_has_a_page_of_its_own_amid_the_text() -> None:
    figures = figure("F1") + figure("F2") + figure("F3")
    pages = pages_of(paragraphs("A", 3) + figures + paragraphs("B", 9))
    assert pages[0] == ["A1", "A2", "A3", "B1"] and pages[1] == ["F1", "F2"]
    assert pages[2][0] == "F3" and "B2" in pages[2]


@pytest.mark.parametrize(("height", "together"), [(40, True), (55, True), (80, False)])
def test_at_the_end_figures_are_set_smaller_to_share_a_page(height: int, together: bool) -> None:
    """100 mm are a page: two of 55 mm can have it, with their captions, but of 80 mm not, by a quarter smaller."""
    content = paragraphs("A", 4) + figure("F1") + figure("F2")
    pages = pages_of(content, f"img {{ height: {height}mm }}")
    assert pages[1:] == ([["F1", "F2"]] if together else [["F1"], ["F2"]])


def test_where_the_text_ends_figures_stand_under_it() -> None:
    content = paragraphs("A", 3) + figure("F1") + paragraphs("B", 2)
    assert pages_of(content, "img { height: 60mm }") == [["A1", "A2", "A3", "B1"], ["F1", "B2"]]
    content = paragraphs("A", 3) + figure("F1") + figure("F2") + paragraphs("B", 2)
    assert pages_of(content, "img { height: 35mm }")[1:] == [["F1", "B2", "F2"]]


def test_figures_come_before_the_references() -> None:
    content = paragraphs("A", 3) + figure("F1") + figure("F2") + paragraphs("B", 2)
    content += f'<section class="references"><h2>R1</h2>{paragraphs("C", 3)}</section>'
    css = "img { height: 35mm }"
    assert pages_of(content, css)[1] == ["F1", "B2", "F2"]
    assert pages_of(content, f"{css} .references {{ --float: none }}")[1][:3] == ["F1", "B2", "R1"]
    late = pages_of(content, "img { height: 30mm } .references { break-before: avoid }")
    assert late[1:3] == [["F1", "B2"], ["F2", "R1", "C1", "C2"]], "a figure goes with what may not be parted from it"
    content = paragraphs("A", 3) + figure("F1") + paragraphs("B", 1)
    content += f'<section class="references"><h2>R1</h2>{paragraphs("C", 3)}</section>'
    assert pages_of(content)[1][:2] == ["F1", "R1"], "no room for it, and little for the references"


@pytest.mark.parametrize(
    ("height", "pages"),
    [(55, [["A1", "A2"], ["B1", "B2"]]), (80, [["A1", "A2", "B1", "B2"], []])],
    ids=["here", "moved"],
)
def test_an_image_without_caption_is_set_smaller_where_it_stands(height: int, pages: list[list[str]]) -> None:
    image = f'<p>\n<img src="dot.svg" alt="a dot" style="height: {height}mm"/>\n</p>'
    assert pages_of(paragraphs("A", 2) + image + paragraphs("B", 2)) == pages


def test_an_image_has_the_width_of_its_attribute() -> None:
    text = "A1 " + "thread " * 60
    wide, narrow = (
        len(pages_of(f'<p>{text}<img src="dot.svg" alt="" width="{width}" height="{width}"/></p>{paragraphs("B", 4)}'))
        for width in (300, 3)
    )
    assert (wide, narrow) == (3, 2)


def test_what_is_taller_than_a_page_stays() -> None:
    tall = figure("F1").replace("<img", '<img style="height: 300mm"')
    body = laid(paragraphs("A", 2) + tall + paragraphs("B", 2))
    assert read(body) == ["A1", "A2", "F1", "B1", "B2"]


def test_a_table_longer_than_a_page_begins_where_it_stands() -> None:
    body = laid(paragraphs("A", 2) + table(2, 30, "threads") + paragraphs("B", 2), TABLES)
    pages = drawn(body)
    assert {"A2", "T1", "R1"} <= set(names(pages[0]))
    assert read(body)[:3] == ["A1", "A2", "T1"]


def test_a_figure_in_a_list_stays() -> None:
    content = paragraphs("A", 3) + f"<ul><li>L1{figure('F1')}</li></ul>" + paragraphs("B", 2)
    assert "B1" not in drawn(laid(content))[0]


def test_a_figure_over_columns_has_the_width_of_the_page() -> None:
    wide = figure("F1 " + "a caption that goes on " * 6, "wide")
    body = laid(f'<div class="columns">{paragraphs("A", 1)}{wide}{paragraphs("B", 9)}</div>')
    assert names(drawn(body)[1])[0] == "F1"
    assert not body.overfull


CELLS = "{ font: 10pt/12pt 'DejaVu Serif' }"
TABLES = f"""
table {CELLS} caption {CELLS} table {{ border-collapse: collapse; width: 100% }} th, td {{ padding: 0 1mm }}
.table {{ --float: page; break-inside: avoid }} tr {{ break-inside: avoid }} thead {{ display: table-header-group }}
"""


def table(columns: int, rows: int, word: str) -> str:
    head = "".join(f"<th>H{column}</th>" for column in range(columns))
    body = "".join(f"<tr><th scope='row'>R{row}</th>{f'<td>{word}</td>' * (columns - 1)}</tr>" for row in range(rows))
    caption = "<caption>T1 a table</caption>"
    return f'<div class="table"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


@pytest.mark.parametrize(
    ("content", "turned"),
    [
        (table(6, 3, "threads"), False),  # set smaller
        (table(8, 3, "threads"), True),
        (table(8, 30, "threads"), True),  # on more than one page
        (f'<div class="columns">{paragraphs("A", 2)}{table(4, 3, "threads")}{paragraphs("B", 9)}</div>', False),
        (f'<div class="columns">{paragraphs("A", 2)}{table(8, 3, "threads")}{paragraphs("B", 9)}</div>', True),
    ],
    ids=["smaller", "turned", "divided", "across", "turned in columns"],
)
def test_a_wide_table_is_whole_and_read_where_it_stands(content: str, turned: bool) -> None:
    content = paragraphs("A", 2) + content + paragraphs("B", 2)
    body = laid(content, TABLES)
    assert not body.overfull
    assert read(body) == names(content)
    assert sorted({*names(" ".join(drawn(body)))}) == sorted({*names(content)})
    with pikepdf.open(io.BytesIO(body.pdf)) as pdf:
        kinds = [str(element.S) for element in trees.elements(pdf.Root.StructTreeRoot) if "/S" in element]
        assert (kinds.count("/Table"), kinds.count("/Caption"), kinds.count("/THead")) == (1, 1, 1)
        assert list(structure.faults(pdf)) == []
        margin, width, height = (round(side * 72 / 25.4) - 1 for side in (10, 100, 120))
        places = [place for page in pdf.pages for place in structure.tagged(page.obj)]
        assert all(margin <= x <= width - margin and margin <= y <= height - margin for x, y in places)
        assert any(b" -1 1 0" in page.Contents.read_bytes() for page in pdf.pages) == turned


@pytest.mark.parametrize(("rule", "parted"), [("auto", True), ("avoid", False)])
def test_a_caption_stays_with_the_head_of_its_table(rule: str, parted: bool) -> None:
    """Where a style lets a caption be divided, the table is not there to be measured on a page."""
    caption = "a table " + "of over and under " * 12
    content = "<p>B1 word</p>" * 18 + table(2, 30, "threads").replace("a table", caption)
    css = f".table {{ --float: none; break-inside: auto }} caption {{ break-after: avoid; break-inside: {rule} }}"
    first = drawn(laid(content, TABLES + css))[0]
    assert ("T1" in first and "H1" not in first) == parted


def test_words_of_a_table_are_broken_only_where_nothing_else_helps() -> None:
    body = laid(table(8, 40, "threadsthreads"), TABLES)
    assert [round(item.excess) > 0 for item in body.overfull] == [True]
    assert len(re.findall(r"\bR\d", " ".join(drawn(body)))) == 40


def test_a_footnote_begins_on_the_page_of_its_mark() -> None:
    note = '<span class="footnote">N1 note</span>'
    for count in range(20, 34):  # lines before the end of the page: one of them makes WeasyPrint push the note away
        content = f"<p>A1 word{note}</p>" + "<p>B1 word</p>" * (count - 2) + paragraphs("C", 2)
        pages = drawn(laid(content))
        assert [("N1" in page) for page in pages] == [("A1" in page) for page in pages]


@pytest.mark.parametrize(("limit", "count"), [("none", 24), ("1", 12), ("0", 0)])
def test_hyphens_in_a_row_are_counted(limit: str, count: int) -> None:
    words = "interdisciplinary internationalization characterization " * 12
    css = f"html {{ hyphens: auto; --hyphens-in-a-row: {limit} }} @page {{ size: 62mm 240mm }}"
    assert "".join(drawn(laid(f"<p>{words}</p>", css))).count("\u2010") == count


@pytest.mark.parametrize(("width", "count"), [(73, 3), (74, 2), (75, 2)])
def test_a_space_before_a_link_needs_no_room_at_the_end_of_a_line(width: int, count: int) -> None:
    """Of 74 mm all up to the link fits a line, but for the space before it."""
    text = "<p>warp over and under the weft <a href='#a'>A1</a> over and under the weft</p>"
    html = f'<html lang="en"><head><title>T</title></head><body id="a">{text}</body></html>'
    sheets = [SHEET, f"@page {{ size: {width}mm 120mm }}"]
    assert len(typesetting.layout(html, sheets, {}, locate_lines=True).lines) == count


@pytest.mark.parametrize(("share", "most"), [("1", 24), ("0.5", 18), ("0.1", 3), ("0", 0)])
def test_only_a_share_of_the_lines_ends_with_a_hyphen(share: str, most: int) -> None:
    """These words make up to 36 lines, and 24 where all that can be is broken."""
    words = "interdisciplinary internationalization characterization " * 12
    css = f"html {{ hyphens: auto; text-align: justify; --hyphenated-lines: {share} }} @page {{ size: 62mm 240mm }}"
    count = "".join(drawn(laid(f"<p>{words}</p>", css))).count("\u2010")
    assert most / 2 <= count <= most


def test_a_line_is_not_stretched_beyond_measure() -> None:
    css = "html { text-align: justify } @page { size: 62mm 120mm }"
    default, bounded, unbounded = (
        laid("<p>aa bb uncharacteristically c d</p>", css + more).pdf
        for more in ("", "html { --widest-space: 0.5 }", "html { --widest-space: 50 }")
    )
    assert default == unbounded != bounded


def test_a_formula_holds_its_tex_as_text_that_is_not_seen() -> None:
    tex = r"\text{Тығыздық } \rho = \frac{m}{V}"
    image = f'<img class="math inline" src="dot.svg" alt="rho" data-tex="{tex}" style="width:4em;height:1em"/>'
    body = laid(f"<p>So {image} holds</p>", "img { height: auto }")
    with pikepdf.open(io.BytesIO(body.pdf)) as pdf:
        operations = list(pikepdf.parse_content_stream(pdf.pages[0]))
        actual = [
            str(operands[1]["/ActualText"]) for operands, operator in operations if "/ActualText" in str(operands)
        ]
        formula = next(one for one in trees.elements(pdf.Root.StructTreeRoot.K[0]) if one.S == "/Formula")
        assert actual == [tex] and str(formula.Alt) == "rho"
        modes = [int(operands[0]) for operands, operator in operations if str(operator) == "Tr"]
        assert modes == [3]


def test_numbers_beside_lines_of_code_are_shown_and_no_part_of_it() -> None:
    code = "def weave(yarn):\n\n    return yarn"
    block = {"t": "CodeBlock", "c": [["", ["python", "numberLines"], [["startFrom", "98"]]], code]}
    document = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": [block]}
    _, body, findings = html.render(document, "papers/p.md", "en")
    assert re.findall(r'data-line="(\d+)"', body) == ["98", "99", "100"] and not findings
    assert "".join(ElementTree.fromstring(body).itertext()) == code
    made = laid(body, (DATA / "templates/pages.css").read_text("utf-8"))
    assert " ".join(drawn(made)[0].split()) == " ".join(code.split())
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        operations = [(str(operator), operands) for operands, operator in pikepdf.parse_content_stream(pdf.pages[0])]
    silent = [at for at, (_, operands) in enumerate(operations) if "/ActualText" in str(operands)]
    assert [str(operations[at][1][1]["/ActualText"]) for at in silent] == [""] * 3
    behind = [operator for operator, _ in operations[silent[0] :]]
    assert behind.count("BDC") == 5 and behind.count("TJ") + behind.count("Tj") == 3, "they are drawn when all else is"


@pytest.mark.parametrize(("lang", "before"), [("ar", '<pre dir="ltr"><code dir="ltr">'), ("en", "<pre><code>")])
def test_code_is_written_from_left_to_right(lang: str, before: str) -> None:
    document = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": [{"t": "CodeBlock", "c": [["", [], []], "x"]}]}
    assert html.render(document, "papers/p.md", lang)[1].startswith(before)


def test_spaces_at_the_end_of_a_line_of_code_are_not_too_wide() -> None:
    """Words of 30 to 40 letters, one of which leaves no room for the space behind it."""
    css = "pre { white-space: pre-wrap; font: 10pt/14pt monospace }"
    for word in ("x" * count for count in range(30, 40)):
        bare, spaced = (laid(f"<pre>{code}</pre>", css).overfull for code in (word, f"{word} {'y' * 20}"))
        assert bool(bare) == bool(spaced), len(word)


def test_a_list_that_is_nested_deep_fills_its_pages() -> None:
    """WeasyPrint would begin no page between an item and the list in it, and so set one item on each page."""
    count = 60
    items = "".join(f"<ul><li><p>item {number}</p>" for number in range(count)) + "</li></ul>" * count
    css = (DATA / "templates/pages.css").read_text("utf-8") + "@page { size: 148mm 210mm }"
    assert laid(f'<div class="text"><p>Before.</p>{items}</div>', css).pages <= 3


def test_a_formula_that_is_set_smaller_is_told() -> None:
    image = '<img class="math block" src="dot.svg" alt="x" data-tex="x" style="width:40em;height:2em;max-width:100%"/>'
    (told,) = laid(f"<p>{image}</p>").shrunk
    assert told.tex == "x" and told.page == 0 and 0 < told.share < 0.9


@pytest.mark.parametrize(
    ("content", "most"),
    [
        (f"<table><tr><td>a</td><td>{'threads of a loom ' * 900}</td></tr></table>", 15_000_000),
        (f'<p style="overflow-wrap: anywhere">{"x+" * 6_000}</p>', 1_500_000),
    ],
    ids=["cell", "word"],
)
def test_the_work_for_a_long_text_grows_with_its_length(
    content: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WeasyPrint looks through all that is left of it, for each line, and in a table for each word: so many letters."""
    from weasyprint.layout import inline, preferred

    split, seen = inline.split_first_line, 0

    def counting(text: str, *rest: object, **named: object) -> object:
        nonlocal seen
        seen += len(text)
        return split(text, *rest, **named)

    monkeypatch.setattr(inline, "split_first_line", counting)
    monkeypatch.setattr(preferred, "split_first_line", counting)
    laid(content)
    assert seen < most


def test_a_row_that_is_taller_than_a_page_keeps_the_head_of_its_table() -> None:
    cell = " ".join(f"loom{number}" for number in range(900))
    tree, _ = pandoc.parse(f"| Warp | Weft |\n|------|------|\n| a | {cell} |\n| b | c |\n")
    _, table, _ = html.render(tree, "loom.md", "en")
    css = (stylesheets.SHIPPED.parent / "templates/pages.css").read_text("utf-8")
    pages = drawn(laid(table, css))
    assert len(pages) > 2 and "Warp" in pages[0] and "loom1" in pages[0]


def test_a_note_that_needs_a_page_of_its_own_stands_at_the_end() -> None:
    """At the foot of a page WeasyPrint would lose what does not fit. It keeps its number, and so do the others."""
    long = " ".join(f"loom{number}" for number in range(900))
    tree, _ = pandoc.parse(f"A.[^a] B.[^b] C.[^c]\n\n[^a]: First.\n\n[^b]: {long}.\n\n    End.\n\n[^c]: Third.\n")
    _, content, _ = html.render(tree, "loom.md", "en")
    body = laid(content)
    pages = [" ".join(page.split()) for page in drawn(body)]
    assert "1. First." in pages[0] and "3. Third." in pages[0] and pages[-1].endswith("loom899. End.")
    reader = Pages(body.pdf)
    reading = Reading()
    part(reader, reader.file.Root.StructTreeRoot, reading)
    assert " ".join(reading.text.split()) == "A. B. C." and "loom0 loom1" in reading.notes
