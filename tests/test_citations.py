"""Citations: marks and lists against citeproc-js in 18 styles, and each repair of pandoc's citeproc on its own."""

from __future__ import annotations

import json
import re

import citation_comparison
import pytest
from citation_comparison import DATA, GIVEN, SHARED

from proceedings import bibliography, citations, pandoc
from proceedings.citations import given_names
from proceedings.document import attr, nodes, text


def items(*records):
    return bibliography.load("refs.json", json.dumps(records, ensure_ascii=False).encode()).items


def cited(markdown, records, style, lang="", **options):
    tree, _ = pandoc.parse(markdown)
    return citations.cite(tree, items(*records), citations.style(style), lang, path="papers/a.md", **options)


def marks(result):
    return citation_comparison.marks(result.document)


def listed(result):
    return citation_comparison.listed(result.document)


def work(key, family="Doe", given="Jane", year=2020, **fields):
    author = {"author": [{"family": family, "given": given}]} if family else {}
    return {"id": key, "type": "book", "title": f"Title {key}", "issued": {"date-parts": [[year]]}, **author, **fields}


# --- against citeproc-js ----------------------------------------------------------------------------------------

# Differences that are not adjudicated against citeproc-js, by style: references, marks. May fall, must not rise.
OPEN = {
    "apa": (0, 1),
    "chicago-notes-bibliography": (0, 2),
    "ieee": (3, 0),
    "harvard-cite-them-right": (1, 1),
    "american-political-science-association": (0, 2),
    "elsevier-harvard": (0, 1),
    "springer-basic-author-date": (0, 1),
    "association-for-computing-machinery": (0, 1),
    "gost-r-7-0-5-2008": (0, 1),
    "din-1505-2": (0, 2),
    "american-sociological-association": (0, 2),
}


@pytest.mark.skipif(not SHARED.exists(), reason="the expected output of citeproc-js is not beside this checkout")
@pytest.mark.parametrize("style", GIVEN)
def test_the_18_styles(style):
    rows = json.loads((DATA / "adjudications.json").read_text())["rows"]
    adjudicated = {(row["kind"], row["id"], row["citeproc-js"]) for row in rows if row["style"] == style}
    found = citation_comparison.compared(style, citation_comparison.given()[style]).differences
    left = [row for row in found if (row.kind, row.id, row.theirs) not in adjudicated]
    counts = tuple(sum(row.kind == kind for row in left) for kind in ("reference", "mark"))
    assert counts == OPEN.get(style, (0, 0)), left


# --- each repair fails without it -------------------------------------------------------------------------------


def test_names_come_before_their_label():
    book = {"id": "b", "type": "book", "title": "Presses", "editor": [{"family": "Olsen", "given": "P"}]}
    assert "Olsen P, editor" in listed(cited("[@b]", [book], "vancouver"))["b"]


@pytest.mark.parametrize(
    ("lang", "style", "written", "printed"),
    [
        ("ru", "apa", "p. 5", "с. 5"),
        ("ru", "apa", "с. 5", "с. 5"),
        ("de", "apa", "p. 5", "S. 5"),
        ("en-US", "apa", "с. 5", "с. 5"),
        ("kk", "apa", "p. 5", "б. 5"),
        ("kk", "apa", "б. 5", "б. 5"),
        ("de", "apa", "{p. 5}", "S. 5"),
        ("en-GB", "din-1505-2", "chap. 2", "ch. 2"),
        ("ru", "apa", "стр. 3", "с. 3"),
        ("ru", "apa", "стр. 3–5", "сс. 3–5"),
        ("es", "apa", "págs. 3", "p. 3"),
        ("kk", "apa", "12-бет", "2020, 12-бет"),
        ("kk", "apa", "2-том, 5-б.", "2020, 2-том, 5-б."),
        ("kk", "apa", "12–14 бб.", "2020, 12–14 бб."),
    ],
)
def test_locators_are_read_in_the_document_s_language_and_in_english(lang, style, written, printed):
    assert printed in marks(cited(f"[@a, {written}]", [work("a")], style, lang))[0].replace("\u00a0", " ")


def test_an_unknown_locator_word_is_a_finding():
    result = cited("[@a, см. 5]", [work("a")], "apa", "en")
    assert [(found.code, found.location.token) for found in result.findings] == [("C024", "@a")]


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("@https://doi.org/10.1000/xyz", "[@doi:10.1000/xyz]"),
        ("@o'neil", "@{o'neil}"),
        ("@mon2011", "@moon2011"),
        ("@strange", "Add the reference"),
    ],
)
def test_an_unknown_key_is_told_with_what_was_meant(written, hint):
    result = cited(f"[{written}]", [work("moon2011"), work("o'neil")], "apa", "en")
    assert [(found.code, hint in found.hint) for found in result.findings] == [("C001", True)]


