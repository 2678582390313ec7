"""`proceedings verify` cannot be fooled: outputs that are not what the sources say are found, each by what they say."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT, request_for
from mutations import (
    Change,
    another_head,
    authors_exchanged,
    bookmark_moved,
    cut,
    double,
    exchange,
    folios_exchanged,
    labelled_from,
    link_turned,
    member,
    metadata,
    mimetype_last,
    other_words,
    pdf,
    raised_text,
    silent_figures,
    swap,
    target_moved,
    truncated,
    unmarked_folio,
    untagged,
    verified,
    without_member,
    without_page,
)

from proceedings import pipeline, validators
from proceedings.cli import main
from proceedings.writers import WRITERS

PAGE, PACKAGE = "html/loom/index.html", "EPUB/package.opf"
MUTATIONS: dict[str, tuple[str, Change, str]] = {
    # what is done: (file below build/, change, code)
    "a dropped author in JATS": ("jats/loom.xml", cut(r"<contrib [^>]*contrib-type=\"author\".*?</contrib>"), "O201"),
    "swapped authors in JATS": ("jats/loom.xml", authors_exchanged, "O201"),
    "a swapped letter in a name": ("jats/tides.xml", swap("Айгүл", "Айгул"), "O201"),
    "a wrong first page in JATS": ("jats/tides.xml", swap("<fpage>", "<fpage>4"), "O201"),
    "a wrong DOI in JATS": ("jats/loom.xml", swap(">10.5555/invented.2.loom<", ">10.5555/invented.2.note<"), "O201"),
    "a wrong licence in JATS": ("jats/loom.xml", swap("licenses/by/4.0", "licenses/by-nc/4.0"), "O201"),
    "a wrong year in JATS": ("jats/loom.xml", swap("<year>2025</year>", "<year>2024</year>"), "O201"),
    "a missing keyword in JATS": ("jats/loom.xml", cut("<kwd>light</kwd>"), "O201"),
    "another language in JATS": ("jats/loom.xml", swap('xml:lang="en"', 'xml:lang="de"', 1), "O201"),
    "a lost note in JATS": ("jats/loom.xml", cut(r"<fn-group>.*?</fn-group>"), "O202"),
    "a lost paragraph in JATS": ("jats/tides.xml", cut(r"<p>Tides come.*?</p>"), "O202"),
    "a doubled paragraph in JATS": ("jats/welcome.xml", double(r"<p>These proceedings.*?</p>"), "O202"),
    "a lost cell in JATS": ("jats/loom.xml", cut(r"<td[^>]*>14</td>"), "O202"),
    "a changed number in JATS": ("jats/note.xml", swap("13 threads", "31 threads"), "O202"),
    "a lost reference in JATS": ("jats/loom.xml", cut(r"<ref id.*?</ref>"), "O203"),
    "a changed title of a reference": ("jats/loom.xml", cut(r"<article-title>(?=.*</element-citation>)"), "O200"),
    "a lost description in JATS": ("jats/loom.xml", cut(r"<alt-text>.*?</alt-text>"), "O204"),
    "a broken link in JATS": ("jats/loom.xml", swap('rid="loom--fig-loom"', 'rid="loom--fig-lost"'), "O205"),
    "JATS that is not well-formed": ("jats/loom.xml", cut("</body>"), "O200"),
    "truncated JATS": ("jats/loom.xml", truncated, "O200"),
    "a page without a title": (PAGE, cut(r"<title>.*?</title>"), "O200"),
    "half of a title": (PAGE, swap("A loom that weaves <em>", "<em>"), "O201"),
    "a wrong date in the head of a page": (PAGE, swap('content="2025/03/14"', 'content="2025/03/15"'), "O201"),
    "a wrong date on a page": (PAGE, swap("14 March 2025", "15 March 2025"), "O201"),
    "a dropped author in the head of a page": (PAGE, cut(r'<meta name="citation_author"[^>]*>'), "O201"),
    "wrong pages on a page": (PAGE, swap("1–2", "1–3"), "O201"),
    "a lost abstract on a page": (PAGE, swap("Light is woven.", ""), "O202"),
    "a doubled reference on a page": (PAGE, double(r'<div id="loom--ref-thread1999".*?</div>'), "O202"),
    "a lost link on a page": (PAGE, cut(r'href="https://doi.org/10.5555/loom.2005"'), "O205"),
    "a truncated page": ("html/tides/index.html", truncated, "O20"),
    "EPUB without mimetype first": ("epub/volume.epub", mimetype_last, "O200"),
    "EPUB without a chapter": ("epub/volume.epub", without_member("EPUB/tides.xhtml"), "O200"),
    "EPUB with another title": ("epub/volume.epub", member(PACKAGE, swap("Second Meeting", "Third Meeting")), "O201"),
    "EPUB in another order": (
        "epub/volume.epub", member(PACKAGE, exchange('idref="text-tides"', 'idref="text-note"')), "O201"),
    "EPUB with a lost sentence": ("epub/volume.epub", member("EPUB/tides.xhtml", swap("Once would do", "")), "O202"),
    "a truncated EPUB": ("epub/volume.epub", truncated, "O200"),
    "BITS without a chapter": ("bits/volume.xml", cut(r'<book-part [^>]*id="tides".*?</book-part>'), "O20"),
    "BITS with a lost note": ("bits/volume.xml", cut(r"<fn-group>.*?</fn-group>"), "O202"),
    "PDF without tags": ("pdf/loom.pdf", pdf(untagged), "O200"),
    "PDF with another author": ("pdf/loom.pdf", metadata("Josiah Carberry", "Josiah Blueberry"), "O201"),
    "PDF with another DOI": ("pdf/loom.pdf", metadata("10.5555/invented.2.loom", "10.5555/invented.2.lomo"), "O201"),
    "PDF without a page": ("pdf/loom.pdf", without_page(1), "O20"),
    "PDF without descriptions": ("pdf/loom.pdf", pdf(silent_figures), "O204"),
    "PDF with other words": ("pdf/loom.pdf", pdf(other_words), "O202"),
    "a truncated PDF": ("pdf/loom.pdf", truncated, "O200"),
    "another citation of a page": (PAGE, swap("pp. 1–2", "pp. 1–3"), "O201"),
    "another citation in an EPUB": (
        "epub/volume.epub", member("EPUB/loom.xhtml", swap("Carberry, J.", "Carberry, I.")), "O201",
    ),
    "CSL-JSON with other pages": ("cite/loom.json", swap('"1-2"', '"1-3"'), "O203"),
    "CSL-JSON without an author": ("cite/loom.json", cut(r'\s*\{\s*"family": "Carberry".*?\},'), "O203"),
    "truncated CSL-JSON": ("cite/loom-references.json", truncated, "O200"),
    "RIS without a record": ("cite/loom-references.ris", cut(r"TY  - .*?ER  - \r?\n"), "O203"),
    "RIS with another title": ("cite/tides.ris", swap("invented again", "invented once"), "O203"),
    "a truncated RIS": ("cite/volume.ris", truncated, "O20"),
    "BibTeX with another year": ("cite/loom.bib", swap("year = {2025}", "year = {2024}"), "O203"),
    "BibTeX with another DOI": ("cite/loom-references.bib", swap("10.5555/loom.2005", "10.5555/loom.2006"), "O203"),
    "a truncated BibTeX": ("cite/volume.bib", truncated, "O20"),
    "a volume with a page too few": ("pdf/volume.pdf", without_page(-1), "O201"),
    "a volume with other words": ("pdf/volume.pdf", pdf(other_words), "O202"),
    "a wrong last page in JATS": ("jats/loom.xml", swap("<lpage>2", "<lpage>3"), "O201"),
    "a wrong first page in BITS": ("bits/volume.xml", swap("<fpage>1<", "<fpage>2<"), "O201"),
    "a wrong page in the head of a page": (
        PAGE, swap('"citation_lastpage" content="2"', '"citation_lastpage" content="3"'), "O201"),
    "RIS with another page": ("cite/loom.ris", swap("EP  - 2", "EP  - 3"), "O203"),
    "BibTeX with other pages": ("cite/loom.bib", swap("{1--2}", "{1--3}"), "O203"),
    "PDF with other labels": ("pdf/loom.pdf", pdf(labelled_from(8)), "O201"),
    "PDF with exchanged folios": ("pdf/loom.pdf", pdf(folios_exchanged), "O201"),
    "PDF with another running head": ("pdf/loom.pdf", pdf(another_head), "O201"),
    "PDF with text that is not marked": ("pdf/loom.pdf", pdf(unmarked_folio), "O200"),
    "PDF with text over its head": ("pdf/loom.pdf", pdf(raised_text), "O200"),
    "PDF with a link to another page": ("pdf/loom.pdf", pdf(target_moved("loom#loom--fig-loom", 1)), "O205"),
    "a volume with other labels": ("pdf/volume.pdf", pdf(labelled_from(8)), "O201"),
    "a volume whose contents lead elsewhere": (
        "pdf/volume.pdf", pdf(link_turned("part.contents", "loom", "tides")), "O205"),
    "a volume whose index leads elsewhere": (
        "pdf/volume.pdf", pdf(link_turned("part.author-index", "loom", "tides")), "O205"),
    "a volume whose index leads nowhere": (
        "pdf/volume.pdf", pdf(link_turned("part.author-index", "loom", "lomo")), "O205"),
    "a volume with a link to another page": ("pdf/volume.pdf", pdf(target_moved("loom#loom--fig-loom", 0)), "O205"),
    "a volume with a bookmark to another page": ("pdf/volume.pdf", pdf(bookmark_moved("Results", 0)), "O205"),
}  # fmt: skip


@pytest.fixture(scope="session")
def built(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sound volume for these tests alone: what is compared is remembered in its build."""
    root = tmp_path_factory.mktemp("verify") / "volume"
    shutil.copytree(sound, root)
    return root


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutation_is_caught(name: str, built: Path, tmp_path: Path, unaided: None) -> None:
    file, change, code = MUTATIONS[name]
    result = verified(file, change, built, tmp_path)
    assert result.exit_code == 4, result.output
    told = [line for line in result.output.splitlines() if "[O003]" not in line]
    assert any(f"[{code}" in line for line in told), told
    assert all(line.startswith(("papers/", "volume.yaml")) for line in told)


