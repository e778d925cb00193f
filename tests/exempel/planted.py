"""Sources with planted errors, and the list of what was planted where."""
from __future__ import annotations

from dataclasses import dataclass, field

SEVERITY = {  # of each rule that is planted, as the rules' own files have it
    "reparerad": "repair",
    "hsa_luhn": "warn", "hsa_pseudo": "warn", "hsa_skiftlage": "warn", "kod_oavgjord": "warn",
    "orgnr_enskild": "warn", "saknad_referens": "warn",
}


@dataclass
class Finding:
    """One verdict that a run must reach."""

    index: int
    rule: str
    table: str | None
    column: str | None
    severity: str


@dataclass
class Source:
    """The rows of one file (or one sheet, or one archive member) that one job reads."""

    job: str
    file: str
    rows: list[dict]
    part: str | None = None
    findings: list[Finding] = field(default_factory=list)
    # Row number as a person sees it, of each row; set by whoever writes the file.
    places: list[int] = field(default_factory=list)

    def plant(self, index: int, rule: str, table: str | None, column: str | None = None,
              severity: str | None = None, **changes) -> None:
        """Changes cells of one row and notes the rule that it breaks thereby."""
        for name, value in changes.items():
            if name not in self.rows[index]:
                raise KeyError(f"{self.job}: no column {name}")
            self.rows[index][name] = value
        self.findings.append(Finding(index, rule, table, column, severity or SEVERITY.get(rule, "reject")))

    def facit(self) -> list[dict]:
        """The findings with their addresses."""
        return [
            {
                "job": self.job, "file": self.file, "part": self.part, "row": self.places[f.index],
                "rule": f.rule, "severity": f.severity, "table": f.table, "column": f.column,
            }
            for f in self.findings
        ]
