"""Libraries: every fault is a finding at its line, and no sound entry is lost with it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from proceedings import bibliography
from proceedings.bibliography import bib
from proceedings.diagnostics import Location

DATA = Path(__file__).parent / "citations"


@pytest.fixture(scope="module")
def library() -> bibliography.Library:
    return bibliography.load("bibliography/library.bib", (DATA / "library.bib").read_bytes())


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        (
            "  author = {A},\n  title = {An {odd title},\n  year = 2019\n}",
            (3, 3),
            "the brace of its field 'title' is not",
        ),
        (
            '  title = "A book, publisher = {Press},\n  year = 2018}',
            (2, 3),
            "the quotation mark of its field 'title' is",
        ),
        ("  title = {x},\n  year = {2000}\n", (1, 1), "the brace that closes it is missing"),
        ("  title = {x}\n  year = {2000}\n}", (2, 3), "no comma follows its field 'title'"),
        ("  title = {x {\\o} {y}}z,\n}", (2, 3), "something stands behind its field 'title'"),
        ("  title = {x},\n  journal = j # { y}\n}", (3, 13), "'j' in 'journal'"),
        ("  author = {A, B and\n   others}\n}", (2, 18), "ends in 'and others'"),
    ],
)
def test_a_fault_is_named_at_its_field(text, place, told):
    library = bibliography.load("a.bib", f"@article{{k,\n{text}\n@misc{{good, title = {{Good}}}}\n".encode())
    found = [(item.location.line, item.location.column) for item in library.findings if told in item.message]
    assert (found, "good" in library) == ([place], True), library.findings


@pytest.mark.parametrize("last", ["and {et al.}", "and et al.", "and et. al", "and others"])
def test_names_that_are_not_given_stay_unnamed(last):
    library = bibliography.load("a.bib", f"@book{{k,\n  author = {{Moon, Cy {last}}},\n  title = {{T}}\n}}".encode())
    assert library.items[0].item["author"] == [{"family": "Moon", "given": "Cy"}, {"literal": "others"}]
    assert [(found.code, found.location.line) for found in library.findings] == [("C017", 2)]


def test_a_byte_that_is_not_utf_8_costs_one_entry():
    data = b"@misc{a, title = {One}}\n@misc{b,\n  title = {Don\x92t}}\n% \xff\n@misc{c, title = {Three}}\n"
    data += b"@misc{d\x92, title = {x}}"
    library = bibliography.load("a.bib", data)
    assert [entry.key for entry in library.items] == ["a", "c"]
    found, other = library.findings
    assert other.message.encode().startswith("the entry 'd�' has the byte 0x92".encode())
    assert (found.code, str(found.location), "0x92" in found.message) == ("C003", "a.bib:3:15", True)


def test_every_fault_is_named_at_its_line(library):
    assert [(found.location.line, found.code) for found in library.findings] == [
        (11, "C003"),
        (15, "C004"),
        (16, "C005"),
        (17, "C007"),
        (20, "C009"),
        (21, "C011"),
        (22, "C008"),
        (23, "C017"),
        (24, "C006"),
        (25, "C003"),
    ]


def entry(library, key):
    return next(item for item in library.items if item.key == key)


def test_no_sound_entry_is_lost(library):
    kept = "sound1 sound2 twice macro child parent orphan nodate odd others ../../x last".split()
    assert [entry.key for entry in library.items] == kept


def test_the_first_of_two_keys_is_used_and_nothing_is_merged(library):
    assert entry(library, "sound2").item["title"] == "A book"


def test_an_entry_becomes_csl(library):
    assert entry(library, "sound1").item == {
        "id": "sound1",
        "type": "article-journal",
        "author": [{"family": "Smith", "given": "John"}, {"family": "Müller", "given": "Jörg"}],
        "title": "Archival practice in small museums",
        "container-title": "Journal of Documentation",
        "issued": {"date-parts": [[2020, 3]]},
        "DOI": "10.1108/JD-2020-0001",
        "issue": "7-8",
    }


@pytest.mark.parametrize("field", [r"url = {\url{https://a.example/b_c}}", 'url = "https://a.example/b_c"'])
def test_an_address_is_what_its_command_holds(field):
    (found,) = bibliography.load("a.bib", f"@misc{{a, title = {{T}}, {field}}}".encode()).items
    assert found.item["URL"] == "https://a.example/b_c"


def test_a_crossref_inherits(library):
    child = entry(library, "child").item
    assert (child["container-title"], child["issued"]) == ("Parent proceedings", {"date-parts": [[2003]]})


def test_a_field_has_its_own_place(library):
    assert entry(library, "sound1").field("doi", "DOI") == Location("bibliography/library.bib", 7, 3)


def test_pandoc_refusing_one_entry_costs_only_that_entry():
    good = "\n".join(f"@book{{k{n}, author={{A, B}}, title={{T{n}}}, year=2000, crossref={{end}}}}" for n in range(9))
    text = good + "\n@book{bad#, title={x}}\n@book{worse$%, title={\\begin{foo}}}\n@book{end, title={E}}\n"
    library = bibliography.load("b.bib", text.encode())
    assert {f"k{n}" for n in range(9)} | {"end"} <= {entry.key for entry in library.items}


def test_csl_json_loses_only_the_broken_item():
    text = '[\n {"id": "a", "title": "A"},\n {"id": "b", "title": "B\n },\n {"id": "c"},\n {"title": "no id"}\n]'
    library = bibliography.load("refs.json", text.encode())
    assert [(entry.key, entry.location.line) for entry in library.items] == [("a", 2), ("c", 5)]
    assert [(found.location.line, found.code) for found in library.findings] == [(3, "C003"), (6, "C006")]


def test_csl_yaml_reads_markdown_and_loses_only_the_broken_item():
    text = (
        "references:\n- id: x\n  title: 'A *big* <i>old</i> <script>'\n  issued: 2020-03-01\n  DOI: 10.1/a_b_c\n"
        "- id: y\n  title: 'unclosed\n- id: z\n  title: Z\n  issued:\n    year: 2019\n"
    )
    library = bibliography.load("refs.yaml", text.encode())
    assert [(entry.key, entry.location.line) for entry in library.items] == [("x", 2), ("z", 8)]
    assert [(found.code, found.location.path) for found in library.findings] == [("C003", "refs.yaml")]
    item = entry(library, "x").item
    assert item["title"] == "A <i>big</i> <i>old</i> <script>"
    assert (item["DOI"], item["issued"]) == ("10.1/a_b_c", {"date-parts": [[2020, 3, 1]]})


def test_ris_keeps_dates_places_and_lines():
    text = "TY  - CHAP\nID  - k\nAU  - Smith, John\nTI  - T\nT2  - Book\nDA  - 2020/03/01\nCY  - Oslo\n"
    text += "SP  - 1\nEP  - 9\nER  - \n"
    text += "TY  - JOUR\nAU  - Қасымов, А.\nPY  - 2019///\nTI  - Untitled\nER  - \nTY  - BOOK\nTI  - open\n"
    library = bibliography.load("r.ris", text.encode())
    assert [entry.key for entry in library.items] == ["k", "Қасымов2019"]
    assert [(found.location.line, found.code) for found in library.findings] == [(11, "C018"), (16, "C003")]
    item = library.items[0].item
    assert (item["issued"], item["publisher-place"], item["page"]) == ({"date-parts": [[2020, 3, 1]]}, "Oslo", "1-9")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("x.bib", "@book{a, title={é}}".encode("latin-1"), "C019"),
        ("x.docx", b"", "C019"),
        ("x.json", b'{"a": 1}', "C019"),
        ("x.ris", b"hello", "C019"),
    ],
)
def test_a_file_that_is_no_library_is_one_finding(name, data, code):
    library = bibliography.load(name, data)
    assert (library.items, [found.code for found in library.findings]) == ((), [code])


def test_inline_references_have_the_places_they_were_given():
    place = Location("papers/a.md", 12, 3)
    library = bibliography.from_references(
        [{"id": "a", "title": "On $x^2$", "author": "Doe"}, {"id": "a"}], [place, place]
    )
    assert [entry.location for entry in library.items] == [place]
    assert [found.code for found in library.findings] == ["C004"]


def test_yaml_aliases_do_not_explode():
    text = "references:\n- id: a\n  a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"  {chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(8)
    )
    assert [found.code for found in bibliography.load("r.yaml", text.encode()).findings] == ["C003"]


def test_entries_that_inherit_in_a_circle_are_told_and_left_out():
    text = "@book{a, crossref={b}, title={A}}\n@book{b, crossref={a}, title={B}}\n"
    text += "@book{c, crossref={c}}\n@book{d, title={D}}\n"
    library = bibliography.load("b.bib", text.encode())
    assert [entry.key for entry in library.items] == ["d"]
    assert [(found.location.line, found.code) for found in library.findings] == [(1, "C009"), (2, "C009"), (3, "C009")]


@pytest.mark.parametrize("value", ['"{A {B} \\"o c}"', '"A {"} b"', "{a b}", "2020", "jan", '"a" # jan # {b c}'])
def test_text_in_quotes_and_braces_is_no_macro(value):
    assert bibliography.load("b.bib", f"@misc{{a, note = {value}, title = {{T}}}}".encode()).findings == ()


def test_a_library_is_the_same_in_however_many_parts_it_is_converted(monkeypatch):
    """A part has the entries that those in it take fields from, and what is refused costs one entry of one part."""
    proceedings = "@proceedings{p, title = {All}, editor = {Sun, A}, year = {2001}, crossref = {q}}\n"
    data = "".join(f"@inproceedings{{k{n}, title = {{T{n}}}, crossref = {{p}}}}\n" for n in range(7)) + proceedings
    data += (
        "@proceedings{q, publisher = {Press}}\n@misc{k2, title = {Twice}}\n@misc{bad, title = {\\input{x}\\verb|}}\n"
    )
    whole = bibliography.load("a.bib", data.encode())
    monkeypatch.setattr(bibliography, "AT_ONCE", 2)
    assert bibliography.load("a.bib", data.encode()) == whole
    assert {entry.key for entry in whole.items} >= {"k0", "k6", "p", "q"} and whole.items[6].item["container-title"]


@pytest.mark.parametrize(
    ("name", "data", "codes"),
    [
        ("a.json", "[" + ",".join(f'{{"id": "k{n}", "title": "T"}}' for n in range(8000)) + "]", set()),
        ("a.json", "[\n" + "{" * 200_000, {"C003"}),
        ("a.ris", "TY  - JOUR\nAU  - Moon, Cy\nPY  - 2011\nER  - \n" * 8000, {"C018"}),
        ("a.ris", "TY  - JOUR\n" + "x\n" * 400_000, {"C003"}),
        ("a.bib", "".join(f"@book{{k{n}, crossref = {{k{(n + 1) % 4000}}}}}\n" for n in range(4000)), {"C009"}),
        ("a.bib", "@book{b, title = {x\n" * 4000, {"C003"}),
    ],
    ids=["on-one-line", "braces", "no-ids", "no-end", "circle", "unclosed"],
)
def test_the_time_for_a_library_grows_with_its_length(name, data, codes):
    """Each of these took minutes, since something was looked for from its beginning again and again."""
    before = time.process_time()
    library = bibliography.load(name, data.encode())
    assert time.process_time() - before < 10
    assert {found.code for found in library.findings} == codes and len(library.findings) <= 502


def test_entries_beyond_measure_are_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries that are never closed, a hundred thousand of them, are no less work than sound ones."""
    monkeypatch.setattr(bib, "MAX_ENTRIES", 3)
    library = bibliography.load("r.bib", b"@book{b, title={x\n" * 5)
    assert [(item.code, item.location.line) for item in library.findings] == [
        ("C003", 1), ("C003", 2), ("C003", 3), ("C019", 4),
    ]  # fmt: skip
