"""JATS: small texts, marks and items against what must come of them; everything against the official DTDs."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import IO, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from proceedings import installation, pandoc
from proceedings.document import Document, nodes
from proceedings.edition import Counts, Edition, ImageAsset, Missing, PageRange, Prepared
from proceedings.model import Committee, Contribution, Kind, Relation, Section, Status, Volume
from proceedings.renderings.jats import Rendering, grammar, references, scielo
from proceedings.renderings.jats.citations import joined
from proceedings.renderings.jats.facts import Facts, Neighbour
from proceedings.renderings.jats.facts import facts as facts_of
from proceedings.renderings.jats.front import ARTICLE_RELATIONS, ARTICLE_TYPES, REVIEWS, VERSIONS
from proceedings.renderings.jats.grammar import new, serialise
from proceedings.renderings.jats.inlines import Writing, write
from proceedings.writers import bits, jats

DATA = Path(__file__).parent / "jats"
DTDS = {
    "Publishing": "JATS-journalpublishing1-3-mathml3.dtd",
    "Archiving": "JATS-archivearticle1-3-mathml3.dtd",
}


def cases(name: str) -> list[Any]:
    found = yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["title"]) for case in found]


def document(blocks: list[Any]) -> Document:
    return {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": blocks}


@cache
def dtd(name: str) -> etree.DTD:
    folder = installation.find("@jats4r/dtds")
    if folder is None:
        pytest.skip("the JATS DTDs are not installed: run `proceedings doctor --install`")
    return etree.DTD(str(folder / "schema" / "1.3" / DTDS[name]))


def faults(data: bytes, name: str) -> list[str]:
    """What a DTD has against a document."""
    tree = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    schema = dtd(name)
    return [] if schema.validate(tree) else [f"{item.line}: {item.message[:300]}" for item in schema.error_log]


# --- the body -------------------------------------------------------------------------------------------------


def article_of(tree: Document) -> tuple[grammar.Element, Rendering]:
    """The body and back matter of a tree as an article without front."""
    rendering = Rendering(tree, slug="s", lang="en")
    root = new("article")
    body, parted = rendering.body_and_back()
    back = new("back")
    back.extend(parted)
    notes = rendering.notes()
    if notes is not None:
        back.append(notes)
    root.extend([part for part in (body, back) if part is not None and len(part)])
    rendering.settle(root)
    return root, rendering


def written(case: dict[str, Any]) -> tuple[str, list[str]]:
    """The body and back matter of a case, and the codes of its findings."""
    tree = document(case["tree"]) if "tree" in case else pandoc.parse(case["markdown"])[0]
    root, rendering = article_of(tree)
    return inside(root), sorted(item.code for item in rendering.findings)


def inside(root: grammar.Element) -> str:
    """What an article holds, as it is written."""
    text = serialise(root, "<!DOCTYPE article>").decode()
    return re.sub(r"^<article[^>]*?(?:/>|>)\n?|</article>\s*$", "", text.split("\n", 2)[2])


@pytest.mark.parametrize("case", cases("body"))
def test_body(case: dict[str, Any]) -> None:
    assert written(case) == (case["jats"], case.get("findings", []))


@pytest.mark.parametrize("name", DTDS)
@pytest.mark.parametrize("case", cases("body"))
def test_body_is_valid(case: dict[str, Any], name: str) -> None:
    assert faults(whole(written(case)[0]), name) == []


def whole(body: str) -> bytes:
    """A body with the least front that both DTDs accept."""
    spaces = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in grammar.NAMESPACES.items())
    return (
        f'<article{spaces}><front><journal-meta><journal-id journal-id-type="issn">2049-3630</journal-id>'
        "<issn>2049-3630</issn></journal-meta><article-meta><title-group><article-title>T</article-title></title-group>"
        f"</article-meta></front>{body}</article>"
    ).encode()


# --- marks and references -------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases("citations"))
def test_every_key_is_reached(case: dict[str, Any]) -> None:
    tree, _ = pandoc.parse(case["mark"])
    parts = [{"citationId": key} for key in case["keys"]]
    cite = {"t": "Cite", "c": [parts, tree["blocks"][0]["c"]]}
    known = {key: key for key in "abcd"}
    element = write(Writing("s", "en", ""), joined(cite, known), new("p"))
    text = etree.tostring(element, encoding="unicode")
    assert re.sub(r'^<p[^>]*>|</p>$| xmlns:\w+="[^"]*"', "", text) == case["jats"]


def test_a_mark_in_a_note_is_reached_there() -> None:
    note = {"t": "Note", "c": [{"t": "Para", "c": [{"t": "Str", "c": "Smith."}]}]}
    [made] = joined({"t": "Cite", "c": [[{"citationId": "a"}], [note]]}, {"a": "ref-a"})
    assert [link["c"][2][0] for link in nodes(made, "Link")] == ["#ref-a"]


@pytest.mark.parametrize("case", cases("references"))
def test_reference(case: dict[str, Any]) -> None:
    element = references.element_citation(case["item"])
    lines = [etree.tostring(child, encoding="unicode").replace("\n", "") for child in element]
    shown = [re.sub(r' xmlns:\w+="[^"]*"', "", line) for line in lines]
    assert {"type": element.get("publication-type"), "parts": shown} == case["citation"]


@pytest.mark.parametrize("case", cases("references"))
def test_reference_is_valid(case: dict[str, Any]) -> None:
    entry = {
        "t": "Div",
        "c": [["ref-a", ["csl-entry"], [["key", "a"]]], [{"t": "Para", "c": [{"t": "Str", "c": "A."}]}]],
    }
    tree = document([{"t": "Div", "c": [["refs", ["references"], []], [entry]]}])
    rendering = Rendering(tree, [case["item"]], slug="s", lang="en")
    for printed in (False, True):
        made = rendering.references("References", printed=printed)
        assert made is not None
        root, back = new("article"), new("back")
        root.append(back)
        back.append(made)
        assert faults(whole(inside(root)), "Publishing") == []


def test_reference_without_data_is_its_printed_text() -> None:
    entry = {
        "t": "Div",
        "c": [["ref-a", ["csl-entry"], [["key", "a"]]], [{"t": "Para", "c": [{"t": "Str", "c": "Anon."}]}]],
    }
    tree = document([{"t": "Div", "c": [["refs", ["references"], []], [entry]]}])
    made = Rendering(tree, [{"id": "a", "type": "book"}], slug="s", lang="en").references("References")
    assert made is not None
    assert [(child.tag, child.text) for child in made[-1]] == [("mixed-citation", "Anon.")]


# --- the whole document ---------------------------------------------------------------------------------------


class Memory(dict[str, bytes]):
    """A store in memory."""

    def get(self, digest: str) -> bytes:  # type: ignore[override]
        return self[digest]

    def memo(self, _kind: str, _data: bytes, make: Callable[[], bytes]) -> bytes:
        return make()

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self[digest] = data
        return digest

    def put_file(self, file: IO[bytes]) -> str:
        file.seek(0)
        return self.put(file.read())


def facts(store: Memory, record: dict[str, Any], volume: dict[str, Any], body: str = "Text.", **more: Any) -> Facts:
    """A view as the pipeline would take it, without citations and transforms."""
    item = Contribution.model_validate(record)
    tree, _ = pandoc.parse(body)
    rich = {path: _rich(path, pandoc.parse(text)[0]["blocks"]) for path, text in item.rich()}
    tree["meta"] = {"rich": {"t": "MetaMap", "c": rich}}
    prepared = Prepared(
        contribution=item,
        tree=store.put(json.dumps(tree).encode()),
        references=store.put(b"[]"),
        counts=Counts(words=2),
        images=more.pop("images", ()),
    )
    return Facts(volume=Volume.model_validate(volume), prepared=prepared, **more)


def _rich(path: str, blocks: list[Any]) -> dict[str, Any]:
    if path.rpartition(".")[2] in ("title", "subtitle", "short-title"):
        return {"t": "MetaInlines", "c": blocks[0]["c"]}
    return {"t": "MetaBlocks", "c": blocks}


RECORD = yaml.safe_load((DATA / "record.yaml").read_text(encoding="utf-8"))


def record_view(store: Memory, **volume: Any) -> Facts:
    return facts(
        store,
        RECORD["contribution"],
        {**RECORD["volume"], **volume},
        RECORD["body"],
        pages=PageRange(first="12", last="29", count=18),
        section="Methods",
        neighbours={"weft": Neighbour(title="On weft", doi="10.5555/weft")},
        images=(ImageAsset(name="map.png", digest=store.put(b"PNG"), media_type="image/png"),),
    )


def test_record() -> None:
    """Everything that the records can say, as the committed file shows it."""
    store = Memory()
    output = jats.write(record_view(store), store)
    expected = (DATA / "record.jats.xml").read_text(encoding="utf-8")
    assert output.artifacts[0].data.decode() == expected
    assert [(item.path, store[item.digest]) for item in output.artifacts[1:]] == [("jats/loom/map.png", b"PNG")]
    assert output.findings == ()


def test_record_is_valid() -> None:
    store = Memory()
    for name, volume in (("Publishing", {}), ("Archiving", {"series": None})):
        data = jats.write(record_view(store, **volume), store).artifacts[0].data
        assert f"Journal {name}".encode() in data[:200]
        assert faults(data, name) == []


@pytest.mark.parametrize("kind", Kind)
def test_least_record_is_valid(kind: Kind) -> None:
    """A title is enough, and nothing is there that nobody gave."""
    store = Memory()
    view = facts(store, {"slug": "1-loom", "title": "Loom", "kind": kind}, {"title": "Volume"}, body="")
    data = jats.write(view, store).artifacts[0].data
    assert faults(data, "Archiving") == []
    root = etree.fromstring(data)
    told = {"publisher-id", "article-title", "subject", "source"}
    assert {
        element.get("pub-id-type") or element.tag for element in root.iter() if element.text and element.text.strip()
    } <= told
    assert root.find("body") is None and root.find("back") is None


def test_event_without_date_is_told() -> None:
    store = Memory()
    volume = {"title": "V", "series": {"title": "S", "issn": "2049-3630"}, "event": {"name": "Forum"}}
    output = jats.write(facts(store, {"slug": "a", "title": "T"}, volume), store)
    assert [item.code for item in output.findings] == ["O104"]
    assert faults(output.artifacts[0].data, "Publishing") == []
    output = jats.write(facts(store, {"slug": "a", "title": "T"}, {**volume, "series": None}), store)
    assert output.findings == () and b"<conf-name>Forum" in output.artifacts[0].data


def test_every_kind_and_relation_has_its_value() -> None:
    assert set(ARTICLE_TYPES) == set(Kind)
    assert set(ARTICLE_RELATIONS) == set(Relation) - {Relation.REVIEWS}
    assert len(REVIEWS) == 5


INTERESTS = """# Introduction

