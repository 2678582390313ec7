"""The catalogue of rules: every finding that this program can make, as data.

Families: S source · M metadata · I identifiers · C citations · X structure and cross-references · A accessibility ·
T typography · V volume · O outputs. A code is never used again for another rule.
"""

from __future__ import annotations

from proceedings.diagnostics import Rule, Severity

N, W, E, F = Severity.NOTE, Severity.WARNING, Severity.ERROR, Severity.FATAL

_ROWS = (
    # --- S: the text of a source file -------------------------------------------------------------------------
    Rule("S001", "unreadable-encoding", F, "a file that is not UTF-8",
         "Characters would be lost or changed.",
         "Save the file as UTF-8 (iconv -f WINDOWS-1251 -t UTF-8 …)."),
)

RULES: dict[str, Rule] = {rule.code: rule for rule in sorted(_ROWS, key=lambda rule: rule.code)}
