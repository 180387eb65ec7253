"""A CTI line put together from the settings: mapping file, token, link. For the desk and for ``tingdan cti``. Without Qt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.domain.errors import OperatorVisibleError
from app.platform.settings import Settings
from app.ports.line import LineLink
from app.ports.ports import Clock
from app.telephony.ami import AmiLink
from app.telephony.cti_intake import Arrived, CtiIntake
from app.telephony.cti_listener import EVENT_PATH, SOCKET_PATH, CtiListener
from app.telephony.cti_mapping import CtiMapping, read_mapping
from app.telephony.cti_socket import CtiSocket

#: Name of the token among the PC's secrets.
TOKEN = "cti-token"  # noqa: S105 (a name, no secret)


def cti_mapping(settings: Settings, given: Path | None = None, token: str = "") -> CtiMapping:
    """The mapping file that was asked for, else the one of the settings.

    Raises:
        OperatorVisibleError: none is set, or it is wrong.
    """
    named = settings.text("cti.mapping")
    path = given or (Path(named) if named else None)
    if path is None:
        raise OperatorVisibleError("cti.not_configured")
    return read_mapping(path, {"agent_id": settings.text("desk.agent_id"), "extension": settings.text("cti.extension"), "token": token})


def cti_link(settings: Settings, clock: Clock, token: str, given: Path | None = None,
             observe: Callable[[Arrived], None] | None = None) -> LineLink:
    """The line of the mapping file.

    Raises:
        OperatorVisibleError: no mapping is set, it is wrong, or the listener has no token.
    """
    mapping = cti_mapping(settings, given, token)
    intake = CtiIntake(mapping, clock, observe)
    if mapping.link.kind == "listener":
        if not token:
            raise OperatorVisibleError("cti.no_token")
        return CtiListener(intake, token, settings.whole("cti.port"), clock)
    return CtiSocket(intake) if mapping.link.kind == "websocket" else AmiLink(intake)


def where(link: LineLink, mapping: CtiMapping) -> str:
    """Where messages come in, for people."""
    if isinstance(link, CtiListener):
        return f"http://127.0.0.1:{link.port}{EVENT_PATH}, ws://127.0.0.1:{link.port}{SOCKET_PATH}"
    return mapping.link.address
