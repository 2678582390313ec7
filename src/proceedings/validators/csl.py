"""CSL: the schema of citation styles, which the package citeproc-py carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from proceedings.validators import schemas
from proceedings.validators.interface import NoVerdict, Problem, Samples, Tool, Validator, Verdict


def _locate() -> Tool:
    from importlib import metadata

    from proceedings.citations import styles

    return Tool(f"citeproc-py {metadata.version('citeproc-py')}", styles.schema_path(), schemas.libxml2())


@cache
def _schema(path: Path) -> Any:
    from lxml import etree

    return etree.RelaxNG(etree.parse(str(path)))


def _run(tool: Tool, paths: Sequence[Path]) -> Mapping[Path, Verdict | NoVerdict]:
    return {path: _verdict(_schema(tool.path), path) for path in paths}


def _verdict(schema: Any, path: Path) -> Verdict:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        tree = etree.parse(str(path), parser)
    except etree.XMLSyntaxError as error:
        return (Problem(str(error.msg), "well-formed", line=error.position[0]),)
    if schema.validate(tree):
        return ()
    return tuple(sorted({Problem(entry.message, line=entry.line) for entry in schema.error_log}, key=_place))


def _place(problem: Problem) -> tuple[int, str]:
    return (problem.line or 0, problem.message)


def _style(layout: str) -> bytes:
    return f"""<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
<info><title>A sample</title><id>http://example.org/sample</id><updated>2026-01-01T00:00:00+00:00</updated></info>
<citation><{layout}><text variable="title"/></{layout}></citation></style>
""".encode()


def _samples() -> Samples:
    """Wrong are: an element that there is not, and a variable that there is not."""
    sound = _style("layout")
    return Samples(".csl", sound, (_style("layuot"), sound.replace(b'"title"', b'"tilte"')))


CSL = Validator(
    name="CSL 1.0.2",
    applies=lambda path: path.suffix == ".csl",
    in_process=True,
    locate=_locate,
    run=_run,
    samples=_samples,
)