Text.

# Conflict of interest

We have none.[^1]

[^1]: But one.
"""


@pytest.mark.parametrize("field", [None, "One paid us."])
def test_interests_stand_among_the_author_notes(field: str | None) -> None:
    """JATS4R wants them there, whether a field has them or a section of the text."""
    store = Memory()
    record = {"slug": "a", "title": "T", "conflict-of-interest": field}
    root = etree.fromstring(jats.write(facts(store, record, {"title": "V"}, INTERESTS), store).artifacts[0].data)
    notes = root.findall("front/article-meta/author-notes/fn[@fn-type='coi-statement']")
    assert [grammar.text_of(note) for note in notes] == [*filter(None, [field]), "Conflict of interest We have none.1"]
    assert [title.text for title in root.iterfind("body/sec/title")] == ["Introduction"]
    assert faults(etree.tostring(root), "Archiving") == []


SCIELO = {
    # where SciELO contradicts the others: XPath, and what it must find
    "the version of the schema": ("/article/@specific-use", ["sps-1.10"]),
    "kinds of ISSN": ("//journal-meta/issn/@pub-type", ["epub"]),
    "affiliations whole": ("//aff[1]/institution[@content-type='original']/text()", "Department of Looms, "),
    "affiliations in parts": ("//aff[1]//institution/@content-type", ["original", "orgdiv1", "orgname"]),
    "the language of keywords": ("//kwd-group[1]/@xml:lang", ["en"]),
    "the language of the licence": ("//article-meta/permissions/license/@xml:lang", ["en"]),
    "interests": ("//author-notes/fn[last()]/@fn-type", ["conflict"]),
    "notes": ("//fn-group/fn/@fn-type", ["other", "other"]),
    "relations": ("//related-article/@related-article-type", ["corrected-article"]),
    "printed references": ("count(//ref[not(mixed-citation)])", 0),
}


def scielo_article(store: Memory) -> bytes:
    return jats.write(record_view(store, **{"jats-profile": "scielo"}), store).artifacts[0].data


@pytest.mark.parametrize("what", SCIELO)
def test_profile_scielo(what: str) -> None:
    path, expected = SCIELO[what]
    found = etree.fromstring(scielo_article(Memory())).xpath(path)
    if isinstance(expected, str):
        assert found[0].startswith(expected)
    else:
        assert found == expected


def test_profile_scielo_is_valid() -> None:
    assert faults(scielo_article(Memory()), "Publishing") == []


def test_paragraphs_and_links_of_scielo() -> None:
    root = etree.fromstring(
        "<article><p id='a'>Now <xref ref-type='statement' rid='s'>it</xref></p>"
        "<element-citation publication-type='preprint'/><element-citation publication-type='working-paper'/></article>"
    )
    scielo.suited(root)
    assert [(child.tag, dict(child.attrib), child.tail) for child in root[0]] == [
        ("target", {"id": "a"}, "Now "),
        ("xref", {"rid": "s"}, None),
    ]
    assert root[0].get("id") is None and root[0].text is None
    assert [item.get("publication-type") for item in root[1:]] == ["other", "report"]


SUITED = {
    # what the others have: what SciELO has
    "<aff><institution>A</institution>, <country>Atlantis</country></aff>": '<aff><institution content-type="original">'
    'A, Atlantis</institution><institution content-type="orgname">A</institution>, Atlantis</aff>',
    "<p><xref ref-type='bibr' rid='a b'>1–2</xref>.</p>": '<p><xref ref-type="bibr" rid="a">1–2</xref>'
    '<xref rid="b" ref-type="bibr"/>.</p>',
    "<table><thead><tr><td/></tr></thead><tbody><tr><th scope='row'/></tr></tbody></table>": "<table><thead><tr><th/>"
    '</tr></thead><tbody><tr><td scope="row"/></tr></tbody></table>',
    "<p><ext-link ext-link-type='uri' x:href='a/b.csv'>b</ext-link></p>": "<p><inline-supplementary-material"
    ' x:href="a/b.csv">b</inline-supplementary-material></p>',
    "<back><ack><title>Thanks</title><sec><title>To all</title><p>We thank.</p></sec></ack></back>": "<back><ack>"
    "<title>Thanks</title><p><bold>To all</bold></p><p>We thank.</p></ack></back>",
    "<sec><supplementary-material id='s' x:href='https://a.example/'><caption><title>S</title></caption>"
    "</supplementary-material></sec>": '<sec><sec id="s"><title>S</title><p><ext-link ext-link-type="uri"'
    ' x:href="https://a.example/">https://a.example/</ext-link></p></sec></sec>',
    "<element-citation publication-type='book'><person-group person-group-type='custom' custom-type='director'>"
    "<name><surname>A</surname></name><collab>B</collab><etal/></person-group></element-citation>": "<element-citation"
    ' publication-type="book"><string-name content-type="director"><surname>A</surname></string-name><string-name'
    ' content-type="director">B</string-name></element-citation>',
}


@pytest.mark.parametrize("before", SUITED)
def test_what_scielo_has_otherwise(before: str) -> None:
    root = etree.fromstring(f"<article xmlns:x='{grammar.XLINK}'>{before}</article>")
    scielo.suited(root)
    etree.cleanup_namespaces(root, top_nsmap={"x": grammar.XLINK})
    assert etree.tostring(root[0], encoding="unicode").replace(f' xmlns:x="{grammar.XLINK}"', "") == SUITED[before]


def test_what_a_text_that_is_no_review_reviews_is_an_object_of_scielo() -> None:
    meta = "<front><article-meta><product product-type='book'/><related-object id='volume'/></article-meta></front>"
    for kind, tags in (("book-review", ["product", "related-object"]), ("editorial", ["related-object"] * 2)):
        root = etree.fromstring(f"<article article-type='{kind}'>{meta}</article>")
        scielo.suited(root)
        assert [element.tag for element in root.iterfind("front/article-meta/*")] == tags


def test_formulas_in_titles_of_references() -> None:
    """CSL has them as TeX; they are formulas where the printed list shows formulas."""
    item = {"id": "a", "type": "article-journal", "title": "The $F_1$ of <i>mice</i>", "container-title": "For $5"}
    printed = {"t": "Math", "c": [{"t": "InlineMath"}, "F_1"]}
    entry = {"t": "Div", "c": [["ref-a", ["csl-entry"], [["key", "a"]]], [{"t": "Para", "c": [printed]}]]}
    rendering = Rendering(document([entry]), [item], slug="p", lang="en")
    found = rendering.references("References")
    assert found is not None
    assert [title.findtext("inline-formula//{*}annotation") for title in found.iter("article-title")] == ["F_1"]
    assert "".join(found.find(".//article-title").itertext()).startswith("The ")
    assert found.findtext(".//source") == "For $5"


STATES = {Status.ACCEPTED: ("AM", []), Status.PUBLISHED: ("VoR", []), Status.RETRACTED: ("VoR", ["retracted"])}


@pytest.mark.parametrize("status", STATES)
def test_status_is_the_version(status: Status) -> None:
    store = Memory()
    data = jats.write(facts(store, {"slug": "a", "title": "T", "status": status}, {"title": "V"}), store)
    root = etree.fromstring(data.artifacts[0].data)
    told = [value.text for value in root.iterfind(".//custom-meta/meta-value")]
    assert (root.findtext(".//article-version"), told) == STATES[status]
    assert faults(data.artifacts[0].data, "Archiving") == []


def test_every_status_is_a_version() -> None:
    assert set(VERSIONS) == set(Status)


def test_a_contribution_names_what_answers_it() -> None:
    store = Memory()
    answers = [
        {"relation": relation, "slug": "other", "work": {"title": "Other", "doi": doi}}
        for relation, doi in (("corrects", "10.5555/other"), ("retracts", None), ("reviews", "10.5555/r"))
    ]
    view = facts(store, {"slug": "a", "title": "T"}, {"title": "V"}, answers=answers)
    root = etree.fromstring(jats.write(view, store).artifacts[0].data)
    found = [(work.get("related-article-type"), work.get(grammar.HREF)) for work in root.iter("related-article")]
    assert found == [("correction-forward", "10.5555/other"), ("retraction-forward", "other.xml")]


def test_answers_are_found_by_slug_and_doi() -> None:
    def made(name: str, own: str, **related: str) -> Prepared:
        record = {"slug": name, "title": name, "doi": own, "related": [related] if related else []}
        return Prepared(contribution=Contribution.model_validate(record), title=name, tree="", references="")

    rows = [
        made("a", "10.5555/a"),
        made("b", "10.5555/b", relation="corrects", slug="a"),
        made("c", "10.5555/c", relation="responds-to", doi="10.5555/a"),
    ]
    edition = Edition(Volume(title="V"), prepared={row.contribution.slug: row for row in rows})
    assert [(answer.relation, answer.slug) for answer in facts_of(edition, "a").answers] == [
        (Relation.CORRECTS, "b"),
        (Relation.RESPONDS_TO, "c"),
    ]
    assert facts_of(edition, "b").answers == ()


NAMES = {
    # language of the article, of the variant, and what is said of the first form
    "another language": ("en", "Ada", "kk", None),
    "the language of the article": ("en", "Айгүл", "en", "und-Cyrl"),
    "the same in another region": ("en-GB", "Ada", "en", "und-Latn"),
}


@pytest.mark.parametrize("name", NAMES)
def test_one_form_of_a_name_is_in_the_language_of_the_article(name: str) -> None:
    lang, family, variant, said = NAMES[name]
    person = {"family": family, "variants": [{"lang": variant, "family": "X"}]}
    store = Memory()
    view = facts(store, {"slug": "a", "title": "T", "lang": lang, "contributors": [person]}, {"title": "V"})
    root = etree.fromstring(jats.write(view, store).artifacts[0].data)
    assert [form.get(grammar.LANG) for form in root.iterfind(".//name-alternatives/name")] == [said, variant]


def test_published_falls_back_on_the_volume() -> None:
    store = Memory()
    view = facts(store, {"slug": "a", "title": "T"}, {"title": "V", "published": "2024-12-16"})
    assert view.published == datetime.date(2024, 12, 16)


# --- the grammar ----------------------------------------------------------------------------------------------


def allowed(name: str, tag: str) -> set[str]:
    """What a DTD lets an element hold."""
    found: set[str] = set()
    element = next(item for item in dtd(name).iterelements() if item.name == tag and item.prefix is None)
    waiting = [element.content]
    while waiting:
        content = waiting.pop()
        if content is not None:
            found |= {content.name} if content.type == "element" else set()
            waiting += [content.left, content.right] if content.type in ("seq", "or") else []
    return found


@pytest.mark.parametrize("name", DTDS)
def test_grammar_agrees_with_the_dtd(name: str) -> None:
    for table in (grammar.LINE_CONTENT, grammar.BLOCK_CONTENT):
        wrong = {tag: content - allowed(name, tag) for tag, content in table.items()}
        assert {tag: sorted(extra) for tag, extra in wrong.items() if extra} == {}


# --- whatever an author may write -----------------------------------------------------------------------------

LEAF_WORDS = st.integers(0, 10**9).map(lambda number: f"w{number}w")
NO_ATTR = ["", [], []]


def _inlines(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    many = st.lists(inner, max_size=3)
    wrap = st.sampled_from(["Emph", "Strong", "Strikeout", "Superscript", "Subscript", "SmallCaps", "Underline"])
    attr = st.sampled_from([NO_ATTR, ["x", [], []], ["", ["mark"], [["lang", "kk"]]], ["", [], [["lang", "no tag"]]]])
    target = st.sampled_from(["https://example.org/ä", "#x", "#none", "mailto:a@b.org", ""])
    return st.one_of(
        st.tuples(wrap, many).map(lambda pair: {"t": pair[0], "c": pair[1]}),
        many.map(lambda content: {"t": "Quoted", "c": [{"t": "DoubleQuote"}, content]}),
        st.tuples(attr, many).map(lambda pair: {"t": "Span", "c": [*pair]}),
        st.tuples(many, target).map(lambda pair: {"t": "Link", "c": [NO_ATTR, pair[0], [pair[1], ""]]}),
        many.map(lambda content: {"t": "Note", "c": [{"t": "Para", "c": content}]}),
    )


LEAVES = st.one_of(
    LEAF_WORDS.map(lambda word: {"t": "Str", "c": word}),
    st.sampled_from(["Space", "SoftBreak", "LineBreak"]).map(lambda kind: {"t": kind}),
    LEAF_WORDS.map(lambda word: {"t": "Code", "c": [NO_ATTR, word]}),
    st.booleans().map(lambda display: {"t": "Math", "c": [{"t": "DisplayMath" if display else "InlineMath"}, "x^2"]}),
    st.just({"t": "Image", "c": [["", [], [["alt", "An eye"]]], [], ["eye.png", ""]]}),
)
INLINES = st.lists(st.recursive(LEAVES, _inlines, max_leaves=6), max_size=4)
IDS = st.sampled_from(["", "x", "y:z", "1a", "é"])
DIVS = st.sampled_from(["", "theorem", "note", "listing", "caption", "unknown"])


def _blocks(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    many = st.lists(inner, max_size=3)
    lists = st.lists(many, max_size=3)
    style = st.sampled_from(["Decimal", "LowerAlpha", "UpperRoman"])
    return st.one_of(
        many.map(lambda content: {"t": "BlockQuote", "c": content}),
        lists.map(lambda items: {"t": "BulletList", "c": items}),
        st.tuples(st.integers(0, 30), style, lists).map(
            lambda part: {"t": "OrderedList", "c": [[part[0], {"t": part[1]}, {"t": "Period"}], part[2]]}
        ),
        st.tuples(INLINES, lists).map(lambda pair: {"t": "DefinitionList", "c": [[pair[0], pair[1]]]}),
        st.tuples(IDS, DIVS, many).map(
            lambda part: {"t": "Div", "c": [[part[0], [part[1]], [["lang", "fr"]]], part[2]]}
        ),
        st.tuples(IDS, many, many).map(
            lambda part: {"t": "Figure", "c": [[part[0], [], []], [None, part[1]], part[2]]}
        ),
        st.tuples(IDS, many, many, many).map(_table),
    )


def _table(part: tuple[str, Any, Any, Any]) -> dict[str, Any]:
    name, caption, head, cell = part

    def row(content: Any) -> list[Any]:
        return [NO_ATTR, [[NO_ATTR, {"t": "AlignDefault"}, 1, 1, content]]]

    columns = [[{"t": "AlignLeft"}, {"t": "ColWidthDefault"}]]
    body = [NO_ATTR, 0, [], [row(cell)]]
    return {
        "t": "Table",
        "c": [[name, [], []], [None, caption], columns, [NO_ATTR, [row(head)]], [body], [NO_ATTR, []]],
    }


PLAIN_BLOCKS = st.one_of(
    INLINES.map(lambda content: {"t": "Para", "c": content}),
    INLINES.map(lambda content: {"t": "Plain", "c": content}),
    st.tuples(st.integers(1, 4), IDS, INLINES).map(
        lambda part: {"t": "Header", "c": [part[0], [part[1], [], []], part[2]]}
    ),
    st.lists(INLINES, max_size=3).map(lambda lines: {"t": "LineBlock", "c": lines}),
    LEAF_WORDS.map(lambda word: {"t": "CodeBlock", "c": [["", ["r"], []], word]}),
    st.just({"t": "HorizontalRule"}),
)
TREES = st.lists(st.recursive(PLAIN_BLOCKS, _blocks, max_leaves=8), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(TREES)
def test_any_tree_is_valid_and_loses_no_word(blocks: list[Any]) -> None:
    root, _ = article_of(document(blocks))
    words = [
        word
        for node in nodes(blocks, "Str", "Code", "CodeBlock")
        for word in [node["c"] if node["t"] == "Str" else node["c"][1]]
    ]
    assert sorted(re.findall(r"w\d+w", "".join(root.itertext()))) == sorted(words)
    for name in DTDS:
        assert faults(whole(inside(root)), name) == []


# --- the volume as BITS ---------------------------------------------------------------------------------------


def test_volume_is_valid_bits() -> None:
    """One book of three chapters, one of them front matter, and a note on the fourth, which could not be made."""
    schema = bits_dtd()
    store = Memory()
    first = record_view(store)
    volume = first.volume.model_copy(
        update={"committees": (Committee(name="Programme committee", members=("A. Member",)),)}
    )
    section = Section(id="m", title="Methods")
    edition = Edition(volume, front=("editorial",), missing=(Missing(slug="lost", reason="it could not be read"),))
    for slug, record in (
        ("editorial", {"kind": "editorial"}),
        ("loom", None),
        ("1-weft", {"translations": {"kk": {"title": "Т"}}}),
    ):
        view = facts(store, {"slug": slug, "title": "T", **record}, {"title": "V"}) if record else first
        edition.prepared[slug] = view.prepared
        edition.sections[slug] = None if slug == "editorial" else section
    output = bits.write(bits.view(edition, ""), store)
    assert [item.path for item in output.artifacts] == ["bits/volume.xml", "bits/loom/map.png"]
    root = etree.fromstring(store[output.artifacts[0].digest])
    assert schema.validate(root), [f"{item.line}: {item.message[:300]}" for item in schema.error_log]
    assert [part.get("id") for part in root.iter("book-part", "front-matter-part")] == [
        "editorial",
        "volume--part-1",
        "loom",
        "_1-weft",
    ]
    assert root.findtext("book-meta/notes/p") == "This contribution could not be made: lost"


def bits_dtd() -> etree.DTD:
    shared = Path(os.environ.get("PROCEEDINGS_SHARED", Path(__file__).parents[2] / "shared"))
    path = shared / "schemas" / "bits-2.1" / "dtd" / "BITS-book2-1.dtd"
    if not path.exists():
        pytest.skip("the BITS DTD is on no package registry, and no folder of schemas is given ($PROCEEDINGS_SHARED)")
    return etree.DTD(str(path))
