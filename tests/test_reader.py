"""Which files of papers/ are contributions."""

from __future__ import annotations

from pathlib import Path

import pytest

from proceedings.build import FileStore, Workshop, list_files
from proceedings.reader import Listing, Plan, read_volume


@pytest.mark.parametrize(
    ("files", "planned"),
    [
        (["loom.md", "README.md"], ["papers/loom.md"]),
        (["loom.qmd", "weft.Rmd", "yarn.markdown"], ["papers/loom.qmd", "papers/weft.Rmd", "papers/yarn.markdown"]),
        (["loom/paper.md", "loom/paper.Rmd", "loom/notes.md"], ["papers/loom/paper.md"]),
        (["loom/index.qmd", "loom/_loom.qmd"], ["papers/loom/index.qmd"]),
        (["loom/cloth.qmd", "loom/parts/weft.md"], ["papers/loom/cloth.qmd"]),
        (["loom/data.csv"], []),
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
