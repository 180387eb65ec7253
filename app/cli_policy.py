"""``tingdan doctor --policy FILE``: what is wrong with a policy file, a line each, before it goes to a thousand desks.

Exit codes: 0 good (warnings may stand), 2 a desk would not do what the file says.
"""

from __future__ import annotations

import json
from pathlib import Path

from app.platform import messages
from app.platform.policy_check import PolicyFinding, check_policy
from app.platform.settings import Settings

WRONG = 2
FORMAT = "tingdan-policy/1"


def run_policy(file: Path, as_json: bool) -> int:
    """Check, tell, give the exit code.

    Raises:
        OperatorVisibleError: the file cannot be read.
    """
    findings = check_policy(file)
    errors = sum(finding.is_error for finding in findings)
    if as_json:
        print(json.dumps({"format": FORMAT, "good": not errors, "findings": [_as_json(each) for each in findings]},
                         ensure_ascii=False, indent=1))
        return WRONG if errors else 0
    for finding in findings:
        print(messages.text("policy.line", {"file": file, "line": finding.line, "what": _words(finding)}))
    if errors:
        print(messages.text("policy.wrong", {"file": file, "count": errors}))
        return WRONG
    count = len(Settings(Path(file.name + ".none"), file).policy_keys())
    print(messages.text("policy.good", {"file": file, "count": count}))
    return 0


def _words(finding: PolicyFinding) -> str:
    return messages.text("policy.error" if finding.is_error else "policy.warning") + messages.text(finding.key, finding.params)


def _as_json(finding: PolicyFinding) -> dict[str, object]:
    return {"line": finding.line, "error": finding.is_error, "key": finding.key,
            "params": {name: value if isinstance(value, int) else str(value) for name, value in finding.params.items()},
            "text": messages.text(finding.key, finding.params)}
