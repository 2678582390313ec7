"""Writes everything in the documentation that the code knows: docs/reference/, the map of modules in ARCHITECTURE.md
and the committed JSON Schemas. `--check` writes nothing and fails where a file is not as it would be written.

    .venv/bin/python docs/generate.py [--check]
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import click

from proceedings import cli, model, schema
from proceedings.catalogue import RULES
from proceedings.diagnostics import Rule, Severity
from proceedings.frontmatter.fields import SYNONYMS
from proceedings.model import KINDS, Record
from proceedings.writers import WRITERS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "proceedings"
NOTICE = "<!-- Written by docs/generate.py. Change the code, not this file. -->\n\n"


# --- commands -------------------------------------------------------------------------------------------------------


def commands() -> str:
    """Every command with its arguments and options, as click knows them."""
    parts = ["# Commands\n", f"{_help(cli.main)}\n", *map(_command, cli.main.commands.values())]
    parts += ["## Exit statuses\n", _exit_statuses(), "## Shell completion\n", _COMPLETION]
    return "\n".join(parts)


_COMPLETION = """\
Put one of these into the start-up file of your shell:

```sh
eval "$(_PROCEEDINGS_COMPLETE=bash_source proceedings)"     # ~/.bashrc
eval "$(_PROCEEDINGS_COMPLETE=zsh_source proceedings)"      # ~/.zshrc
_PROCEEDINGS_COMPLETE=fish_source proceedings | source      # ~/.config/fish/config.fish
```
"""


def _help(command: click.Command) -> str:
    paragraphs = (" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    return "\n\n".join(part for part in paragraphs if part)


def _command(command: click.Command) -> str:
    context = click.Context(command, info_name=f"proceedings {command.name}")
    rows = [_option(option, context) for option in command.params if isinstance(option, click.Option)]
    table = _table(("Option", "Meaning"), rows) if rows else ""
    usage = f"{context.command_path} {_usage(command, context)}"
    return f"## {command.name}\n\n{_help(command)}\n\n```sh\n{usage}\n```\n\n{table}"


def _usage(command: click.Command, context: click.Context) -> str:
    return " ".join(command.collect_usage_pieces(context))


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    names = ", ".join(f"`{name}`" for name in option.opts)
    choices = option.type.choices if isinstance(option.type, click.Choice) else ()
    record = option.get_help_record(context)
    meaning = re.sub(r"  \[.*\]$", "", record[1]) if record else ""
    if choices:
        meaning += f" One of {', '.join(f'`{choice}`' for choice in choices)}."
    if option.default and option.show_default:
        meaning += f" Default: `{option.default}`."
    return names, meaning.strip()


def _exit_statuses() -> str:
    found = re.findall(r"(\d+)  +(\S.*?)(?=  +\d|\n|$)", cli.EXIT_STATUSES)
    return _table(("Status", "Meaning"), sorted(found, key=lambda row: int(row[0])))


# --- records --------------------------------------------------------------------------------------------------------

# The model's types as an author would call them.
_TYPES: tuple[tuple[Any, str], ...] = (
    (model.Doi, "DOI"),
    (model.Orcid, "ORCID iD"),
    (model.Ror, "ROR id"),
    (model.Issn, "ISSN"),
    (model.Isbn, "ISBN"),
    (model.Language, "language tag"),
    (model.CountryCode, "country code"),
    (model.Licence, "licence"),
    (model.Url, "web address"),
    (model.Email, "e-mail address"),
    (model.Slug, "slug"),
    (model.Rich, "Markdown"),
    (model.Date, "date"),
    (str, "text"),
    (bool, "true or false"),
    (int, "whole number"),
)


def volume() -> str:
    """volume.yaml, field by field."""
    return f"""\
# volume.yaml

What the editors say of the whole. Only `title` is required. Editors' tools that speak with the YAML language server
complete and check the fields, because the file's first line names
[the schema](../../src/proceedings/data/volume.schema.json). A *list of X* may be written as one X, but not under
`limits`.

{_records(model.Volume)}
{_types()}"""


def contribution() -> str:
    """A paper's metadata, field by field."""
    return f"""\
# Metadata of a contribution

The YAML block at the head of a paper. Only `title` is required of every [kind](kinds.md). The shapes that JOSS, Quarto,
MyST and others use are read too: see [Bring a paper from another tool](../how-to/other-tools.md). The slug is the name
of the file or folder; the section follows from volume.yaml.

{_records(model.Contribution, without=("slug", "section"), more=_shorthands())}
## Other names of fields

Hyphens, underscores, spaces and capitals make no difference. These names are understood as well:

{_table(("Field", "Also"), _spellings())}
{_types()}"""


