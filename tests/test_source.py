"""Where a token stands in an author's text: what the findings of later stages point at."""

from __future__ import annotations

import pytest

from proceedings.source import Source

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
