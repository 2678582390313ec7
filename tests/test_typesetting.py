"""Three small papers and a front matter become a volume: what readers, validators and a rebuild find in
it."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from proceedings import typesetting, verapdf
from proceedings.agreement.of_pdf import Pages, part
from proceedings.agreement.reading import Reading
from proceedings.agreement.words import squeezed
from proceedings.diagnostics import MissingProgram
from proceedings.numerals import roman
from proceedings.renderings.pages import lost
from proceedings.typesetting import Attachment, Body, Entry, Leaf, Metadata, MissingGlyph, Stamped, economy, trees
from proceedings.typesetting.labels import page_labels
from proceedings.typesetting.linking import _lowered

DATA = Path(__file__).parent / "typesetting"
CSS = [(DATA / "house.css").read_text(encoding="utf-8")]
PAPERS = {"loom": "Looms as early machines", "weft": "Wefts and warps", "selvedge": "Матаның шеті"}
TITLE = "Proceedings of the Weaving Conference"
FILL = "<p>" + "The thread that is counted by interdisciplinary weavers runs over and under the warp. " * 9 + "</p>"
FOOT = '<div class="foot"><span class="folio" data-slot="folio"></span></div></div>'
DOT = b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><path d="M0 0h20v10z"/></svg>'


def png() -> bytes:
    """A picture of 2 × 2 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\0\xff\0\xff\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


RESOURCES = {"tension.svg": DOT, "rule.svg": DOT, "weave.png": png()}


def furniture(title: str) -> dict[str, str]:
    sides = {
        side: f'<div class="furniture {side}"><div class="head">{title}</div>{FOOT}' for side in ("verso", "recto")
    }
    return {**sides, "first": f'<div class="furniture">{FOOT}'}


def leaves(folios: list[str]) -> list[Leaf]:
    sides = [
        "first",
        *(("verso", "recto")[int(folio) % 2] if folio.isdigit() else "first" for folio in folios[1:]),
    ]
    return [Leaf(folio, side) for folio, side in zip(folios, sides, strict=True)]


def body_of(name: str, title: str, **marks: str) -> Body:
    html = (DATA / f"{name}.html").read_text(encoding="utf-8").replace("@FILL@", FILL * 6)
    for mark, value in marks.items():
        html = html.replace(f"@{mark}@", value)
    return typesetting.layout(html, CSS, RESOURCES, furniture=furniture(title))


def build() -> tuple[dict[str, Body], dict[str, Stamped], bytes, typesetting.Linked]:
    bodies = {name: body_of(name, title) for name, title in PAPERS.items()}
    stamped, first, starts = {}, 1, {}
    for name, body in bodies.items():
        last = first + body.pages - 1
        metadata = Metadata(
            title=PAPERS[name],
            language="kk" if name == "selvedge" else "en-GB",
            authors=("Ana Álvarez", "B & Co <x>"),
            subject="About weaving",
            keywords=("loom", "тоқыма"),
            doi=f"10.1234/{name}",
            isbn="978-3-16-148410-0",
            issn="0317-8471",
            eissn="2049-3630",
            publication=TITLE,
            volume="4",
            url=f"https://example.org/pdf/{name}.pdf",
            rights="© 2026 The Weavers",
            first_page=str(first),
            last_page=str(last),
            licence="https://creativecommons.org/licenses/by/4.0/",
            created="2026-05-01T10:00:00Z",
        )
        stamped[name] = typesetting.stamp(
            body,
            name=name,
            leaves=leaves([str(page) for page in range(first, last + 1)]),
            metadata=metadata,
            slots={"pages": f"{first}–{last}"},
            elsewhere={"weft": "https://doi.org/10.1234/weft"},
        )
        starts[name] = str(first)
        first = last + 1
    bodies["front"] = body_of("front", TITLE, **starts)
    folios = [roman(page + 1) for page in range(bodies["front"].pages)]
    front = Metadata(title="Front matter", language="en-GB")
    stamped["front"] = typesetting.stamp(bodies["front"], name="front", leaves=leaves(folios), metadata=front)

    outline = [
        Entry("Contents", "front#contents"),
        Entry("Section one", entries=(Entry(PAPERS["loom"], "loom"), Entry(PAPERS["weft"], "weft"))),
        Entry("Section two", entries=(Entry(PAPERS["selvedge"], "selvedge"),)),
    ]
    output = io.BytesIO()
    order = [stamped[name].segment for name in ("front", *PAPERS)]
    metadata = Metadata(title=TITLE, language="en-GB", isbn="978-3-16-148410-0")
    linked = typesetting.link(order, output, outline=outline, metadata=metadata)
    return bodies, stamped, output.getvalue(), linked


