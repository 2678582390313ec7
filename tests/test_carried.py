"""Nothing that an author writes is lost without a word: texts, and what of them every output must show."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import yaml
from conftest import run
from lxml import html as lxml_html

from proceedings.agreement.of_pdf import Pages, offprint
from proceedings.agreement.words import squeezed

PATH = Path(__file__).parent / "cases/carried.yaml"
CASES = yaml.safe_load(PATH.read_text(encoding="utf-8"))
HEAD = "---\ntitle: TITLE\nauthors: [{given: Ann, family: Bee}]\nkeywords: [x]\nabstract: None.\n---\n\n"
VOLUME = """title: Carried
lang: en
published: 2025-03-14
licence: CC-BY-4.0
publisher: {name: Press}
front-matter: []
back-matter: []
"""


def slug(number: int) -> str:
    return f"case-{number}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    """The volume of all cases, built; and what is told of each."""
    root = tmp_path_factory.mktemp("carried")
    for number, case in enumerate(CASES):
        folder = root / "papers" / slug(number)
        folder.mkdir(parents=True)
        (folder / "paper.md").write_text(
            HEAD.replace("TITLE", f"About {case['title']}") + case["markdown"], encoding="utf-8"
        )
    (root / "volume.yaml").write_text(VOLUME, encoding="utf-8")
    told: dict[str, list[str]] = {}
    for item in run(root).findings:
        place = item.location
        at = "~" if place.near else f"{(place.line or 0) - HEAD.count(chr(10))}:{place.column}"
        told.setdefault(Path(place.path).parent.name, []).append(f"{item.code} {at}")
    return root / "build", told


def _shown(build: Path, name: str) -> dict[str, str]:
    """What a reader sees of a paper in each output."""
    page = lxml_html.parse(build / f"html/{name}/index.html").getroot()
    pages = Pages((build / f"pdf/{name}.pdf").read_bytes())
    words = [pages.words(sheet.obj, mark) for sheet in pages.file.pages for mark in range(_marks(sheet))]
    jats = (build / f"jats/{name}.xml").read_bytes()
    return {
        "html": page.find(".//article").text_content(),
        "pdf": " ".join(words),
        "jats": "".join(lxml_html.etree.fromstring(jats).itertext()),
    }


def test_lists_in_print_have_their_numbers(made: tuple[Path, dict[str, list[str]]]) -> None:
    for number, case in enumerate(CASES):
        reading = offprint((made[0] / f"pdf/{slug(number)}.pdf").read_bytes())
        if "numbers" in case:
            assert [words.strip() for words in reading.numbers or ()] == case["numbers"]


def _marks(sheet: Any) -> int:
    return len([None for _, operator in pikepdf.parse_content_stream(sheet) if str(operator) == "BDC"])


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case["title"] for case in CASES])
def test_everything_arrives(number: int, made: tuple[Path, dict[str, list[str]]]) -> None:
    case, (build, told) = CASES[number], made
    assert told.get(slug(number), []) == case.get("findings", [])
    for output, text in _shown(build, slug(number)).items():
        bare = squeezed(text)
        wanted = [*case.get("all", []), *case.get(output, [])]
        assert [words for words in wanted if squeezed(words) not in bare] == [], output
        assert [words for words in case.get("none", []) if squeezed(words) in bare] == [], output


def test_the_site_brings_a_typeface_for_its_formulas(made: tuple[Path, dict[str, list[str]]]) -> None:
    build, _ = made
    style = (build / "html/style.css").read_text(encoding="utf-8")
    (address,) = re.findall(r"url\((fonts/[^)]*)\)", style)
    assert (build / "html" / address).read_bytes()[:4] == b"wOFF"
