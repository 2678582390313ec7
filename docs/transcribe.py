"""Runs the commands of a page and writes their real output under them.

In the page `<!-- run -->` stands before a block of commands, `<!-- file: PATH -->` before a block that is to be written
to a file, `<!-- file: append PATH -->` before one that is added to it. All commands run in one new folder.

    .venv/bin/python docs/transcribe.py docs/tutorial.md
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

_BLOCK = re.compile(r"<!-- (run|file: (?:append )?\S+) -->\n```(\w+)\n(.*?)```\n", re.S)


def transcribe(page: str, home: Path) -> str:
    """The page with the outputs that its commands have now."""
    here = home

    def made(match: re.Match[str]) -> str:
        nonlocal here
        what, language, text = match.groups()
        if what != "run":
            _write(here, what.removeprefix("file: "), text)
            return match[0]
        shown = []
        for command in re.findall(r"^\$ (.+)$", text, re.M):
            shown.append(f"$ {command}")
            if command.startswith("cd "):
                here = here / command.removeprefix("cd ")
            else:
                shown += _output(command, here)
        return f"<!-- {what} -->\n```{language}\n" + "\n".join(shown) + "\n```\n"

    return _BLOCK.sub(made, page)


def _write(here: Path, name: str, text: str) -> None:
    mode = "a" if name.startswith("append ") else "w"
    with (here / name.removeprefix("append ")).open(mode, encoding="utf-8") as file:
        file.write(text)


def _output(command: str, here: Path) -> list[str]:
    """The lines of standard output, as in the environment of this Python and without colours."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1"}
    run = subprocess.run(command, shell=True, cwd=here, env=environment, capture_output=True, text=True)
    text = run.stdout.replace(f"{here}/", "").rstrip()
    return [line.rstrip() for line in text.split("\n")] if text else []


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            Path(argument).write_text(transcribe(Path(argument).read_text("utf-8"), Path(folder)), encoding="utf-8")
