"""The lock file of references cited by identifier: `[@doi:10…]`, `[@arxiv:…]`, `[@isbn:…]` → CSL items, committed.

`lock` is the only function of this program that asks the network, and only where an editor calls it; a build reads the
file. Source: DOI content negotiation (Crossref, DataCite), media type application/vnd.citationstyles.csl+json.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from proceedings import bibliography
from proceedings.bibliography import Entry, Item, Library
from proceedings.diagnostics import Diagnostic, Location, finding

PATH = "bibliography/references.lock.json"
DOI_RESOLVER = "https://doi.org/"
ISBN_RESOLVER = "https://www.googleapis.com/books/v1/volumes?q=isbn:"
MAX_ANSWER = 2_000_000  # bytes
TIMEOUT = 20  # seconds for one identifier

_KEY = re.compile(r"(doi|arxiv|isbn):(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Lock:
    """Items by the key that papers cite them by, and the DOIs that are known as retracted."""

    items: Mapping[str, Item] = field(default_factory=dict)
    retracted: frozenset[str] = frozenset()

    def library(self, path: str = PATH) -> Library:
        """The locked items as a library, cited by the identifier itself."""
        entries = (Entry(key, {**item, "id": key}, Location(path), "") for key, item in sorted(self.items.items()))
        return bibliography.finished(Library(tuple(entries)))


def identifier(key: str) -> tuple[str, str] | None:
    """('doi', '10.1000/x') for the key `doi:10.1000/X`; None for a key that is no identifier."""
    found = _KEY.fullmatch(key.strip())
    if found is None:
        return None
    kind, value = found.group(1).lower(), found.group(2).strip()
    if kind == "isbn":
        return kind, re.sub(r"[\s-]", "", value).upper()
    return kind, bibliography.doi(value).lower() if kind == "doi" else re.sub(r"^arxiv:", "", value, flags=re.I)


def read(data: bytes) -> Lock:
    """The lock that a file holds. ValueError where it is none."""
    try:
        record = json.loads(data)
        items = {str(key): dict(item) for key, item in record["items"].items()}
        return Lock(items, frozenset(str(doi).lower() for doi in record.get("retracted", ())))
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise ValueError(f"not a lock file of references: {error}") from error


def written(lock: Lock) -> bytes:
    """The bytes of a lock file: the same for the same lock."""
    record = {"items": dict(lock.items), "retracted": sorted(lock.retracted)}
    return (json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def unlocked(cited: Iterable[str], lock: Lock, location: Location) -> list[Diagnostic]:
    """A finding for each identifier that is cited and not locked."""
    return [
        finding("C025", f"'{key}' is not in the lock file", location, "Run `proceedings refs --lock`.")
        for key in dict.fromkeys(cited)
        if identifier(key) is not None and key not in lock.items
    ]


def resolve(
    keys: Mapping[str, Location],
    lock: Lock,
    *,
    doi_resolver: str = DOI_RESOLVER,
    isbn_resolver: str = ISBN_RESOLVER,
) -> tuple[Lock, list[Diagnostic]]:
    """`lock` with the identifiers among `keys` that it does not have yet, asked of their agencies; and what failed,
    at the places of the keys.

    What is locked is never asked again, so that a lock changes only where an editor removes an entry. An agency that
    cannot be reached is asked once.
    """
    items, retracted, findings = dict(lock.items), set(lock.retracted), []
    silent: dict[str, str] = {}  # hosts that cannot be reached, and why
    for key, place in sorted(keys.items()):
        named = identifier(key)
        if named is None or key in items:
            continue
        address = _address(*named, doi_resolver, isbn_resolver)
        host = urllib.parse.urlsplit(address).netloc
        try:
            answer = _asked(address, *named) if host not in silent else {}
        except urllib.error.HTTPError as error:
            findings.append(_refused(key, host, error.code, place))
            continue
        except ValueError as error:
            message = f"'{key}' gave no reference: {error}"
            findings.append(finding("C026", message, place, "Check the identifier, or write the entry yourself."))
            continue
        except OSError as error:
            silent[host] = _reason(error)
        if host in silent:
            message = f"'{key}' was not looked up: {host} cannot be reached ({silent[host]})"
            hint = "Run `proceedings refs --lock` again where there is a network; what is locked stays."
            findings.append(finding("C026", message, place, hint))
            continue
        item = {name: value for name, value in answer.items() if name in _KEPT and value not in ("", [], None)}
        items[key] = {**item, "id": key}
        if _withdrawn(answer):
            retracted.add(str(item.get("DOI") or named[1]).lower())
    return Lock(items, frozenset(retracted)), findings


def _refused(key: str, host: str, status: int, place: Location) -> Diagnostic:
    """That an agency answered, and with no reference."""
    if status in (404, 410):
        message, hint = f"{host} knows no '{key}'", "Look for a slip in the identifier."
    else:
        message, hint = f"'{key}' gave no reference: {host} answered with status {status}", "Try again later."
    return finding("C026", message, place, hint)


def _reason(error: OSError) -> str:
    """Why nothing was heard, in the words of the system, without its numbers and class names."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return "no answer in time" if isinstance(cause, TimeoutError) else str(cause)


