"""Readers that know nothing of this program get back from the JATS what the authors wrote: pandoc's and eLife's."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import jats_comparison
import pytest
from conftest import run, shared

from proceedings import pandoc
from proceedings.document import nodes, text

SLUGS = ("loom", "tides", "welcome", "note")


@pytest.fixture(scope="module")
def read(sound: Path) -> dict[str, Any]:
    """Each contribution's JATS as pandoc's reader understands it."""
    files = {slug: (sound / f"build/jats/{slug}.xml").read_text(encoding="utf-8") for slug in SLUGS}
    return {slug: json.loads(pandoc.run(data, ["-f", "jats", "-t", "json"])[0]) for slug, data in files.items()}


def words(content: Any) -> Counter[str]:
    return Counter(re.findall(r"\w{2,}", text(content).casefold()))


def test_pandoc_reads_title_authors_and_affiliations(read: dict[str, Any]) -> None:
    meta = read["loom"]["meta"]
    assert text(meta["title"]).startswith("A loom that weaves light")
    authors = [text(author) for author in meta["author"]["c"]]
    assert [name.partition("*")[0] for name in authors] == ["Josiah Carberry", "Ludo van der Weaver"]
    assert "The Mill, Nowhere, Norway" in text(meta["institute"])
    assert text(read["tides"]["meta"]["author"]).startswith("Айгүл Толқын")


def test_pandoc_reads_what_is_in_the_text(read: dict[str, Any]) -> None:
    blocks = read["loom"]["blocks"]
    counts = {kind: sum(1 for _ in nodes(blocks, kind)) for kind in ("Figure", "Table", "Note")}
    assert counts == {"Figure": 1, "Table": 1, "Note": 1}
    (formula,) = nodes(blocks, "Math")
    assert re.sub(r"\s", "", formula["c"][1]) == r"w=\frac{l^{2}}{2}"
    assert [text(heading) for heading in nodes(blocks, "Header")][:2] == ["Introduction", "Results"]
    references = read["loom"]["meta"]["references"]["c"]
    assert [text(item["c"]["title"]) for item in references] == ["A history of thread", "The new loom"]


@pytest.mark.parametrize("slug", SLUGS)
def test_pandoc_reads_every_word(slug: str, read: dict[str, Any], sound: Path) -> None:
    """Of the Markdown, as pandoc itself reads that; citations are compared by the references."""
    path = next(path for path in (sound / f"papers/{slug}/paper.md", sound / f"papers/{slug}.md") if path.is_file())
    source, _ = pandoc.parse(re.sub(r"(?s)\A---\n.*?\n---\n", "", path.read_text(encoding="utf-8")), {})
    wanted = Counter(
        word
        for word, count in words(source["blocks"]).items()
        for _ in range(count)
        if not re.search(rf"@\w*{word}|#\w*:?{word}", path.read_text(encoding="utf-8").casefold())
    )
    assert wanted
    assert wanted - words([read[slug]["blocks"], read[slug]["meta"]]) == Counter()


def test_elifetools_reads_the_facts(sound: Path) -> None:
    parser = pytest.importorskip("elifetools.parseJATS", reason="elifetools is not installed")
    soup = parser.parse_document(str(sound / "build/jats/loom.xml"))
    assert parser.title(soup) == "A loom that weaves light"
    assert parser.doi(soup) == "10.5555/invented.2.loom"
    authors = [item for item in parser.contributors(soup) if item["type"] == "author"]
    assert [(item["given-names"], item["surname"]) for item in authors] == [
        ("Josiah", "Carberry"),
        ("Ludo", "van der Weaver"),
    ]
    assert authors[0]["orcid"].endswith("0000-0002-1825-0097")
    assert parser.full_affiliation(soup) == [{"loom--aff-1": {"institution": "The Mill", "country": "Norway"}}]
    references = parser.refs(soup)
    assert [item.get("source") for item in references] == ["A history of thread", "Journal of Looms"]
    assert references[1]["doi"] == "10.5555/loom.2005"
    assert [item["label"] for item in parser.media(soup) + parser.graphics(soup) if item.get("label")] == []
    assert len(parser.graphics(soup)) == 1
    assert parser.abstract(soup).startswith("Light is woven.")


@pytest.mark.skipif(not shared(), reason="the shared corpus is not here")
def test_ours_carry_what_journals_have_published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two papers of JOSE; the third of the corpus cites by identifiers that only a network can look up."""
    import shutil

    corpus = shared()
    assert corpus is not None
    for slug in ("forecasting-course", "spatial-en"):
        shutil.copytree(corpus / "corpus" / slug, tmp_path / "papers" / slug)
    (tmp_path / "volume.yaml").write_text("title: JOSE\npublished: 2024-05-01\nlicence: CC-BY-4.0\n", encoding="utf-8")
    run(tmp_path, to=("jats",))
    lacking = jats_comparison.compared(tmp_path / "build", sys.stdout.write)
    assert lacking == 0, capsys.readouterr().out
