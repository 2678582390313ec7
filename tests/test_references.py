"""Checks of libraries, exports, "how to cite", the volume's bibliography and the lock file."""

from __future__ import annotations

import json
import threading
import urllib.error
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from proceedings import bibliography, citations, references_lock
from proceedings.bibliography import exports
from proceedings.citations import volume
from proceedings.diagnostics import Location
from proceedings.document import attr, nodes


def entries(*records):
    return bibliography.load("refs.json", json.dumps(records, ensure_ascii=False).encode()).items


def article(key, **fields):
    names = [{"family": "Doe", "given": "Jane"}]
    whole = {"author": names, "title": f"On {key}", "container-title": "J", "issued": {"date-parts": [[2020]]}}
    return {"id": key, "type": "article-journal", **whole, **fields}


# --- checks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({}, []),
        ({"container-title": ""}, ["C010"]),
        ({"type": "thesis", "publisher": ""}, ["C010"]),
        ({"DOI": "10.1000/x"}, []),
        ({"DOI": "https://doi.org/10.1000/X"}, []),
        ({"DOI": "doi.org"}, ["C012"]),
        ({"DOI": "10.1000/x."}, ["C012"]),
        ({"DOI": "10.1016/S0140-6736(97)11096-0"}, []),
        ({"title": "RETRACTED: On things"}, ["C014"]),
        ({"title": "[Retracted] On things"}, ["C014"]),
        ({"title": "Retractions in science"}, []),
        ({"title": "Notes on a retracted stone"}, []),
        ({"custom": {"retracted": True}}, ["C014"]),
        ({"title": "THE PRICE OF OPEN ACCESS"}, ["C015"]),
        ({"title": "DNA"}, []),
        ({"title": "数字人文研究综述 与 其他"}, []),
        ({"author": [{"family": "al.", "given": "Foo et"}]}, ["C016"]),
        ({"author": [{"literal": "Smith et al."}]}, ["C016"]),
        ({"author": [{"family": "Smith", "given": "JAB"}]}, ["C016"]),
        ({"author": [{"family": "Smith", "given": "J. A."}]}, []),
        ({"author": [{"literal": "World Health Organization"}]}, []),
        ({"author": [{"family": "Smith and Jones", "given": "A"}]}, ["C016"]),
        ({"author": [{"family": "Doe", "given": "J"}, {"literal": "others"}]}, []),
    ],
)
def test_a_reference_is_checked(fields, codes):
    assert [found.code for found in citations.checked(entries(article("a", **fields)), ["a"])] == codes


def test_an_uncited_reference_is_a_note_unless_nocite_has_it():
    library = entries(article("a"), article("b", title="Other"))
    assert [found.code for found in citations.checked(library, ["a"], own=["a", "b"])] == ["C002"]
    assert citations.checked(library, ["*"], own=["a", "b"]) == []
    assert citations.checked(library, ["a"]) == []


def test_a_library_that_has_more_than_its_paper_is_told_once():
    library = entries(article("a"), *(article(f"b{n}", title="IN CAPITALS ONLY") for n in range(101)))
    (told,) = citations.checked(library, ["a"], own=[entry.key for entry in library])
    assert told.code == "C002" and "101 works, 'b0' the first" in told.message


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"DOI": "10.1000/ABC"}, {"DOI": "https://doi.org/10.1000/abc", "title": "Quite other"}, True),
        ({"title": "The <i>Big</i> Book!"}, {"title": "the big book"}, True),
        ({"title": "The big book"}, {"title": "The big book", "issued": {"date-parts": [[1999]]}}, False),
        ({"title": "Editorial"}, {"title": "Editorial", "container-title": "K"}, False),
    ],
)
def test_one_work_under_two_keys(first, second, same):
    library = entries(article("a", **first), article("b", **second))
    assert [found.code for found in citations.checked(library, ["a", "b"])] == (["C013"] if same else [])


