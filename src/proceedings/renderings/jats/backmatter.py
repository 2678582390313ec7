"""Sections of the text that JATS has in the back: thanks, statements, appendices."""

from __future__ import annotations

import re

from proceedings.renderings.jats.grammar import Element, fill, new, text_of

# The words of a heading → what the section is. All but _ANYWHERE only at the very end of the text.
_ACKNOWLEDGEMENTS = r"acknowledge?ments?|agradecimientos|agradecimentos|remerciements|danksagung|благодарности|алғыс"
_APPENDIX = r"(appendix|appendices|supplement|anhang|annexe?|apéndice|anexo|приложение|қосымша)\b.*"
_STATEMENTS = {
    "data-availability": r"(code and )?data( and (code|materials?|software))? (availability|accessibility)( statement)?"
    r"|availability of data( and (materials?|code))?",
    "code-availability": r"(code|software) (availability|accessibility)( statement)?",
    "coi-statement": r"(conflicts? of interests?|competing interests?|declaration of (competing )?interests?"
    r"|disclosures?)( statement)?",
    "ethics-statement": r"ethics( statement| approval)?|ethical (approval|considerations|statement)",
    "author-contributions": r"(author|authors’|authors'|author’s)? ?contributions?( statement)?|credit authorship.*",
    "funding": r"funding( statement| information)?|financial support|sources of funding",
    "ai-use": r"(use of |declaration of |statement on )?(generative )?(ai|artificial intelligence)\b.*",
}


# What stands in the back matter, or among the author notes, wherever the authors have put it (JATS4R).
_ANYWHERE = frozenset({"data-availability", "coi-statement"})


def parted(body: Element) -> list[Element]:
    """Take the sections of the back matter out of `body`; give them back in their order."""
    taken: list[Element] = []
    while len(body) and body[-1].tag == "sec":
        found = _back(body[-1])
        if found is None:
            break
        _remove(found[0])
        taken.insert(0, found[1])
    inside = [section for section in body.iter("sec") if _statement(section) in _ANYWHERE]
    for section in inside:
        section.set("sec-type", _statement(section))
        _remove(section)
    return _grouped([*inside, *taken])


def _remove(section: Element) -> None:
    parent = section.getparent()
    assert parent is not None
    parent.remove(section)


def _title(section: Element) -> str:
    """The words of a section's title, without a number and in small letters."""
    title = section.find("title")
    return re.sub(r"^[\divx.]+\s+", "", text_of(title).lower()).strip(" .:") if title is not None else ""


def _statement(section: Element) -> str:
    """Which statement a section is, or ""."""
    words = _title(section)
    return next((name for name, pattern in _STATEMENTS.items() if re.fullmatch(pattern, words)), "")


def _back(section: Element) -> tuple[Element, Element] | None:
    """A section of the text, and what it is in the back matter."""
    words = _title(section)
    if re.fullmatch(_ACKNOWLEDGEMENTS, words):
        return section, _renamed(section, "ack")
    if (
        section.get("sec-type") == "appendix"
        or re.fullmatch(_APPENDIX, words)
        or re.fullmatch(r"[a-z]\W*(appendix|anhang|приложение).*", words)
    ):
        return section, _renamed(section, "app")
    kind = _statement(section)
    if not kind:
        return None
    section.set("sec-type", kind)
    return section, section


def interests(back: list[Element]) -> list[Element]:
    """Take the statements of interest, which stand among the author notes, out of the back matter; what they hold,
    their titles as lines of bold text."""
    found: list[Element] = []
    for section in [one for one in back if one.get("sec-type") == "coi-statement" and one.find("sec") is None]:
        back.remove(section)
        for child in section:
            if child.tag == "title":
                child.tag = "bold"
                heading = new("p", content_type="heading")
                heading.append(child)
                child = heading
            found.append(child)
    return found


def _renamed(section: Element, tag: str) -> Element:
    """The same in an element that has no sec-type; what an `ack` may not hold is put into paragraphs."""
    element = new(tag, id=section.get("id"))
    heads = [child for child in section if child.tag in ("label", "title")]
    element.extend(heads)
    return fill(element, list(section))


def _grouped(elements: list[Element]) -> list[Element]:
    """Appendices that follow each other, in one app-group."""
    result: list[Element] = []
    for element in elements:
        if element.tag != "app":
            result.append(element)
            continue
        if not result or result[-1].tag != "app-group":
            result.append(new("app-group"))
        result[-1].append(element)
    return result
