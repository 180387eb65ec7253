"""``tingdan doctor --policy FILE`` and ``--quality FILE``: what is wrong with a file, a line each, before it goes to a thousand desks.

Exit codes: 0 good (warnings may stand), 2 a desk would not do what the file says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from app.platform import messages
from app.platform.policy_check import PolicyFinding, check_policy
from app.platform.quality_files import check_quality_rules, load_quality_rules
from app.platform.settings import Settings

WRONG = 2
FORMAT, QUALITY_FORMAT = "tingdan-policy/1", "tingdan-quality-rules/1"


def run_policy(file: Path, as_json: bool) -> int:
    """Check a policy, tell, give the exit code.

    Raises:
        OperatorVisibleError: the file cannot be read.
    """

    def good() -> str:
        return messages.text("policy.good", {"file": file, "count": len(Settings(Path(file.name + ".none"), file).policy_keys())})

    return _told(file, check_policy(file), FORMAT if as_json else "", "policy.wrong", good)


def run_quality(file: Path, as_json: bool) -> int:
    """The same for a file of quality rules."""

    def good() -> str:
        held = load_quality_rules(file)
        return messages.text("quality.file_good", {"file": file, "count": len(held.rules), "version": held.version})

    return _told(file, check_quality_rules(file), QUALITY_FORMAT if as_json else "", "quality.file_wrong", good)


def _told(file: Path, findings: Sequence[PolicyFinding], form: str, wrong: str, good: Callable[[], str]) -> int:
    errors = sum(finding.is_error for finding in findings)
    if form:
        print(json.dumps({"format": form, "good": not errors, "findings": [_as_json(each) for each in findings]},
                         ensure_ascii=False, indent=1))
        return WRONG if errors else 0
    for finding in findings:
        print(messages.text("policy.line", {"file": file, "line": finding.line, "what": _words(finding)}))
    print(messages.text(wrong, {"file": file, "count": errors}) if errors else good())
    return WRONG if errors else 0


def _words(finding: PolicyFinding) -> str:
    return messages.text("policy.error" if finding.is_error else "policy.warning") + messages.text(finding.key, finding.params)


def _as_json(finding: PolicyFinding) -> dict[str, object]:
    return {"line": finding.line, "error": finding.is_error, "key": finding.key,
            "params": {name: value if isinstance(value, int) else str(value) for name, value in finding.params.items()},
            "text": messages.text(finding.key, finding.params)}
