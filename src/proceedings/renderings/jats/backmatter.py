"""Sections that authors write at the end of the text and that JATS has in the back: thanks, statements, appendices."""

from __future__ import annotations

import re

from proceedings.renderings.jats.grammar import Element, fill, new, text_of

# The words of a heading → what the section is. Only sections at the very end are looked at.
_ACKNOWLEDGEMENTS = r"acknowledge?ments?|agradecimientos|agradecimentos|remerciements|danksagung|благодарности|алғыс"
_APPENDIX = r"(appendix|appendices|supplement|anhang|annexe?|apéndice|anexo|приложение|қосымша)\b.*"
_STATEMENTS = {
    "data-availability": r"(data|code|software)( and (data|code|materials?|software))? (availability|accessibility)"
    r"( statement)?|availability of data( and (materials?|code))?",
    "coi-statement": r"(conflicts? of interests?|competing interests?|declaration of (competing )?interests?"
    r"|disclosures?)( statement)?",
    "ethics-statement": r"ethics( statement| approval)?|ethical (approval|considerations|statement)",
    "author-contributions": r"(author|authors’|authors'|author’s)? ?contributions?( statement)?|credit authorship.*",
    "funding": r"funding( statement| information)?|financial support|sources of funding",
    "ai-use": r"(use of |declaration of |statement on )?(generative )?(ai|artificial intelligence)\b.*",
}


def parted(body: Element) -> list[Element]:
    """Take the sections of the back matter off the end of `body`; give them back in their order."""
    taken: list[Element] = []
    while len(body) and body[-1].tag == "sec":
        found = _back(body[-1])
        if found is None:
            break
        body.remove(body[-1])
        taken.insert(0, found)
    return _grouped(taken)


def _back(section: Element) -> Element | None:
    title = section.find("title")
    words = re.sub(r"^[\divx.]+\s+", "", text_of(title).lower()).strip(" .:") if title is not None else ""
    if re.fullmatch(_ACKNOWLEDGEMENTS, words):
        return _renamed(section, "ack")
    if (
        section.get("sec-type") == "appendix"
        or re.fullmatch(_APPENDIX, words)
        or re.fullmatch(r"[a-z]\W*(appendix|anhang|приложение).*", words)
    ):
        return _renamed(section, "app")
    kind = next((name for name, pattern in _STATEMENTS.items() if re.fullmatch(pattern, words)), "")
    if kind:
        section.set("sec-type", kind)
        return section
    return None


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