def test_every_output_has_mutations() -> None:
    """Twenty at the least, and some of every output that is compared."""
    assert len(MUTATIONS) >= 20
    mutated = {file.partition("/")[0] + Path(file).suffix for file, _, _ in MUTATIONS.values()}
    made = {"jats.xml", "bits.xml", "html.html", "epub.epub", "pdf.pdf", "cite.json", "cite.bib", "cite.ris"}
    assert made <= mutated
    assert {writer.name for writer in WRITERS if not writer.on_request} == {
        "html", "site", "offprint", "pdf", "epub", "jats", "bits", "cite", "cite-volume",
    }  # fmt: skip


PAGED = {"html/loom/index.html": "pp. 1–2", "cite/loom.json": '"1-2"', "cite/loom.bib": "{1--2}"}


@pytest.mark.parametrize("file", PAGED)
def test_pages_are_the_same_wherever_it_is_told_how_to_cite(file: str, built: Path) -> None:
    """In the text of JATS and of the PDF they are read back with the other facts."""
    from proceedings.agreement import of_pdf
    from proceedings.agreement.words import squeezed

    assert PAGED[file] in (built / "build" / file).read_text(encoding="utf-8")
    printed = of_pdf.offprint((built / "build/pdf/loom.pdf").read_bytes()).text
    assert squeezed("(Vol. 2, pp. 1–2)") in squeezed(printed)


