"""The operator's account at the telephone server, and the strings that baresip wants of it. Pure.

baresip 1.0.0 has no quoting in an account's parameters and takes 255 bytes of a command: what would not arrive as it was meant is refused.

    OperatorVisibleError   sip.account_wrong       a setting cannot be used; ``setting`` names it
                           sip.password_unusable   the password has characters that baresip cannot take
                           sip.number_wrong        not a number that can be dialled
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.domain.errors import OperatorVisibleError
from app.telephony.sip_control import MOST_COMMAND_BYTES

TRANSPORTS = ("udp", "tcp", "tls")
CODECS = ("pcma", "pcmu", "g722")
#: Seconds for which the server is asked to keep the registration: baresip asks again after nine tenths of it.
REGISTERED_S = 60
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?")
_USER = re.compile(r"[A-Za-z0-9._~!*+-]+")
_UNUSABLE = re.compile(r"""[;\x00-\x1f\x7f"<>\\]""")
_NO_PASSWORD = re.compile(r"""[;\s\x00-\x1f\x7f"<>\\]""")
_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")
_URI = re.compile(r"sips?:[A-Za-z0-9._~!*+-]+@\S{1,120}")


@dataclass(frozen=True, slots=True)
class SipAccount:
    """See the module.

    Attributes:
        server: host or host:port; [IPv6] in brackets.
        user: extension.
        password: the server's password.
        login: user name of the password, where it is not ``user``.
        transport: udp, tcp or tls.
        display: name that the other side may show.
        codec: of ``CODECS``.
        port: of this PC for SIP; 0 for any.
    """

    server: str
    user: str
    password: str = field(repr=False)
    login: str = ""
    transport: str = "udp"
    display: str = ""
    codec: str = "pcma"
    port: int = 0

    def __post_init__(self) -> None:
        self._must(_HOST.fullmatch(self.server), "sip.server")
        self._must(_USER.fullmatch(self.user), "sip.user")
        self._must(not self.login or _USER.fullmatch(self.login), "sip.login")
        self._must(not _UNUSABLE.search(self.display), "sip.display")
        if _NO_PASSWORD.search(self.password):
            raise OperatorVisibleError("sip.password_unusable")
        if len(f"uanew {self.line()}".encode()) > MOST_COMMAND_BYTES:
            raise OperatorVisibleError("sip.account_wrong", setting="sip.*")

    @property
    def host(self) -> str:
        """The server without its port."""
        return self.server.rpartition(":")[0] if re.search(r":\d+$", self.server) else self.server

    @property
    def address(self) -> str:
        """The account's own address, as baresip's events name it."""
        return f"sip:{self.user}@{self.server}"

    def line(self) -> str:
        """What ``uanew`` takes, the password in it: never for a file, a log or an argument."""
        shown = f'"{self.display}" ' if self.display else ""
        parts = [f"{shown}<{self.address};transport={self.transport}>", f"audio_codecs={self.codec}", f"regint={REGISTERED_S}"]
        parts += [f"auth_user={self.login}"] if self.login else []
        parts += [f"auth_pass={self.password}"] if self.password else []
        return ";".join(parts)

    @property
    def server_uri(self) -> str:
        """The server itself."""
        return f"sip:{self.server};transport={self.transport}"

    def uri(self, number: str) -> str:
        """The address of a number at this server; an address of its own stays. The account's transport baresip adds itself.

        Raises:
            OperatorVisibleError: it is neither.
        """
        wanted = number.strip()
        if _URI.fullmatch(wanted):
            return wanted
        if not _NUMBER.fullmatch(wanted):
            raise OperatorVisibleError("sip.number_wrong")
        return f"sip:{wanted.replace('#', '%23')}@{self.server}"

    @staticmethod
    def _must(holds: object, setting: str) -> None:
        if not holds:
            raise OperatorVisibleError("sip.account_wrong", setting=setting)


def replacing(uri: str, call_id: str, remote_tag: str, local_tag: str) -> str:
    """Where to send a caller so that he takes the place of the operator in another dialog (RFC 3891): for ``transfer``."""
    escaped = "".join(each if each.isalnum() or each in "-._~@" else f"%{ord(each):02X}" for each in call_id)
    return f"<{uri.partition(';')[0]}?Replaces={escaped}%3Bto-tag%3D{remote_tag}%3Bfrom-tag%3D{local_tag}>"


def number_of(uri: str) -> str:
    """Digits of a calling address; "" where it is withheld or a name."""
    found = re.match(r"sips?:\+?([0-9]{2,20})@", uri)
    return found.group(1) if found else ""