@pytest.fixture(scope="module")
def built() -> tuple[dict[str, Body], dict[str, Stamped], bytes, typesetting.Linked]:
    return build()


@pytest.fixture(scope="module")
def bodies(built: tuple[dict[str, Body], object, bytes, object]) -> dict[str, Body]:
    return built[0]


@pytest.fixture(scope="module")
def stamped(built: tuple[object, dict[str, Stamped], bytes, object]) -> dict[str, Stamped]:
    return built[1]


@pytest.fixture
def volume(built: tuple[object, object, bytes, object]) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(built[2])) as pdf:
        yield pdf


# --- the official validator ---------------------------------------------------------------------------------


@pytest.fixture
def vera() -> None:
    try:
        verapdf.validate([])
        verapdf.engine()
        verapdf._java()
    except MissingProgram as missing:
        pytest.skip(f"{missing}: {missing.advice}")


def hard() -> bytes:
    """What authors do and WeasyPrint does not expect, as an offprint."""
    html = (DATA / "hard.html").read_text(encoding="utf-8").replace("@LONG@", "a very long text " * 300)
    body = typesetting.layout(html, CSS, RESOURCES)
    assert body.pages > 3
    folios = [Leaf(str(number)) for number in range(body.pages)]
    return typesetting.stamp(body, name="hard", leaves=folios, metadata=Metadata("Hard", "en")).offprint


def test_volume_and_offprints_are_ua_and_archival(
    built: tuple[object, dict[str, Stamped], bytes, object], tmp_path: Path, vera: None
) -> None:
    files = {"volume": built[2], "hard": hard(), **{name: one.offprint for name, one in built[1].items()}}
    paths = [tmp_path / f"{name}.pdf" for name in files]
    for path in paths:
        path.write_bytes(files[path.stem])
    assert verapdf.validate(paths) == []


def test_with_attachments_offprint_and_volume_are_archival(bodies: dict[str, Body], tmp_path: Path, vera: None) -> None:
    metadata = Metadata("T", "kk", created="2026-05-01")
    jats = Attachment("selvedge.xml", b"<article/>", "application/xml", "Alternative", "The text as JATS")
    stamped = typesetting.stamp(
        bodies["selvedge"], name="selvedge", leaves=leaves(["7"]), metadata=metadata, attachments=[jats]
    )
    (tmp_path / "selvedge.pdf").write_bytes(stamped.offprint)
    with (tmp_path / "volume.pdf").open("wb") as output:
        typesetting.link([stamped.segment], output, metadata=metadata)
    paths = sorted(tmp_path.glob("*.pdf"))
    assert verapdf.validate(paths, ["ua1", "3a"]) == []
    assert {violation.file for violation in verapdf.validate(paths, ["2a"])} == set(paths)
    for path in paths:
        with pikepdf.open(path) as pdf:
            assert pdf.attachments["selvedge.xml"].get_file().read_bytes() == b"<article/>"
            assert [str(file.AFRelationship) for file in pdf.Root.AF] == ["/Alternative"]