def test_a_locator_word_that_may_mean_two_things_is_kept_and_told():
    result = cited("[@a, ст. 5]", [work("a")], "apa", "ru")
    assert marks(result)[0].endswith(", ст. 5)")
    assert [found.code for found in result.findings] == ["C024"]


def test_kazakh_has_its_terms():
    result = cited(
        "[@a]", [work("a", edition="2", author=[{"family": f"F{n}", "given": "G"} for n in range(4)])], "apa", "kk"
    )
    assert marks(result) == ["(F0 және т.б., 2020)"]
    assert "2-ші бас." in listed(result)["a"]


def test_a_language_without_terms_is_a_finding():
    assert [found.code for found in cited("[@a]", [work("a")], "apa", "uz").findings] == ["C022"]


AUTHORLESS = [work("none", family=""), work("z", "Zed"), work("a", "Abe")]
SCRIPTS = [work("lat", "Abe"), work("kaz", "Қасымов"), work("rus", "Иванов")]


def test_works_without_author_come_last():
    result = cited("[@none; @z; @a]", AUTHORLESS, "association-for-computing-machinery")
    assert [item["id"] for item in result.references] == ["a", "z", "none"]


def test_works_without_author_come_last_before_numbering():
    assert marks(cited("[@none] [@z] [@a]", AUTHORLESS, "association-for-computing-machinery")) == ["[3]", "[2]", "[1]"]


@pytest.mark.parametrize(("lang", "order"), [("kk", "rus kaz lat"), ("en", "lat rus kaz"), ("ru", "rus kaz lat")])
def test_the_language_s_own_script_comes_first(lang, order):
    result = cited("[@lat; @kaz; @rus]", SCRIPTS, "apa", lang)
    assert sorted(order.split()) == sorted(item["id"] for item in result.references)
    assert [item["id"] == "lat" for item in result.references] == [key == "lat" for key in order.split()]


def test_chinese_given_names_are_not_initials():
    two = work("li", author=[{"family": "李", "given": "明"}, {"family": "王", "given": "芳"}])
    assert "李明 and 王芳," in listed(cited("[@li]", [two], "ieee"))["li"]
    assert marks(cited("[@li]", [two], "apa")) == ["(李 & 王, 2020)"]


def in_style(layout, *records, lang="en-US", terms="", dates="", macros=""):
    """The references of `records` in a style whose list has this layout."""
    head = "<info><title>T</title><id>t</id><updated>2020-01-01T00:00:00+00:00</updated></info>"
    given = (f"<locale>{dates}</locale>" if dates else "") + macros
    given = f"<locale><terms>{terms}</terms></locale>{given}" if terms else given
    style = (
        f'<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0" default-locale="{lang}">{head}'
        f'{given}<citation disambiguate-add-year-suffix="true"><layout><text variable="title"/></layout></citation>'
        f"<bibliography><layout>{layout}</layout></bibliography></style>"
    )
    assert citations.style(style).findings == ()
    return listed(cited(" ".join(f"[@{record['id']}]" for record in records), records, style))


DATE = '<date variable="issued" delimiter=" "><date-part name="year"{}/></date>'


def test_a_year_and_its_suffix_are_one_word():
    same = [work(key, title="The same") for key in "ab"]
    assert set(in_style(DATE.format(""), *same).values()) == {"2020a", "2020b"}


@pytest.mark.parametrize(("form", "printed"), [(' form="short"', "20"), ("", "2020")])
def test_a_year_is_as_short_as_the_style_wants_it(form, printed):
    assert in_style(DATE.format(form), work("a"))["a"] == printed


def test_a_short_year_keeps_its_prefix():
    assert in_style(DATE.format(' form="short" prefix="’"'), work("a", year=1998))["a"] == "’98"


def test_a_word_for_missing_names_is_printed_in_a_group_of_its_own():
    names = '<names variable="author"><name/><substitute><text term="anonymous" form="short"/></substitute></names>'
    layout = f'<group suffix=": ">{names}</group><text variable="title"/>'
    assert in_style(layout, work("a", family=""))["a"] == "anon.: Title a"
    assert in_style(layout, work("a"))["a"] == "Jane Doe: Title a"


