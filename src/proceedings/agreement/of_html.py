"""A page of the site and a chapter of the EPUB, read back: what is seen and what its head says."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from proceedings.agreement.marks import Formula, Marks, formula_of, words_before, words_of
from proceedings.agreement.reading import Reading, Unreadable

# The furniture's words → the headings and labels that they are.
_TITLES = {
    "abstract": ".//section[@class='abstract']/h2[1]",
    "plain-summary": ".//section[@class='abstract plain-summary']/h2[1]",
    "keywords": "(.//section[@class='abstract']/p|./p)[@class='keywords'][1]/span[@class='label']",
    "cite": ".//p[@class='how-to-cite']/span[@class='label']",
    "references": ".//section[@class='level1 references']/*[1][starts-with(local-name(), 'h')]",
}
_SILENT = "self::math or contains(concat(' ', @class, ' '), ' tex ')"
_CALLS = "contains(concat(' ', @class, ' '), ' footnote-ref ') or contains(concat(' ', @class, ' '), ' footnote-back ')"
_META = {
    "citation_title": "full title",
    "citation_conference_title": "event",
    "citation_inbook_title": "volume",
    "citation_publisher": "publisher",
    "citation_isbn": "ISBN of the site",
    "citation_issn": "electronic ISSN",
    "citation_volume": "number of the volume",
    "citation_author": "authors inverted",
    "citation_doi": "doi",
    "citation_firstpage": "first page",
    "citation_lastpage": "last page",
    "citation_language": "language",
}


def page(data: bytes) -> Reading:
    """html/SLUG/index.html."""
    root = _parsed(data)
    reading = Reading()
    if b"</html>" not in data[-200:]:
        reading.faults.append("it ends before its end")
    if not (root.findtext(".//title") or "").strip():
        reading.faults.append("it has no title")
    for name, fact in _META.items():
        reading.say(fact, name, *(tag.get("content") for tag in root.iter("meta") if tag.get("name") == name))
    reading.say("people inverted", "citation_author and what belongs to it", *_people(root))
    tags = {tag.get("name"): tag.get("content") or "" for tag in root.iter("meta")}
    reading.say("published", "citation_publication_date", tags.get("citation_publication_date", "").replace("/", "-"))
    reading.say("keywords", "citation_keywords", *tags.get("citation_keywords", "").split("; "))
    reading.say("language", "html lang", root.get("lang"))
    _navigation(root, reading)
    _article(root, reading, pages=True)
    return reading


def _parsed(data: bytes) -> Any:
    """The root of a page."""
    from lxml import etree
    from lxml import html as lxml_html

    try:
        return lxml_html.document_fromstring(data.decode())
    except (etree.LxmlError, ValueError) as error:
        raise Unreadable(f"it is not HTML: {error}") from None


def _navigation(root: Any, reading: Reading) -> None:
    """Where a page leads besides its text: its neighbours and the contents. (Of links inside, see `_links`.)"""
    nav = "//nav[contains(concat(' ', @class, ' '), ' neighbours ')]"
    for fact, path in (("before", "a[@rel='prev']"), ("behind", "a[@rel='next']"), ("contents", "a[@class='up']")):
        reading.say(f"way to {fact}", "the navigation", *root.xpath(f"{nav}/{path}/@href"))


def contents(data: bytes) -> Reading:
    """html/index.html."""
    root = _parsed(data)
    reading = Reading()
    reading.say("title", "the heading", *(_words(heading) for heading in root.iter("h1")))
    reading.say("language", "html lang", root.get("lang"))
    leads = [str(address) for address in root.xpath("//nav//li/a/@href")]
    reading.say("contributions", "the contents", *(address.removesuffix("/index.html") for address in leads))
    titles = root.xpath("//nav//li/span[@class='meta']/a[@class='pdf']/@aria-label")
    reading.say("titles", "the contents", *(title.partition(": ")[2] for title in titles))
    return reading


def _people(root: Any) -> list[str]:
    """Each author of the head with the tags behind the name."""
    found: list[list[str]] = []
    for tag in root.iter("meta"):
        name, content = tag.get("name") or "", tag.get("content") or ""
        if name == "citation_author":
            found.append([content])
        elif name.startswith("citation_author_") and found:
            found[-1].append(content)
    return [
        "; ".join([name, *sorted(set(more), key=lambda part: ("//orcid.org/" not in part, part))])
        for name, *more in found
    ]


def chapter(data: bytes) -> Reading:
    """One contribution of the EPUB, which is XML."""
    from lxml import etree

    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"it is not well-formed: {error.msg}") from None
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    reading = Reading()
    title = root.findtext(".//title") or ""
    reading.say("title", "title", title)
    reading.say("language", "html lang", root.get("lang"))
    _article(root, reading, pages=False)
    return reading


def _article(root: Any, reading: Reading, *, pages: bool) -> None:
    """What a reader sees. Formulas and note marks are taken out; the notes are a text of their own."""
    articles = root.xpath("//article")
    if len(articles) != 1:
        reading.faults.append(f"it has {len(articles) or 'no'} article")
        return
    _links(root, reading)
    article = articles[0]
    reading.descriptions = [image.get("alt") or "" for image in article.iter("img")]
    reading.descriptions += [recording.get("aria-label") or "" for recording in article.iter("video", "audio")]
    reading.marks = _marks(root, article)
    for element in article.xpath(f".//*[{_SILENT} or {_CALLS}]"):
        element.drop_tree() if hasattr(element, "drop_tree") else _drop(element)
    _printed(article, reading, pages)
    for notes in article.xpath(".//*[contains(concat(' ', @class, ' '), ' footnotes ')]"):
        reading.notes += _words(notes) + "\n"
        _drop(notes)
    reading.text = _words(article)


def _marks(root: Any, article: Any) -> Marks:
    """Formulas, pictures, links inside, calls of notes, and languages."""
    marks = Marks(names=frozenset(element.get("id") for element in root.iter() if element.get("id")))
    notes = {note.get("id"): note for note in article.iter("li")}
    marks.formulas += [formula_of(math) for math in article.iter("math")]
    for tex in article.xpath(".//*[contains(concat(' ', @class, ' '), ' tex ')]"):
        marks.formulas.append(Formula("".join(tex.itertext())))
    for image in article.iter("img"):
        marks.picture(image.get("src") or "", image.get("alt"))
    for link in article.iter("a"):
        target = link.get("href") or ""
        name = unquote(target[1:])
        if target.startswith("#") and "footnote-ref" not in (link.get("class") or ""):
            marks.link(words_of(link, _is_mute), [name])
        elif target and not target.startswith("#"):
            marks.address(words_of(link, _is_mute), target)
        elif target.startswith("#") and name in notes:
            marks.call(words_before(link, _RUNS, _is_mute), words_of(notes[name], _is_mute))
    for table in article.iter("table"):
        marks.table(words_of(cell, _is_mute) for row in table.iter("tr") for cell in row.iterchildren("td", "th"))
    marks.languages = {element.get("lang", "").lower() for element in article.iter() if element is not article} - {""}
    return marks


_RUNS = frozenset("p li td th dt dd figcaption caption h1 h2 h3 h4 h5 h6".split())  # elements with one run of text


def _is_mute(element: Any) -> bool:
    """Formulas, and marks of notes."""
    names = (element.get("class") or "").split()
    return element.tag == "math" or bool({"tex", "footnote-ref", "footnote-back"} & set(names))


def _printed(article: Any, reading: Reading, paged: bool) -> None:
    """The facts that the head of the article prints."""

    def say(fact: str, where: str, path: str) -> None:
        found = [item if isinstance(item, str) else _words(item) for item in article.xpath(path)]
        reading.say(fact, where, *found)

    title = "".join(
        article.xpath(
            ".//h1[@class='title']//text()[not(ancestor::span[@class='subtitle' or @class='colon' or @class='state'])]"
        )
    )
    reading.say("printed title", "the heading", title)
    names = []
    for author in article.xpath(".//p[@class='byline']/span[@class='author']"):
        names.append("".join(author.xpath("text()")))
    reading.say("authors", "the byline", *names)
    say("orcids", "the byline", ".//p[@class='byline']//a[@class='orcid']/@href")
    say("doi", "the line of facts", ".//span[@class='doi']/a/text()")
    say("dates", "the line of facts", ".//p[@class='facts']//time/@datetime")
    say("printed dates", "the line of facts", ".//p[@class='facts']//time/text()")
    if paged:
        line = "".join(article.xpath(".//span[@class='pages']/text()"))
        reading.say("pages", "the line of facts", line.rpartition(": ")[2])
    cited = [_words(item).partition(": ")[2] for item in article.xpath(".//p[@class='how-to-cite']")]
    reading.say("how to cite" if paged else "how to cite without pages", "how to cite", *cited)
    say("licence", "the licence", ".//p[@class='licence']/a[@rel='license']/@href")
    for word, path in _TITLES.items():
        for found in article.xpath(path):
            reading.say(f"word for {word}", "the heading or label", _words(found).rstrip(":"))
    for statement in article.xpath(".//section[starts-with(@class, 'statement ')]"):
        for heading in statement.xpath("h2[1]"):
            reading.say(f"word for {statement.get('class').split()[1]}", "the heading", _words(heading))
    reading.say("language", "article lang", article.get("lang"))
    keywords = "".join(article.xpath("(.//section[@class='abstract']/p|./p)[@class='keywords'][1]/text()"))
    reading.say("keywords", "the keywords", *keywords.split(" · "))


def _links(root: Any, reading: Reading) -> None:
    from lxml import etree

    names = {element.get("id") for element in root.iter(etree.Element) if element.get("id")}
    for link in root.iter("a"):
        target = link.get("href") or ""
        if target.startswith("#"):
            if unquote(target[1:]) not in names and target[1:] not in names:
                reading.dead.append(target)
        elif target:
            reading.link(unquote(target))


def _drop(element: Any) -> None:
    """Take an element out and keep what follows it."""
    parent, tail = element.getparent(), element.tail
    if tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + tail
        else:
            before.tail = (before.tail or "") + tail
    parent.remove(element)


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())