# What of an agency's answer is a reference; Crossref adds counts, licences and dates of its own, which change daily.
_KEPT = frozenset(
    (
        "type title title-short container-title container-title-short collection-title collection-number author editor"
        " translator container-author issued original-date volume issue page number edition publisher publisher-place"
        " DOI URL ISBN ISSN language genre version event-title"
    ).split()
)


def _address(kind: str, value: str, doi_resolver: str, isbn_resolver: str) -> str:
    """Where one identifier is asked for."""
    if kind == "isbn":
        return isbn_resolver + urllib.parse.quote(value)
    name = f"10.48550/arXiv.{value}" if kind == "arxiv" else value
    return doi_resolver + urllib.parse.quote(name, safe="/")


def _asked(address: str, kind: str, value: str) -> Item:
    """The CSL item of one identifier. ValueError where the answer is none, OSError where there is no answer."""
    answer = _json(address)
    if kind == "isbn":
        volumes = answer.get("items") if isinstance(answer, dict) else None
        if not volumes:
            raise ValueError("no such ISBN is known")
        return _book(volumes[0].get("volumeInfo", {}), value)
    if not isinstance(answer, dict) or not answer.get("title"):
        raise ValueError("the answer is not a reference")
    # Crossref gives some texts as lists of one.
    single = {key: (text[0] if text else "") for key, text in answer.items() if _texts(text)}
    types = {"journal-article": "article-journal", "proceedings-article": "paper-conference", "book-chapter": "chapter",
             "posted-content": "article", "monograph": "book", "dissertation": "thesis"}  # fmt: skip
    return {**answer, **single, "type": types.get(str(answer.get("type")), str(answer.get("type") or "document"))}


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _json(address: str) -> Any:
    if urllib.parse.urlsplit(address).scheme not in ("http", "https"):
        raise ValueError(f"'{address}' is not a web address")
    request = urllib.request.Request(
        address,
        headers={
            "Accept": "application/vnd.citationstyles.csl+json, application/json;q=0.5",
            "User-Agent": "proceedings (references lock)",
        },
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        data = response.read(MAX_ANSWER + 1)
    if len(data) > MAX_ANSWER:
        raise ValueError("the answer is too large")
    try:
        return json.loads(data)
    except ValueError:
        raise ValueError("the answer is not JSON") from None


def _book(info: Mapping[str, Any], isbn: str) -> Item:
    """A catalogue's record of a book as a CSL item. Names stay as they are written: nobody says which part is which."""
    date = [int(part) for part in re.findall(r"\d+", str(info.get("publishedDate") or ""))[:3]]
    title = ": ".join(str(info[part]) for part in ("title", "subtitle") if info.get(part))
    if not title:
        raise ValueError("the answer has no title")
    item: Item = {"type": "book", "title": title, "ISBN": isbn, "publisher": info.get("publisher", "")}
    item["author"] = [{"literal": str(name)} for name in info.get("authors", ())]
    item["language"] = info.get("language", "")
    return {**item, "issued": {"date-parts": [date]}} if date else item


def _withdrawn(answer: Mapping[str, Any]) -> bool:
    """Whether an agency says that the work was retracted: Crossref's `update-to`/`updated-by`, or the title."""
    updates = [*(answer.get("updated-by") or ()), *(answer.get("update-to") or ())]
    kinds = {str(update.get("type", "")).lower() for update in updates if isinstance(update, dict)}
    title = str(answer.get("title") or "").lstrip(" [").lower()
    return bool(kinds & {"retraction", "withdrawal", "removal"}) or title.startswith("retracted")
