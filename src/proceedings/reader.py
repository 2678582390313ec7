"""An author's files → records and trees: the only place where they are opened and validated.

`read` reads one contribution (which, `contents` says): text, metadata, libraries, figures; it checks them (rules)
and gives a record and a tree for `preparation`. It is a step of the build, so every file that it opens, or looks for
in vain, is part of its key.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proceedings import pandoc, records, rules, source
from proceedings.build import Result, Workshop, diagnostic_from
from proceedings.contents import Planned
from proceedings.diagnostics import Diagnostic, Location, Severity, finding
from proceedings.document import Document
from proceedings.edition import Digest, FileAsset, ImageAsset
from proceedings.model import Contribution, Limits, Record
from proceedings.source import Map, Scalar, Source, key_location, location_of
from proceedings.yaml_reader import read_yaml

if TYPE_CHECKING:
    from proceedings import references_lock

LIBRARY_SUFFIXES = (".bib", ".bibtex", ".json", ".yaml", ".yml", ".ris")


# --- one contribution -----------------------------------------------------------------------------------------------


class ReadView(Record):
    """What reading one contribution depends on, besides its files."""

    planned: Planned
    volume_lang: str
    volume_licence: str | None
    shared: tuple[str, ...]  # library files for every paper, below the root
    limits: Limits | None = None
    limits_by_kind: dict[str, Limits] = {}  # noqa: RUF012 - pydantic copies it
    doi: str | None = None
    programs: tuple[tuple[str, str], ...] = ()  # what figures are converted by, with versions


class Manuscript(Record):
    """A contribution as its author wrote it: the record, the tree before citations, the library it may cite from."""

    contribution: Contribution
    tree: Digest
    library: Digest  # JSON: [{key, item}] of the entries that it cites
    images: tuple[ImageAsset, ...] = ()
    files: tuple[FileAsset, ...] = ()
    nocite: tuple[str, ...] = ()
    words: int = 0


def read(view: ReadView, shop: Workshop) -> Result:
    """One contribution's files → Manuscript, with every finding that can be made without its neighbours."""
    planned = view.planned
    try:
        text = whole_text(planned.path, shop)
    except (OSError, PermissionError) as error:
        why = "it is a folder" if isinstance(error, IsADirectoryError) else "it cannot be opened"
        message, hint = f"{planned.path} is not a readable file: {why}", "Put the text of the paper there."
        told = finding("S005", message, Location(planned.path, 1, 1), hint)
        return Result(None, findings=(told,))
    findings = [*text.findings, *rules.suppressions(text)]
    if _fatal(findings):
        return Result(None, findings=tuple(findings))
    head, body, problems = _metadata(view, text, shop)
    findings += problems
    if head is None:
        return Result(None, findings=_placed(findings, text))
    contribution, problems = records.validate(head.record, Contribution, planned.path)
    findings += problems
    if contribution is None:
        return Result(None, findings=_placed(findings, text))
    return _with_tree(view, shop, text, head, body, contribution, findings)


def whole_text(path: str, shop: Workshop) -> Source:
    """A contribution's text with the files of its folder that it includes. OSError where it cannot be read."""
    from proceedings.dialects import inclusions

    folder = _Folder(shop, path.rpartition("/")[0])

    def other(name: str) -> Source:
        return source.decode(folder.open_file(name), f"{folder.folder}/{name}")

    return inclusions.include(source.decode(shop.read(path), path), other)


def _fatal(findings: Iterable[Diagnostic]) -> bool:
    return any(item.severity is Severity.FATAL for item in findings)


def _placed(findings: Iterable[Diagnostic], text: Source) -> tuple[Diagnostic, ...]:
    return tuple(source.resolve(item, {text.path: text}) for item in findings)


def _metadata(view: ReadView, text: Source, shop: Workshop) -> tuple[Any, str, list[Diagnostic]]:
    """The metadata in our own form (None: unusable), the body without what became metadata, and findings."""
    from proceedings import frontmatter
    from proceedings.frontmatter import parts, titleblock

    planned, findings = view.planned, []
    block, first_line = text.metadata
    if not text.body_start and frontmatter.is_begun(text.text):
        message = "the metadata block that begins here is never closed"
        told = finding(
            "S010", message, Location(planned.path, 1, 1), "Write --- on a line of its own below its fields."
        )
        return None, "", [told]
    data, problems = read_yaml(block, planned.path, first_line)
    findings += problems
    if _fatal(findings):
        return None, "", findings
    if data is not None and not isinstance(data, Map):
        message = "the metadata block is not a list of fields (`name: value`)"
        return None, "", [*findings, finding("S010", message, Location(planned.path, first_line, 1))]
    data = data if data is not None else Map.of({}, Location(planned.path, 1, 1))
    titleblock.take(data, text)
    findings += titleblock.outside(text)
    _add_sibling(data, planned, shop, findings)
    taken = parts.take(data, text)
    sections, notes = parts.take_sections(data, text)
    findings += notes
    taken += sections
    head = frontmatter.normalise(data, planned.path)
    findings += head.findings
    title = head.record.get("title")
    if not title:
        heading, notes = parts.take_title(head.record, text, taken)
        findings += notes
        taken += heading
        if "title" not in head.record:
            return None, "", findings
    body = text.body_without(taken)
    if title:
        body = parts.without_repeated(str(title), body)
    _merge_entry(head.record, view, findings)
    return head, body, findings