def test_validator_sees_a_broken_file(built: tuple[object, object, bytes, object], tmp_path: Path, vera: None) -> None:
    path = tmp_path / "broken.pdf"
    with pikepdf.open(io.BytesIO(built[2])) as pdf:
        del pdf.Root.Lang
        for element in trees.elements(pdf.Root.StructTreeRoot.K[0]):
            if "/Alt" in element:
                del element.Alt
        pdf.save(path)
    assert {violation.rule for violation in verapdf.validate([path], ["ua1"])} >= {"7.3-1", "7.7-1"}


# --- navigation ---------------------------------------------------------------------------------------------


def destinations(pdf: pikepdf.Pdf) -> dict[str, int]:
    """Name → page index."""
    index = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    tree = trees.names(pdf.Root.Names.Dests)
    return {key.decode(): index[target[0].objgen] for key, target in tree}


def links(pdf: pikepdf.Pdf) -> Iterator[tuple[int, pikepdf.Object]]:
    for number, page in enumerate(pdf.pages):
        for annotation in page.obj.get("/Annots", []):
            yield number, annotation


def test_every_link_leads_somewhere(
    volume: pikepdf.Pdf, built: tuple[object, object, bytes, typesetting.Linked]
) -> None:
    known = destinations(volume)
    internal = [str(link.Dest) for _, link in links(volume) if "/Dest" in link]
    assert built[3].broken == ()
    assert set(internal) <= set(known)
    assert {"loom#method", "weft#proof", "weft", "loom#fig", "loom", "selvedge"} <= set(internal)
    assert {str(link.A.URI) for _, link in links(volume) if "/A" in link} == {"https://example.org/loom"}


def test_links_lead_to_the_page_of_their_target(volume: pikepdf.Pdf, bodies: dict[str, Body]) -> None:
    known, first = destinations(volume), 0
    for name in ("front", *PAPERS):
        assert known[name] == first
        for anchor, page in bodies[name].destinations.items():
            assert known[f"{name}#{anchor}"] == first + page
        first += bodies[name].pages


def test_links_of_an_offprint_leave_it_by_address_or_not_at_all(
    stamped: dict[str, Stamped],
) -> None:
    with pikepdf.open(io.BytesIO(stamped["loom"].offprint)) as pdf:
        assert {str(link.A.URI) for _, link in links(pdf) if "/A" in link} == {
            "https://doi.org/10.1234/weft",
            "https://example.org/loom",
        }
        assert {str(link.Dest) for _, link in links(pdf) if "/Dest" in link} == {"loom#method"}
    with pikepdf.open(io.BytesIO(stamped["selvedge"].offprint)) as pdf:
        assert list(links(pdf)) == []


def test_bookmarks_nest(volume: pikepdf.Pdf) -> None:
    def titles(items: list[pikepdf.OutlineItem]) -> list[object]:
        return [(item.title, titles(list(item.children))) if item.children else item.title for item in items]

    with volume.open_outline() as outline:
        assert titles(list(outline.root)) == [
            "Contents",
            (
                "Section one",
                [(PAPERS["loom"], ["Introduction", "Method"]), (PAPERS["weft"], ["Proof"])],
            ),
            ("Section two", [PAPERS["selvedge"]]),
        ]


def test_page_labels_are_the_folios(volume: pikepdf.Pdf, bodies: dict[str, Body]) -> None:
    front = bodies["front"].pages
    assert [page.label for page in volume.pages] == [
        "i",
        "ii",
        *map(str, range(1, len(volume.pages) - front + 1)),
    ]


@pytest.mark.parametrize(
    ("folios", "expected"),
    [
        (["i", "ii", "1", "2"], "[ 0 << /S /r /St 1 >> 2 << /S /D /St 1 >> ]"),
        (["A-1", "A-2", "A-4"], "[ 0 << /P (A-) /S /D /St 1 >> 2 << /P (A-) /S /D /St 4 >> ]"),
        (["IV", "cover", "cover"], "[ 0 << /S /R /St 4 >> 1 << /P (cover) >> 2 << /P (cover) >> ]"),
    ],
)
def test_labels_are_runs_of_numbers(folios: list[str], expected: str) -> None:
    assert page_labels(folios).unparse().decode() == expected