def test_a_block_does_not_run_into_the_next_word():
    layout = '<group display="block"><text variable="title"/></group><text variable="publisher"/>'
    assert in_style(layout, work("a", publisher="Press"))["a"] == "Title a Press"


def test_small_raised_letters_are_superscript():
    layout = '<text term="issue" form="short" suffix=" "/><text variable="issue"/>'
    terms = '<term name="issue" form="short">nᵒ</term>'
    article = work("a", type="article-journal", issue="2")
    assert in_style(layout, article, terms=terms)["a"] == "no 2"


def test_the_word_for_a_locator_before_the_pages_is_theirs():
    layout = '<text variable="title"/><label variable="locator" form="short" prefix=", " suffix=" "/>'
    assert in_style(layout + '<text variable="page"/>', work("a", page="5-9"))["a"] == "Title a, p. 5–9"


def test_the_case_on_a_macro_s_call_counts_for_nothing():
    macro = '<macro name="title"><text variable="title" text-case="capitalize-first"/></macro>'
    shown = in_style('<text macro="title" text-case="title"/>', work("a", title="the long way"), macros=macro)
    assert shown["a"] == "The long way"


def test_initials_with_a_no_break_space_end_without_one():
    names = '<names variable="author"><name initialize-with=".\u00a0" name-as-sort-order="all" delimiter="; "/></names>'
    two = work("a", author=[{"family": "Doe", "given": "Ann Bo"}, {"family": "Roe", "given": "Cy"}])
    assert in_style(names, two)["a"] == "Doe, A.\u00a0B.; Roe, C."


def test_a_date_of_the_locale_keeps_year_and_suffix_together():
    date = '<date form="text" delimiter=" "><date-part name="year"/><date-part name="month"/></date>'
    same = [work(key, title="The same") for key in "ab"]
    printed = in_style('<date variable="issued" form="text"/>', *same, dates=date)
    assert set(printed.values()) == {"2020a", "2020b"}


@pytest.mark.parametrize(
    ("initials", "printed"), [('initialize-with=""', "King M Jr"), ('initialize-with="."', "King M. Jr."), ("", "King")]
)
def test_a_rank_has_a_full_stop_where_initials_have_one(initials, printed):
    names = f'<names variable="author"><name name-as-sort-order="all" sort-separator=" " {initials}/></names>'
    short = '<names variable="author"><name form="short" initialize-with=". "/></names>'
    king = work("k", author=[{"family": "King", "given": "Martin", "suffix": "Jr."}])
    macros = f'<macro name="short">{short}</macro>'
    shown = in_style(names if initials else short, king, macros=macros)["k"]
    assert shown == printed


@pytest.mark.parametrize("terms", ["", '<term name="page-range-delimiter">-</term>'])
def test_ranges_have_the_locale_s_delimiter(terms):
    article = work("a", issue="7-8", page="12-15")
    printed = in_style(
        '<text variable="issue"/><text variable="page" prefix=": "/>', article, lang="fr-FR", terms=terms
    )["a"]
    assert printed == ("7-8: 12-15" if terms else "7‑8: 12‑15")


@pytest.mark.parametrize(("issue", "printed"), [("7-8", "7–8"), ("7", "7"), ("Suppl-A", "Suppl-A")])
def test_a_double_issue_has_an_en_dash(issue, printed):
    article = work("a", type="article-journal", volume="57", issue=issue, **{"container-title": "J"})
    assert f"57({printed})" in listed(cited("[@a]", [article], "apa"))["a"]


def test_stop_words_keep_their_small_letter_in_title_case():
    article = work(
        "a", type="article-journal", title="Without a plan: after all, reading without catalogues before noon"
    )
    printed = listed(cited("[@a]", [article], "modern-language-association"))["a"]
    assert "Without a Plan: After All, Reading without Catalogues before Noon" in printed


def test_a_particle_is_joined_to_its_name():
    name = [{"family": "Farabi", "given": "Abu", "non-dropping-particle": "al-"}]
    assert "al-Farabi" in listed(cited("[@a]", [work("a", author=name)], "institute-of-mathematical-statistics"))["a"]


def test_a_note_ends_inside_the_quotation_mark_in_american_english():
    article = work("a", type="article-journal", title="A short one", **{"container-title": "J"})
    assert marks(cited("[@a] [@a]", [article], "chicago-notes-bibliography"))[1].endswith("Short One.”")


def test_character_references_in_a_style_are_characters():
    style = citations.style("universitat-heidelberg-medizinische-fakultat-mannheim-numeric")
    assert "&amp;#160;" not in style.text


