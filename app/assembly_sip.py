"""The softphone put together from the settings: account, password, devices, process. For the desk and for ``tingdan sip``. Without Qt."""

from __future__ import annotations

from collections.abc import Callable

from app.audio.softphone_source import SoftphoneSource
from app.domain.call import NoticeRaised
from app.domain.errors import OperatorVisibleError
from app.platform.settings import Settings
from app.ports.ports import AudioSource, Clock
from app.telephony.sip_account import SipAccount
from app.telephony.sip_phone import SipPhone
from app.telephony.sip_process import SipSound, memory_folder, sound_of

#: Name of the password among the PC's secrets.
PASSWORD = "sip-password"  # noqa: S105 (a name, no secret)
_WIDE = ("g722",)


def sip_phone(settings: Settings, clock: Clock, password: str, sound: SipSound | None = None) -> SipPhone:
    """The softphone of the settings.

    Args:
        settings: of this desk.
        clock: time.
        password: of the account; "" only where the server wants none (``sip.no_password``).
        sound: devices, where they are not the settings'.

    Raises:
        OperatorVisibleError: it is not set up, or a setting or the password cannot be used.
        EnvironmentFault: there is no folder in memory.
    """
    if not (settings.text("sip.server") and settings.text("sip.user")):
        raise OperatorVisibleError("sip.not_configured")
    if not password:
        raise OperatorVisibleError("sip.no_password")
    text = settings.text
    account = SipAccount(text("sip.server"), text("sip.user"), password, text("sip.login"), text("sip.transport"), text("sip.display"),
                         text("sip.codec"), settings.whole("sip.port"))
    devices = sound or sound_of(text("audio.microphone"), text("audio.speaker"), settings.whole("sip.jitter_packets"))
    return SipPhone(account, text("sip.conference"), devices, memory_folder(), clock, settings.whole("sip.keep_alive_s"))


def sip_source(phone: SipPhone, settings: Settings, clock: Clock) -> Callable[[Callable[[NoticeRaised], None]], AudioSource]:
    """Makes a call's sound."""
    rate_hz = 16_000 if settings.text("sip.codec") in _WIDE else 8_000
    return lambda tell: SoftphoneSource(phone.tap, clock, tell, lambda: phone.is_talking, rate_hz, lambda: phone.is_muted, phone.peer_lost)