# --- structure ----------------------------------------------------------------------------------------------


def claimed(element: pikepdf.Object) -> Iterator[tuple[tuple[int, int], int]]:
    """The marked content of an element itself: (page, MCID)."""
    for kid in trees.kids(element):
        if isinstance(kid, int):
            yield element.Pg.objgen, kid
        elif kid.get("/Type") == "/MCR":
            yield kid.Pg.objgen, int(kid.MCID)


def test_marked_content_parents_and_pages_agree(volume: pikepdf.Pdf) -> None:
    """Each MCID on a page belongs to one element that claims it and whose parents lead up to the root."""
    parents = dict(trees.numbers(volume.Root.StructTreeRoot.ParentTree))
    for page in volume.pages:
        marked = {
            int(operands[1].MCID)
            for operands, operator in pikepdf.parse_content_stream(page)
            if str(operator) == "BDC" and "/MCID" in operands[1]
        }
        claims = parents[int(page.obj.StructParents)]
        assert marked == {number for number, element in enumerate(claims) if element is not None}
        for number in marked:
            element = claims[number]
            assert (page.obj.objgen, number) in list(claimed(element))
            while element.get("/Type") == "/StructElem":
                element = element.P
            assert element.objgen == volume.Root.StructTreeRoot.objgen


def roles(top: pikepdf.Object) -> list[str]:
    return [str(element.S)[1:] for element in trees.elements(top)]


def test_roles_say_what_the_html_means(volume: pikepdf.Pdf) -> None:
    part = trees.kids(volume.Root.StructTreeRoot.K[0])[1]
    assert str(part.T) == PAPERS["loom"]
    found = roles(part)
    for role in (
        "Art",
        "H1",
        "H2",
        "P",
        "Link",
        "Reference",
        "Note",
        "Lbl",
        "Formula",
        "Figure",
        "Caption",
        "Table",
    ):
        assert role in found, role
    for role in ("TH", "TD", "THead", "L", "LI", "LBody", "Code", "BlockQuote"):
        assert role in found, role
    assert found.count("Formula") == found.count("Figure") == 1  # the decorative image is an artifact
    assert found.index("Reference") + 1 == found.index("Note")  # read where it is called
    by_role = {str(element.S)[1:]: element for element in trees.elements(part)}
    assert str(by_role["Formula"].Alt) == "T equals k times x"
    assert str(by_role["Note"].ID) == "loom#note-1"
    headers = [element for element in trees.elements(part) if element.S == "/TH"]
    assert [str(header.A.Scope) for header in headers] == ["/Column", "/Column", "/Row", "/Row"]
    languages = {str(element.Lang) for element in trees.elements(part) if "/Lang" in element}
    assert languages == {"en-GB", "kk"}


def test_what_crosses_a_page_is_one_element() -> None:
    rows = "".join(f"<tr><th scope='row'>{number}</th><td>x</td></tr>" for number in range(60))
    head = "<thead><tr><th>Number</th><th>Value</th></tr></thead>"
    body = page(f"<p>{'words ' * 700}</p><table>{head}<tbody>{rows}</tbody></table>")
    assert body.pages > 2
    with pikepdf.open(io.BytesIO(body.pdf)) as pdf:
        top = pdf.Root.StructTreeRoot.K[0]
        found = roles(top)
        counts = {role: found.count(role) for role in ("P", "Table", "THead", "TBody", "TR")}
        assert counts == {"P": 1, "Table": 1, "THead": 1, "TBody": 1, "TR": 61}
        elements = list(trees.elements(top))
        identifiers = {bytes(element.ID) for element in elements if element.S == "/TH"}
        assert all({bytes(header) for header in e.A.Headers} <= identifiers for e in elements if e.S == "/TD")
        assert len({page for page, _ in claimed(elements[1])}) > 1


