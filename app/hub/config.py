"""How a hub is set up: values of the command line, handed to its processes by environment variables of one prefix.

``TINGDAN_HUB_DB``, ``..._KEEP_DAYS`` and so on may as well stand in a systemd unit or a container; options beat them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from app.domain.errors import OperatorVisibleError

PREFIX = "TINGDAN_HUB_"


@dataclass(frozen=True, slots=True)
class HubConfig:
    """Settings of one hub.

    Attributes:
        db: SQLAlchemy's URL, ``sqlite:///FILE`` or ``postgresql+psycopg://USER:PASSWORD@HOST/NAME``.
        keep_days: days that records are kept.
        keep_sums_days: days that roll-ups are kept.
        session_hours: how long a person stays logged in.
        rollup_s: seconds between two looks for records that wait; 0: this process never does it (``tingdan hub rollup`` does).
        most_bytes: largest body.
        most_inflated_bytes: largest body once it is unpacked.
        keep_texts_days: days that masked words of calls are kept; 0: none are taken, and what is there goes.
        text_key_file: file with the key (32 bytes, base64) that seals them; "" for none.
        open_docs: whether the OpenAPI document may be read without a token.
    """

    db: str = ""
    keep_days: int = 180
    keep_sums_days: int = 800
    session_hours: int = 10
    rollup_s: int = 5
    most_bytes: int = 2 << 20
    most_inflated_bytes: int = 16 << 20
    open_docs: int = 1
    keep_texts_days: int = 0
    text_key_file: str = ""

    def to_environment(self) -> dict[str, str]:
        """As environment variables."""
        return {PREFIX + each.name.upper(): str(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> HubConfig:
        """Inverse of ``to_environment``; what is not set stands at its default.

        Raises:
            OperatorVisibleError: a value is no whole number, or below 0 (``hub.bad_setting``).
        """
        values: dict[str, str | int] = {}
        for each in fields(cls):
            given = environment.get(PREFIX + each.name.upper(), "")
            if given and isinstance(each.default, str):
                values[each.name] = given
            elif given:
                if not given.isdecimal():
                    raise OperatorVisibleError("hub.bad_setting", name=PREFIX + each.name.upper())
                values[each.name] = int(given)
        return cls(**values)  # type: ignore[arg-type]
