"""Titles, abstracts, keywords and statements, also in several languages and as others nest them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from proceedings import identifiers, tex
from proceedings.diagnostics import Location
from proceedings.frontmatter.fields import SETTINGS, own_fields, vocabulary
from proceedings.frontmatter.notes import Notes
from proceedings.frontmatter.vocabulary import plain
from proceedings.source import Map, Scalar, Seq, key_location, location_of, mapped

_TRANSLATED = ("title", "subtitle", "abstract", "keywords")
_STATEMENTS = ("acknowledgements", "conflict-of-interest", "data-availability", "code-availability", "ethics", "ai-use",
               "disclaimer", "author-note", "plain-summary")  # fmt: skip


def accents(record: Map, notes: Notes) -> Map:
    """TeX's accents in the words of a record → letters. Settings and references keep their TeX."""
    kept = ("bibliography", "references", "nocite", "citation")
    changed = ((key, value if key in SETTINGS or key in kept else mapped(value, tex.without_accents))
               for key, value in record.items())  # fmt: skip
    return Map.of(changed, record.location)


def unpack_parts(record: Map, notes: Notes) -> Map:
    """MyST's `parts: {abstract: …}`, the APA's `author-note: {disclosures: {…}}` and `dates: {received: …}` → fields.
    What has none is told."""
    result = Map.of(record, record.location)
    for field in ("parts", "author-note", "dates"):
        if isinstance(result.get(field), Map):
            for key, value in _leaves(result.pop(field)):
                name = vocabulary().find(key) or ""
                if name in own_fields() and value is not None:
                    result.setdefault(Scalar.of(name, location_of(key, notes.home)), value)
                elif value is not None:
                    notes.idle(f"{field}.{key}", location_of(key, notes.home))
    return result


def _leaves(value: Map) -> Iterator[tuple[str, Any]]:
    """The fields of a mapping and of the mappings in it."""
    for key, item in value.items():
        if isinstance(item, Map):
            yield from _leaves(item)
        else:
            yield key, item


def rescience(record: Map, notes: Notes) -> Map:
    """ReScience's `Publication: {received, accepted …}` and `Repository: {code, data}`."""
    result = Map.of(record, record.location)
    publication, repository = result.get("publication"), result.get("repository")
    if isinstance(publication, Map):
        del result["publication"]
        for key, value in publication.items():
            name = vocabulary().find(key) or plain(key)
            if name in ("received", "accepted", "published", "revised", "doi"):
                result.setdefault(Scalar.of(name, key_location(publication, key, publication.location)), value)
            elif value:
                notes.idle(f"publication.{key}", key_location(publication, key, publication.location))
    if isinstance(repository, Map):
        del result["repository"]
        for key, value in repository.items():
            field = {"code": "code-availability", "data": "data-availability"}.get(plain(key))
            if field and isinstance(value, str) and value:
                link = f"<{value}>" if re.match(r"https?://\S+$", value) else value
                result.setdefault(
                    Scalar.of(field, location_of(value, notes.home)),
                    Scalar.of(link, location_of(value, notes.home)),
                )
            elif value:
                notes.idle(f"repository.{key}", key_location(repository, key, repository.location))
    return result


def variants(record: Map, notes: Notes) -> Map:
    """R Markdown's `title: {formatted, plain, short}` and `keywords: {formatted, plain}` → the plain form."""
    result = Map.of(record, record.location)
    for field in ("title", "keywords", "subtitle"):
        value = result.get(field)
        if isinstance(value, Map) and set(value) & {"plain", "formatted", "text", "main", "long", "full"}:
            chosen = next(key for key in ("plain", "text", "main", "long", "full", "formatted") if key in value)
            result[field] = value[chosen]
            for key, other in value.items():
                if key == "short" and field == "title":
                    result.setdefault(Scalar.of("short-title", location_of(key, value.location)), other)
                elif key != chosen:
                    notes.idle(f"{field}.{key}", location_of(key, value.location))
    return result


