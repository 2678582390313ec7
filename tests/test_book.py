"""The printed volume as a book: its own pages, their order and folios, and what has become of a contribution."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pikepdf
import pytest
import yaml
from conftest import request_for, run

from proceedings import book, pipeline, validators, verification
from proceedings.agreement import navigation, of_pdf, structure
from proceedings.agreement.words import squeezed
from proceedings.build import Builder
from proceedings.edition import FIRST_FOLIO, LAST_FOLIO, Edition, PageRange, Prepared
from proceedings.model import Contribution, Section, Volume
from proceedings.numerals import from_roman
from proceedings.preparation import _cut
from proceedings.renderings.dates import date_range
from proceedings.typesetting.trees import elements, names

FRONT = [
    "cover",
    "half-title",
    "title-page",
    "imprint",
    "committees",
    "sponsors",
    "contents",
    "list-of-figures",
    "welcome",
]
BACK = ["errata", "bibliography", "subject-index", "author-index", "colophon"]
RETRACTION = """---
kind: retraction
title: "Retraction of a note"
authors: [{group: The Editors}]
retracts: {slug: note}
---

The note was invented, and said so too late.
"""


@pytest.fixture(scope="module")
def whole(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small volume with every part that there is; one of its papers is retracted by another."""
    import shutil

    root = tmp_path_factory.mktemp("whole") / "volume"
    shutil.copytree(sound, root)
    path = root / "volume.yaml"
    volume = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # NO is Norway
    volume["front-matter"], volume["back-matter"] = FRONT, BACK
    volume["section-openers"] = volume["recto"] = True
    volume["sections"][0]["introduction"] = "What is woven.\n\nAnd by whom."
    volume["sections"][1]["papers"].append("retraction")
    volume["cataloguing"] = ["UDC 677 (invented)"]
    volume["attach"] = ["jats"]
    volume["errata"] = [{"paper": "loom", "place": "Page 1", "was": "Worp", "should-be": "Warp"}]
    volume["committees"] = [{"name": "Readers", "members": ["A. Reader"]}]
    volume["event"]["sponsors"] = ["A Foundation"]
    path.write_text(yaml.safe_dump(volume, allow_unicode=True, sort_keys=False), encoding="utf-8")
    (root / "papers/retraction.md").write_text(RETRACTION, encoding="utf-8")
    assert [item for item in run(root).findings if item.severity.name != "NOTE"] == []
    return root


@pytest.fixture
def volume(whole: Path) -> pikepdf.Pdf:
    return pikepdf.open(whole / "build/pdf/volume.pdf")


def titles(volume: pikepdf.Pdf) -> list[str]:
    """The parts of the tag tree in the order of reading."""
    return [str(part.T) for part in elements(volume.Root.StructTreeRoot) if part.get("/S") == "/Part"]


def test_every_part_has_its_place(volume: pikepdf.Pdf) -> None:
    order = titles(volume)
    wanted = ["Cover", "Half title", "Title page", "Imprint", "Committees", "Organisers and sponsors", "Contents"]
    assert order[:6] == [*wanted[:5], "Sponsors"]
    assert order[6:9] == ["Contents", "List of figures", "Welcome"]
    assert order[-5:] == ["Errata", "Bibliography", "Subject index", "Author index", "Colophon"]
    assert [title for title in order if title in ("Weaving", "Water")] == ["Weaving", "Water"]


def test_folios_are_roman_then_arabic_and_everything_begins_on_the_right(volume: pikepdf.Pdf) -> None:
    labels = [page.label for page in volume.pages]
    first = labels.index("1")
    assert labels[:5] == ["Cover", "i", "ii", "iii", "iv"]
    assert labels[first:] == [str(number) for number in range(1, len(labels) - first + 1)]
    assert first % 2 == 1, "page 1 of a book is a right-hand page: an even number of pages and the cover before it"
    targets = dict(names(volume.Root.Names.Dests))
    pages = [page.objgen for page in volume.pages]
    begun = {
        name.decode(): labels[pages.index(target[0].objgen)] for name, target in targets.items() if b"#" not in name
    }
    numbers = {name: from_roman(label) or int(label) for name, label in begun.items() if name != "part.cover"}
    assert [name for name, number in numbers.items() if number % 2 == 0] == ["part.imprint"]


