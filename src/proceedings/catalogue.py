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
    Rule("S002", "oversized-text", F, "a text file of more than 4 MB",
         "No paper is that long; it would cost time and memory without bound.",
         "Move data, base64 images and program output into files of their own."),
    Rule("S003", "control-character", W, "a control character, which no output can hold",
         "XML, EPUB and PDF do not allow it, so it is left out.",
         "Delete it; it often comes from copying out of a PDF."),
    Rule("S004", "not-nfc", W, "letters written with separate accents (Unicode NFD)",
         "They look the same, but searching, sorting and citation keys do not find them. The text is composed (NFC).",
         "Save the file in NFC."),
    Rule("S010", "malformed-yaml", F, "metadata that is not well-formed YAML",
         "Without its metadata nothing of a contribution can be known.",
         "Mend the line that is named; put values that contain a colon in quotes."),
    Rule("S011", "duplicate-yaml-key", E, "a key that is written twice in one mapping",
         "Only one value can count: the first is used, the second would be lost silently.",
         "Delete one of the two."),
)

RULES: dict[str, Rule] = {rule.code: rule for rule in sorted(_ROWS, key=lambda rule: rule.code)}