# What a paper takes from a file of metadata beside it; the rest of such a file is about a site or a program.
_SHARED = frozenset(
    "title subtitle authors author author_info affiliations keywords lang license abstract funding bibliography date"
    " math".split()
)


def _add_sibling(data: Map, planned: Planned, shop: Workshop, findings: list[Diagnostic]) -> None:
    """Metadata that some tools keep beside the paper (myst.yml, metadata.yaml): what the paper itself does not say."""
    if planned.folder == "papers":
        return
    for name in ("myst.yml", "metadata.yaml", "metadata.yml", "_quarto.yml"):
        path = f"{planned.folder}/{name}"
        try:
            text = source.decode(shop.read(path), path)
        except OSError:
            continue
        other, problems = read_yaml(text.text, path)
        findings += [*text.findings, *problems]
        if isinstance(other, Map):
            project = other.get("project")
            other = project if isinstance(project, Map) else other
            data |= {key: value for key, value in other.items() if key not in data and key in _SHARED}


def _merge_entry(record: Map, view: ReadView, findings: list[Diagnostic]) -> None:
    """Lay the editors' facts over the author's; where both say something and differ, it is a finding."""
    planned, home = view.planned, Location(view.planned.path, 1, 1)
    facts = planned.entry.model_dump(
        mode="json", by_alias=True, exclude={"paper"}, exclude_none=True, exclude_defaults=True
    )
    if "doi" not in facts and view.doi:
        facts["doi"] = view.doi
    for key, value in facts.items():
        old = record.get(key)
        if isinstance(old, str) and old.strip().lower() != str(value).lower():
            message = f"`{key}: {old}` is overridden by volume.yaml, which says {value}"
            findings.append(
                finding("V020", message, key_location(record, key, home), "Agree on one, and delete the other.")
            )
        record[key] = Scalar.of(str(value), location_of(old, home))
    record["slug"] = Scalar.of(planned.slug, home)
    if planned.section:
        record["section"] = Scalar.of(planned.section, home)
    if "lang" not in record:
        record["lang"] = Scalar.of(view.volume_lang, home)


def _with_tree(
    view: ReadView,
    shop: Workshop,
    text: Source,
    head: Any,
    body: str,
    contribution: Contribution,
    findings: list[Diagnostic],
) -> Result:
    """The rest of `read`: the tree, the figures, the library, the checks."""
    from proceedings import attachments, dialects, images
    from proceedings.dialects import macros, parsing

    planned = view.planned
    markdown, problems = dialects.rewrite_text(body, planned.path)
    findings += problems
    defined = macros.definitions(head.extras)
    markdown = defined + markdown
    rich = _rich_fields(contribution, planned.path, defined)
    try:
        document, warnings = pandoc.parse(markdown, {"rich": rich} if rich else None)
    except (pandoc.PandocError, RecursionError) as error:
        message = f"the text cannot be parsed: {str(error).splitlines()[0]}"
        hint = "Look for deeply nested lists or quotations, thousands of brackets, or macros that multiply."
        findings.append(finding("S006", message, _thorniest(text), hint))
        return Result(None, findings=_placed(findings, text))
    findings += parsing.findings(warnings, markdown, rich, planned.path)
    document, problems = dialects.rewrite_tree(document, planned.path)
    findings += problems
    if _fatal(problems):
        return Result(None, findings=_placed(findings, text))
    folder = _Folder(shop, planned.folder)
    files, problems = attachments.collect(document, contribution, folder, planned.path)
    findings += problems
    document, assets, problems = images.collect(document, folder, planned.slug, planned.path)
    findings += problems
    for _, data in assets:
        shop.store.put(data)
    library, problems = _library(view, shop, head, _cited(document, head.nocite))
    findings += problems
    limits = view.limits_by_kind.get(contribution.kind.value)
    draft = rules.Draft(text, head.record, contribution, document, limits)
    findings += rules.check(draft)
    from proceedings.document import words

    manuscript = Manuscript(
        contribution=contribution,
        tree=shop.store.put(json.dumps(document, ensure_ascii=False).encode()),
        library=shop.store.put(
            json.dumps(_cited_from(library, document, head.nocite), ensure_ascii=False, sort_keys=True).encode()
        ),
        images=tuple(asset for asset, _ in assets),
        files=files,
        nocite=tuple(str(key) for key in head.nocite),
        words=words(document["blocks"]),
    )
    return Result(manuscript, findings=_placed(findings, text))


