"""Where a token stands in an author's text: what the findings of later stages point at."""

from __future__ import annotations

import pytest

from proceedings.source import Source
from proceedings.yaml_reader import read_yaml

TEXT = r"""---
title: An abstract of c
author: Lithuania Press, Mia Li
---
Classes [a](c) and \begin{figure}
\includegraphics{fig}
![](e) `the e` and ![space](my pic.png), <img src="hill.png"> Li,
see @loom2000a, @loom2000.

[ref]: ./data.csv
```{figure} sea.svg
```
"""


@pytest.mark.parametrize(
    ("token", "place"),
    [
        ("](c", "5:13"),
        ("](fig", "6:18"),
        ("](e", "7:5"),
        ("](my pic.png", "7:29"),
        ("](hill.png", "7:52"),
        ("](./data.csv", "10:8"),
        ("](sea.svg", "11:13"),
        ("@loom2000", "8:17"),
        ("Li", "7:63"),
        ("Class", "5:1"),  # no whole word: the beginning of one
    ],
)
def test_tokens_are_found_in_the_body_first(token: str, place: str) -> None:
    assert str(Source("p.md", TEXT).find(token)) == f"p.md:{place}"


def test_facts_are_found_in_the_metadata_first() -> None:
    found = Source("p.md", TEXT).find("Li", in_metadata=True)
    assert str(found) == "p.md:3:30"


def test_the_body_comes_before_the_metadata() -> None:
    text = Source("p.md", TEXT)
    assert [str(text.find("Li", nth)) for nth in (1, 2)] == ["p.md:7:63", "p.md:3:30"]
    assert text.find("nothing of this") is None


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        ("a: 1\nx: " + "[" * 300_000, "p.md:2:64", "nested more than 60 deep"),
        ("x: &a\n  y: *a\n", "p.md:2:6", "stands inside of what it stands for"),
        ("x: &a [" + "1, " * 300 + "]\ny: [" + "*a, " * 300 + "]\n", "p.md:1:1", "more than 50000"),
        ("a: &a " + "[" * 40 + "]" * 40 + "\nb: " + "[" * 40 + "*a" + "]" * 40, "p.md:2:44", "60 deep"),
    ],
)
def test_yaml_without_measure_is_told_by_what_is_wrong(text: str, place: str, told: str) -> None:
    value, (problem,) = read_yaml(text, "p.md")
    assert value is None and problem.code == "S010"
    assert str(problem.location) == place and told in problem.message


def test_keys_are_text_as_values_are() -> None:
    """They may have an anchor, and no control character."""
    data, told = read_yaml('&name one: 1\n"\\0two": *name\n', "p.md")
    assert data == {"one": "1", "two": "one"} and [(item.code, item.location.line) for item in told] == [("S003", 2)]


def test_what_an_alias_stands_for_is_a_value_of_its_own() -> None:
    value, problems = read_yaml("a: &a {b: [c]}\nd: *a\ne: {<<: *a, f: g}\n", "p.md")
    assert not problems and value == {"a": {"b": ["c"]}, "d": {"b": ["c"]}, "e": {"b": ["c"], "f": "g"}}
    assert value["a"] is not value["d"] and value["a"]["b"] is not value["d"]["b"]