# --- keys, links, harmlessness ----------------------------------------------------------------------------------


def test_undefined_keys_are_marked_text_and_findings():
    result = cited("A [@a; @nope] and @gone and [@nope].", [work("a"), work("nape")], "apa")
    assert marks(result) == ["(Doe, 2020)"]
    shown = [text(span) for span in nodes(result.document["blocks"], "Span") if "undefined-citation" in attr(span)[1]]
    assert shown == ["[@nope?]", "[@gone?]", "[@nope?]"]
    places = [(found.code, found.location.token, found.location.nth) for found in result.findings]
    assert places == [("C001", "@nope", 1), ("C001", "@gone", 1), ("C001", "@nope", 2)]
    assert "@nape" in result.findings[0].hint


def test_marks_and_references_point_at_each_other():
    result = cited("[@a] then [@a]", [work("a")], "apa")
    entry = next(div for div in nodes(result.document["blocks"], "Div") if "csl-entry" in attr(div)[1])
    assert attr(entry)[0] == "ref-a"
    assert dict(attr(entry)[2])["cited-by"] == "cite-1 cite-2"
    spans = {attr(span)[0] for span in nodes(result.document["blocks"], "Span")}
    assert {"cite-1", "cite-2"} <= spans
    assert {link["c"][2][0] for link in nodes(result.document["blocks"], "Link")} == {"#ref-a"}


def test_strange_keys_and_titles_are_harmless():
    evil = work("../../x", title="A & B <script>alert(1)</script>", URL="javascript:alert(1)")
    result = cited("[@{../../x}]", [evil], "apa")
    page, _ = pandoc.render(result.document, "html")
    assert "<script" not in page
    assert "A &amp; B &lt;script&gt;" in page
    assert 'href="javascript' not in page
    ids = re.findall(r'id="([^"]*)"', page)
    assert all(re.fullmatch(r"[A-Za-z_][\w.·-]*", name) for name in ids), ids


def test_anchors_differ_for_different_keys():
    keys = ["a/b", "a·2f·b", "a_2f_b", "a:b", "a.b", "ә/б", "a b"]
    assert len({citations.anchor(key) for key in keys}) == len(keys)
    assert citations.anchor("smith2020a") == "ref-smith2020a"


def test_a_document_cannot_steer_citeproc():
    tree, _ = pandoc.parse("[@a]", {"csl": "/etc/passwd", "bibliography": "/etc/passwd", "suppress-bibliography": True})
    result = citations.cite(tree, items(work("a")), citations.style("apa"))
    assert list(listed(result)) == ["a"]


def test_each_document_has_its_own_keys():
    printed = [listed(cited("[@smith2020]", [work("smith2020", f"Smith{n}")], "apa"))["smith2020"] for n in range(3)]
    assert [line.split(",")[0] for line in printed] == ["Smith0", "Smith1", "Smith2"]


def test_nocite_lists_without_a_mark():
    result = cited("[@a]", [work("a"), work("b", "Zed"), work("c")], "apa", nocite=["b"])
    assert [item["id"] for item in result.references] == ["a", "b"]


# --- styles -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "independent"),
    [
        ("apa", "apa"),
        ("http://www.zotero.org/styles/apa", "apa"),
        ("turabian-author-date", "chicago"),
        ("ama", "American Medical"),
        ("nature-digest", "Nature"),
    ],
)
def test_a_style_is_found_by_any_of_its_names(name, independent):
    style = citations.style(name)
    assert (style.findings, "independent-parent" in style.text) == ((), False)
    assert independent.lower() in style.text.lower()


