"""Where an image is missing, what readers see says so, in the language of the paper; its description is no caption."""

from __future__ import annotations

import pytest

from proceedings.agreement.words import Passages
from proceedings.document import inlines, span
from proceedings.renderings import html, missing

NOTE = {"t": "Note", "c": [{"t": "Para", "c": inlines("By hand.")}]}
MISSING = span([*inlines("A wall"), NOTE], classes=["missing-image"], data_target="old plan.png")
BLOCKS = [{"t": "Para", "c": [*inlines("Before "), MISSING, *inlines(" after")]}]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "[image old plan.png is missing]"),
        ("de-AT", "[Bild old plan.png fehlt]"),
        ("fi", "[image old plan.png is missing]"),
    ],
)
def test_the_place_says_what_is_missing(lang: str, words: str) -> None:
    document = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": BLOCKS}
    _, body, _ = html.render(document, "a.md", lang)
    assert words in body and "A wall" not in body and "By hand." in body


def test_what_it_says_is_looked_for_in_its_descriptions_place() -> None:
    found = Passages.of(missing.told(BLOCKS, "fr"))
    assert [passage.words for passage in found.text] == ["Before [l’image old plan.png manque] after"]
    assert [passage.words for passage in found.notes] == ["By hand."]