def _shorthands() -> list[tuple[str, str, str]]:
    """Fields that the reader takes apart: they are in the schema, but not in the record."""
    types = {"authors": "list of [Contributor](#contributor)", "references": "list of CSL items"}
    types |= {relation.value: "text or [RelatedWork](#relatedwork)" for relation in model.Relation}
    fields = schema.schema("contribution")["properties"]
    own = {name.replace("_", "-") for name in model.Contribution.model_fields}
    return [
        (f"`{name}`", types.get(name, "list of text"), field["description"])
        for name, field in fields.items()
        if name not in own
    ]


def _spellings() -> Iterator[tuple[str, str]]:
    for name, others in sorted(SYNONYMS.items()):
        if others and name in schema.schema("contribution")["properties"]:
            yield f"`{name}`", ", ".join(f"`{other}`" for other in others.split())


def _records(top: type[Record], without: Iterable[str] = (), more: Iterable[tuple[str, str, str]] = ()) -> str:
    """A table for a record, and one for each record inside of it; `without` and `more` are fields of the first."""
    parts, queue, seen = [], [top], {top}
    while queue:
        record = queue.pop(0)
        if record is not top:
            parts.append(f"## {record.__name__}\n\n{_first(record)}\n")
        hints = get_type_hints(record, include_extras=True)
        names = [name for name in record.model_fields if record is not top or name not in without]
        rows = [field_row(record, name, hints[name]) for name in names] + (list(more) if record is top else [])
        parts.append(_table(("Field", "Type", "Meaning"), rows))
        for name in names:
            inner = [item for item in inside(hints[name]) if item not in seen]
            queue += inner
            seen.update(inner)
    return "\n".join(parts)


def _first(record: type[Record]) -> str:
    return (record.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " ")


def field_row(record: type[Record], name: str, hint: Any) -> tuple[str, str, str]:
    field = record.model_fields[name]
    meaning = field.description or _description(hint)
    if field.is_required():
        meaning = f"**Required.** {meaning}"
    elif default := _default(field.get_default(call_default_factory=True)):
        meaning += f" Default: {default}."
    return f"`{name.replace('_', '-')}`", _type(hint), meaning


def _default(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in value)
    return f"`{value}`" if isinstance(value, str) and value else ""


def _description(hint: Any) -> str:
    """What the type itself says, where the field says nothing."""
    for part in (hint, *get_args(hint)):
        for mark in getattr(part, "__metadata__", ()):
            if getattr(mark, "description", None):
                return str(mark.description)
    return ""


def _type(hint: Any) -> str:
    for known, name in _TYPES:
        if hint == known:
            return name
    if get_origin(hint) is tuple:
        return f"list of {_type(get_args(hint)[0])}"
    if get_origin(hint) is dict:
        key, value = get_args(hint)
        return f"{_type(key) if not _is(key, Enum) else key.__name__.lower()} → {_type(value)}"
    if _is(hint, Enum):
        return " · ".join(f"`{item.value}`" for item in hint)
    if _is(hint, Record):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    return _type(next(part for part in get_args(hint) if part is not NoneType))


def inside(hint: Any) -> list[type[Record]]:
    """The records in an annotation."""
    return [hint] if _is(hint, Record) else [found for part in get_args(hint) for found in inside(part)]


def _is(hint: Any, kind: type) -> bool:
    return isinstance(hint, type) and issubclass(hint, kind)


def _types() -> str:
    rows = []
    for known, name in _TYPES:
        marks = [mark for mark in getattr(known, "__metadata__", ()) if getattr(mark, "examples", None)]
        rows += [(name, f"{mark.description} {', '.join(f'`{item}`' for item in mark.examples)}") for mark in marks]
    rows += [("date", "Year-month-day: `2024-10-16`. A date in words is understood where it can only mean one day.")]
    rows += [("Markdown", "Text with emphasis, formulas, links and citations, as in the paper itself.")]
    return f"## Types\n\n{_table(('Type', 'Form'), rows)}"


# --- kinds, rules, outputs ------------------------------------------------------------------------------------------


