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
    (volume / "papers" / "loom.md").write_text(f"---\ntitle: The Loom\nauthor: Ada Loom\n---\n{body}")
    shop = Workshop(volume, FileStore(volume / "build"))
    planned = Planned(slug="loom", path="papers/loom.md", folder="papers", entry=ContentsEntry(paper="loom"))
    view = ReadView(planned=planned, volume_lang="en", volume_licence=None, shared=())
    manuscript = read(view, shop).value
    assert isinstance(manuscript, Manuscript)
    tree = json.loads(shop.store.get(manuscript.tree))
    assert text(tree["blocks"]).split() == left.replace("# ", "").split()
