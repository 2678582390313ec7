"""Papers whose words are awkward for a program: what looks like markup of its own, and text that is read in two ways.

Each must come through every output as it is written; a finding about it would be a false alarm.
"""

from __future__ import annotations

import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from conftest import VOLUME, run

PAPERS = {
    "braces": ("'The set {a, b} of {first} loops {}'", "What {last} says, {0} and %s say."),
    "formulas": (r"On $\alpha + x^2$-decay", "A body of text."),
    "letters": ("The $p$-adic case", "# H\n\n![A loom](loom.png){alt='A loom'}\n\nThen the Cap and C."),
    "caption": ("A caption twice", "![The looms](loom.svg){alt='The looms'}\n\nSee Figure 1."),
    "marks": (
        "On x\u0338 and q\u0323\u0307",
        "Of \u1112\u1161\u11ab \u1100 \u1161, \u0939\u093f\u0928\u094d\u0926\u0940, a\u200bb, a\ufe00b, "
        "\u202eabc\u202c, \u05d1\u05bc\u05b0\u05e8\u05b5\u05d0\u05e9\u05c1\u05b4\u05d9\u05ea, "
        "\u0627\u0644\u0633\u0651\u064e\u0644\u064e\u0627\u0645\u064f.",
    ),
    "directions": (
        "Two directions",
        "Right: [שלום עולם]{dir=rtl lang=he} here.\n\n"
        + "Characteristically internationalised administrative misunderstandings are hyphenated. " * 6,
    ),
}


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The volume, and its findings but those of the image that is not there."""
    root = tmp_path_factory.mktemp("awkward")
    (root / "volume.yaml").write_text("title: Proceedings of {Our} Conference\npublished: 2025-01-31\n", "utf-8")
    for slug, (title, body) in PAPERS.items():
        (root / "papers" / slug).mkdir(parents=True)
        head = f"---\ntitle: {title}\nabstract: A word.\nkeywords: [k]\nauthors: [{{given: Ann, family: Bo}}]\n---\n\n"
        (root / "papers" / slug / "paper.md").write_text(head + body + "\n", encoding="utf-8")
    (root / "papers" / "caption" / "loom.svg").write_bytes((VOLUME / "papers/loom/loom.svg").read_bytes())
    report = run(root)
    return root, [f"{item.location}: {item.code} {item.message}" for item in report.findings if item.code != "X100"]


def test_nothing_is_told_of_them(awkward: tuple[Path, list[str]]) -> None:
    assert [line for line in awkward[1] if re.search(r": [OX]\d", line)] == []


def test_the_title_and_the_pages_are_in_how_to_cite(awkward: tuple[Path, list[str]]) -> None:
    root, _ = awkward
    printed = {
        slug: subprocess.run(
            ["pdftotext", "-raw", root / f"build/pdf/{slug}.pdf", "-"], capture_output=True, text=True, check=True
        ).stdout.replace("\n", " ")
        for slug in PAPERS
    }
    assert re.search(r"The set \{a, b\} of \{first\} loops \{\}\.? .*\(p\. \d+\)", printed["braces"])
    assert re.search(r"On α \+ x²-decay\. In .*\(p\. \d+\)", printed["formulas"])


def test_a_formula_in_a_title_is_set_in_lists_and_spelt_where_only_words_can_be(
    awkward: tuple[Path, list[str]],
) -> None:
    root, _ = awkward
    page = (root / "build/html/index.html").read_text("utf-8")
    row = next(item for item in page.split("<li")[1:] if 'href="formulas/' in item)
    assert "<mi>α</mi>" in row.partition("</a>")[0]
    assert 'aria-label="PDF: On α + x²-decay"' in row
    with zipfile.ZipFile(root / "build/epub/volume.epub") as book:
        assert ">On α + x²-decay</a>" in book.read("EPUB/nav.xhtml").decode()
