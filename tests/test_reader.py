"""Which files of papers/ are contributions, and what is read of one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proceedings.build import FileStore, Workshop, list_files
from proceedings.contents import Listing, Plan, Planned, read_volume
from proceedings.document import text
from proceedings.model import ContentsEntry
from proceedings.reader import Manuscript, ReadView, read


@pytest.mark.parametrize(
    ("files", "planned"),
    [
        (["loom.md", "README.md"], ["papers/loom.md"]),
        (["loom.qmd", "weft.Rmd", "yarn.markdown"], ["papers/loom.qmd", "papers/weft.Rmd", "papers/yarn.markdown"]),
        (["loom/paper.md", "loom/paper.Rmd", "loom/notes.md"], ["papers/loom/paper.md"]),
        (["loom/index.qmd", "loom/_loom.qmd"], ["papers/loom/index.qmd"]),
        (["loom/cloth.qmd", "loom/parts/weft.md"], ["papers/loom/cloth.qmd"]),
        (["loom/data.csv"], []),
        (["LOOM.MD", "weft/Paper.md", "weft/notes.md"], ["papers/LOOM.MD", "papers/weft/Paper.md"]),
        (["2024/loom/paper.md", "weft.docx", "yarn/paper.tex"], []),
    ],
)
def test_contributions_are_found(tmp_path: Path, files: list[str], planned: list[str]) -> None:
    (tmp_path / "volume.yaml").write_text("title: Cloth\npublisher: {name: The Guild}\n")
    for name in files:
        path = tmp_path / "papers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# A title\n")
    listing = Listing(papers=tuple(list_files(tmp_path / "papers")), bibliography=(), styles=())
    plan = read_volume(listing, Workshop(tmp_path, FileStore(tmp_path / "build"))).value
    assert isinstance(plan, Plan)
    assert [item.path for item in plan.planned] == planned


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("\n# The *Loom*\n\nText.\n", "Text."),
        ("The loom\n========\n\nText.\n", "Text."),
        ("Text.\n\n# The Loom\n", "Text.\n\n# The Loom"),
        ("# The Loom again\n\nText.\n", "# The Loom again\n\nText."),
    ],
)
def test_a_heading_that_repeats_the_title_is_not_printed_again(volume: Path, body: str, left: str) -> None:
    _, words = read_paper(volume, f"---\ntitle: The Loom\nauthor: Ada Loom\n---\n{body}")
    assert words.split() == left.replace("# ", "").split()


ABSTRACT = "# Abstract\n\nWool holds.\n"


@pytest.mark.parametrize(
    ("body", "abstract", "keywords", "left"),
    [
        (f"{ABSTRACT}\n**Keywords:** wool, felt\nmaking.\n\n# Wool\n", "Wool holds.", ["wool", "felt making"], "Wool"),
        (f"{ABSTRACT}\n---\n\nKey words\n---\n\n- wool\n- moth\n\n# Wool\n", "Wool holds.", ["wool", "moth"], "Wool"),
        (f"{ABSTRACT}\n*Keywords*: wool; felt\n\n# Wool\n", "Wool holds.", ["wool", "felt"], "Wool"),
        ("# Wool\n\n## Authors\n\nAda\n\n## Resumen\n\nLana.\n\n## Uso\n", "Lana.", [], "Wool Authors Ada Uso"),
        (
            f"{ABSTRACT}\n## Background\n\nIt is old.\n\n# Wool\n",
            "",
            [],
            "Abstract Wool holds. Background It is old. Wool",
        ),
        ("# Abstract\n\nSee [felt].\n\n# Wool\n\n[felt]: https://a.org/\n", "", [], "Abstract See felt. Wool"),
        (ABSTRACT, "", [], "Abstract Wool holds."),
        ("# A\n\n# B\n\n# C\n\n# D\n\n# E\n\n# Abstract\n\nWool.\n\n# F\n", "", [], "A B C D E Abstract Wool. F"),
    ],
)
def test_an_abstract_that_is_a_section(volume: Path, body: str, abstract: str, keywords: list[str], left: str) -> None:
    manuscript = read_paper(volume, f"---\ntitle: The Loom\nauthor: Ada Loom\n---\n{body}")
    assert " ".join(part.text for part in manuscript[0].contribution.abstract).strip() == abstract
    assert list(manuscript[0].contribution.keywords) == keywords
    assert manuscript[1].split() == left.split()


def test_a_field_counts_more_than_a_section(volume: Path) -> None:
    manuscript, left = read_paper(volume, f"---\ntitle: T\nauthor: A B\nabstract: Mine.\n---\n{ABSTRACT}\n# Wool\n")
    assert [part.text.strip() for part in manuscript.contribution.abstract] == ["Mine."]
    assert left.split() == "Abstract Wool holds. Wool".split()


def read_paper(volume: Path, written: str) -> tuple[Manuscript, str]:
    """The record of a paper, and the words of its body."""
    (volume / "papers" / "loom.md").write_text(written)
    shop = Workshop(volume, FileStore(volume / "build"))
    planned = Planned(slug="loom", path="papers/loom.md", folder="papers", entry=ContentsEntry(paper="loom"))
    manuscript = read(ReadView(planned=planned, volume_lang="en", volume_licence=None, shared=()), shop).value
    assert isinstance(manuscript, Manuscript)
    return manuscript, text(json.loads(shop.store.get(manuscript.tree))["blocks"])
