"""The commands as they are typed: each file of commands/ is a session in a copy of the sound volume.

In its ```console blocks a line `% …` is typed, the lines below are what is shown, and `=> N` is the exit status where
it is not 0; `…` stands for any text. A line `$ …` prepares something, and is run by the shell.

`pytest tests/test_commands.py --accept` writes what is shown now.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import Inline

from proceedings import cli
from proceedings.build import pool

SESSIONS = sorted((Path(__file__).parent / "commands").glob("*.md"))
PROGRAM = [sys.executable, "-m", "proceedings.cli"]


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "processes", lambda workers, preload: Inline())
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(cli.sys, "argv", ["proceedings"])


def type_in(line: str, root: Path) -> str:
    """What a command shows, and its exit status."""
    done = CliRunner().invoke(cli.main, shlex.split(line)[1:], prog_name="proceedings")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    rows = done.output.replace(str(root.resolve()), "VOLUME").splitlines()
    status = [f"=> {done.exit_code}"] if done.exit_code else []
    return "".join(f"{row.rstrip()}\n" for row in [*rows, *status])


def matches(shown: str, wanted: str) -> bool:
    """Whether what is shown is what is wanted, with `…` for any text."""
    return re.fullmatch(".*?".join(map(re.escape, wanted.split("…"))), shown, re.S) is not None


@pytest.mark.parametrize("session", SESSIONS, ids=lambda path: path.stem)
def test_session(session: Path, volume: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.chdir(volume)
    accept, made = request.config.getoption("--accept"), []
    text = session.read_text(encoding="utf-8")
    for part in re.split(r"(?<=```console\n)(.*?)(?=```)", text, flags=re.S):
        if not re.match(r"[%$] ", part):
            made.append(part)
            continue
        block = ""
        for step in re.findall(r"^[%$] .*\n(?:(?![%$] ).*\n)*", part, re.M):
            line, _, wanted = step.partition("\n")
            if line.startswith("$ "):
                subprocess.run(line[2:], shell=True, check=True, cwd=volume)
                block += line + "\n"
                continue
            shown = type_in(line[2:], volume)
            same = matches(shown, wanted)
            if not accept:
                assert same, f"% {line[2:]}\n{shown}"
            block += f"{line}\n{wanted if same else shown}"
        made.append(block)
    if accept:
        session.write_text("".join(made), encoding="utf-8")


# --- what a session cannot show ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", *cli.main.commands])
def test_help_reads_well(name: str) -> None:
    done = CliRunner().invoke(cli.main, [*name.split(), "--help"], prog_name="proceedings")
    assert done.exit_code == 0
    usage, _, rest = done.output.partition("\n")
    assert usage.startswith("Usage: proceedings")
    assert "..." not in rest, "a line is cut off"
    assert all(len(line) <= 80 for line in done.output.splitlines())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell: str) -> None:
    asked = {**os.environ, "_PROCEEDINGS_COMPLETE": f"{shell}_source"}
    program = Path(sys.executable).parent / "proceedings"
    source = subprocess.run([program], env=asked, capture_output=True, text=True)
    assert f"_PROCEEDINGS_COMPLETE={shell}_complete" in source.stdout
    asked |= {"_PROCEEDINGS_COMPLETE": "bash_complete", "COMP_WORDS": "proceedings ch", "COMP_CWORD": "1"}
    found = subprocess.run([program], env=asked, capture_output=True, text=True)
    assert found.stdout == "plain,check\n"


def test_a_closed_pipe_is_no_failure() -> None:
    """`proceedings rule | head -1`"""
    line = f"{shlex.join(PROGRAM)} rule | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("A001")


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals_that_want_them(variables: dict[str, str], coloured: bool, tmp_path: Path) -> None:
    import pty

    command = [*PROGRAM, "check", "-C", str(tmp_path)]
    outer, inner = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"}
    subprocess.run(command, stdout=inner, stderr=subprocess.DEVNULL, env=environment | variables)
    os.close(inner)
    shown = os.read(outer, 100_000)
    os.close(outer)
    assert b"V001" in shown
    assert (b"\x1b[" in shown) is coloured


def test_machines_get_whole_records(volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """json and sarif are valid, and say the same as the concise lines."""
    monkeypatch.chdir(volume)
    with (volume / "papers/tides/paper.md").open("a", encoding="utf-8") as text:
        text.write("\nSee @nobody, which which is nowhere.\n")

    def shown(format_: str) -> str:
        return CliRunner().invoke(cli.main, ["check", "--format", format_], prog_name="proceedings").stdout

    rows = json.loads(shown("json"))
    lines = [f"{row['path']}:{row['line']}:{row['column']}: {row['severity']}[{row['code']}]" for row in rows]
    assert [line.split("] ")[0] + "]" for line in shown("concise").splitlines()] == lines
    run = json.loads(shown("sarif"))["runs"][0]
    assert [result["ruleId"] for result in run["results"]] == [row["code"] for row in rows]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {row["code"] for row in rows}
    assert len(shown("github").splitlines()) == len(rows)
