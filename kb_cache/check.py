"""``tingdan kb check``: everything in a knowledge base that spoils push or misleads an operator, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.domain.knowledge import KnowledgeEntry
from kb_cache.check_entry import Finding, Severity, entry_findings
from kb_cache.check_pairs import pair_findings

_WORST_FIRST = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All findings, worst first, then by code and entry."""

    entries: int
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> int:
        """How many of a severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def by_code(self) -> Mapping[str, int]:
        """How many of each code."""
        return Counter(finding.code for finding in self.findings)

    def fails(self, least: Severity) -> bool:
        """True where anything is as bad as ``least`` or worse."""
        return any(_WORST_FIRST[finding.severity] <= _WORST_FIRST[least] for finding in self.findings)


def check(entries: Sequence[KnowledgeEntry], today: str, known_items: Collection[str] = ()) -> CheckReport:
    """Look at every entry and between entries.

    Args:
        entries: ids are unique.
        today: ISO date.
        known_items: codes of the item tree, as a set; empty does not check codes.
    """
    found = [finding for entry in entries for finding in entry_findings(entry, today, known_items)]
    found.extend(pair_findings(entries, today))
    found.sort(key=lambda finding: (_WORST_FIRST[finding.severity], finding.code))
    return CheckReport(len(entries), tuple(found))