def test_hard_things_keep_their_structure() -> None:
    with pikepdf.open(io.BytesIO(hard())) as pdf:
        found = roles(pdf.Root.StructTreeRoot.K[0])
        assert [role for role in found if role[0] == "H" and role[1:].isdigit()] == ["H1", "H2", "H2"]
        assert found.count("TR") == 3  # one inner, two of the table that crosses a page, none of the hidden one
        assert found.count("Note") == 1
        assert found.count("P") == 13 and found.count("Table") == 2  # paragraphs that differ are not joined
        assert (found.count("Link"), len(list(links(pdf)))) == (2, 4)  # each has an area within the other


def test_identifiers_are_unique_and_headers_exist(volume: pikepdf.Pdf) -> None:
    elements = list(trees.elements(volume.Root.StructTreeRoot.K[0]))
    identifiers = [bytes(element.ID) for element in elements if "/ID" in element]
    tree = [key for key, _ in trees.names(volume.Root.StructTreeRoot.IDTree)]
    assert sorted(identifiers) == tree == sorted(set(tree))
    headers = [bytes(h) for e in elements if e.S == "/TD" for h in e.A.Headers]
    assert headers and set(headers) <= set(identifiers)


def test_furniture_and_folios_are_artifacts(volume: pikepdf.Pdf, bodies: dict[str, Body]) -> None:
    for index, page in enumerate(list(volume.pages)[2 : 2 + bodies["loom"].pages], 1):
        artifact, shown = False, b""
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) == "BDC":
                artifact = operands[0] == "/Artifact" and operands[1].get("/Type") == "/Pagination"
            elif str(operator) == "Tj" and artifact:
                shown += bytes(operands[0])
        slot = next(slot for slot in bodies["loom"].slots if slot.name == "folio")
        assert shown.hex().endswith("".join(slot.glyphs[digit].code for digit in str(index)))


# --- what is said of it -------------------------------------------------------------------------------------


PRISM = "{http://prismstandard.org/namespaces/basic/3.0/}"


def test_metadata(stamped: dict[str, Stamped], bodies: dict[str, Body]) -> None:
    with pikepdf.open(io.BytesIO(stamped["loom"].offprint)) as pdf, pdf.open_metadata() as xmp:
        assert xmp["dc:title"] == PAPERS["loom"]
        assert xmp["dc:creator"] == ["Ana Álvarez", "B & Co <x>"]
        assert xmp["dc:rights"] == "© 2026 The Weavers"
        last = bodies["loom"].pages
        assert {key.removeprefix(PRISM): value for key, value in xmp.items() if key.startswith(PRISM)} == {
            "doi": "10.1234/loom",
            "isbn": "978-3-16-148410-0",
            "issn": "0317-8471",
            "eIssn": "2049-3630",
            "publicationName": TITLE,
            "volume": "4",
            "startingPage": "1",
            "endingPage": str(last),
            "pageRange": f"1-{last}",
            "url": "https://example.org/pdf/loom.pdf",
        }
        assert xmp["xmpRights:WebStatement"] == "https://creativecommons.org/licenses/by/4.0/"
        assert str(pdf.docinfo.CreationDate) == "D:20260501100000Z"
        assert str(pdf.docinfo.Author) == "Ana Álvarez, B & Co <x>"


def test_the_same_input_gives_the_same_bytes(
    built: tuple[object, dict[str, Stamped], bytes, object],
) -> None:
    _, stamped, volume, _ = build()
    assert volume == built[2]
    assert stamped == built[1]