def kinds() -> str:
    """What each kind requires, and the vocabularies of metadata."""
    rows = []
    for kind, rules in KINDS.items():
        relation = [f"`{rules.relation.value}`"] if rules.relation else []
        bounds = [f"{rules.max_words:,} words"] if rules.max_words else []
        bounds += [f"abstract {rules.max_abstract_words} words"] if rules.max_abstract_words else []
        bounds += [] if rules.needs_body else ["no text needed"]
        rows.append(
            (
                f"`{kind.value}`",
                ", ".join([f"`{name}`" for name in rules.required] + relation) or "–",
                ", ".join(f"`{name}`" for name in rules.expected) or "–",
                "; ".join(rules.sections) or "–",
                "; ".join(bounds) or "–",
            )
        )
    columns = ("Kind", "Required (error)", "Expected (warning)", "Sections (warning)", "Bounds (warning)")
    words = [
        (f"`{name}`", (enum.__doc__ or "").strip(), " · ".join(f"`{item.value}`" for item in enum))
        for name, enum in (("review", model.Review), ("status", model.Status), ("related", model.Relation))
    ]
    return f"""\
# Kinds of contribution

`kind:` decides what a contribution must have. `title` is required of all. `limits:` in [volume.yaml](volume.md) changes
the columns for one volume. The names of sections are checked in English texts only.

{_table(columns, rows)}
## Vocabularies

{_table(("Field", "Meaning", "Values"), words)}
`credit` takes the fourteen CRediT roles: {_listed(model.CREDIT_ROLES)}.
"""


_FAMILIES = {
    "S": "Source",
    "M": "Metadata",
    "I": "Identifiers",
    "C": "Citations",
    "X": "Structure and cross-references",
    "A": "Accessibility",
    "T": "Typography",
    "V": "The volume",
    "O": "Outputs",
}


def rules() -> str:
    """The catalogue, family by family."""
    parts = ["# Rules\n", _RULES_HEAD.format(count=len(RULES))]
    for letter, title in _FAMILIES.items():
        found = sorted((rule for rule in RULES.values() if rule.code[0] == letter), key=lambda rule: rule.code)
        parts += [
            f"## {letter} · {title}\n",
            _table(("Rule", "Grade", "Reports", "Why, and what to do"), map(_rule, found)),
        ]
    return "\n".join(parts)


_RULES_HEAD = """\
There are {count} rules. `proceedings rule CODE` shows one of them. A *fatal* finding leaves the contribution out. With
an *error* it is still made, and the exit status is 1. A *warning* counts as an error under `--strict`; a *note* never
does. [Grade and suppress rules](../how-to/rules.md) says how to change that.
"""


def _rule(rule: Rule) -> tuple[str, str, str, str]:
    name = f"**{rule.code}** `{rule.name}`"
    return name, rule.severity.label, _literal(rule.summary), _literal(f"{rule.why} {rule.fix}")


def _literal(text: str) -> str:
    """Text that is no Markdown, except for what stands between backticks."""
    return "`".join(
        part if number % 2 else re.sub(r"[\\*_\[\]<$@]", r"\\\g<0>", part)
        for number, part in enumerate(text.split("`"))
    )


FILES = (
    ("html/index.html", "site", "the contents of the volume"),
    ("html/style.css", "site", "the site's style"),
    ("html/fonts/*", "site", "the typeface of formulas, where a contribution has some"),
    ("html/SLUG/index.html", "html", "one contribution, with the metadata that indexers read"),
    ("html/SLUG/*", "html", "its figures"),
    ("pdf/volume.pdf", "pdf", "the volume: tagged, with bookmarks, page labels and links between contributions"),
    ("pdf/SLUG.pdf", "offprint", "one contribution, with the pages of the volume"),
    ("print/inside.pdf", "print", "for a printing house (`--print`): the pages inside, in black where wanted"),
    ("print/cover.pdf", "print", "the cover with bleed and crop marks"),
    ("jats/SLUG.xml", "jats", "one contribution in JATS 1.3: Publishing where the series has an ISSN, else Archiving"),
    ("jats/SLUG/*", "jats", "its figures"),
    ("epub/volume.epub", "epub", "the volume as EPUB 3"),
    ("bits/volume.xml", "bits", "the volume as one book in BITS XML"),
    ("bits/SLUG/*", "bits", "figures"),
    ("cite/SLUG.*", "cite", "one contribution for reference managers: BibTeX, RIS and CSL-JSON"),
    ("cite/SLUG-references.*", "cite", "what it cites, in the same formats"),
    ("cite/volume.*", "cite-volume", "the volume and all its contributions"),
    ("proof/SLUG.pdf", "", "one contribution as its author's proof (`--proof`)"),
    ("stale/*", "", "what an earlier build made of a contribution that can no longer be made"),
    (
        ".cache/*",
        "",
        "the ledger, the store and the validators' verdicts; safe to delete, then everything is made again",
    ),
)


