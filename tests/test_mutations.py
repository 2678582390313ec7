"""What is there twice is exchanged, what is small is changed, what nobody sees is taken away: `verify` tells of each.

The volume is tests/mutated. Besides these, tests/test_verify.py has what is lost, doubled, truncated or misspelt.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from conftest import Inline, request_for
from mutations import Change, cut, double, exchange, labelled_from, member, metadata, pdf, swap, verified

from proceedings import pipeline
from proceedings.cli import main

MUTATED = Path(__file__).parent / "mutated"


def without_links(document: pikepdf.Pdf) -> None:
    for page in document.pages:
        if "/Annots" in page:
            del page["/Annots"]


def without_headings(document: pikepdf.Pdf) -> None:
    for thing in document.objects:
        if isinstance(thing, pikepdf.Dictionary) and str(thing.get("/S", "")) == "/H2":
            thing.S = pikepdf.Name.P


def another_picture(data: bytes) -> bytes:
    """The red thread is drawn where the blue one should be."""
    source = zipfile.ZipFile(io.BytesIO(data))
    red, blue = (next(name for name in source.namelist() if f"dyes-{colour}" in name) for colour in ("red", "blue"))
    return member(blue, lambda _: source.read(red))(data)


DOUBLED = double(r"<p>The second paragraph.*?</p>")
JATS, PAGE, BOOK, CHAPTER = "jats/dyes.xml", "html/dyes/index.html", "epub/volume.epub", "EPUB/dyes.xhtml"
LAST, CONTENTS = "html/waste/index.html", "html/index.html"
RED, BLUE = "dyes-red-", "dyes-blue-"
OLD, COLD = "It was old in the last century too.", "It is cold in summer and in winter."
BITS, NAV, PACKAGE = "bits/volume.xml", "EPUB/nav.xhtml", "EPUB/package.opf"
EDITORS = r"<contrib-group content-type=\"volume-editors\">.*?</contrib-group>(?=<pub-date)"
ISBN, OTHER = "978-3-16-148410-0", "978-3-16-148410-1"
MUTATIONS: dict[str, tuple[str, Change, str]] = {
    # what is done: (file below build/, change, code)
    "affiliations exchanged in JATS": (JATS, exchange("The Mill", "The Pond"), "O201"),
    "authors with each other's affiliation in JATS": (JATS, exchange('rid="dyes--aff-1"', 'rid="dyes--aff-2"'), "O201"),
    "an affiliation exchanged in the head of a page": (PAGE, exchange('t="The Mill"', 't="The Pond"'), "O201"),
    "an iD with another digit in the head of a page": (PAGE, swap("-0097\">\n<meta", "-0098\">\n<meta"), "O201"),
    "another year of a reference in JATS": (JATS, swap(">1999</year>", ">1989</year>"), "O203"),
    "another first page of a reference in JATS": (JATS, swap("<fpage>17</fpage>", "<fpage>11</fpage>"), "O203"),
    "authors of a reference exchanged in JATS": (JATS, exchange("<surname>Rouge<", "<surname>Garance<"), "O203"),
    "a mark that leads to another reference in JATS": (
        JATS, swap('rid="dyes--ref-rouge1999"', 'rid="dyes--ref-azur2005"'), "O205",
    ),
    "a mark that leads to another reference on a page": (
        PAGE, swap('href="#dyes--ref-azur2005"', 'href="#dyes--ref-rouge1999"'), "O205",
    ),
    "figures that are pointed to, exchanged in an EPUB": (
        BOOK, member(CHAPTER, exchange('href="#dyes--fig-red"', 'href="#dyes--fig-blue"')), "O205",
    ),
    "addresses of two links exchanged on a page": (PAGE, exchange("example.org/list", "example.org/law"), "O205"),
    "cells exchanged in JATS": (JATS, exchange(">31</td>", ">57</td>"), "O202"),
    "cells exchanged on a page": (PAGE, exchange(">12</td>", ">14</td>"), "O202"),
    "notes exchanged in JATS": (JATS, exchange(OLD, COLD), "O202"),
    "notes exchanged on a page": (PAGE, exchange(OLD, COLD), "O202"),
    "a doubled paragraph on a page": (PAGE, DOUBLED, "O202"),
    "a doubled paragraph in an EPUB": (BOOK, member(CHAPTER, DOUBLED), "O202"),
    "a part in another language not marked in JATS": (JATS, cut(' xml:lang="fr"'), "O202"),
    "a part in another language not marked on a page": (PAGE, cut(' lang="fr"( xml:lang="fr")?'), "O202"),
    "pictures exchanged in JATS": (JATS, exchange(RED, BLUE), "O204"),
    "pictures exchanged on a page": (PAGE, exchange(RED, BLUE), "O204"),
    "descriptions exchanged in an EPUB": (
        BOOK, member(CHAPTER, exchange("from left to right", "from top to bottom")), "O204",
    ),
    "a picture of an EPUB that is another one": (BOOK, another_picture, "O204"),
    "a formula with another number in JATS": (JATS, swap("<mml:mn>3</mml:mn>", "<mml:mn>8</mml:mn>"), "O202"),
    "a formula lost on a page": (PAGE, cut(r"<math\b.*?</math>"), "O202"),
    "a licence in the PDF's metadata": ("pdf/dyes.pdf", metadata("licenses/by/4.0", "licenses/by-nc/4.0"), "O201"),
    "an abstract cut in an EPUB": (BOOK, member(CHAPTER, swap(" Neither was ever seen.", "")), "O202"),
    "labels of pages shifted": ("pdf/dyes.pdf", pdf(labelled_from(2)), "O201"),
    "labels of the volume's pages shifted": ("pdf/volume.pdf", pdf(labelled_from(2)), "O201"),
    "a PDF without links": ("pdf/dyes.pdf", pdf(without_links), "O205"),
    "an author lost in RIS": ("cite/dyes.ris", cut("AU  - Weaver, Ludo\r?\n"), "O203"),
    "another page in RIS": ("cite/dyes-references.ris", swap("SP  - 17", "SP  - 71"), "O203"),
    "another volume in RIS": ("cite/dyes.ris", swap("T2  - Proceedings on", "T2  - Pro ceedings in"), "O203"),
    "an entry lost in the contents of an EPUB": (BOOK, member(NAV, cut(r"<li><a href=\"waste.*?</li>")), "O201"),
    "entries exchanged in the contents of an EPUB": (
        BOOK, member(NAV, exchange('href="dyes.xhtml"', 'href="waste.xhtml"')), "O201",
    ),
    "another publisher in an EPUB": (BOOK, member(PACKAGE, swap("Invented Press", "Inverted Press")), "O201"),
    "another kind of article in JATS": (JATS, swap("research-article", "retraction"), "O201"),
    "another ISSN in JATS": (JATS, swap("0317-8471", "2049-3630"), "O201"),
    "another ISBN in the head of a page": (PAGE, swap(ISBN, OTHER), "O201"),
    "another holder of the rights in JATS": (JATS, swap("holder>The authors", "holder>The editors"), "O201"),
    "an award lost in JATS": (JATS, cut("<award-id>B-18</award-id>"), "O201"),
    "a role lost in JATS": (JATS, cut("<role [^>]*>Software</role>"), "O201"),
    "another day of receipt in JATS": (JATS, swap("<day>05</day>", "<day>06</day>"), "O201"),
    "another address for letters in JATS": (JATS, swap("<email>jc@", "<email>cj@"), "O201"),
    "pictures in another folder in JATS": (JATS, swap('href="dyes/dyes-', 'href="dues/dyes-'), "O201"),
    "another number of a note in JATS": (JATS, swap("2</label>\n<p>It is", "3</label>\n<p>It is"), "O200"),
    "another count in JATS": (JATS, swap('<fig-count count="2"', '<fig-count count="3"'), "O200"),
    "another city of an affiliation in JATS": (JATS, swap("<city>Elsewhere", "<city>Nowhere"), "O201"),
    "another country of an affiliation in BITS": (BITS, swap('country="KE"', 'country="NO"'), "O201"),
    "another journal of a reference in JATS": (JATS, swap("<source>Journal of D", "<source>Journal of E"), "O203"),
    "another given name in a reference in JATS": (JATS, swap("<given-names>Lee<", "<given-names>Leo<"), "O203"),
    "another DOI of the volume in JATS": (JATS, swap('-id="10.5555/invented.3"', '-id="10.5555/3"'), "O201"),
    "another iD in the byline of a page": (PAGE, swap('-0097" aria', '-0098" aria'), "O201"),
    "an editor lost in BITS": (BITS, cut(EDITORS), "O201"),
    "another ISBN in BITS": (BITS, swap(ISBN, OTHER), "O201"),
    "a reference of another type in JATS": (JATS, swap('type="journal"', 'type="newspaper"'), "O203"),
    "a reference of another type in BITS": (BITS, swap('type="book"', 'type="report"'), "O203"),
    "another word above the references in JATS": (JATS, swap("<title>References", "<title>Keywords"), "O201"),
    "another word above the references of a page": (PAGE, swap(">References</h", ">Keywords</h"), "O201"),
    "another word above the abstract of a page": (PAGE, swap(">Abstract</h2>", ">Summary</h2>"), "O201"),
    "another word above the funding in an EPUB": (
        BOOK, member(CHAPTER, swap("<h2>Funding", "<h2>Author contributions")), "O201",
    ),
    "another word before the keywords of a page": (PAGE, swap(">Keywords:<", ">References:<"), "O201"),
    "headings that are none in a PDF": ("pdf/dyes.pdf", pdf(without_headings), "O201"),
    "another page behind a page": (PAGE, swap('rel="next" href="../waste/', 'rel="next" href="../dyes/'), "O201"),
    "no way to the page before a page": (LAST, cut('<a rel="prev".*?</a>'), "O201"),
    "no way to the contents from a page": (PAGE, cut('<a class="up".*?</a>'), "O201"),
    "entries exchanged in the contents of the site": (
        CONTENTS, exchange('href="dyes/index.html"', 'href="waste/index.html"'), "O201",
    ),
    "an entry lost in the contents of the site": (CONTENTS, cut(r"<li>(?:(?!</li>).)*waste.*?</li>"), "O201"),
    "a section under another title in BITS": (BITS, swap("<title>Dyeing", "<title>Drying"), "O201"),
}  # fmt: skip


@pytest.fixture(scope="session")
def dyed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The volume of tests/mutated, built whole."""
    root = tmp_path_factory.mktemp("dyed") / "volume"
    shutil.copytree(MUTATED, root)
    assert pipeline.build(request_for(root), executor=Inline()).findings == []
    return root


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_is_exchanged_is_found(name: str, dyed: Path, tmp_path: Path, unaided: None) -> None:
    file, change, code = MUTATIONS[name]
    result = verified(file, change, dyed, tmp_path)
    assert result.exit_code == 4, result.output
    assert f"[{code}]" in result.output


def test_nothing_is_found_where_nothing_is_exchanged(dyed: Path, unaided: None) -> None:
    assert pipeline.verify_files(dyed, None, request_for(dyed)).findings == []


def test_a_file_that_nobody_made_is_told(dyed: Path, tmp_path: Path, unaided: None) -> None:
    """An output of a paper that was renamed, or a copy that somebody forgot: readers would find it."""
    root = tmp_path / "volume"
    shutil.copytree(dyed, root)
    (root / "build/html/dies").mkdir()
    shutil.copy(root / "build/html/dyes/index.html", root / "build/html/dies/index.html")
    (root / "build/CNAME").write_text("example.org")  # a host's own file beside what is made
    result = CliRunner().invoke(main, ["verify", "--root", str(root), "--format", "concise"])
    assert result.exit_code == 4
    assert "build/html/dies/index.html" in result.output
    assert "CNAME" not in result.output