def _thorniest(text: Source) -> Location:
    """The line on which a parser is likeliest to get stuck: the one with the most marks that open something, which is
    seldom one of the metadata."""
    lines = text.text.split("\n")
    body = text.text.count("\n", 0, text.body_start)
    marks = [len(re.findall(r"[\[<({>\"'`*^$\\]", line)) for line in lines]
    number = max(range(len(lines)), key=lambda i: marks[i] if i >= body else marks[i] // 10)
    return replace(text.place_of_line(number + 1), near=True)


_INLINE_FIELDS = {"title", "subtitle", "short-title"}


def _rich_fields(contribution: Contribution, path: str, macros: str = "") -> dict[str, str]:
    """The Markdown fields for pandoc: a string that ends in a line end becomes blocks, another inlines."""
    from proceedings import dialects

    fields: dict[str, str] = {}
    for name, value in contribution.rich():
        text, _ = dialects.rewrite_text(value, path)
        inline = name.rsplit(".", 1)[-1] in _INLINE_FIELDS
        fields[name] = " ".join(text.split()) if inline else f"{macros}{text.rstrip()}\n\n"
    return fields


@dataclass
class _Folder:
    """The files that a paper may use: those in its own folder."""

    shop: Workshop
    folder: str

    def open_file(self, path: str) -> bytes:
        """FileNotFoundError where there is none, PermissionError outside of the paper's folder."""
        self._stay_inside(path)
        try:
            return self.shop.read(f"{self.folder}/{path}")
        except IsADirectoryError as error:
            raise FileNotFoundError(path) from error

    def keep_file(self, path: str, most: int) -> tuple[Digest, int]:
        """A file put into the store, without its bytes in memory: its digest and size; no digest where it is larger
        than `most`. The same errors."""
        self._stay_inside(path)
        return self.shop.keep(f"{self.folder}/{path}", most)

    def _stay_inside(self, path: str) -> None:
        top = os.path.realpath(self.shop.root / self.folder)
        if not Path(os.path.realpath(Path(top) / path)).is_relative_to(top):
            raise PermissionError(path)

    def list_names(self) -> list[str]:
        return self.shop.note_listing(self.folder)


def _library(view: ReadView, shop: Workshop, head: Any, cited: set[str]) -> tuple[list[Any], list[Diagnostic]]:
    """The entries that a contribution may cite: its own `references:`, its own files, then the shared ones.

    A key of an earlier source hides the same key of a later one: each contribution has a key space of its own.
    """
    from proceedings import bibliography
    from proceedings.bibliography.checks import checked

    own = []
    if head.references:
        places = [location_of(item, Location(view.planned.path, 1, 1)) for item in head.references]
        own.append(bibliography.from_references(head.references, places))
    folder = _Folder(shop, view.planned.folder)
    named = head.bibliography or ([] if head.references else _libraries_beside(view.planned, folder))
    own += [_own_library(name, folder, view, shop) for name in named]
    findings = [item for library in own for item in library.findings]
    mine = _first_of_each_key(entry for library in own for entry in library.items)
    # The shared libraries' own findings are told once, by the job that reads each of them.
    shared = [entry for path in view.shared for entry in _shared_library(path, shop).items]
    lock, problems = _locked(shop)
    entries = list(_first_of_each_key([*mine.values(), *shared, *lock.library().items]).values())
    problems += [told for entry in entries for told in _unsafe_address(entry)]
    return entries, [*findings, *problems, *checked(entries, cited, own=mine, locked=lock.retracted)]


def _unsafe_address(entry: Any) -> Iterable[Diagnostic]:
    """Take from a reference an address that could run code or read files; it would be a link in every output."""
    address = str(entry.item.get("URL", "")).strip()
    scheme, colon, _ = address.partition(":")
    if colon and scheme.lower() not in ("http", "https", "ftp", "mailto", "urn") and re.fullmatch(r"[\w+.-]+", scheme):
        del entry.item["URL"]
        message = f"the address of '{entry.key}' is of the kind {scheme}: and is not carried into any output"
        yield finding("X208", message, entry.field("url", "URL"), "Give an http or https address.")


def _locked(shop: Workshop) -> tuple[references_lock.Lock, list[Diagnostic]]:
    """What `proceedings refs --lock` has resolved; empty where there is no lock file."""
    from proceedings import references_lock

    try:
        return references_lock.read(shop.read(references_lock.PATH)), []
    except ValueError as error:
        place = Location(references_lock.PATH, 1, 1)
        return references_lock.Lock(), [
            finding("C019", str(error), place, "Make it anew with `proceedings refs --lock`.")
        ]
    except OSError:
        return references_lock.Lock(), []


def _libraries_beside(planned: Planned, folder: _Folder) -> list[Scalar]:
    """The .bib files in a paper's own folder, for a paper that names none: so MyST takes them."""
    if planned.folder == "papers":
        return []
    place = Location(planned.path, 1, 1)
    return [Scalar.of(name, place) for name in folder.list_names() if name.endswith(".bib") and "/" not in name]


def _first_of_each_key(entries: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in entries:
        found.setdefault(entry.key, entry)
    return found


def is_library(name: str) -> bool:
    """Whether a file of bibliography/ holds references that papers may cite."""
    return name.endswith(LIBRARY_SUFFIXES) and not name.endswith(".lock.json")


def _cited(document: Document, nocite: Iterable[str]) -> set[str]:
    """The keys that a document cites or lists, '*' for all."""
    from proceedings.document import nodes

    return {part["citationId"] for node in nodes(document, "Cite") for part in node["c"][0]} | {
        str(key) for key in nocite
    }


def _cited_from(entries: list[Any], document: Document, nocite: Iterable[str]) -> list[dict[str, Any]]:
    """The entries that citing can need: only those that are cited, unless a key is unknown and near ones may be
    meant."""
    wanted = _cited(document, nocite)
    if "*" not in wanted and wanted <= {entry.key for entry in entries}:
        entries = [entry for entry in entries if entry.key in wanted]
    return [{"key": entry.key, "item": entry.item} for entry in entries]


def _own_library(name: Scalar, folder: _Folder, view: ReadView, shop: Workshop) -> Any:
    from proceedings import bibliography

    place = location_of(name, Location(view.planned.path, 1, 1))
    path = f"{folder.folder}/{name}"
    try:
        data = folder.open_file(str(name))
    except PermissionError:
        told = finding(
            "S007",
            f"`bibliography: {name}` lies outside of the paper's folder",
            place,
            "Put the file beside the paper.",
        )
        return bibliography.Library((), (told,))
    except (OSError, ValueError):
        if f"bibliography/{name}" in view.shared:
            return bibliography.Library((), ())
        near = [item for item in folder.list_names() if item.endswith(LIBRARY_SUFFIXES)]
        hint = f"The folder has {', '.join(near)}." if near else "Put the file beside the paper."
        return bibliography.Library(
            (), (finding("S008", f"`bibliography: {name}`: there is no such file", place, hint),)
        )
    return _load(path, data, shop)


def _load(path: str, data: bytes, shop: Workshop) -> Any:
    """A library file, converted once for all contributions that cite from it."""
    from proceedings import bibliography

    def convert() -> bytes:
        library = bibliography.load(path, data)
        return json.dumps(asdict(library), ensure_ascii=False).encode()

    made = json.loads(shop.memo("library", path.encode() + b"\0" + data, convert))
    entries = (
        bibliography.Entry(item["key"], item["item"], Location(**item["location"]), item["raw"])
        for item in made["items"]
    )
    return bibliography.Library(tuple(entries), tuple(diagnostic_from(item) for item in made["findings"]))


class LibraryView(Record):
    path: str


class LibraryRead(Record):
    entries: int


def _shared_library(path: str, shop: Workshop) -> Any:
    """A library that every paper may cite from. One that cannot be read is a finding, and empty."""
    from proceedings.bibliography import Library

    place = Location("volume.yaml", token=path)
    try:
        data = shop.read(path)
    except PermissionError:
        message = f"the library {path} lies outside of the volume's folder"
        return Library((), (finding("S007", message, place, "Put the file into bibliography/."),))
    except OSError:
        message = f"the library {path} is not a file that can be read"
        return Library((), (finding("S008", message, place, "Put the file into bibliography/."),))
    return _load(path, data, shop)


def read_library(view: LibraryView, shop: Workshop) -> Result:
    """A shared library's own findings, told once and not by each paper that cites from it."""
    library = _shared_library(view.path, shop)
    return Result(LibraryRead(entries=len(library.items)), findings=tuple(library.findings))