def test_what_follows_a_blank_page_is_the_next_part(volume: pikepdf.Pdf) -> None:
    blank = [page.label for page in volume.pages if "/StructParents" not in page.obj]
    assert blank[0] == "ii", "behind the half title"
    assert "/Annots" not in volume.pages[2].obj


def test_bookmarks_lead_to_the_parts_and_sections_to_their_openers(volume: pikepdf.Pdf) -> None:
    with volume.open_outline() as outline:
        marks = {item.title: item for item in outline.root}
        assert {"Cover", "Imprint", "Weaving", "Water", "Author index", "Colophon"} <= set(marks)
        assert str(marks["Weaving"].destination) == "part.section-1"
        assert any("loom" in str(item.destination) for item in marks["Weaving"].children)


def test_pages_of_how_to_cite_are_printed_text(whole: Path) -> None:
    words = of_pdf.offprint((whole / "build/pdf/loom.pdf").read_bytes()).text
    labels = [page.label for page in pikepdf.open(whole / "build/pdf/loom.pdf").pages]
    pages = f"pp.{labels[0]}–{labels[-1]}" if len(labels) > 1 else f"p.{labels[0]}"
    assert squeezed(words).count(squeezed(pages)) == 2, "in the line of the volume and in how to cite"
    assert pages.replace(".", ". ") in (whole / "build/html/loom/index.html").read_text(encoding="utf-8")


def test_what_corrects_another_text_names_it(whole: Path) -> None:
    page = (whole / "build/html/note/index.html").read_text(encoding="utf-8")
    address = "https://doi.org/10.5555/invented.2.loom"
    assert f'<a href="{address}">A loom that weaves light</a>. <a href="{address}">{address}</a></p>' in page


def test_a_work_of_the_volume_is_known_by_its_doi() -> None:
    from proceedings.renderings.article import _related, terms

    loom = Contribution(slug="loom", title="A *loom*", doi="10.5555/loom")
    related = ({"relation": "corrects", "doi": "10.5555/loom"}, {"relation": "corrects", "doi": "10.5555/other"})
    note = Contribution(slug="note", title="A note", related=related)
    edition = Edition(volume=Volume(title="V"))
    edition.prepared = {
        item.slug: Prepared(contribution=item, tree="", references="", title=item.title.replace("*", ""))
        for item in (loom, note)
    }
    edition.name_related()
    inside, outside = edition.prepared["note"].contribution.related
    assert (inside.title, outside.title) == ("A loom", "")
    assert _related(outside, edition.volume, terms("en"))["address"] == "https://doi.org/10.5555/other"


