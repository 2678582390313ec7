"""Authors' proofs: findings stand beside their places, lines are numbered, and what is published stays as it is."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest
from conftest import run

from proceedings import typesetting
from proceedings.agreement import of_pdf
from proceedings.diagnostics import Location, finding
from proceedings.renderings.proofs import LIFTED, Note, annotated, notes_of, stacked
from proceedings.typesetting import Place

WORDS = {"line": "line"}
CONTENT = (
    '<article><h1>Title</h1><p>First words of the text.</p><div class="table"><table><tr><td>A cell of data</td></tr>'
    "</table></div><ul><li>An item of a list</li></ul></article>"
)


@pytest.mark.parametrize(
    "note, before",
    [
        ({"after": "words of the text."}, "<p>{}First"),
        ({"before": "First *words* of the ", "after": "[x](y)"}, "<p>{}First"),
        ({"after": "A cell of data | 3"}, '{}<div class="table">'),
        ({"token": "item of a list"}, "<li>{}An item"),
        ({"after": "not printed anywhere"}, "<h1>{}Title"),
        ({}, "<h1>{}Title"),
    ],
)
def test_a_note_stands_at_the_passage_that_its_line_became(note: dict[str, str], before: str) -> None:
    made = annotated(CONTENT, [Note(code="X100", grade="error", message="Look <here>", **note)], WORDS)
    start, tag = made.index("proof-note"), made.rindex("<", 0, made.index("proof-note"))
    head, rest = before.split("{}")
    assert made[:tag].endswith(head)
    assert made[start:].split("Look &lt;here&gt;</span>")[1].split(">", 1)[1].startswith(rest)


def test_what_is_empty_is_closed() -> None:
    """HTML would take the rest of the text for the content of <a/>."""
    content = '<h1>Title</h1><p><a id="x"></a>First<br/> words</p>'
    assert annotated(content, [], WORDS) == content


def test_notes_that_say_the_same_of_a_passage_are_one() -> None:
    notes = [Note(code="T201", grade="warning", message="Look", where=where, after="First words") for where in "334"]
    made = annotated(CONTENT, [*notes, Note(code="T201", grade="warning", message="Look", where="9")], WORDS)
    assert made.count("proof-note") == 2
    assert "warning T201 · line 3, 4 · 3 ×" in made


def test_a_note_without_room_comes_at_the_end() -> None:
    notes = [Note(code="X100", grade="error", message=text, after="First words") for text in ("One", "Two")]
    made = annotated(CONTENT, notes, WORDS, {"0": (30.0, 4.0)})
    assert made.index("translate(30.0px, 4.0px)") < made.index("One") < made.index("</article>") < made.index("Two")


def test_notes_stand_under_each_other_on_their_page() -> None:
    """As near to their passages as they can, above the foot of the page; those that do not fit have no place."""
    tops = {"a": 100.0, "b": 110.0, "c": 690.0, "d": 690.0}
    places = [Place(name, 0, 80.0, top - LIFTED, 40.0, 50.0, 500.0, 700.0) for name, top in tops.items()]
    moves = stacked([*places, Place("e", 1, 80.0, 20.0 - LIFTED, 40.0, 50.0, 500.0, 700.0)])
    stand = {place.name: place.top + moves[place.name][1] for place in places}
    assert stand == {"a": 100.0, "b": 145.0, "c": 615.0, "d": 660.0}
    assert moves["e"][1] == LIFTED + 30.0, "none stands above the text"
    assert all(80.0 + right > 500.0 for right, _ in moves.values())
    many = [Place(str(number), 0, 0.0, 60.0 - LIFTED, 40.0, 50.0, 500.0, 700.0) for number in range(30)]
    shown = sorted(many[int(name)].top + down for name, (_, down) in stacked(many).items())
    assert len(shown) == 14 and shown[0] >= 50.0 and shown[-1] <= 660.0
    assert all(below - above >= 45.0 for above, below in pairwise(shown))


def test_each_column_has_its_own_numbers() -> None:
    words = "thread over and under " * 60
    text = f'<h1>A</h1><div class="two"><p>{words}</p></div>'
    html = f'<html lang="en"><head><title>T</title></head><body>{text}</body></html>'
    sheet = "@page { size: 120mm 80mm; margin: 10mm } .two { columns: 2 } h1 { font-size: 10pt } p { margin: 0 }"
    lines = [line for line in typesetting.layout(html, [sheet], {}, locate_lines=True).lines if line.page == 0]
    edges = [line.left for line in lines]
    assert edges == sorted(edges) and len(set(edges)) == 2
    first, second = ([line.baseline for line in lines if line.left == edge] for edge in sorted(set(edges)))
    assert len(first) == len(second) + 1 and all(b in first for b in second)


def test_a_note_says_where_its_fault_is() -> None:
    told = [
        finding("X201", "in the text", Location("papers/a.md", 2, 5)),
        finding("C003", "in a library", Location("papers/a/x.bib", 7, 1)),
    ]
    first, second = notes_of(told, "papers/a.md", "one\nsome words\n")
    assert (first.where, first.before, first.after) == ("2", "some", "words")
    assert (second.where, second.before, second.after) == ("x.bib:7", "", "")


def test_proofs_stand_beside_what_is_published(volume: Path) -> None:
    published = {path: path.read_bytes() for path in (volume / "build").rglob("*.pdf")}
    paper = volume / "papers/tides/paper.md"
    paper.write_text(paper.read_text("utf-8") + "\nThe tide came in in the night.\n", encoding="utf-8")
    report = run(volume, proof=True, only=("tides",))
    assert [item.code for item in report.findings] == ["T202"]
    assert report.artifacts == ["proof/tides.pdf"]
    data = (volume / "build/proof/tides.pdf").read_bytes()
    assert {path: path.read_bytes() for path in published} == published
    words = of_pdf.offprint(data).text
    assert words.index("T202") < words.index("The tide came in in the night") < words.index("The opinions")
    assert "(2025). The tides should be invented again" in words and "(Vol. 2). Invented Press" in words
    with pikepdf.open(volume / "build/proof/tides.pdf") as pdf, pikepdf.open(volume / "build/pdf/tides.pdf") as plain:
        assert pdf.pages[0].mediabox[2] > plain.pages[0].mediabox[2]
        assert len(pdf.pages) == len(plain.pages), "notes take no room of the text"
        shown = of_pdf.Pages(data).words(pdf.pages[0].obj, None)
        assert "PROOF" in shown
        assert b"(12) Tj" in pdf.pages[0].Contents[-1].read_bytes(), "twelve lines at least are numbered"
    run(volume, proof=True, only=("tides",))
    assert (volume / "build/proof/tides.pdf").read_bytes() == data