def test_what_is_as_it_was_made_agrees(built: Path, unaided: None) -> None:
    """No false alarm, and every output is read."""
    report = pipeline.verify_files(built, None, request_for(built))
    assert report.findings == []
    exports = len(list((built / "build/cite").iterdir()))
    assert report.checked == {"comparison with the sources": 4 * 3 + 4 + exports}


def test_what_no_validator_knows_is_told(built: Path, unaided: None) -> None:
    report = pipeline.verify_files(built, None, request_for(built))
    told = " ".join(item.message for item in report.unchecked)
    assert all(f" {suffix}" in told for suffix in (".bib", ".css", ".html", ".xml")), told


def test_changed_file_of_the_build_is_told(volume: Path, unaided: None) -> None:
    path = volume / "build/html/index.html"
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    report = pipeline.verify_files(volume, None, request_for(volume))
    assert [item.code for item in report.findings] == ["O206"]


def test_a_difference_is_told_at_the_line_of_the_author(built: Path, tmp_path: Path, unaided: None) -> None:
    path = tmp_path / "note.xml"
    path.write_bytes(swap("13 threads", "31 threads")((built / "build/jats/note.xml").read_bytes()))
    (found,) = pipeline.verify_files(built, [path], request_for(built)).findings
    lines = (built / "papers/note.md").read_text(encoding="utf-8").split("\n")
    assert found.location.path == "papers/note.md"
    assert "13 threads" in lines[(found.location.line or 0) - 1]
    assert "13" in found.message
    assert "31" in found.message


def test_command_exits_with_4(built: Path, tmp_path: Path) -> None:
    path = tmp_path / "tides.xml"
    path.write_bytes(swap("Айгүл", "Айгул")((built / "build/jats/tides.xml").read_bytes()))
    result = CliRunner().invoke(main, ["verify", str(path), "--root", str(built)])
    assert result.exit_code == 4
    assert "Айгул" in result.output


def test_files_of_no_volume_are_not_called_compared(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(built / "build/jats/note.xml", tmp_path)
    result = CliRunner().invoke(main, ["verify", "note.xml"])
    assert result.exit_code == 0
    assert "nothing was compared" in result.output


def test_bits_is_held_against_its_dtd(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The DTD is on no registry: the developers' copy is used where it is there."""
    folder = Path(os.environ.get("PROCEEDINGS_SHARED", ROOT.parent / "shared")) / "schemas"
    if not (folder / "bits-2.1").is_dir():
        pytest.skip("the BITS 2.1 DTD is not here")
    monkeypatch.setenv("PROCEEDINGS_SCHEMAS", str(folder))
    broken = tmp_path / "volume.xml"
    broken.write_bytes(swap("<book-title>", "<title>", 1)(swap("</book-title>", "</title>")(
        (built / "build/bits/volume.xml").read_bytes())))  # fmt: skip
    sound = validators.validate([built / "build/bits/volume.xml"], full=True)
    assert sound.valid
    assert [name.partition(" (")[0] for name in sound.checked] == ["BITS 2.1"]
    assert not validators.validate([broken], full=True).valid
