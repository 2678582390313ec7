"""The driver of the cases of dialects and transforms: Markdown in, HTML of the tree and findings out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from proceedings import dialects, pandoc, transforms
from proceedings.diagnostics import Diagnostic
from proceedings.document import Document
from proceedings.source import Source, resolve

PATH = "papers/p.md"


def load(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / name).read_text(encoding="utf-8"))
    return cases


def prepared(markdown: str, lang: str = "en", slug: str = "p") -> tuple[Document, list[Diagnostic]]:
    """Markdown through dialects and transforms; findings at their places."""
    written, findings = dialects.rewrite_text(markdown, PATH)
    document, _ = pandoc.parse(written)
    for step in (lambda tree: dialects.rewrite_tree(tree, PATH), lambda tree: transforms.apply(tree, slug, lang, PATH)):
        document, found = step(document)
        findings += found
    source = Source(PATH, markdown)
    return document, [resolve(item, {PATH: source}) for item in findings]


def outcome(case: dict[str, Any]) -> tuple[str, list[str]]:
    """What a case becomes: one line of HTML for each block, and its findings."""
    document, findings = prepared(case["markdown"], case.get("lang", "en"))
    html, _ = pandoc.render(document, "html", "--syntax-highlighting=none", "--mathjax")
    html = re.sub(r"\s*\n\s*", "\n", html.strip())
    told = sorted(f"{item.code} {item.location.line}:{item.location.column}" for item in findings)
    return html, told