def test_the_lock_file_knows_what_was_retracted():
    library = entries(article("a", DOI="10.1000/X"))
    assert [found.code for found in citations.checked(library, ["a"], locked=["10.1000/x"])] == ["C014"]


# --- exports ----------------------------------------------------------------------------------------------------

WORKS = (
    article("k1", title="A first title", DOI="10.1000/a_b", page="1-14", volume="7", issue="2",
            issued={"date-parts": [[2020, 3]]}),
    {"id": "k2", "type": "book", "title": "Қазақстан & тарихы", "publisher": "Ғылым", "publisher-place": "Алматы",
     "author": [{"family": "Тоқаев", "given": "Қасым"}], "issued": {"date-parts": [[2022]]}, "ISBN": "9780521000000"},
)  # fmt: skip


@pytest.mark.parametrize("kind", ["bib", "ris", "json"])
def test_what_is_exported_can_be_loaded_again(kind):
    made = {"bib": exports.bibtex, "ris": exports.ris, "json": exports.csl_json}[kind](WORKS)
    library = bibliography.load(f"x.{kind}", made.encode())
    assert library.findings == ()
    assert [entry.key for entry in library.items] == ["k1", "k2"]
    kept = [
        "type",
        "title",
        "author",
        "issued",
        "container-title",
        "publisher",
        "publisher-place",
        "page",
        "volume",
        "DOI",
        "ISBN",
    ]
    for work, entry in zip(WORKS, library.items, strict=True):
        assert {name: entry.item.get(name) for name in kept} == {name: work.get(name) for name in kept}


@pytest.mark.parametrize(
    ("title", "lang", "written"),
    [
        ("The DNA of catalogues: RDA on an iPhone", "en", "The {DNA} of catalogues: {RDA} on an {iPhone}"),
        ("The Art of Computer Programming with UNIX", "en", "The Art of Computer Programming with {UNIX}"),
        ("Die Ordnung der Bücher", "de", "Die {Ordnung} der {Bücher}"),
        ("Қазақ тілі және әдебиеті", "kk", "Қазақ тілі және әдебиеті"),
        ("On <i>Homo sapiens</i> & $x^2$, 50%", "en", "On \\emph{{Homo} sapiens} \\& $x^2$, 50\\%"),
        ("A <script>", "en", "A \\textless{}script\\textgreater{}"),
    ],
)  # fmt: skip
def test_a_title_of_bibtex_has_braces_where_its_capitals_need_them(title, lang, written):
    item = {"id": "a", "type": "book", "title": title, "language": lang, "issued": {"date-parts": [[2020, 3]]}}
    lines = exports.bibtex([{**item, "page": "5-9"}]).splitlines()
    assert f"  title = {{{written}}}," in lines
    assert ("  month = mar," in lines, "  pages = {5--9}," in lines) == (True, True)


def test_keys_that_bibtex_cannot_have_are_made_of_what_it_can():
    made = exports.bibtex([article("../../x y"), article("../../x_y", title="Other")])
    assert [entry.key for entry in bibliography.load("x.bib", made.encode()).items] == ["../../x_y", "../../x_y_"]


# --- how to cite ------------------------------------------------------------------------------------------------


def test_pandoc_s_string_is_published_and_the_difference_kept():
    item = article("a", title="A & B <script>", page="9-12")
    made = citations.how_to_cite(item, citations.style("modern-language-association"), "en-US")
    assert made.text == "Doe, Jane. “A & B <Script>.” J, 2020, pp. 9–12."
    assert made.otherwise is not None and made.otherwise != made.text  # citeproc-py cuts MLA's page ranges


def test_a_work_cited_alone_has_no_number():
    assert citations.how_to_cite(article("a"), citations.style("ieee"), "en").text.startswith("J. Doe,")
    assert citations.how_to_cite(article("a"), citations.style("gost-r-7-0-5-2008"), "ru").text.startswith("Doe J.")


# --- the volume -------------------------------------------------------------------------------------------------


