"""`proceedings verify` cannot be fooled: outputs that are not what the sources say are found, each by what they say."""

from __future__ import annotations

import io
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from conftest import ROOT, request_for

from proceedings import pipeline, validators
from proceedings.cli import main
from proceedings.typesetting.trees import names
from proceedings.writers import WRITERS

Change = Callable[[bytes], bytes]


def swap(old: str, new: str, count: int = -1) -> Change:
    """Text put in the place of text that must be there."""

    def change(data: bytes) -> bytes:
        assert old.encode() in data
        return data.replace(old.encode(), new.encode(), count)

    return change


def cut(pattern: str, count: int = 1) -> Change:
    """What a pattern finds, left out."""

    def change(data: bytes) -> bytes:
        text, found = re.subn(pattern, "", data.decode(), count=count, flags=re.S)
        assert found
        return text.encode()

    return change


def double(pattern: str) -> Change:
    """What a pattern finds, twice."""

    def change(data: bytes) -> bytes:
        text, found = re.subn(pattern, lambda match: match[0] + match[0], data.decode(), count=1, flags=re.S)
        assert found
        return text.encode()

    return change


def truncated(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def member(name: str, change: Change) -> Change:
    """A file inside an EPUB changed."""

    def changed(data: bytes) -> bytes:
        source, output = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
        with zipfile.ZipFile(output, "w") as book:
            for info in source.infolist():
                content = source.read(info)
                book.writestr(info, change(content) if info.filename == name else content)
        return output.getvalue()

    return changed


def without_member(name: str) -> Change:
    def changed(data: bytes) -> bytes:
        source, output = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
        with zipfile.ZipFile(output, "w") as book:
            for info in source.infolist():
                if info.filename != name:
                    book.writestr(info, source.read(info))
        return output.getvalue()

    return changed


def mimetype_last(data: bytes) -> bytes:
    source, output = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(output, "w") as book:
        for info in sorted(source.infolist(), key=lambda info: info.filename == "mimetype"):
            book.writestr(info, source.read(info))
    return output.getvalue()


def authors_exchanged(article: bytes) -> bytes:
    found = re.findall(rb"<contrib [^>]*contrib-type=\"author\".*?</contrib>", article, re.S)
    return article.replace(found[0], b"@").replace(found[1], found[0]).replace(b"@", found[1], 1)


def exchanged(package: bytes) -> bytes:
    """Two chapters have changed their places in the spine."""
    one, other = b'idref="text-tides"', b'idref="text-note"'
    assert one in package
    assert other in package
    return package.replace(one, b"@").replace(other, one).replace(b"@", other)


def pdf(change: Callable[[pikepdf.Pdf], None]) -> Change:
    def changed(data: bytes) -> bytes:
        output = io.BytesIO()
        with pikepdf.open(io.BytesIO(data)) as document:
            change(document)
            document.save(output)
        return output.getvalue()

    return changed


def untagged(document: pikepdf.Pdf) -> None:
    del document.Root["/StructTreeRoot"]


def metadata(old: str, new: str) -> Change:
    def change(document: pikepdf.Pdf) -> None:
        packet = document.Root["/Metadata"].read_bytes()
        assert old.encode() in packet
        document.Root["/Metadata"] = document.make_stream(packet.replace(old.encode(), new.encode()))

    return pdf(change)


def without_page(number: int) -> Change:
    def change(document: pikepdf.Pdf) -> None:
        del document.pages[number]

    return pdf(change)


def silent_figures(document: pikepdf.Pdf) -> None:
    for thing in document.objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == pikepdf.Name.Figure and "/Alt" in thing:
            del thing["/Alt"]


def other_words(document: pikepdf.Pdf) -> None:
    """The letter e becomes an a in every font's table: what is read aloud and found is not what is seen."""
    for thing in document.objects:
        if isinstance(thing, pikepdf.Dictionary) and "/ToUnicode" in thing:
            table = thing["/ToUnicode"].read_bytes()
            thing["/ToUnicode"] = document.make_stream(table.replace(b"<0065>", b"<0061>"))


def other_labels(document: pikepdf.Pdf) -> None:
    document.Root.PageLabels = pikepdf.Dictionary(Nums=[0, {"/S": pikepdf.Name.D, "/St": 8}])


def furniture(page: pikepdf.Page) -> tuple[list[pikepdf.Object], list[pikepdf.Object]]:
    """The content streams of a page: its text, and what adorns it."""
    parts = list(page.obj.Contents)
    begins = [part.read_bytes().startswith(b"\nQ /Artifact <</Type /Pagination>>") for part in parts].index(True)
    return parts[:begins], parts[begins:]


def folios_exchanged(document: pikepdf.Pdf) -> None:
    pages = document.pages[0], document.pages[1]
    (one, first), (other, second) = map(furniture, pages)
    pages[0].obj.Contents, pages[1].obj.Contents = pikepdf.Array(one + second), pikepdf.Array(other + first)


def another_head(document: pikepdf.Pdf) -> None:
    """The letters of the running head of page 2 stand the other way round."""
    for part in furniture(document.pages[1])[1]:
        data = part.read_bytes()
        codes = re.findall(rb"<[0-9a-f]{4}>", data)
        between = re.split(rb"<[0-9a-f]{4}>", data)
        part.write(b"".join(a + b for a, b in zip(between, [*reversed(codes), b""], strict=True)))


def unmarked_folio(document: pikepdf.Pdf) -> None:
    _, adornment = furniture(document.pages[0])
    adornment[0].write(b"\nQ q\n")
    adornment[-1].write(b"\nQ\n")


def raised_text(document: pikepdf.Pdf) -> None:
    """The text of page 2 stands 20 mm higher, over the running head."""
    text, adornment = furniture(document.pages[1])
    raised = document.make_stream(b"q 1 0 0 1 0 57 cm\n")
    document.pages[1].obj.Contents = pikepdf.Array([raised, *text[1:], *adornment])


def link_turned(part: str, target: str, to: str) -> Callable[[pikepdf.Pdf], None]:
    """Every link on the first page of a part that leads to a target leads to another one."""

    def change(document: pikepdf.Pdf) -> None:
        page = dict(names(document.Root.Names.Dests))[part.encode()][0]
        found = [link for link in page.Annots if str(link.get("/Dest")) == target]
        assert found
        for link in found:
            link.Dest = pikepdf.String(to)

    return change


def target_moved(name: str, to: int) -> Callable[[pikepdf.Pdf], None]:
    """A destination is on another page."""

    def change(document: pikepdf.Pdf) -> None:
        dict(names(document.Root.Names.Dests))[name.encode()][0] = document.pages[to].obj

    return change


def bookmark_moved(title: str, to: int) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        found = [thing for thing in document.objects if isinstance(thing, pikepdf.Dictionary) and "/Dest" in thing]
        (mark,) = (thing for thing in found if str(thing.get("/Title")) == title)
        mark.Dest = pikepdf.Array([document.pages[to].obj, pikepdf.Name.Fit])

    return change


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
    "EPUB in another order": ("epub/volume.epub", member(PACKAGE, exchanged), "O201"),
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
    "PDF with other labels": ("pdf/loom.pdf", pdf(other_labels), "O201"),
    "PDF with exchanged folios": ("pdf/loom.pdf", pdf(folios_exchanged), "O201"),
    "PDF with another running head": ("pdf/loom.pdf", pdf(another_head), "O201"),
    "PDF with text that is not marked": ("pdf/loom.pdf", pdf(unmarked_folio), "O200"),
    "PDF with text over its head": ("pdf/loom.pdf", pdf(raised_text), "O200"),
    "PDF with a link to another page": ("pdf/loom.pdf", pdf(target_moved("loom#loom--fig-loom", 1)), "O205"),
    "a volume with other labels": ("pdf/volume.pdf", pdf(other_labels), "O201"),
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


@pytest.fixture
def unaided(monkeypatch: pytest.MonkeyPatch) -> None:
    """No official validator helps: only what the files say."""
    monkeypatch.setattr(validators, "VALIDATORS", ())


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutation_is_caught(name: str, built: Path, tmp_path: Path, unaided: None) -> None:
    file, change, code = MUTATIONS[name]
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    data = (built / "build" / file).read_bytes()
    changed = change(data)
    assert changed != data
    path.write_bytes(changed)
    result = CliRunner().invoke(main, ["verify", str(path), "--root", str(built), "--format", "concise"])
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
    assert report.checked == {"comparison with the sources": 4 * 3 + 3 + exports}


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
