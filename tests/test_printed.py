"""What becomes of metadata on the pages of the site and in the JATS: tests/cases/printed.yaml, all in one volume."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import VOLUME, run
from lxml import etree, html

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "printed.yaml").read_text(encoding="utf-8"))
PAPER = "---\nkind: editorial\n{head}---\n\nCloth is good.\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("printed")
    facts = yaml.safe_load((VOLUME / "volume.yaml").read_text(encoding="utf-8"))
    kept = ("title", "published", "licence", "copyright-holder", "publisher", "event", "series", "number", "lang")
    facts = {name: facts[name] for name in kept} | {"outputs": ["html", "jats", "epub"]}
    (root / "volume.yaml").write_text(yaml.safe_dump(facts), encoding="utf-8")
    for case in CASES:
        path = root / "papers" / f"{case['slug']}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(PAPER.format(head=case["head"]) if "head" in case else case["text"], encoding="utf-8")
    run(root)
    return root / "build"


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_printed(case: dict[str, Any], built: Path) -> None:
    page = html.parse(built / f"html/{case['slug']}/index.html").getroot()
    jats = etree.parse(built / f"jats/{case['slug']}.xml")
    for expected, tree in ((case.get("page", {}), page), (case.get("jats", {}), jats.getroot())):
        assert {path: texts(tree, path) for path in expected} == expected


def test_names_that_differ_in_capitals_are_two_contributors(built: Path) -> None:
    with zipfile.ZipFile(built / "epub" / "volume.epub") as book:
        opf = next(name for name in book.namelist() if name.endswith(".opf"))
        names = texts(etree.fromstring(book.read(opf)), ".//*[local-name()='contributor']")
    assert {"Ann Alone", "ann Alone"} <= set(names)


def texts(tree: Any, path: str) -> list[str]:
    """The text of what an XPath finds."""
    found = tree.xpath(path)
    return [" ".join((item if isinstance(item, str) else "".join(item.itertext())).split()) for item in found]