def test_the_volume_s_bibliography_has_each_work_once_and_no_keys_mixed():
    papers = {f"paper-{n}": [article("smith2020", title=f"Work {n}")] for n in range(40)}
    papers["paper-0"].append(article("shared", DOI="10.1000/x"))
    papers["paper-9"].append(article("other-key", DOI="10.1000/X"))
    done = volume.bibliography(papers, citations.style("apa"), "en")
    listed = [dict(attr(div)[2]) for div in nodes(done.document["blocks"], "Div") if "csl-entry" in attr(div)[1]]
    assert len(listed) == 41
    assert {pairs["key"]: pairs["cited-in"] for pairs in listed}["paper-0/shared"] == "paper-0 paper-9"


# --- the lock ---------------------------------------------------------------------------------------------------


class Agency(BaseHTTPRequestHandler):
    """DOI content negotiation and a book catalogue, on this machine."""

    def do_GET(self):
        answers = {
            "/10.1000/good": {"type": "journal-article", "title": ["A good one"], "DOI": "10.1000/good", "score": 3},
            "/10.1000/gone": {"title": "RETRACTED: Bad", "type": "article-journal", "DOI": "10.1000/GONE"},
            "/10.48550/arXiv.2301.01234": {"title": "A preprint", "type": "posted-content"},
            "/isbn/9780521000000": {"items": [{"volumeInfo": {"title": "A book", "authors": ["Jane Doe"]}}]},
        }  # fmt: skip
        answer = answers.get(self.path)
        if answer is not None and "csl+json" not in self.headers["Accept"]:
            answer = None
        self.send_response(200 if answer else 404)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode() if answer else b"")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def agency():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Agency)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def resolve(keys, lock, agency):
    places = {"doi_resolver": agency, "isbn_resolver": agency + "isbn/"}
    return references_lock.resolve({key: Location("papers/a.md", token=f"@{key}") for key in keys}, lock, **places)


KEYS = ["doi:10.1000/Good", "arxiv:2301.01234", "isbn:978-0-521-00000-0", "doi:10.1000/gone", "smith2020"]


def test_identifiers_are_locked_once_and_then_never_asked(agency):
    lock, findings = resolve(KEYS, references_lock.Lock(), agency)
    assert findings == []
    assert sorted(lock.items) == sorted(KEYS[:4])
    assert lock.items["doi:10.1000/Good"] == {
        "id": "doi:10.1000/Good",
        "type": "article-journal",
        "title": "A good one",
        "DOI": "10.1000/good",
    }
    assert lock.retracted == {"10.1000/gone"}
    assert references_lock.read(references_lock.written(lock)) == lock
    assert resolve(KEYS, lock, "http://127.0.0.1:1/") == (lock, [])


def test_what_no_agency_knows_is_a_finding_where_it_is_cited(agency):
    lock, [found] = resolve(["doi:10.1000/none"], references_lock.Lock(), agency)
    assert (dict(lock.items), found.code, found.location.token) == ({}, "C026", "@doi:10.1000/none")
    assert "knows no 'doi:10.1000/none'" in found.message


def test_without_a_network_each_identifier_is_told_in_plain_words_and_no_agency_asked_twice(monkeypatch):
    asked = []

    def nothing(request, timeout):
        asked.append(request.full_url)
        raise urllib.error.URLError(OSError(-2, "Name or service not known"))

    monkeypatch.setattr("urllib.request.urlopen", nothing)
    lock, findings = resolve(KEYS[:2], references_lock.Lock(), "https://doi.example/")
    assert (dict(lock.items), len(asked)) == ({}, 1)
    assert [found.message for found in findings] == [
        f"'{key}' was not looked up: doi.example cannot be reached (Name or service not known)"
        for key in sorted(KEYS[:2])
    ]


