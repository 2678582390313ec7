"""The volume's own style sheets: found, checked, and with every file that they use.

Each output has its own list. A sheet lies in styles/, or is one of those that come with the program. It may use the
files of styles/ by `url(…)`; any other address is a finding, and nothing is fetched.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from proceedings.build import Result, Workshop
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.edition import Digest, Look, Looks, Store
from proceedings.model import Record

SHIPPED = Path(__file__).parent / "data" / "styles"


class LookView(Record):
    """The names of each output's sheets."""

    pdf: tuple[str, ...]
    site: tuple[str, ...]
    epub: tuple[str, ...]


def exists(name: str, files: list[str]) -> bool:
    """Whether a sheet is in styles/, whose files are given, or comes with the program."""
    return name in files or name in {path.name for path in SHIPPED.glob("*.css")}


def read(view: LookView, shop: Workshop) -> Result:
    """All sheets of all outputs."""
    found: list[Diagnostic] = []
    looks = Looks(
        pdf=_look("pdf", view.pdf, shop, found),
        site=_look("site", view.site, shop, found),
        epub=_look("epub", view.epub, shop, found),
    )
    return Result(looks, findings=tuple(dict.fromkeys(found)))


def _look(output: str, names: tuple[str, ...], shop: Workshop, found: list[Diagnostic]) -> Look:
    sheets: list[Digest] = []
    files: dict[str, Digest] = {}
    for name in names:
        path = f"styles/{name}"
        try:
            text = shop.read(path).decode()
        except FileNotFoundError:
            text = (SHIPPED / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            found.append(finding("V031", "the style sheet is not UTF-8", Location(path), "Save it as UTF-8."))
            continue
        if output == "pdf":
            found += _faults(text, path)
        sheets.append(shop.store.put(_carried(text, output, path, shop, files, found).encode()))
    return Look(sheets=tuple(sheets), files=tuple(sorted(files.items())))


def _carried(
    text: str, output: str, path: str, shop: Workshop, files: dict[str, Digest], found: list[Diagnostic]
) -> str:
    """The sheet with the addresses that its output has; the files that it uses are put into the store."""
    import tinycss2

    rules = tinycss2.parse_stylesheet(text)
    for token in list(_addresses(rules)):
        address = token.value if token.type == "url" else token.arguments[0].value
        if address.startswith(("data:", "#")):
            continue
        name = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(urlsplit(address).path)))
        inside = not urlsplit(address).scheme and name.startswith("styles/")
        try:
            if not inside:
                raise FileNotFoundError
            files[name.removeprefix("styles/")] = shop.store.put(shop.read(name))
        except OSError:
            message = f"the style sheet uses {address!r}, which is no file of styles/"
            hint = "Put the file into styles/ and name it relative to the sheet."
            found.append(finding("V031", message, Location(path, token=address), hint))
            continue
        _rename(token, name if output != "pdf" else name.removeprefix("styles/"))
    for rule in rules:
        if rule.type == "at-rule" and rule.lower_at_keyword == "import":
            message = "the style sheet imports another: that is not carried"
            hint = "Name both under `stylesheets`, in the order in which they apply."
            found.append(finding("V031", message, Location(path, token="@import"), hint))
    kept = [rule for rule in rules if not (rule.type == "at-rule" and rule.lower_at_keyword == "import")]
    return str(tinycss2.serialize(kept))


def _addresses(nodes: Any) -> Iterator[Any]:
    """Every url(…), with or without quotes, outside of @import."""
    for node in nodes or ():
        if node.type == "url" or (node.type == "function" and node.lower_name == "url" and node.arguments):
            yield node
        elif not (node.type == "at-rule" and node.lower_at_keyword == "import"):
            for part in ("prelude", "content", "arguments"):
                if isinstance(inner := getattr(node, part, None), list):
                    yield from _addresses(inner)


def _rename(token: Any, name: str) -> None:
    if token.type == "url":
        token.value = name
        token.representation = f'url("{name}")'
    else:
        token.arguments[0].value = name
        token.arguments[0].representation = f'"{name}"'


def _faults(text: str, path: str) -> Iterator[Diagnostic]:
    """What the renderer of pages does not understand."""
    from proceedings import typesetting

    for words, line in typesetting.ignored(text):
        yield finding(
            "V032", f"in print this has no effect: {words}", Location(path, line=line), "Correct or delete it."
        )


def appended(base: bytes, look: Look, store: Store) -> bytes:
    """A house style with the volume's sheets after it: what comes later wins."""
    return b"\n".join([base, *(store.get(digest) for digest in look.sheets)])
