"""What every worker process needs, imported once: workers are forked from a process that has loaded this module."""

from __future__ import annotations

import gc
from contextlib import suppress
from importlib import import_module

MODULES = (
    "proceedings.agreement", "proceedings.citations", "proceedings.dialects", "proceedings.images", "proceedings.maths",
    "proceedings.preparation", "proceedings.renderings.html", "proceedings.renderings.parts", "proceedings.transforms",
    "proceedings.typesetting", "proceedings.writers", "bibtexparser", "citeproc", "babel.dates", "jinja2", "langcodes",
    "lxml.html", "pikepdf", "PIL.Image", "pypandoc", "weasyprint", "weasyprint.text.fonts", "ziamath.zmath",
)  # fmt: skip

for _name in MODULES:
    with suppress(Exception):  # what is not installed, or cannot be loaded, is told by the step that needs it
        import_module(_name)
gc.collect()
gc.freeze()  # what is shared with the workers stays shared: no collection writes to it