@pytest.mark.parametrize(
    ("given", "code"),
    [("vancouvr", "C020"), ("../../etc/passwd", "C020"), ("<style>", "C021"), ("<a/>", "C021"), ("no XML\n", "C021"),
     ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><style>&x;</style>', "C021")],
)  # fmt: skip
def test_a_style_that_cannot_be_used_is_a_finding_and_the_default(given, code):
    style = citations.style(given)
    assert [found.code for found in style.findings] == [code]
    assert style.name == citations.DEFAULT


def test_a_misspelt_style_has_near_names():
    assert "vancouver" in citations.style("vancouvr").findings[0].hint


def test_a_work_that_the_style_does_not_list_is_a_note():
    entry = work("e", family="", type="entry-encyclopedia", title="Codex", **{"container-title": "Encyclopædia"})
    result = cited("[@e; @a]", [entry, work("a")], "chicago-author-date", "en-US")
    assert [(found.code, found.location.token) for found in result.findings] == [("C023", "@e")]


def test_an_item_that_citeproc_refuses_costs_only_itself():
    from proceedings.bibliography import Entry
    from proceedings.diagnostics import Location

    bad = Entry(
        "bad", {"id": "bad", "type": "book", "title": "B", "issued": {"date-parts": [["x"]]}}, Location("r.json", 3), ""
    )
    tree, _ = pandoc.parse("[@a] [@bad]")
    result = citations.cite(tree, [*items(work("a")), bad], citations.style("apa"), path="a.md")
    assert marks(result) == ["(Doe, 2020)"]
    assert [(found.code, found.location.path) for found in result.findings] == [("C003", "r.json"), ("C001", "a.md")]


def test_straight_quotation_marks_of_a_style_stay_straight():
    article = work("a", type="article-journal", title="A title", **{"container-title": "J"})
    assert "'A Title'" in listed(cited("[@a]", [article], "university-of-tasmania-simplified-author-date"))["a"]


def test_a_doi_keeps_its_full_stops():
    article = work("a", type="article-journal", DOI="10.1103/phys.114.1", **{"container-title": "J"})
    style = "journal-of-the-botanical-research-institute-of-texas"
    assert "10.1103/phys.114.1" in listed(cited("[@a]", [article], style))["a"]


@pytest.mark.parametrize("style", ["apa", "modern-language-association"])
def test_formulas_of_titles_are_formulas(style):
    result = cited("[@a]", [work("a", title="On $x^2 + \\alpha$ for $5 and $6")], style)
    assert [math["c"][1] for math in nodes(result.document["blocks"], "Math")] == ["x^2 + \\alpha"]
    assert "$5 and $6" in listed(result)["a"]


@pytest.mark.parametrize(("lang", "word"), [("sr-Latn-RS", " i "), ("uk", " та ін."), ("tr", " ve ")])
def test_the_terms_are_those_of_the_current_locales(lang, word):
    names = [{"family": f"F{n}", "given": "G"} for n in range(2 if word != " та ін." else 5)]
    printed = marks(cited("[@a]", [work("a", author=names)], "harvard-cite-them-right", lang))[0]
    assert word in printed.replace("\u00a0", " ")


# --- given names ------------------------------------------------------------------------------------------------

PEOPLE = [
    work("a", "van Doe", "Jane"),
    work("b", "van Doe", "Jane"),
    work("c", "Roe", "R. O.", year=2019),
    work("d", "Roe", "R. O.", year=2019, title="Other"),
    {
        **work("e", "Moon", "Cy"),
        "author": [{"family": name, "given": name[0]} for name in ("Moon", "Sun", "Rain", "Sea")],
    },
    {
        **work("f", "Moon", "Cy"),
        "author": [{"family": name, "given": name[0]} for name in ("Moon", "Sun", "Rain", "Ice")],
    },
    work("g", "") | {"editor": [{"literal": "World Meteorological Organization"}]},
]
CITING = "[@a; @b] @c [@d] [see @e, p. 3; @f] @g [@a]\n"


@pytest.mark.parametrize("style", ["apa", "chicago-author-date", "harvard-york-st-john-university"])
def test_a_rule_about_given_names_goes_where_nobody_shares_a_family_name(style, monkeypatch):
    """The document is the same, in a time that does not grow with the cube of the works."""
    seen = []
    real = given_names.eased

    def eased(root, works):
        done = real(root, works)
        seen.append("disambiguate-add-givenname" in root.find("{*}citation").attrib)
        return done

    monkeypatch.setattr(given_names, "eased", eased)
    quick = cited(CITING, PEOPLE, style)
    monkeypatch.setattr(given_names, "eased", lambda root, works: False)
    assert (seen, quick) == ([False], cited(CITING, PEOPLE, style))


def test_a_rule_about_given_names_that_takes_too_long_is_kept_where_marks_are_alike(monkeypatch):
    people = [work("a", "Doe", "Jane"), work("b", "Doe", "Rob", year=2019), work("c", "Doe", "Mary", year=2019)]
    kept = cited("[@a] [@b] [@c]\n", people, "apa")
    assert marks(kept) == ["(J. Doe, 2020)", "(R. Doe, 2019)", "(M. Doe, 2019)"] and not kept.findings
    monkeypatch.setattr(given_names, "MAX_STEPS", 8)
    eased = cited("[@a] [@b] [@c]\n", people, "apa")
    assert marks(eased)[1:] == marks(kept)[1:] and marks(eased)[0] == "(Doe, 2020)"
    assert [found.code for found in eased.findings] == ["C027"]
