"""Executable cells (Quarto, R Markdown) are printed as listings, never run; captions of what they draw are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from proceedings.dialects.constructs import NUMBERED

LANGUAGES = frozenset("python r julia ojs bash sh sql js javascript stan dot mermaid octave pseudocode".split())
_OPENING = re.compile(r"^\{(?P<name>[A-Za-z]+)(?P<rest>(?:[ ,][^}]*)?)\}$|^(?P<bare>pseudocode)$")
_OPTION = re.compile(r"^\s*(?:#|//|%%|--)\|[ ]?(?P<text>.*)$")
_CHUNK = re.compile(r"([\w.-]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^,\s]+)")
_LABEL = re.compile(r"^[A-Za-z][\w:.-]*$")


@dataclass(frozen=True)
class Cell:
    """A cell as Markdown: the lines to print, its language, and whether its output would have been printed."""

    language: str
    lines: list[str]
    is_hidden: bool  # the author does not want the code printed
    has_output: bool


def cell(info: str, body: list[str], mark: str) -> Cell | None:
    """A fenced block as a cell; None if it is none. `info` is what stands behind the fence's `mark`."""
    found = _OPENING.match(info)
    if not found or (found["name"] or found["bare"]).lower() not in LANGUAGES:
        return None
    language = (found["name"] or found["bare"]).lower()
    options = _chunk_options(found["rest"] or "")
    length = next((number for number, line in enumerate(body) if not _OPTION.match(line)), len(body))
    options |= _yaml_options([_OPTION.sub(r"\g<text>", line) for line in body[:length]])
    if found["bare"] and not length:
        return None
    code = body[length:]
    hidden = _is_false(options.get("echo")) or _is_false(options.get("include"))
    has_output = not found["bare"] and not _is_false(options.get("eval")) and not _is_false(options.get("include"))
    return Cell(language, _lines(language, options, [] if hidden else code, mark), hidden, has_output)


def _is_false(value: str | None) -> bool:
    return (value or "").lower() in ("false", "f", "no")


def _lines(language: str, options: dict[str, str], code: list[str], mark: str) -> list[str]:
    """The cell's code and captions in pandoc's Markdown."""
    label = options.get("label", "")
    label = label if _LABEL.match(label) else ""
    caption = options.get("fig-cap") or options.get("tbl-cap") or ""
    subcaptions = [line for line in options.get("fig-subcap", "").split("\n") if line]
    is_listing = label.startswith(("lst-", "alg-")) or (label.startswith("tbl-") and caption) or options.get("lst-cap")
    is_numbered = not _is_false(options.get("code-line-numbers", "false"))
    attributes = f".{language} .{NUMBERED}" if is_numbered else f".{language}"
    if is_listing:
        attributes = f"#{label} {attributes}" if label else attributes
        written = (options.get("lst-cap") or caption).replace("\\", "\\\\").replace('"', '\\"')
        attributes += f' caption="{written}"' if written else ""
        caption = ""
    listing = [f"{mark}{{{attributes}}}", *code, mark] if code or is_listing else []
    if not caption and not label.startswith("fig-"):
        return listing
    shown = [
        line
        for subcaption in subcaptions
        for line in ("", f"({chr(97 + subcaptions.index(subcaption) % 26)}) {subcaption}")
    ]
    opening = f"::: {{#{label} .made-by-code}}" if label else "::: {.made-by-code}"
    return [opening, *listing, *shown, "", caption, "", ":::"]


def _chunk_options(written: str) -> dict[str, str]:
    """R Markdown's options behind the language: `fig-map, fig.cap="…", echo=FALSE`."""
    options = {key.replace(".", "-"): value.strip("\"'") for key, value in _CHUNK.findall(written)}
    first = re.match(r"^[ ,]+([\w:.-]+)\s*(?:,|$|\s+\w)", written)
    if first:
        options.setdefault("label", first[1])
    return options


def _yaml_options(lines: list[str]) -> dict[str, str]:
    """Quarto's `#|` lines, which are YAML. A list is its items, one a line."""
    from proceedings.yaml_reader import read_yaml

    if not lines:
        return {}
    read, _ = read_yaml("\n".join(lines), "")
    options: dict[str, str] = {}
    for key, value in (read or {}).items() if isinstance(read, dict) else ():
        if isinstance(value, list):
            options[key] = "\n".join(str(item) for item in value if isinstance(item, str))
        elif isinstance(value, str):
            options[key] = " ".join(value.split())
    return options
