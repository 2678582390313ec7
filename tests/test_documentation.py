"""The documentation: what the code knows is current, what is shown is real, and what is linked exists."""

from __future__ import annotations

import ast
import difflib
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import pytest
import yaml
from jsonschema import Draft202012Validator

from proceedings import cli, scaffold, schema
from proceedings.catalogue import RULES
from proceedings.model import Contribution, Kind, Record, Volume
from proceedings.writers import WRITERS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PACKAGE = ROOT / "src" / "proceedings"
PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted(DOCS.rglob("*.md"))


def load(name: str) -> ModuleType:
    """A script of docs/ as a module."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- what the code knows ----------------------------------------------------------------------------------------------


def test_generated_files_are_current() -> None:
    assert load("generate").stale() == [], "run .venv/bin/python docs/generate.py"


def test_every_command_and_option_is_explained() -> None:
    page = (DOCS / "reference" / "commands.md").read_text()
    for name, command in cli.main.commands.items():
        assert f"## {name}\n" in page
        assert command.help, name
        for option in command.params:
            if option.param_type_name == "option":
                assert getattr(option, "help", None), f"{name} {option.name} has no help"


def test_every_rule_is_in_the_reference() -> None:
    page = (DOCS / "reference" / "rules.md").read_text()
    assert [code for code in RULES if f"**{code}** `{RULES[code].name}`" not in page] == []


def records(top: type[Record]) -> Iterator[type[Record]]:
    yield top
    for inner in load("generate").inside(tuple[tuple(get_type_hints(top).values())]):
        yield from records(inner)


def test_every_field_is_described() -> None:
    describe = load("generate").field_row
    for top in (Volume, Contribution):
        for record in set(records(top)):
            hints = get_type_hints(record, include_extras=True)
            for name in record.model_fields:
                assert describe(record, name, hints[name])[2], f"{record.__name__}.{name} says nothing"


def test_every_module_says_what_it_is_for_and_is_on_the_map() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{name} has no docstring"
        if path.name != "__init__.py":
            inner = name.partition("/")[2].removesuffix(".py")
            assert f"`{inner or name}`" in page, name


def test_every_output_has_its_files_in_the_reference(sound: Path) -> None:
    """What the sound volume makes is what the reference lists."""
    described = load("generate").FILES
    assert {writer.name for writer in WRITERS} == {writer for _, writer, _ in described if writer}
    patterns = [re.escape(path).replace("SLUG", r"[\w-]+").replace(r"\*", ".+") for path, _, _ in described]
    made = [path.relative_to(sound / "build").as_posix() for path in (sound / "build").rglob("*") if path.is_file()]
    assert [path for path in made if not any(re.fullmatch(pattern, path) for pattern in patterns)] == []


# --- the schemas ------------------------------------------------------------------------------------------------------


class Yaml12(yaml.SafeLoader):
    """YAML as editors' tools read it: only true and false are booleans, dates are text."""


Yaml12.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Yaml12.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|false"), list("tf"))


def complaints(name: str, text: str) -> list[str]:
    validator = Draft202012Validator(schema.schema(name))
    found = validator.iter_errors(yaml.load(text, Yaml12))
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in found]


def head(paper: Path) -> str:
    return paper.read_text(encoding="utf-8").split("---\n")[1]


VOLUMES = [
    ROOT / "volume.yaml",
    ROOT / "tests" / "volume" / "volume.yaml",
    PACKAGE / "data" / "scaffold" / "volume.yaml",
]
PAPERS = sorted([*(ROOT / "papers").rglob("*.md"), *(ROOT / "tests" / "volume" / "papers").rglob("*.md")])


@pytest.mark.parametrize("name", schema.NAMES)
def test_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(json.loads((PACKAGE / "data" / f"{name}.schema.json").read_text()))


@pytest.mark.parametrize("path", VOLUMES, ids=page_id)
def test_volumes_fit_the_schema(path: Path) -> None:
    assert complaints("volume", path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", PAPERS, ids=page_id)
def test_papers_fit_the_schema(path: Path) -> None:
    assert complaints("contribution", head(path)) == []


@pytest.mark.parametrize("kind", Kind)
def test_new_contributions_fit_the_schema(kind: Kind, tmp_path: Path) -> None:
    assert complaints("contribution", head(scaffold.new(tmp_path, "looms", kind))) == []


SHORT: list[Any] = yaml.load((ROOT / "tests" / "cases" / "volume" / "conveniences.yaml").read_text(), Yaml12)


@pytest.mark.parametrize("case", [case for case in SHORT if not case.get("findings")], ids=lambda case: case["title"])
def test_short_forms_fit_the_schema(case: dict[str, Any]) -> None:
    assert complaints("volume", yaml.dump(case["raw"], allow_unicode=True)) == []


WRONG = {
    "titel: x": "titel",
    "sections: Weaving": "sections",
    "isbn: 978-3-16-148410-0": "isbn",
    "paper-size: a3": "paper-size",
    "checks: {T202: loud}": "checks",
    "limits: {op-ed: {max-words: many}}": "limits",
    "event: {name: x, sity: y}": "event",
}


@pytest.mark.parametrize(("text", "field"), WRONG.items())
def test_the_schema_refuses(text: str, field: str) -> None:
    found = complaints("volume", f"title: Cloth\n{text}\n")
    assert len(found) == 1 and field in found[0]


def test_the_scaffold_and_the_sample_name_their_schema() -> None:
    for path in (VOLUMES[0], VOLUMES[2]):
        first = path.read_text().partition("\n")[0]
        assert re.fullmatch(r"# yaml-language-server: \$schema=\S+/volume\.schema\.json", first)


# --- the pages --------------------------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """The ids that a page's headings get: small letters, hyphens for spaces, other signs left out."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^(`{3,}).*?^\1|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"(?<!\\)\]\(([^)\s]+)\)", text):
        if re.match(r"https?:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there.read_text(encoding="utf-8")), target


def blocks(language: str) -> list[Any]:
    """The fenced blocks of a language on all pages."""
    return [
        pytest.param(match[1], id=f"{page_id(page)}-{number}")
        for page in PAGES
        for number, match in enumerate(
            re.finditer(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S), 1
        )
    ]


@pytest.mark.parametrize("text", blocks("yaml"))
def test_examples_of_yaml_are_sound(text: str) -> None:
    """Well-formed, and metadata of a volume or of a contribution, except for the configurations of CI."""
    if text.startswith("# .git"):
        assert isinstance(yaml.safe_load(text), dict)
        return
    whole = text if re.search(r"^title:", text, re.M) else f"title: x\n{text}"
    assert not complaints("volume", whole) or complaints("contribution", whole) == []


def test_the_tutorial_shows_what_happens(tmp_path: Path) -> None:
    """The lines that say which validators are installed may differ."""
    page = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    shown, made = (
        [line for line in text.split("\n") if not line.startswith(("Checked:", "Not checked:"))]
        for text in (page, load("transcribe").transcribe(page, tmp_path))
    )
    told = "\n".join(difflib.unified_diff(shown, made, "docs/tutorial.md", "what happens", lineterm=""))
    assert shown == made, f"run .venv/bin/python docs/transcribe.py docs/tutorial.md\n{told}"