# Names of languages as LaTeX and its writers use them.
_NAMES = {
    "english": "en", "american": "en-US", "british": "en-GB", "ukenglish": "en-GB", "usenglish": "en-US",
    "german": "de", "ngerman": "de", "deutsch": "de", "french": "fr", "français": "fr", "francais": "fr",
    "spanish": "es", "español": "es", "italian": "it", "portuguese": "pt", "brazilian": "pt-BR", "brazil": "pt-BR",
    "russian": "ru", "русский": "ru", "kazakh": "kk", "қазақша": "kk", "dutch": "nl", "polish": "pl",
    "turkish": "tr", "ukrainian": "uk", "arabic": "ar", "chinese": "zh", "japanese": "ja", "korean": "ko",
    "catalan": "ca", "czech": "cs", "swedish": "sv", "greek": "el",
}  # fmt: skip


def languages(record: Map, notes: Notes) -> Map:
    """`title: {en: …, kk: …}` and `title-kk: …` → the text's language at the top, the others in `translations`."""
    result = Map.of(record, record.location)
    lang = result.get("lang")
    if isinstance(lang, str) and lang.strip().lower() in _NAMES:
        result["lang"] = Scalar.of(_NAMES[lang.strip().lower()], location_of(lang, notes.home))
    translations = _translations(result)
    own = str(result.get("lang") or "").replace("_", "-").lower()
    for key in list(result):
        found = re.fullmatch(rf"({'|'.join(_TRANSLATED)})-([a-z]{{2}}(?:-[a-z]{{2,4}})?)", key)
        if found and _is_language(found[2]):
            place = key_location(result, key, notes.home)
            value = result.pop(key)
            if found[2] in (own, own.partition("-")[0]):
                result.setdefault(Scalar.of(found[1], place), value)
            else:
                _translate(translations, Scalar.of(found[2], place), found[1], value)
    for field in _TRANSLATED:
        value = result.get(field)
        if isinstance(value, Map) and value and all(_is_language(key) for key in value):
            own = own or _own_language(result, value, notes)
            place = key_location(result, field, value.location)
            del result[field]
            chosen = _of_language(own, value)
            for tag, text in value.items():
                if tag == chosen:
                    result[Scalar.of(field, place)] = text
                else:
                    _translate(translations, tag, field, text)
    if translations:
        result["translations"] = translations
    return result


def _translations(record: Map) -> Map:
    value = record.get("translations")
    if not isinstance(value, Map):
        return Map.of({}, record.location)
    return Map.of(
        {key: Map.of(item, item.location) if isinstance(item, Map) else item for key, item in value.items()},
        value.location,
    )


def _entries(record: Map) -> Map:
    """The translations, where they are a mapping."""
    value = record.get("translations")
    return value if isinstance(value, Map) else Map.of({}, record.location)


def _is_language(key: str) -> bool:
    if not re.fullmatch(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})*", key):
        return False
    try:
        identifiers.language(key)
    except identifiers.InvalidIdentifier:
        return False
    return True


def _own_language(record: Map, value: Map, notes: Notes) -> str:
    """The text's language where `lang` does not say it: that of the first title."""
    first = next(iter(value))
    record["lang"] = Scalar.of(str(first), location_of(first, value.location))
    notes.add("M023", f"`lang` is not given; {str(first)!r}, the first one here, is taken for the text's", value,
              "Add `lang:`.")  # fmt: skip
    return str(first).replace("_", "-").lower()


def _of_language(own: str, value: Map) -> str | None:
    """The key that is in the text's language: the same tag, else the same language ('en' for 'en-US')."""
    tags = {str(tag).replace("_", "-").lower(): tag for tag in value}
    near = [tag for low, tag in tags.items() if low.partition("-")[0] == own.partition("-")[0]]
    return tags.get(own) or (near[0] if len(near) == 1 else None)


def _translate(translations: Map, tag: str, field: str, value: Any) -> None:
    entry = translations.setdefault(tag, Map.of({}, location_of(tag, translations.location)))
    if isinstance(entry, Map):
        entry.setdefault(field, value)