def test_every_page_and_entry_agrees_with_what_it_names(
    whole: Path, volume: pikepdf.Pdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How each of this fails: the mutations of test_verify."""
    monkeypatch.setattr(validators, "VALIDATORS", ())
    files = [whole / "build/pdf/volume.pdf", *sorted((whole / "build/pdf").glob("[!v]*.pdf"))]
    report = pipeline.verify_files(whole, files, request_for(whole))
    assert [item for item in report.findings if item.severity.name != "NOTE"] == []
    pages = of_pdf.Pages(whole / "build/pdf/volume.pdf")
    parts = {pointer.part for pointer in navigation.pointers(pages)}
    wanted = {"contents", "list-of-figures", "errata", "subject-index", "author-index", "section-1", "section-2"}
    assert parts == {f"part.{name}" for name in wanted}
    begun = {number: name for name, number in pages.targets.items() if "#" not in name}
    plain = {
        begun.get(number)
        for number, page in enumerate(volume.pages)
        if "/StructParents" in page.obj and not pages.furniture(page.obj)
    }
    wanted = {"cover", "half-title", "title-page", "imprint", "section-1", "section-2", "colophon"}
    assert plain == {f"part.{name}" for name in wanted}, "every other page has its folio"


def test_a_list_that_leads_to_another_figure_is_found(whole: Path) -> None:
    pages = of_pdf.Pages(whole / "build/pdf/volume.pdf")
    with Builder(whole, whole / "build") as builder:
        known = verification.whole_of(builder)
    assert known is not None and list(navigation.told(pages, known)) == []
    pages.targets["loom#loom--fig-loom"] = pages.targets["note"]
    pages.targets["note"] = pages.targets["loom"] = pages.targets["tides"]
    told = " ".join(message for _, message in navigation.told(pages, known))
    for part in ("list-of-figures", "errata", "section-2", "contents", "subject-index", "author-index"):
        assert f"in part.{part}, " in told


TEXT = (27, 26, 210 - 27, 297 - 24)  # millimetres: where the house style sets text


def test_only_artifacts_stand_outside_of_the_text_and_only_text_inside(whole: Path) -> None:
    left, bottom, right, top = (edge * 72 / 25.4 for edge in TEXT)
    for path in sorted((whole / "build/pdf").glob("*.pdf")):
        watermarks = []
        for page in pikepdf.open(path).pages:
            if page.label == "Cover":  # it has no margins
                continue
            for piece in structure.runs(page.obj):
                inside = left - 1 < piece.x < right and bottom < piece.y < top
                if piece.role == "furniture" and inside:
                    watermarks.append(piece.upright)
                else:
                    assert piece.role == ("read" if inside else "furniture"), (path.name, page.label, piece)
        assert watermarks == [False] * (path.stem in ("note", "volume")), "RETRACTED, across the page"


def test_a_retracted_paper_says_so_everywhere(whole: Path) -> None:
    import zipfile

    page = (whole / "build/html/note/index.html").read_text(encoding="utf-8")
    chapter = zipfile.ZipFile(whole / "build/epub/volume.epub").read("EPUB/note.xhtml").decode()
    for text, link in ((page, '"../retraction/index.html"'), (chapter, '"retraction.xhtml"')):
        assert '<span class="state">Retracted: </span>' in text
        assert link in text
    offprint = of_pdf.Pages((whole / "build/pdf/note.pdf").read_bytes())
    assert all("RETRACTED" in offprint.words(page.obj, None) for page in offprint.file.pages), "a watermark, untagged"
    assert "Retracted: " in of_pdf.offprint((whole / "build/pdf/note.pdf").read_bytes()).text
    assert "Retracted: " in (whole / "build/html/index.html").read_text(encoding="utf-8")


def test_a_printing_house_gets_a_cover_to_cut_and_black_pages(whole: Path) -> None:
    path = whole / "volume.yaml"
    path.write_text(path.read_text("utf-8") + "print: {black-only: true, bleed: 4}\n", encoding="utf-8")
    run(whole, to=("print",))
    volume, inside, cover = (
        pikepdf.open(whole / "build" / name) for name in ("pdf/volume.pdf", "print/inside.pdf", "print/cover.pdf")
    )
    assert [page.label for page in inside.pages] == [page.label for page in volume.pages][1:]
    assert [float(edge) for edge in cover.pages[0].trimbox] == [float(edge) for edge in volume.pages[0].mediabox]
    assert float(cover.pages[0].obj.BleedBox[0]) == pytest.approx(-4 * 72 / 25.4)
    for item in inside.objects:
        if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image":
            assert item.ColorSpace == "/DeviceGray"
    coloured = [
        operands for page in inside.pages for operands, operator in pikepdf.parse_content_stream(page, "rg RG k K")
    ]
    assert coloured == []


def test_pdfs_carry_the_jats(whole: Path, volume: pikepdf.Pdf) -> None:
    jats = {path.name: path.read_bytes() for path in (whole / "build/jats").glob("*.xml")}
    assert {name: file.get_file().read_bytes() for name, file in volume.attachments.items()} == jats
    assert len(jats) == 5
    offprint = pikepdf.open(whole / "build/pdf/loom.pdf")
    assert offprint.attachments["loom.xml"].get_file().read_bytes() == jats["loom.xml"]
    assert [str(file.AFRelationship) for file in offprint.Root.AF] == ["/Alternative"]
    for pdf, rights in ((volume, "© 2025 The authors"), (offprint, "© 2025 The authors")):
        with pdf.open_metadata() as xmp:
            assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "A")
            assert xmp["dc:rights"] == f"{rights}. Creative Commons Attribution 4.0 International"
            assert xmp["{http://prismstandard.org/namespaces/basic/3.0/}eIssn"] == "0317-8471"


def test_the_epub_has_the_cover_of_the_book(whole: Path, volume: pikepdf.Pdf) -> None:
    import zipfile

    from lxml import etree
    from PIL import Image

    archive = zipfile.ZipFile(whole / "build/epub/volume.epub")
    package = etree.fromstring(archive.read("EPUB/package.opf"))
    items = package.findall(".//{*}item[@properties='cover-image']")
    assert [item.get("href") for item in items] == ["images/cover.png"]
    assert package.find(".//{*}spine")[0].get("idref") == "cover-page"
    picture = Image.open(archive.open("EPUB/images/cover.png"))
    left, bottom, right, top = (float(edge) for edge in volume.pages[0].mediabox)
    assert picture.height == 1600
    assert picture.width / picture.height == pytest.approx((right - left) / (top - bottom), abs=0.01)
    page = etree.fromstring(archive.read("EPUB/cover.page.xhtml"))
    alt = page.find(".//{*}img").get("alt")
    assert alt == "Cover: Proceedings of the Second Meeting on Invented Things"


# --- without a build ------------------------------------------------------------------------------------------------


def edition(*contributions: dict[str, object], **volume: object) -> Edition:
    items = [Contribution.model_validate({"title": "T", **facts}) for facts in contributions]
    prepared = {item.slug: Prepared(contribution=item, tree="", references="") for item in items}
    return Edition(Volume.model_validate({"title": "V", **volume}), prepared=prepared)


def test_a_book_without_recto_wastes_no_pages() -> None:
    made = edition({"slug": "a"}, {"slug": "b"}, front_matter=("title-page", "contents"), back_matter=("author-index",))
    made.body_pages = {"#title-page": 1, "#contents": 2, "a": 3, "b": 1, "#author-index": 0}
    places = book.paginate(made)
    assert {name: (place.folios, place.blanks) for name, place in places.items()} == {
        "#title-page": (("i",), ()),
        "#contents": (("ii", "iii"), ("iv",)),
        "a": (("1", "2", "3"), ()),
        "b": (("4",), ()),
    }


def test_a_part_is_named_once_and_an_opener_belongs_to_its_section() -> None:
    made = edition(
        {"slug": "a"}, front_matter=("contents", "committees"), back_matter=("committees",), section_openers=True,
        sections=(Section(id="s", title="S", papers=()),),
    )  # fmt: skip
    made.sections = {"a": made.volume.sections[0]}
    assert book.part_names(made.volume) == ("#contents", "#committees", "#section-1")
    assert book.body(made) == ["#section-1", "a"]


def test_people_of_one_orcid_are_one_person() -> None:
    ada = {"given": "Ada", "family": "Weft", "orcid": "0000-0002-1825-0097"}
    made = edition(
        {"slug": "a", "contributors": [ada, {"group": "The Group"}]},
        {"slug": "b", "contributors": [{**ada, "given": "A."}]},
        {"slug": "c", "contributors": [{"given": "Ada", "family": "Weft"}]},
    )
    assert [(entry.text, entry.slugs) for entry in book._people(made)] == [
        ("Weft, Ada", ("a", "b", "c")),
        ("The Group", ("a",)),
    ]


def test_keywords_index_what_has_no_subjects() -> None:
    made = edition(
        {"slug": "a", "subjects": ["Warps"], "keywords": ["loom"]},
        {"slug": "b", "keywords": ["tide"]},
        {"slug": "c", "lang": "kk", "keywords": ["су"], "translations": {"en": {"keywords": ["water"]}}},
    )
    assert [(entry.text, entry.slugs) for entry in book._subjects(made)] == [
        ("Warps", ("a",)), ("tide", ("b",)), ("water", ("c",)),
    ]  # fmt: skip


def test_chinese_is_written_in_the_characters_that_the_tag_names() -> None:
    from proceedings.renderings.article import _terms, terms

    assert [terms(tag)["references"] for tag in ("zh", "zh-Hans-TW", "zh-hans-tw", "zh-TW", "zh-Hant")] == [
        "参考文献"
    ] * 3 + ["參考文獻"] * 2
    assert _terms("zh-Hant").keys() == _terms("zh").keys() and terms("de-TW")["references"] == terms("de")["references"]


@pytest.mark.parametrize(
    "start, end, lang, printed",
    [
        ((2024, 10, 16), (2024, 10, 17), "en-GB", "16–17 October 2024"),
        ((2024, 10, 16), (2024, 10, 16), "en", "16 October 2024"),
        ((2024, 10, 30), (2024, 11, 2), "ru", "30 октября – 2 ноября 2024\u00a0г."),
        ((2024, 10, 16), (2024, 10, 17), "kk", "2024\u00a0ж. 16–17 қазан"),
        ((2024, 10, 16), (2024, 10, 17), "de", "16.–17. Oktober 2024"),
        ((2024, 10, 16), (2024, 10, 17), "es", "16–17 de octubre de 2024"),
        ((2024, 10, 16), (2024, 10, 17), "zh-Hant-x-own", "2024年10月16日至17日"),
        ((2024, 10, 16), (2024, 11, 2), "it", "16 ottobre – 2 novembre 2024"),
        ((2024, 12, 30), (2025, 1, 2), "fr", "30 décembre 2024 – 2 janvier 2025"),
        ((2024, 10, 16), (2024, 10, 17), "tlh", "2024-10-16/2024-10-17"),
    ],
)
def test_days_share_what_they_have_in_common(
    start: tuple[int, int, int], end: tuple[int, int, int], lang: str, printed: str
) -> None:
    assert date_range(date(*start), date(*end), lang) == printed


@pytest.mark.parametrize(
    "form, before, one, several, after",
    [
        ("A. T. In B (Vol. 1, {}). Pub. https://x", "A. T. In B (Vol. 1,", "p. vii).", "pp. 6–18).", "Pub. https://x"),
        ("Doe. “The {{a}} of {{b}}.” J, {}.", "Doe. “The {a} of {b}.” J,", "p. vii.", "pp. 6–18.", ""),
        ("Doe. “T.” J, 2020, {}.", "Doe. “T.” J, 2020,", "p. vii.", "pp. 6–18.", ""),
    ],
)
def test_a_citation_is_cut_around_its_pages(form: str, before: str, one: str, several: str, after: str) -> None:
    cut = _cut(form.format(f"p. {FIRST_FOLIO}"), form.format(f"pp. {FIRST_FOLIO}–{LAST_FOLIO}"))
    assert cut is not None
    assert (cut.before, cut.after) == (before, after)
    pages = (PageRange(first="vii", last="vii", count=1), PageRange(first="6", last="18", count=13))
    assert tuple(cut.pages(item) for item in pages) == (one, several)
    assert cut.whole(pages[1]) == form.format("pp. 6–18")