def test_what_is_spared_changes_nothing_that_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """WeasyPrint gives every element five styles that notes alone need, and moves the pen by nothing."""
    from weasyprint import css

    made = []
    real = css.ComputedStyle.__init__

    def counted(style: object, *rest: object) -> None:
        made.append(style)
        real(style, *rest)

    monkeypatch.setattr(css.ComputedStyle, "__init__", counted)
    spared, few = body_of("loom", "Looms"), len(made)
    monkeypatch.setattr(economy, "at_work", nullcontext)
    full = body_of("loom", "Looms")
    assert 2 * few < len(made) - few
    assert replace(full, pdf=b"") == replace(spared, pdf=b"")
    assert [item.replace(b">0<", b"") for item in objects(full.pdf)] == objects(spared.pdf)
    assert any(b">0<" in item for item in objects(full.pdf))
    assert b"footnote" in (DATA / "loom.html").read_bytes()


def test_an_image_that_cannot_be_drawn_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint import svg

    def fail(*_: object) -> None:
        raise ValueError("no such thing")

    monkeypatch.setattr(svg.SVG, "draw", fail)
    html = '<html lang="en"><title>T</title><p><img src="rule.svg" alt="a"> <img src="weave.png" alt="b">'
    body = typesetting.layout(html, CSS, RESOURCES)
    assert body.undrawn == ("rule.svg",)
    (told,) = lost(body, "papers/loom/paper.md", "en")
    assert told.code == "X123" and "rule.svg" in told.message