def test_a_lock_that_finds_nothing_writes_nothing(volume, monkeypatch):
    from click.testing import CliRunner

    from proceedings.cli import main

    def nothing(request, timeout):
        raise urllib.error.URLError(OSError(-2, "Name or service not known"))

    monkeypatch.setattr("urllib.request.urlopen", nothing)
    paper = next((volume / "papers").glob("**/*.md"))
    paper.write_text(paper.read_text() + "\nSee [@doi:10.1000/xyz].\n")
    lock = volume / references_lock.PATH
    before = lock.read_bytes() if lock.exists() else None
    done = CliRunner().invoke(main, ["refs", "--lock", "-C", str(volume), "--format", "concise"])
    assert "no reference could be added" in done.output
    assert f"{paper.relative_to(volume)}:" in next(line for line in done.output.splitlines() if "C026" in line)
    assert (lock.read_bytes() if lock.exists() else None) == before


def test_a_locked_reference_is_cited_by_its_identifier(agency):
    lock, _ = resolve(KEYS, references_lock.Lock(), agency)
    from proceedings import pandoc

    tree, _ = pandoc.parse("[@doi:10.1000/Good]")
    result = citations.cite(tree, lock.library().items, citations.style("apa"), "en")
    assert (result.findings, result.references[0]["title"]) == ((), "A good one")


def test_an_identifier_that_is_not_locked_is_a_finding():
    found = references_lock.unlocked(["doi:10.1000/x", "smith2020"], references_lock.Lock(), Location("papers/a.md"))
    assert [finding.code for finding in found] == ["C025"]


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b'{"items": 3}'])
def test_a_file_that_is_no_lock_is_refused(data):
    with pytest.raises(ValueError):
        references_lock.read(data)


# --- reviews, and texts that nobody signs ------------------------------------------------------------------------


def item_in_weaving(**fields):
    from proceedings.citations import works
    from proceedings.model import Contribution, Contributor, Volume

    editors = (Contributor(family="Itor", given="Edda", role="editor"),)
    weaving = Volume(title="Weaving", published="2024-05-01", editors=editors, publisher={"name": "Loom Press"})
    return works.item_of(Contribution(slug="x", **fields), weaving)


REVIEWED = {"relation": "reviews", "title": "On Cards", "authors": "Anna Berg"}


@pytest.mark.parametrize(
    ("style", "printed"),
    [
        ("apa", "Cards on the Table [Review of On Cards, by Anna Berg]. In E. Itor (Ed.), Weaving. Loom Press."),
        ("modern-language-association", "“Cards on the Table [Review of On Cards, Anna Berg].” Weaving, edited by"),
        ("ieee", "“Cards on the Table [review of On Cards, Anna Berg],” in Weaving, E. Itor, Ed., Loom Press, 2024."),
    ],
)
def test_a_review_is_cited_by_its_own_title_and_what_it_reviews(style, printed):
    authors = ({"family": "Ek", "given": "Bo"},)
    item = item_in_weaving(title="Cards on the Table", kind="book-review", contributors=authors, related=(REVIEWED,))
    assert printed in citations.how_to_cite(item, citations.style(style), "en").text
    assert "@incollection{x," in exports.bibtex([item]) and "booktitle = {Weaving}" in exports.bibtex([item])
    assert "note = {Review of On Cards, by Anna Berg}" in exports.bibtex([item])
    assert {"TY  - CHAP", "T2  - Weaving", "RI  - On Cards"} <= set(exports.ris([item]).splitlines())
    assert json.loads(exports.csl_json([item]))[0]["reviewed-author"] == [{"literal": "Anna Berg"}]


@pytest.mark.parametrize(
    ("style", "printed"),
    [
        ("apa", "Corrigendum to a loom. (2024). In E. Itor (Ed.), Weaving. Loom Press."),
        ("chicago-author-date", "“Corrigendum to a Loom.” 2024. In Weaving, edited by Edda Itor. Loom Press."),
        ("ieee", "“Corrigendum to a loom,” in Weaving, E. Itor, Ed., Loom Press, 2024."),
    ],
)
def test_the_editors_have_not_written_what_nobody_signs(style, printed):
    item = item_in_weaving(title="Corrigendum to a loom", kind="corrigendum")
    assert citations.how_to_cite(item, citations.style(style), "en").text == printed


