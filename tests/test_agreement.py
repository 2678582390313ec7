"""What of a text is compared, and how passages are found in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import request_for

from proceedings import verification
from proceedings.agreement import marks
from proceedings.agreement.covering import Cover
from proceedings.agreement.expected import _formulas
from proceedings.agreement.reading import Unreadable
from proceedings.agreement.words import UNCOMPARED, Passage, Passages, dropped, squeezed
from proceedings.build import Builder
from proceedings.diagnostics import Location, finding
from proceedings.document import string
from proceedings.edition import Prepared
from proceedings.model import Contribution


@pytest.mark.parametrize("name", dropped())
def test_dropped_characters_are_no_difference(name: str) -> None:
    assert squeezed(f"wea{dropped()[name]}ver") == "weaver"


@pytest.mark.parametrize("character", [*"éèığşҚқ¡¿.,;:!?()[]{}<>&%#@*+=/|\\^~–—…0123456789°µ"])
def test_no_other_character_is_dropped(character: str) -> None:
    assert squeezed(f"a{character}b") == f"a{character}b"


def test_letters_and_accents_are_composed() -> None:
    assert squeezed("e\u0301") == "é"


@pytest.mark.parametrize("kind", UNCOMPARED)
def test_uncompared_nodes_leave_the_rest(kind: str) -> None:
    content = {
        "Math": [{"t": "InlineMath"}, "x"],
        "Image": [["", [], []], [string("x")], ["x.png", ""]],
        "RawInline": ["html", "x"],
        "RawBlock": ["html", "x"],
    }[kind]
    inlines = [string("a"), {"t": kind, "c": content}, string("b")]
    blocks = [{"t": "Para", "c": inlines}] if kind != "RawBlock" else [inlines[1], {"t": "Para", "c": inlines[::2]}]
    assert [passage.bare for passage in Passages.of(blocks).text] == ["ab"]


def test_notes_are_passages_of_their_own() -> None:
    note = {"t": "Note", "c": [{"t": "Para", "c": [string("below")]}]}
    found = Passages.of([{"t": "Para", "c": [string("above"), note, string("all")]}])
    assert [passage.bare for passage in found.text] == ["aboveall"]
    assert [passage.bare for passage in found.notes] == ["below"]


LOOM, CLOTH, DYE = "Loomsareoldandmadeofwood.", "Theclothobeysthelawofthreads.", "Dyecomeslastandcostsmost."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LOOM + CLOTH + DYE, []),
        (LOOM + DYE + CLOTH, []),  # captions and notes change their places
        (LOOM + "Figure1." + CLOTH + DYE, []),
        (LOOM + DYE, [(CLOTH, "")]),
        (LOOM + CLOTH.replace("law", "lore") + DYE, [(CLOTH, CLOTH.replace("law", "lore"))]),
        (LOOM + CLOTH + CLOTH + DYE, [("", CLOTH)]),
        (LOOM + CLOTH + "Invented." + DYE, [("", "Invented.")]),
    ],
)
def test_passages_are_found(text: str, told: list[tuple[str, str]]) -> None:
    cover = Cover(f"Head.{text}Foot.", [Passage(words, words) for words in (LOOM, CLOTH, DYE)])
    assert [(item.expected, item.found) for item in cover.differences(["Figure 1"])] == told


def test_a_letter_that_is_found_by_chance_makes_nothing_surplus() -> None:
    """A caption of one letter, behind its picture: the same letter stands in what is printed around the text."""
    words = ("S", "[imagesea.pngismissing]")
    cover = Cover(f"Head.{words[1]}Figure1.LicenceCreativeCommonSAttribution.", [Passage(row, row) for row in words])
    assert list(cover.differences(["Figure 1"])) == []


def test_the_tex_of_a_formula_that_print_shows_is_no_text() -> None:
    """Whether it has commands or only braces, or none of both and is very long; a letter may be a word."""
    formulas = [{"t": "Math", "c": [{"t": "InlineMath"}, tex]} for tex in ("\\a", "{{{", "x+" * 60, "x")]
    found = _formulas({"pandoc-api-version": [], "meta": {}, "blocks": [{"t": "Para", "c": formulas}]})
    assert found == ("x+" * 60, "{{{", "\\a")


def test_a_link_in_a_pictures_description_cannot_be_followed(sound: Path) -> None:
    link = {"t": "Link", "c": [["", [], []], [string("B")], ["#b", ""]]}
    image = {"t": "Image", "c": [["", [], []], [link], ["a.png", ""]]}
    prepared = Prepared.model_construct(contribution=Contribution.model_construct(lang="en"), images=())
    assert marks.of_tree([image], prepared) == marks.of_tree([], prepared) != marks.of_tree([link], prepared)


def test_a_validators_message_is_traced_to_the_author(sound: Path) -> None:
    """From the id in the JATS to what the author called it."""
    path = sound / "build/jats/loom.xml"
    lines = path.read_text(encoding="utf-8").split("\n")
    line = next(number for number, text in enumerate(lines, 1) if '"loom--fig-loom"' in text and "<fig" in text)
    item = finding("O001", "JATS Publishing 1.3 says: no", Location("build/jats/loom.xml", line))
    request = request_for(sound)
    with Builder(request.root, request.out) as builder:
        whole = verification.whole_of(builder)
        assert whole is not None
        told = verification.traced(item, whole.known(), sound, builder.store)
    assert told.location == Location("papers/loom/paper.md", token="fig:loom")
    assert f"build/jats/loom.xml:{line}" in told.message


def test_a_damaged_pdf_is_told_in_the_same_words_each_time():
    from proceedings.agreement.of_pdf import Pages

    with pytest.raises(Unreadable) as told:
        Pages(b"%PDF-1.7\nnothing")
    assert str(told.value).startswith("it is not a PDF that can be opened: ") and " 0x" not in str(told.value)