def objects(data: bytes) -> list[bytes]:
    """What a file's objects say, streams as they are before they are compressed."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [
            item.read_bytes() if isinstance(item, pikepdf.Stream) else item.unparse()
            for item in pdf.objects
            if not (isinstance(item, pikepdf.Stream) and item.get("/Type") in ("/XRef", "/ObjStm"))
        ]


def test_a_body_survives_a_cache(bodies: dict[str, Body]) -> None:
    assert Body.unpack(bodies["loom"].pack()) == bodies["loom"]


def test_moving_a_body_changes_numbers_only(bodies: dict[str, Body]) -> None:
    body, metadata = bodies["selvedge"], Metadata(title="T", language="kk")
    one, two = (
        typesetting.stamp(body, name="selvedge", leaves=leaves([folio]), metadata=metadata).offprint
        for folio in ("7", "9")
    )
    with pikepdf.open(io.BytesIO(one)) as first, pikepdf.open(io.BytesIO(two)) as second:
        streams = zip(first.pages[0].obj.Contents, second.pages[0].obj.Contents, strict=True)
        changed = [(a.read_bytes(), b.read_bytes()) for a, b in streams if a.read_bytes() != b.read_bytes()]
    glyphs = next(slot for slot in body.slots if slot.name == "folio").glyphs
    assert [a.replace(glyphs["7"].code.encode(), glyphs["9"].code.encode()) for a, _ in changed] == [
        b for _, b in changed
    ]
    assert len(changed) == 1


def test_what_follows_a_slot_moves_up_to_what_it_is_filled_with() -> None:
    slot = '<a href="vol:{0}"><span data-slot="{0}" data-flow="" style="width:5em"></span></a>'
    words = " and much of what follows" * 6
    body = page(f"<p>See {slot.format('a')}, {slot.format('b')} and more{words}.</p><p>Apart.</p>")
    first, second = body.slots
    made = typesetting.stamp(
        body,
        name="x",
        leaves=[Leaf("1")],
        metadata=Metadata("T", "en"),
        slots={"a": "7", "b": "12"},
        elsewhere={"a": "https://example.org/a", "b": "https://example.org/b"},
    )
    room = first.width - first.glyphs["7"].advance * first.size / 1000
    with pikepdf.open(io.BytesIO(made.offprint)) as pdf:
        streams = [part.read_bytes() for part in pdf.pages[0].obj.Contents]
        rects = {str(link.A.URI): [float(edge) for edge in link.Rect] for link in pdf.pages[0].Annots}
    left, right = rects["https://example.org/a"], rects["https://example.org/b"]
    moved = [number for number, data in enumerate(streams) if data.startswith(b"q 1 0 0 1 -")]
    assert moved == [part for part in first.tail if part != second.part], "the comma, and the rest of this line only"
    assert b"q 1 0 0 1 %.3f 0 cm" % -room in streams[moved[0]]
    assert b"1 0 0 -1 %.3f" % (second.left - room) in streams[second.part]
    assert right[0] == pytest.approx((second.left - room) * 0.75, abs=0.01) and left[2] < right[0] < left[2] + 12


# --- what cannot be carried is said -------------------------------------------------------------------------


def page(content: str, css: str = "", **options: object) -> Body:
    html = f'<html lang="en"><head><title>T</title></head><body>{content}</body></html>'
    return typesetting.layout(html, [*CSS, css], RESOURCES, **options)  # type: ignore[arg-type]


def test_only_resources_are_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_bytes(DOT)
    content = "".join(
        f'<img src="{address}" alt="x">'
        for address in (
            secret.as_uri(),
            "../secret.svg",
            "https://example.org/a.png",
            "weave.png",
            "./rule.svg",
        )
    )
    body = page(
        f'{content}<p><a href="other.html">a</a> <a href="javascript:x()">b</a></p>',
        f"@import url({secret.as_uri()});",
    )
    assert body.refused == (
        "other.html",
        "javascript:x()",
        secret.as_uri(),
        "secret.svg",
        "https://example.org/a.png",
    )


def test_a_link_to_nothing_is_reported() -> None:
    assert page('<p><a href="#gone">x</a> <a href="vol:weft#y">y</a></p>').broken == ("gone",)
    assert page('<p><a href="vol:weft#y">y</a></p>').links == ("weft#y",)


def test_a_folio_is_the_same_in_a_text_from_right_to_left() -> None:
    html = '<html lang="ar" dir="rtl"><head><title>T</title></head><body><p>نول</p></body></html>'
    foot = {"foot": '<div style="width: 20mm"><span data-slot="folio" style="width: 20mm"></span></div>'}
    body = typesetting.layout(html, CSS, {}, furniture=foot)
    stamped = typesetting.stamp(body, name="x", leaves=[Leaf("17", furniture="foot")], metadata=Metadata("T", "ar"))
    pages = Pages(stamped.offprint)
    assert pages.furniture(pages.file.pages[0].obj) == ("17",)


INTRICATE = (
    "x\u0338 x q\u0323\u0307 q e\u20dd e",  # letters with marks before the same without
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0915\u093f \u0915",  # vowels drawn before what they follow
    "office ﬁ 1\ufe0f\u20e3 \U0001f468\u200d\U0001f469 \U0001f1e9\U0001f1ea",
    "\U0001d400 \u1112\u1161\u11ab \u0f56\u0f40\u0fb2 a\u200bb a\ufeffb",
    "private \ue000 \uf8ff \U0010ffff",
)


def test_what_is_written_can_be_read(tmp_path: Path, vera: None) -> None:
    """Whatever glyphs a font has for it, and wherever they stand; also in a running head, which is no part of the
    text."""
    content = "".join(f"<h1>{words}</h1><p>{words}</p><pre>{words}</pre>" for words in INTRICATE)
    body = page(content, furniture={"head": f"<p>{' '.join(INTRICATE)}</p>"})
    path = tmp_path / "read.pdf"
    leaves = [Leaf(str(number), furniture="head") for number in range(body.pages)]
    path.write_bytes(typesetting.stamp(body, name="x", leaves=leaves, metadata=Metadata("T", "en")).offprint)
    assert verapdf.validate([path]) == []
    reading, pages = Reading(), Pages(path)
    part(pages, pages.file.Root.StructTreeRoot, reading)
    assert squeezed(reading.text) == squeezed("".join(words * 3 for words in INTRICATE))


def test_a_missing_glyph_names_character_place_and_page() -> None:
    private = "\U000f0000"
    body = page(f"<p>Before</p><p style='break-before: page'>A private {private} letter</p>")
    assert body.missing == (MissingGlyph(private, f"A private {private} letter", 1),)


def test_what_no_font_has_is_drawn_as_a_box_and_read_as_itself(tmp_path: Path, vera: None) -> None:
    """Also where it is all that is set in a face: .notdef, which WeasyPrint draws, is in no archival file."""
    unknown = "\u0378\u0379"  # not assigned
    body = page(f"<h1>Warp</h1><p>Weft <b>{unknown}</b> and <i>i{unknown[0]}i</i></p>", "b { font-weight: 700 }")
    assert {missing.character for missing in body.missing} == set(unknown)
    path = tmp_path / "box.pdf"
    path.write_bytes(typesetting.stamp(body, name="x", leaves=[Leaf("1")], metadata=Metadata("T", "en")).offprint)
    assert verapdf.validate([path]) == []
    reading, pages = Reading(), Pages(path)
    part(pages, pages.file.Root.StructTreeRoot, reading)
    assert "".join(reading.text.split()) == f"WarpWeft{unknown}andi{unknown[0]}i"


def test_a_table_wider_than_the_page_is_reported() -> None:
    cells = "<td>incomprehensibilities</td>" * 12
    excess = [report.excess for report in page(f"<table><tr>{cells}</tr></table>").overfull]
    assert excess and max(excess) > 100


def test_a_footnote_is_not_broken_where_the_source_is() -> None:
    def lines(text: str) -> bytes:
        return page(f'<p>A<span class="footnote">{text}</span></p>').pdf

    assert lines("one two\nthree") == lines("one two three")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"leaves": [Leaf("1")] * 9}, "9 folios for 1 page"),
        ({"leaves": [Leaf("1", "sideways")]}, "unknown furniture: sideways"),
        ({"leaves": [Leaf("§", "first")]}, "cannot show §"),
        ({"slots": {"pages": "1234567890–1234567890"}}, "too narrow"),
        ({"name": "a/b"}, "cannot name a segment"),
    ],
)
def test_what_cannot_be_stamped_is_refused(bodies: dict[str, Body], change: dict[str, object], message: str) -> None:
    arguments = {
        "name": "selvedge",
        "leaves": [Leaf("1", "first")],
        "metadata": Metadata("T", "kk"),
        **change,
    }
    with pytest.raises(ValueError, match=message):
        typesetting.stamp(bodies["selvedge"], **arguments)  # type: ignore[arg-type]


def test_what_cannot_be_linked_is_refused(stamped: dict[str, Stamped]) -> None:
    metadata = Metadata("T", "en")
    segment = stamped["selvedge"].segment
    with pytest.raises(typesetting.LinkError, match="two segments are called selvedge"):
        typesetting.link([segment, segment], io.BytesIO(), metadata=metadata)
    with pytest.raises(typesetting.LinkError, match="needs a segment"):
        typesetting.link([], io.BytesIO(), metadata=metadata)
    with pytest.raises(typesetting.LinkError, match="leads to nowhere"):
        typesetting.link([segment], io.BytesIO(), outline=[Entry("x", "nowhere")], metadata=metadata)
    linked = typesetting.link([segment], io.BytesIO(), metadata=replace(metadata, isbn="978"))
    assert linked.broken == (("selvedge", "loom"),)


@pytest.mark.parametrize("rows", [1, 2, 300])
def test_cross_references_are_lowered_as_png_has_it(rows: int) -> None:
    width = 11
    table = bytes(index * index * 7 % 256 for index in range(rows * width))
    wanted = bytearray()
    for start in range(0, len(table), width):
        above = table[start - width : start] if start else bytes(width)
        wanted += bytes([2, *((new - old) % 256 for new, old in zip(table[start : start + width], above, strict=True))])
    assert _lowered(table, width) == wanted