def outputs() -> str:
    """The table of writers, the files of build/, and the parts of a volume."""
    writers = [(f"`{writer.name}`", writer.scope.value, writer.summary) for writer in WRITERS]
    files = [(f"`{path}`", f"`{writer}`" if writer else "", meaning) for path, writer, meaning in FILES]
    grades = [(severity.label, "yes" if severity >= Severity.ERROR else "no") for severity in Severity]
    return f"""\
# Outputs

`outputs:` in volume.yaml chooses what is published; `--to` chooses for one run.

{_table(("Output", "For each", "What it is"), writers)}
## Files of build/

{_table(("File", "Output", "What it is"), files)}
A file that is no longer made is removed, if it is still as it was made. Other files are never removed.

## Parts of a volume

`front-matter:` may name {_listed(model.FRONT_PARTS)}, and the slugs of contributions that stand
before the first section. `back-matter:` may name {_listed(model.BACK_PARTS)}.

## Findings

`--format` writes them as `text` (with the source line), `concise` (one line each), `json`, `github` (annotations of a
pull request) or `sarif` (for code-scanning services).

{_table(("Grade", "Exit status 1"), grades)}"""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# --- the map of modules ---------------------------------------------------------------------------------------------


def architecture() -> str:
    """ARCHITECTURE.md, with its map of modules made anew: a line for each module and each package of the top."""
    before, _, after = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("<!-- modules -->\n")
    lines = []
    for path in sorted(PACKAGE.glob("*.py")):
        if path.name != "__init__.py":
            lines.append(f"- `{path.name}` {_summary(path)}\n")
    for path in sorted(PACKAGE.glob("*/__init__.py")):
        names = (module.relative_to(path.parent).with_suffix("").as_posix() for module in path.parent.rglob("*.py"))
        inner = _listed(sorted(name for name in names if not name.endswith("__init__")))
        lines.append(f"- `{path.parent.name}/` {_summary(path)} In it: {inner}.\n")
    return f"{before}<!-- modules -->\n{''.join(lines)}<!-- modules -->\n{after}"


def modules() -> str:
    """Every module with the first sentence of its docstring."""
    parts = ["# Modules\n\n`proceedings/`\n"]
    for folder in sorted({path.parent for path in PACKAGE.rglob("*.py")}):
        name = folder.relative_to(PACKAGE).as_posix()
        title = "" if folder == PACKAGE else f"\n## {name}\n\n{_summary(folder / '__init__.py')}\n"
        rows = [
            f"- `{path.name}` {_summary(path)}" for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"
        ]
        parts.append("\n".join([title, *rows, ""]))
    return "".join(parts)


def _summary(path: Path) -> str:
    """The first paragraph of a module's docstring."""
    return " ".join((ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n\n")[0].split())


# --- all of it ------------------------------------------------------------------------------------------------------


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/commands.md": lambda: NOTICE + commands(),
    "docs/reference/volume.md": lambda: NOTICE + volume(),
    "docs/reference/contribution.md": lambda: NOTICE + contribution(),
    "docs/reference/kinds.md": lambda: NOTICE + kinds(),
    "docs/reference/rules.md": lambda: NOTICE + rules(),
    "docs/reference/outputs.md": lambda: NOTICE + outputs(),
    "docs/reference/modules.md": lambda: NOTICE + modules(),
    "ARCHITECTURE.md": architecture,
    **{f"src/proceedings/data/{name}.schema.json": lambda name=name: schema.as_text(name) for name in schema.NAMES},
}


def stale() -> list[str]:
    """The files that are not as they would be written."""
    return [
        path
        for path, page in PAGES.items()
        if not (ROOT / path).exists() or (ROOT / path).read_text(encoding="utf-8") != page()
    ]


def main() -> None:
    found = stale()
    for path in found:
        if "--check" in sys.argv[1:]:
            print(f"{path} is not current: run .venv/bin/python docs/generate.py")
        else:
            (ROOT / path).write_text(PAGES[path](), encoding="utf-8")
            print(f"wrote {path}")
    sys.exit(1 if found and "--check" in sys.argv[1:] else 0)


if __name__ == "__main__":
    main()