def abstracts(record: Map, notes: Notes) -> Map:
    """An abstract as text, a mapping, or a list of {title, text}, {Heading: text} or paragraphs → its sections."""
    result = Map.of(record, record.location)
    value = result.get("abstract")
    place = location_of(value, notes.home)
    if isinstance(value, Map) and not set(map(plain, value)) <= {"title", "text", "content"}:
        value = [Map.of({key: item}, key_location(value, key, place)) for key, item in value.items()]
    elif isinstance(value, Map):
        value = [value]
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        result["abstract"] = Seq.of((_section(item, place) for item in value), place)
    for tag, entry in _entries(result).items():
        if isinstance(entry, Map) and isinstance(entry.get("abstract"), list | Map):
            entry["abstract"] = _flat(entry["abstract"], location_of(tag, notes.home))
    return result


def _section(item: Any, place: Location) -> Any:
    if isinstance(item, str):
        return Map.of({"text": item}, location_of(item, place))
    if not isinstance(item, Map):
        return item
    if len(item) == 1 and not set(map(plain, item)) & {"title", "text"}:
        key, value = next(iter(item.items()))
        return Map.of({"title": key, "text": value}, location_of(key, item.location))
    return Map.of({"text" if plain(key) == "content" else key: value for key, value in item.items()}, item.location)


def _flat(value: Any, place: Location) -> Any:
    """A structured abstract as one text, its titles in bold (a translation has one text)."""
    parts = [Map.of({key: text}, place) for key, text in value.items()] if isinstance(value, Map) else value
    sections = [_section(part, place) for part in parts]
    if not all(isinstance(part, Map) and isinstance(part.get("text"), str) for part in sections):
        return value
    texts = [f"**{part['title']}** {part['text']}" if part.get("title") else part["text"] for part in sections]
    return Scalar.of("\n\n".join(texts), place)


def statements(record: Map, notes: Notes) -> Map:
    """Statements and notes as one text each: a list is its paragraphs."""
    result = Map.of(record, record.location)
    for field in _STATEMENTS:
        value = result.get(field)
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            result[field] = Scalar.of("\n\n".join(value), location_of(value, notes.home))
    return result


def keywords(record: Map, notes: Notes) -> Map:
    """Keywords and subjects as a line or a list → a list; also in translations."""
    result = Map.of(record, record.location)
    for field in ("keywords", "subjects"):
        if field in result:
            result[field] = _listed(result[field], notes)
    for entry in _entries(result).values():
        if isinstance(entry, Map) and "keywords" in entry:
            entry["keywords"] = _listed(entry["keywords"], notes)
    return result


def _listed(value: Any, notes: Notes) -> Any:
    if isinstance(value, list):
        words = [_word(item) for item in value]
        known: list[Any] = []
        for word in words:
            if word is not None and word not in known:
                known.append(word)
        return Seq.of(known, location_of(value, notes.home))
    if not isinstance(value, str):
        return value
    place, text = location_of(value, notes.home), value.strip()
    if re.match(r"-\S", text) and len(re.findall(r"(?:^|\s)-(?=\S)", text)) > 1:
        notes.add("M024", "without a space after its hyphens a list is one text to YAML; it is read as a list", value,
                  "Write `- item`, with a space.")  # fmt: skip
        parts = re.split(r"(?:^|\s)-(?=\S)", text)
    else:
        separator = r"[;；]" if re.search("[;；]", text) else r"[,，、،·•|]|\n|\s[–—]\s"
        parts = re.split(separator, text)
    return Seq.of((Scalar.of(part.strip(" ."), place) for part in parts if part.strip(" .")), place)


def _word(item: Any) -> Any:
    """A keyword; one with a colon, which YAML reads as a mapping, is text again."""
    if isinstance(item, Map) and len(item) == 1:
        key, value = next(iter(item.items()))
        if value is None or isinstance(value, str):
            return Scalar.of(f"{key}: {value or ''}".strip(), item.location)
    return item
