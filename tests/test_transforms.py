"""Levels, numbers, ids and cross-references: the cases, and what holds for every text."""

from __future__ import annotations

import itertools
import json
import re

import pytest
from dialect_cases import PATH, load, outcome, prepared
from hypothesis import given, settings
from hypothesis import strategies as st

from proceedings import languages, transforms
from proceedings.document import identifier, nodes, string, walk
from proceedings.renderings.article import DATA

CASES = load("transforms.yaml")
NCNAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_.-]*$")


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_case(case):
    made, told = outcome(case)
    assert told == sorted(case.get("findings", []))
    assert made == case["html"].strip()


names = st.one_of(
    st.sampled_from(["a", "fig:a", "fig-a", "a/b", "ref-x:1", "методы", "1", "é", "-", "sec-1"]),
    st.text(min_size=1, max_size=6),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(names, max_size=8), st.lists(names, max_size=8), st.sampled_from(["paper", "2024-paper"]))
def test_ids_are_unique_ncnames_and_no_link_dangles(ids, targets, slug):
    blocks = [{"t": "Para", "c": [{"t": "Span", "c": [[name, [], []], [string("x")]]}]} for name in ids]
    blocks += [{"t": "Header", "c": [1, [name, [], []], [string(name)]]} for name in ids]
    blocks += [
        {"t": "Para", "c": [{"t": "Link", "c": [["", [], []], [string("y")], [f"#{name}", ""]]}]} for name in targets
    ]
    document, _ = transforms.apply({"blocks": blocks, "meta": {}}, slug, "en", PATH)
    made = [identifier(node) for node in walk(document["blocks"]) if identifier(node)]
    assert len(made) == len(set(made)) == 2 * len(ids)
    assert all(NCNAME.match(name) for name in made)
    assert {node["c"][2][0].removeprefix("#") for node in nodes(document["blocks"], "Link")} <= set(made)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 6), max_size=12))
def test_levels_begin_at_one_and_leave_none_out(levels):
    blocks = [{"t": "Header", "c": [level, ["", [], []], [string("x")]]} for level in levels]
    document, _ = transforms.apply({"blocks": blocks, "meta": {}}, "p", "en", PATH)
    made = [0, *(node["c"][0] for node in document["blocks"])]
    assert all(after <= before + 1 for before, after in itertools.pairwise(made))


def test_metadata_refers_to_the_body():
    document, _ = prepared("![A](a.png){#fig:a}")
    document["meta"]["rich"] = {
        "t": "MetaInlines",
        "c": [{"t": "Link", "c": [["", [], []], [string("x")], ["#fig:a", ""]]}],
    }
    document, _ = transforms.apply(document, "q", "en", PATH)
    assert not list(nodes(document["meta"], "Link"))  # fig:a is p--fig-a by now, so the link to it is none


def test_every_language_has_every_word():
    for tag in languages._LABELS:
        assert all(languages.word(kind, tag) for kind in languages.KINDS)


@pytest.mark.parametrize(
    ("kind", "tag", "label", "reference"),
    [
        ("figure", "en-GB", "Figure 1", "Figure\u00a01"),
        ("equation", "de", "Gleichung 1", "Gleichung\u00a0(1)"),
        ("table", "kk", "1-кесте", "1-кесте"),
        ("table", "ru", "Таблица 1", "табл.\u00a01"),
        ("figure", "ja", "図1", "図1"),
        ("figure", "zh-TW", "圖 1", "圖\u00a01"),
        ("figure", "xx", "Figure 1", "Figure\u00a01"),
    ],
)
def test_words(kind, tag, label, reference):
    assert languages.label(kind, "1", tag) == label
    assert languages.reference(kind, "1", tag) == reference


@pytest.mark.parametrize(("tag", "script", "direction"), [
    ("ar", "Arab", "rtl"), ("kk", "Cyrl", "ltr"), ("kk-Latn", "Latn", "ltr"), ("he", "Hebr", "rtl"),
    ("az-Arab", "Arab", "rtl"),
    ("zh-Hant", "Hant", "ltr"), ("", "Zyyy", "ltr"),
])  # fmt: skip
def test_script_and_direction(tag, script, direction):
    assert languages.script(tag) == script
    assert languages.direction(tag) == direction


def test_a_language_has_all_the_words_of_the_furniture_or_none() -> None:
    """A page half in another language is worse than one in English."""
    words = {file.stem: json.loads(file.read_text()) for file in (DATA / "terms").iterdir()}
    assert {
        lang: sorted(set(words["en"]) ^ set(own)) for lang, own in words.items() if set(own) != set(words["en"])
    } == {}