# --- the exports of a volume ------------------------------------------------------------------------------------


class Memory:
    """A store of bytes in memory."""

    def __init__(self):
        self.kept = {}

    def put(self, data):
        self.kept[str(len(self.kept))] = data
        return str(len(self.kept) - 1)

    def get(self, digest):
        return self.kept[digest]


def test_a_contribution_is_exported_with_its_references():
    from proceedings.edition import PageRange, Prepared
    from proceedings.model import Contribution, Contributor, Event, Volume
    from proceedings.writers import citation_exports

    store = Memory()
    people = (Contributor(given="Ludwig", particle="van", family="Beethoven"), Contributor(group="The Quartet"))
    contribution = Contribution(slug="loom", title="The *loom*", contributors=people, doi="10.5555/loom")
    view = citation_exports.Work(
        volume=Volume(title="Weaving", published="2024-05-01", event=Event(name="Loom Days", city="Almaty")),
        prepared=Prepared(
            contribution=contribution,
            tree="",
            references=store.put(json.dumps([article("a")]).encode()),
            title="The loom",
        ),
        pages=PageRange(first="7", last="19", count=13),
    )
    files = {artifact.path: artifact.data for artifact in citation_exports.write_contribution(view, store).artifacts}
    assert sorted(files) == [
        f"cite/loom{part}.{kind}" for part in ("-references", "") for kind in ("bib", "json", "ris")
    ]
    assert json.loads(files["cite/loom.json"]) == [
        {
            "id": "loom",
            "type": "paper-conference",
            "title": "The loom",
            "author": [
                {"given": "Ludwig", "family": "Beethoven", "non-dropping-particle": "van"},
                {"literal": "The Quartet"},
            ],
            "container-title": "Weaving",
            "event-title": "Loom Days",
            "event-place": "Almaty",
            "issued": {"date-parts": [[2024, 5, 1]]},
            "page": "7-19",
            "DOI": "10.5555/loom",
            "language": "en",
        }
    ]
    for kind in ("bib", "ris", "json"):
        assert [e.key for e in bibliography.load(f"x.{kind}", files[f"cite/loom.{kind}"]).items] == ["loom"]


def test_a_hostile_key_and_title_pass_through_every_output(volume):
    from conftest import run

    paper = volume / "papers" / "tides" / "paper.md"
    library = paper.with_name("hostile.bib")
    library.write_text(
        "@misc{../../x, author = {Doe, Jane}, title = {A \\& B <script>alert(1)</script>}, howpublished = {Web},\n"
        "  year = 2001, doi = {10.5555/x}}\n"
    )
    written = paper.read_text().replace("\n---\n", "\nbibliography: hostile.bib\n---\n", 1)
    paper.write_text(written + "\nSee [@{../../x}, p. 5].\n")
    report = run(volume, to=("html", "site", "jats", "bits", "epub", "cite", "cite-volume"))
    assert [item for item in report.findings if item.severity.label in ("error", "fatal")] == []
    pages = [path for kind in ("html", "xml") for path in (volume / "build").rglob(f"*.{kind}")]
    assert pages and [path for path in pages if "<script>alert" in path.read_text()] == []
    made = (volume / "build" / "jats" / "tides.xml").read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in made
    assert not (volume.parent / "x").exists() and not list(volume.parent.glob("x.*"))


def test_bibtex_says_where_a_work_of_any_type_stands() -> None:
    """BibTeX has `journal` and `booktitle`; what is neither stands somewhere too."""
    item = {"id": "a", "type": "software", "title": "Loom", "container-title": "Shelf & Co"}
    assert "howpublished = {Shelf \\& {Co}}" in exports.bibtex([item])
