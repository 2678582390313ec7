"""Recordings and supplements: carried as they are by outputs that can, told by name and address in the others."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from conftest import run
from lxml import etree

VOLUME = """\
title: Waves
url: https://example.org/v2
published: 2025-03-14
licence: CC-BY-4.0
publisher: {name: Invented Press}
series: {title: Waves, issn: 2049-3630}
"""
PAPER = """\
---
title: Waves on video
kind: editorial
authors: [{given: Aigul, family: Tolqyn}]
supplementary-material:
  - {file: data/obs.csv, title: "Observations of *waves*", description: "One row for each wave."}
  - {title: The deposited model, doi: 10.5281/zenodo.1234567}
---

The waves move, as @fig-flow shows; the numbers are in [the table](data/obs.csv), the code [in an archive](./code.zip).

![Waves at noon. The camera stood on the pier.](flow.mp4){#fig-flow alt="Waves run up a beach"}

One hears them too: ![Breakers by night](song.mp3) and then they stop.
"""
FILES = {"flow.mp4": b"moving", "song.mp3": b"sounding", "data/obs.csv": b"a,b\n1,2\n", "code.zip": b"PK"}
XLINK = "{http://www.w3.org/1999/xlink}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("attachments")
    folder = root / "papers/waves"
    (folder / "data").mkdir(parents=True)
    (root / "volume.yaml").write_text(VOLUME, encoding="utf-8")
    (folder / "paper.md").write_text(PAPER, encoding="utf-8")
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    report = run(root, to=("html", "jats", "bits", "epub", "offprint"))
    assert report.findings == []  # none lost, none twice: `agreement` has read every output back
    return root / "build"


def test_the_site_plays_recordings_and_hands_out_files(built: Path) -> None:
    page = (built / "html/waves/index.html").read_text(encoding="utf-8")
    root = etree.HTML(page)
    for tag, name in (("video", "flow.mp4"), ("audio", "song.mp3")):
        (player,) = root.iter(tag)
        assert (built / "html/waves" / player.get("src")).read_bytes() == FILES[name]
        assert player.get("aria-label") in ("Waves run up a beach", "Breakers by night")
    links = {link.get("download"): link.get("href") for link in root.iter("a") if link.get("download")}
    assert {name: (built / "html/waves" / href).read_bytes() for name, href in links.items()} == {
        "obs.csv": FILES["data/obs.csv"],
        "code.zip": FILES["code.zip"],
    }


@pytest.mark.parametrize("path", ["jats/waves.xml", "bits/volume.xml"])
def test_jats_tags_them(built: Path, path: str) -> None:
    root = etree.parse(str(built / path))
    media = [(item.get("mimetype"), item.get(f"{XLINK}href"), item.findtext("alt-text")) for item in root.iter("media")]
    described = [("video", "Waves run up a beach"), ("audio", "Breakers by night")]
    assert [(kind, alt) for kind, _, alt in media] == described
    for _, href, _ in media:
        assert (built / path).parent.joinpath(href).is_file()
    found = list(root.iter("supplementary-material"))
    assert ["".join(item.find("caption/title").itertext()) for item in found] == [
        "Observations of waves", "The deposited model", "code.zip",
    ]  # fmt: skip
    assert found[0].get("mimetype") == "text" and found[0].get("mime-subtype") == "csv"
    assert found[1].get(f"{XLINK}href") == "https://doi.org/10.5281/zenodo.1234567"
    named = [link.get("rid") for link in root.iter("xref") if link.get("ref-type") == "supplementary-material"]
    assert named == [found[0].get("id"), found[2].get("id")]


def test_the_epub_carries_what_it_can_play(built: Path) -> None:
    with zipfile.ZipFile(io.BytesIO((built / "epub/volume.epub").read_bytes())) as book:
        held = {Path(name).suffix for name in book.namelist() if "/images/" in name}
        chapter = book.read("EPUB/waves.xhtml").decode()
    assert held == {".mp4", ".mp3"}
    assert "https://example.org/v2/html/waves/waves-code-" in chapter


def test_print_says_where_they_are(built: Path) -> None:
    from proceedings.agreement import of_pdf

    text = " ".join(of_pdf.offprint((built / "pdf/waves.pdf").read_bytes()).text.split())
    for words in ("Video: flow.mp4", "Audio: song.mp3", "Supplementary material", "obs.csv", "10.5281/zenodo.1234567"):
        assert words in text
    assert "example.org/v2/html/waves/waves-flow-" in text.replace(" ", "")
