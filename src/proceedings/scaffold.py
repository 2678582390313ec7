"""What `init` and `new` write: a volume that builds at once, and a contribution with the fields that its kind needs."""

from __future__ import annotations

import re
from pathlib import Path

from proceedings import __version__
from proceedings.diagnostics import UsageFailure
from proceedings.model import KINDS, Kind, Relation

SCAFFOLD = Path(__file__).parent / "data" / "scaffold"


def init(folder: Path) -> list[Path]:
    """Copy the scaffold into a new or empty folder; return what was made. UsageFailure where there is something
    already."""
    if folder.exists() and (not folder.is_dir() or any(item.name != ".git" for item in folder.iterdir())):
        raise UsageFailure(f"{folder} is not empty", "Choose a new folder; nothing is ever overwritten.")
    made = []
    for source in sorted(SCAFFOLD.rglob("*")):
        if source.is_dir():
            continue
        name = source.relative_to(SCAFFOLD).as_posix().replace("dot-", ".")
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        major, minor, *_ = (int(part) for part in re.findall(r"\d+", __version__))
        data = source.read_text(encoding="utf-8").replace("@REQUIRES@", f">={major}.{minor},<{major}.{minor + 1}")
        target.write_text(data, encoding="utf-8")
        made.append(target)
    from proceedings import schema

    target = folder / "styles" / "volume.schema.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(schema.as_text("volume"), encoding="utf-8")
    return [*made, target]


def new(root: Path, slug: str, kind: str) -> Path:
    """Write papers/SLUG/paper.md for a kind. UsageFailure where the slug or the kind is none, or the paper is there."""
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", slug):
        raise UsageFailure(f"{slug!r} is not a slug", "Use small letters a–z, digits and hyphens.")
    try:
        Kind(kind)
    except ValueError:
        raise UsageFailure(f"there is no kind {kind!r}", f"Choose from: {', '.join(Kind)}.") from None
    path = root / "papers" / slug / "paper.md"
    if path.exists() or (root / "papers" / f"{slug}.md").exists():
        raise UsageFailure(f"the paper {slug!r} is there already", "Choose another slug.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_text(slug, Kind(kind)), encoding="utf-8")
    return path


_FIELDS = {
    "abstract": "abstract: >-\n  What was done, how, and what was found, in 150 to 250 words.\n",
    "keywords": "keywords: [first keyword, second keyword]\n",
    "disclaimer": "disclaimer: The opinions are the author's own.\n",
}


def _text(slug: str, kind: Kind) -> str:
    rules = KINDS[kind]
    title = slug.replace("-", " ").capitalize()
    head = [f"title: {title}\n", f"kind: {kind.value}\n", "lang: en\n"]
    if "authors" in rules.required or kind in (Kind.CORRIGENDUM, Kind.RETRACTION):
        head.append(
            "authors:\n  - given: Given\n    family: Family\n    affiliations: [here]\n"
            "    # orcid: 0000-0000-0000-0000\n"
            "affiliations:\n  - id: here\n    name: University of Somewhere\n"
            "    city: Somewhere\n    country: Country\n"
        )
    head += [_FIELDS[name] for name in (*rules.required, *rules.expected) if name in _FIELDS]
    if rules.relation:
        example = (
            "{title: Title of the book, authors: Name of the author}"
            if rules.relation is Relation.REVIEWS
            else "{doi: 10.5555/example, title: Title of the work}"
        )
        head.append(f"{rules.relation.value}: {example}\n")
    body = "".join(f"# {name}\n\nText.\n\n" for name in rules.sections) or (
        "" if not rules.needs_body else "# Introduction\n\nText.\n"
    )
    return "---\n" + "".join(head) + "---\n\n" + body


__all__ = ["init", "new"]
