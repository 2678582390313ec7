"""What holds for any input: places, trees, ids, YAML, identifiers, keys."""

from __future__ import annotations

import json
import random
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from proceedings import dialects, identifiers, licences, pandoc, source, transforms
from proceedings.build import digest_of
from proceedings.catalogue import RULES
from proceedings.contents import _add
from proceedings.document import attr, has_attr, rewrite, walk
from proceedings.yaml_reader import read_yaml

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
LINES = st.lists(st.text("ab #-*_`~$<>:[]()!{}|\\@'\"é𝒙\t", max_size=30), max_size=12).map("\n".join)


# --- texts and places ----------------------------------------


@given(LINES, st.data())
def test_a_place_is_where_the_character_stands(text: str, data: st.DataObject) -> None:
    assume(text)
    offset = data.draw(st.integers(0, len(text) - 1))
    place = source.Source("x.md", text).place(offset)
    assert place.line and place.column
    assert (text.split("\n")[place.line - 1] + "\n")[place.column - 1] == text[offset]


@given(LINES, LINES, st.sampled_from(["@moon2010", "#fig:sea", "sea.png", "Tolqyn"]))
def test_a_token_is_found_where_it_stands(before: str, after: str, token: str) -> None:
    """In prose, or in code if it stands nowhere else."""
    text = f"{before}\n{token} {after}"
    found = source.Source("x.md", text).find(token)
    assert found is not None
    assert (found.line, found.column) == (before.count("\n") + 2, 1)


@given(LINES)
def test_prose_is_as_long_as_the_text(text: str) -> None:
    prose = source.Source("x.md", text).prose
    assert len(prose) == len(text)
    assert [index for index, c in enumerate(prose) if c == "\n"] == [i for i, c in enumerate(text) if c == "\n"]


@given(st.binary(max_size=400) | TEXT.map(str.encode))
def test_any_bytes_are_decoded_or_told(data: bytes) -> None:
    made = source.decode(data, "x.md")
    assert unicodedata.is_normalized("NFC", made.text)
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\r]", made.text)
    assert made.metadata[0] in made.text
    assert 0 <= made.body_start <= len(made.text)
    if data.decode("utf-8", "ignore").encode() != data:
        assert [item.code for item in made.findings] == ["S001"]


# --- YAML ----------------------------------------


@given(TEXT | st.text("ab:-[]{}&*!|>'\"?#,% \n\t", max_size=80))
def test_any_yaml_is_read_or_told(text: str) -> None:
    value, findings = read_yaml(text, "x.yaml")
    assert all(item.code in RULES and item.location.line for item in findings)
    assert value is None or isinstance(value, source.Map | source.Seq | source.Scalar)


PLAIN = st.recursive(
    st.text("abc é", min_size=1, max_size=8).filter(str.strip),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN)
def test_yaml_gives_back_what_was_written(value: Any) -> None:
    """JSON is YAML; every scalar stays the text that it is."""
    read, findings = read_yaml(json.dumps(value, ensure_ascii=False), "x.yaml")
    assert findings == []
    assert read == value


# --- trees ----------------------------------------

WORDS = st.sampled_from(
    ["Tides", "come", "*twice*", "`a`", "[@moon]", "$x^2$", "^[A note.]", "[sea](#sea)", "@fig:sea"]
)
PARAGRAPH = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
LABEL = st.sampled_from(["", " {#sea}", " {#fig:sea}", " {#sec:moon}", " {#2nd}", " {#ребро}"])
BLOCK = st.one_of(
    PARAGRAPH,
    st.tuples(st.integers(1, 4), PARAGRAPH, LABEL).map(lambda b: f"{'#' * b[0]} {b[1]}{b[2]}"),
    PARAGRAPH.map(lambda text: f"> - {text}\n>\n>   more"),
    LABEL.map(lambda label: f"![The sea](sea.png){label.strip()}"),
    LABEL.map(lambda label: f"| a | b |\n|---|---|\n| 1 | 2 |\n\n: Tides{label}"),
    LABEL.map(lambda label: f"$$ x = 1 $${label}"),
)
MARKDOWN = st.lists(BLOCK, min_size=1, max_size=8).map("\n\n".join)


