"""Send a running hub what its OpenAPI document allows, and what it forbids: no answer may be a fault of the server (``make fuzz-hub``).

    python -m tests.app.hub.fuzzing [--examples 200]
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path

import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from app.hub.rights import RIGHTS, Role

#: Would end the fuzzing's own session, or takes long on purpose (password digests).
LEFT_OUT = frozenset({"log_out", "log_in", "change_password"})


def fuzz(url: str, tokens: dict[str, str], examples: int) -> int:
    """Fuzz each operation with the token of whoever may use it; how many operations. Fails on an answer of 500 or above."""
    import schemathesis

    document = requests.get(f"{url}/openapi.json", timeout=60).json()
    schema = schemathesis.openapi.from_dict(document)
    done = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        name = operation.definition.raw["operationId"]
        if name in LEFT_OUT:
            continue
        token = next(token for role, token in tokens.items() if Role(role) in RIGHTS[name])
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            with contextlib.suppress(Unsatisfiable):  # an operation without parameters cannot be asked wrongly
                _fuzz_one(url, token, operation.as_strategy(generation_mode=mode), examples)
        done += 1
    return done


def _fuzz_one(url: str, token: str, strategy: object, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, database=None, derandomize=True, phases=(Phase.generate,),
              suppress_health_check=list(HealthCheck))
    @given(case=strategy)  # type: ignore[arg-type]
    def one(case: object) -> None:
        answer = case.call(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)  # type: ignore[attr-defined]
        assert answer.status_code < 500, (answer.status_code, answer.text[:200])

    one()


def main() -> int:
    """A hub of its own on SQLite, fuzzed at length."""
    from app.cli_hub import in_memory
    from app.hub.config import HubConfig
    from app.hub.people import Person
    from app.hub.schema import migrate
    from app.hub.services import HubServices
    from app.platform.clock import SystemClock
    from tests.app.hub.servers import serving

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--examples", type=int, default=200)
    examples = parser.parse_args().examples
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/hub.sqlite3"
        services = HubServices.of(HubConfig(db=url), SystemClock(), in_memory)
        migrate(services.database, services.clock)
        tokens = {"desk": services.desks.enrol(services.desks.new_code(1, 24), "desk1", "0") or ""}
        for person in (Person("head", Role.HEAD), Person("operator", Role.OPERATOR, agent="8001"), Person("it", Role.IT)):
            services.people.put(person, "a long enough one")
            session = services.people.log_in(person.name, "a long enough one")
            assert session is not None
            tokens[person.role.value] = session[0]
        with serving(url, Path(folder) / "hub.log") as hub:
            done = fuzz(hub.url, tokens, examples)
        print(f"{done} operations, {examples} examples each way: no fault of the server")
    return 0


if __name__ == "__main__":
    sys.exit(main())
