"""The only module that runs pandoc: one process per call, sandboxed, with bounds on memory and time.

`parse` and `render` each take a whole document; nothing here may be called once per node.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from proceedings.diagnostics import MissingProgram

HEAP = "2g"
TIMEOUT = 3600  # seconds by the clock, for a pandoc that waits: what it computes is bounded by seconds_for


def seconds_for(text: str) -> int:
    """The processor time that a text may take; a paper of 100,000 words takes about 5 s, a line of `[[[[…` for ever."""
    return 10 + len(text) // 50_000


def seconds_for_references(library: str) -> int:
    """The processor time that citeproc may take for a library besides: 300 characters are a reference, which takes it
    some 12 ms."""
    return len(library) // 5_000


class PandocError(Exception):
    """pandoc refused the input or ran into a bound; the message is pandoc's own."""


class PandocTimeout(PandocError):
    """pandoc took more time than it may."""


@cache
def executable() -> str:
    """The pandoc that the pypandoc_binary wheel carries: its version is pinned with the wheel's."""
    try:
        import pypandoc
    except ImportError as error:  # pragma: no cover - an incomplete installation
        raise MissingProgram("pypandoc_binary is not installed", "pip install pypandoc_binary==1.17") from error
    bundled = Path(pypandoc.__file__).parent / "files" / "pandoc"
    return str(bundled) if bundled.exists() else str(pypandoc.get_pandoc_path())


@cache
def version() -> str:
    import pypandoc

    return str(pypandoc.get_pandoc_version())


def run(
    text: str,
    arguments: Sequence[str],
    *,
    metadata: Mapping[str, Any] | None = None,
    files: Mapping[str, tuple[str, str]] | None = None,
    workdir: Path | None = None,
) -> tuple[str, list[str]]:
    """Run pandoc on `text`; return its output and its warnings. `metadata` becomes a metadata file, whose strings
    pandoc reads as Markdown; `files` gives options their files: option → (name, text). Raises PandocError."""
    import os
    import resource
    import tempfile

    seconds = seconds_for(text) + seconds_for_references((files or {}).get("--bibliography", ("", ""))[1])
    command = [executable(), "+RTS", f"-M{HEAP}", "-RTS", "--sandbox", *arguments]
    given = dict(files or {})
    if metadata:
        given["--metadata-file"] = ("metadata.json", json.dumps(metadata, ensure_ascii=False))
    folder = tempfile.mkdtemp(prefix="proceedings-") if given else ""
    try:
        for option, (name, content) in given.items():
            (Path(folder) / name).write_text(content, encoding="utf-8")
            command.append(f"{option}={Path(folder) / name}")
        done = subprocess.run(
            command,
            input=text.encode(),
            capture_output=True,
            timeout=TIMEOUT,
            cwd=workdir,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": os.devnull},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds)),
        )
    except subprocess.TimeoutExpired as error:
        raise PandocTimeout(f"pandoc did not finish within {TIMEOUT} s") from error
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    messages = done.stderr.decode("utf-8", "replace")
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise PandocTimeout(f"pandoc did not finish within {seconds} s")
    if done.returncode:
        raise PandocError(messages.strip() or f"pandoc ended with status {done.returncode}")
    warnings = [line.removeprefix("[WARNING] ") for line in messages.splitlines() if line.strip()]
    return done.stdout.decode("utf-8"), warnings


READER = (
    "markdown-yaml_metadata_block-pandoc_title_block-mmd_title_block-implicit_figures"
    "+lists_without_preceding_blankline-blank_before_header-blank_before_blockquote"
    "+autolink_bare_uris+east_asian_line_breaks+tex_math_single_backslash"
)


def parse(text: str, metadata: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], list[str]]:
    """Markdown → pandoc's JSON tree. The strings of `metadata` are read as Markdown of the same document."""
    output, warnings = run(text, ["-f", READER, "-t", "json"], metadata=metadata)
    return _tree(output), warnings


def read(text: str, format: str) -> dict[str, Any]:
    """Text of another format (html, latex) → pandoc's JSON tree."""
    output, _ = run(text, ["-f", format, "-t", "json"])
    return _tree(output)


def _tree(output: str) -> dict[str, Any]:
    try:
        tree: dict[str, Any] = json.loads(output)
    except RecursionError as error:
        raise PandocError("lists, quotations or divisions are nested too deep") from error
    return tree


def render(tree: Mapping[str, Any], to: str, *options: str) -> tuple[str, list[str]]:
    """A tree → the text of format `to`, without wrapping lines (a wrapped footnote breaks in WeasyPrint)."""
    return run(json.dumps(tree, ensure_ascii=False), ["-f", "json", "-t", to, "--wrap=none", *options])
