"""What authors write becomes one tree: the cases, what must never happen, and the real papers."""

from __future__ import annotations

import html
import os
import re
import time
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from dialect_cases import PATH, load, outcome, prepared

from proceedings import dialects, pandoc
from proceedings.document import attributes, has_attr, nodes, text, walk

CASES = load("dialects.yaml")
SHARED = Path(os.environ.get("PROCEEDINGS_SHARED", Path(__file__).resolve().parents[2] / "shared"))
CORPUS = sorted((SHARED / "corpus").glob("*/paper.md"))


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_case(case):
    made, told = outcome(case)
    assert told == sorted(case.get("findings", []))
    assert made == case["html"].strip()


def test_cito_relations_are_kept_as_data():
    document, _ = prepared("[@citesAsAuthority:k1; @uses_method_in:k2] [@cites:k1] [@extends:usesDataFrom:k3]")
    kept = {key: value["c"] for key, value in document["meta"]["cito"]["c"].items()}
    assert kept == {"k1": "citesAsAuthority cites", "k2": "usesMethodIn", "k3": "extends usesDataFrom"}


def test_an_empty_link_to_a_doi_cites_it():
    document, _ = prepared("As [](doi:10.5555/loom) and [](https://doi.org/10.5555/weft) say, [so](doi:10.5555/x).")
    cited = [part["citationId"] for node in nodes(document["blocks"], "Cite") for part in node["c"][0]]
    assert cited == ["doi:10.5555/loom", "doi:10.5555/weft"]


@pytest.mark.parametrize(
    "markdown",
    [
        "> " * 200 + "x",
        "\n".join("  " * depth + "- x" for depth in range(100)),
        "<div>\n" * 150 + "x\n" + "</div>\n" * 150,
    ],
    ids=["quotations", "lists", "divisions"],
)
def test_deep_nesting_is_told_and_not_a_crash(markdown):
    written, _ = dialects.rewrite_text(markdown, PATH)
    document, _ = pandoc.parse(written)
    document, findings = dialects.rewrite_tree(document, PATH)
    assert [item.code for item in findings] == ["X001"]
    assert document["blocks"] == []


@pytest.mark.parametrize(
    "markdown",
    [
        "",
        "\n\n",
        "```",
        "```{note}",
        ":::",
        "::: {",
        "$$",
        "{{",
        "<",
        "<!--",
        "<div",
        "\\begin{",
        "(a)=",
        "[",
        "#",
        "---",
        "|",
        "@",
    ],
)
def test_fragments_are_not_a_crash(markdown):
    prepared(markdown)


@pytest.mark.parametrize(
    "piece", ["word {{ a } $ ` <x ", "`", "$a ", "<!--", "{% ", "\\begin{a}", "{#  ", "$$ ", "~~~ "]
)
def test_a_long_line_takes_no_time(piece):
    started = time.process_time()
    dialects.rewrite_text("{{ x }}" + piece * (100_000 // len(piece)), PATH)
    assert time.process_time() - started < 5


def test_no_attribute_of_an_author_can_run_code():
    document, _ = prepared(
        '[a](b){onclick="x" style="y" srcdoc="z"}\n\n<div onload="x" style="y">t</div>\n\n![c](d){onerror=x}'
    )
    keys = {key for node in walk(document["blocks"]) if has_attr(node) for key in attributes(node)}
    assert keys <= {"alt", "number", "label", "key"}


# --- real papers ----------------------------------------------------------------------------------------------


def _words(written: str) -> set[str]:
    return set(re.findall(r"[^\W_]{2,}", unicodedata.normalize("NFC", written)))


def _read_by(document) -> str:
    """All that a tree says: text, addresses, attributes, keys."""
    parts = [text(document["blocks"], notes=True)]
    for node in walk(document["blocks"]):
        if node["t"] in ("Link", "Image"):
            parts += node["c"][2]
        elif node["t"] == "Cite":
            parts += [item["citationId"] for item in node["c"][0]]
        if has_attr(node):
            parts += attributes(node).values()
        if node["t"] in ("Code", "CodeBlock"):
            parts += node["c"][0][1]
    return unicodedata.normalize("NFC", " ".join(parts))


_UNSHOWN = re.compile(
    r"<!--.*?-->|^\[[^\]^]+\]:[^\n]*", re.S | re.M
)  # comments, and link definitions, which may be unused
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_SHOWN_ATTRIBUTE = re.compile(r"""(?:href|src|alt|title)=["']([^"']*)""")
# What a paper may lose: markup that is words, and what findings tell.
MARKUP = set(
    "autoref label ref width height white comment if elif endif endfor endraw none true false vspace 0cm yaml".split()
)
LOST = {  # comments of templates, a raw comment, a second metadata block
    "meta-review": set("14874821 Changing Jinja2 Screen Template Uncomment appveyor incompatibility insert inserts "
                       "listing matter ndownloader preprinted provider mp4".split()),
    "inara-example": set("adjustments before latex margin metadata needs placement snippet".split()),
}  # fmt: skip


@pytest.mark.skipif(not CORPUS, reason="the shared corpus is not here")
@pytest.mark.parametrize("path", CORPUS, ids=[path.parent.name for path in CORPUS])
def test_real_paper_loses_nothing(path):
    written = path.read_text(encoding="utf-8")
    body = re.sub(r"\A\s*---\n.*?\n---\n", "", written, flags=re.S)
    document, findings = prepared(body)
    assert not list(nodes(document["blocks"], "RawInline", "RawBlock"))
    assert not any(item.code == "X001" for item in findings)

    shown = _TAG.sub(
        lambda tag: f" {' '.join(_SHOWN_ATTRIBUTE.findall(tag[0]))} ", html.unescape(_UNSHOWN.sub(" ", body))
    )
    kept = _read_by(document)
    allowed = MARKUP | LOST.get(path.parent.name, set())
    assert [word for word in sorted(_words(shown)) if word not in kept and word not in allowed] == []


@pytest.mark.skipif(not CORPUS, reason="the shared corpus is not here")
def test_real_papers_have_the_floats_they_label():
    figures = {
        path.parent.name: Counter(item.code for item in prepared(path.read_text(encoding="utf-8"))[1])
        for path in CORPUS
    }
    assert not {name for name, told in figures.items() if told["X002"] or told["X008"]}
