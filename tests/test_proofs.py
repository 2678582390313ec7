"""Authors' proofs: findings stand beside their places, lines are numbered, and what is published stays as it is."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from conftest import run

from proceedings.agreement import of_pdf
from proceedings.diagnostics import Location, finding
from proceedings.renderings.proofs import Note, annotated, notes_of

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
    with pikepdf.open(volume / "build/proof/tides.pdf") as pdf:
        shown = of_pdf.Pages(data).words(pdf.pages[0].obj, None)
        assert "PROOF" in shown
        assert b"(12) Tj" in pdf.pages[0].Contents[-1].read_bytes(), "twelve lines at least are numbered"
    run(volume, proof=True, only=("tides",))
    assert (volume / "build/proof/tides.pdf").read_bytes() == data