@settings(max_examples=25, deadline=None)
@given(MARKDOWN)
def test_ids_are_unique_names_after_the_transforms(text: str) -> None:
    markdown, _ = dialects.rewrite_text(text, "x.md")
    tree, _ = dialects.rewrite_tree(pandoc.parse(markdown)[0], "x.md")
    assert rewrite(tree, lambda node: None) == tree
    done, _ = transforms.apply(tree, "tides", "en", "x.md")
    ids = [attr(node)[0] for node in walk(done["blocks"]) if has_attr(node) and attr(node)[0]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[^\W\d][\w.·-]*", name) for name in ids), ids
    targets = {node["c"][2][0] for node in walk(done["blocks"]) if node["t"] == "Link"}
    assert {target.removeprefix("#") for target in targets if target.startswith("#")} <= set(ids)


# --- identifiers ----------------------------------------

NORMAL = {
    identifiers.doi: ["10.5555/a", "https://doi.org/10.5555/A(1)", "doi:10.5555/x%2Fy", " 10.5555/12345678 "],
    identifiers.orcid: [
        "0000-0002-1825-0097",
        "https://orcid.org/0000-0002-1694-233x",
        "0000000218250097",
        "0000 0002 1825 0097",
    ],
    identifiers.ror: ["https://ror.org/03yrm5c26", "03yrm5c26", "ror.org/03yrm5c26"],
    identifiers.issn: ["0317-8471", "03178471", "ISSN 2049-3630"],
    identifiers.isbn: ["978-3-16-148410-0", "9783161484100", "ISBN 978 3 16 148410 0"],
    identifiers.language: ["en", "EN-us", "zh_hant", "kk-Cyrl", "pt-BR"],
    identifiers.country: ["KZ", "kz"],
    licences.spdx: ["CC-BY-4.0", "cc-by-4.0", "https://creativecommons.org/licenses/by/4.0/", "MIT"],
}


@pytest.mark.parametrize("normalise", NORMAL, ids=lambda function: function.__name__)
def test_identifiers_have_one_form(normalise: Any) -> None:
    for written in NORMAL[normalise]:
        try:
            form = normalise(written)
        except identifiers.InvalidIdentifier:
            continue
        assert normalise(form) == form


@settings(deadline=None)
@given(st.sampled_from(list(NORMAL)), TEXT | st.text("0123456789Xx-./:", max_size=30))
def test_any_text_is_an_identifier_or_not(normalise: Any, text: str) -> None:
    try:
        form = normalise(text)
    except identifiers.InvalidIdentifier as error:
        assert str(error)
    else:
        assert normalise(form) == form


@given(TEXT)
def test_any_file_name_gives_a_slug(name: str) -> None:
    found: dict[str, tuple[str, str]] = {}
    _add(found, [], name, "papers/x.md", "papers")
    (slug,) = found
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", slug)
    assert len(slug) <= 80


# --- keys ----------------------------------------


@given(PLAIN, st.randoms(use_true_random=False))
def test_keys_do_not_depend_on_the_order_of_fields(value: Any, chance: random.Random) -> None:
    def shuffled(item: Any) -> Any:
        if isinstance(item, dict):
            pairs = [(key, shuffled(inner)) for key, inner in item.items()]
            chance.shuffle(pairs)
            return dict(pairs)
        return [shuffled(inner) for inner in item] if isinstance(item, list) else item

    assert digest_of(shuffled(value)) == digest_of(value)


@given(PLAIN, PLAIN)
def test_other_values_have_other_keys(one: Any, other: Any) -> None:
    assert (digest_of(one) == digest_of(other)) == (one == other)
