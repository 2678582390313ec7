"""TeX macros of the metadata, and the parts of the record that stand in the text."""

from __future__ import annotations

from proceedings.dialects.macros import definitions
from proceedings.frontmatter import parts
from proceedings.source import Source, location_of
from proceedings.yaml_reader import read_yaml

METADATA = r"""
math:
  '\half': '\frac{#1}{2}'
  warp: {macro: '\mathbf{w}', title: Warp}
  'not a name': x
header-includes:
  - \usepackage{cloth}
  - text: |
      \newcommand{\weft}[1]{\mathbf{#1}
      ^{\prime}}
      \DeclareMathOperator{\argmax}{arg\,max}
      \def\E{\mathbb{E}}
      \newcommand{\open}{never closed
"""


def test_macros_are_found_in_every_place() -> None:
    assert definitions(read_yaml(METADATA, "paper.md")[0]).split("\n") == [
        r"\newcommand{\half}[1]{\frac{#1}{2}}",
        r"\newcommand{\warp}{\mathbf{w}}",
        r"\newcommand{\weft}[1]{\mathbf{#1} ^{\prime}}",
        r"\DeclareMathOperator{\argmax}{arg\,max}",
        r"\def\E{\mathbb{E}}",
        "",
        "",
    ]
    assert definitions({}) == ""


TEXT = """---
title: Cloth
---

+++ {"part": "abstract"}

The warp
is tight.

+++ {"part": "data_availability"}
In the mill.
+++

+++ {"part": "weather"}
Rain.
+++

# Introduction
"""


def test_parts_of_the_record_are_taken_out_of_the_text() -> None:
    text = Source("paper.md", TEXT)
    data, _ = read_yaml(text.metadata[0], "paper.md")
    body = text.body_without(parts.take(data, text))
    assert data["abstract"] == "The warp\nis tight.\n"
    assert data["data_availability"] == "In the mill.\n"
    assert location_of(data["data_availability"], None).line == 11  # type: ignore[arg-type]
    assert body.split() == '+++ {"part": "weather"} Rain. +++ # Introduction'.split()


def test_a_part_that_the_metadata_give_stays_in_the_text() -> None:
    text = Source("paper.md", TEXT.replace("title: Cloth", "title: Cloth\nabstract: Another."))
    data, _ = read_yaml(text.metadata[0], "paper.md")
    assert "The warp" in text.body_without(parts.take(data, text))
    assert data["abstract"] == "Another."
