"""What goes wrong in a SIP call, caused for real: what the operator is told, that nothing is lost, how long until all is well."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from app.audio.softphone_source import DEAD_S
from app.domain.call import Phase
from app.domain.dialogue import Channel
from app.domain.line import LineCommand
from app.platform.clock import SystemClock
from app.telephony.sip_account import SipAccount
from app.telephony.sip_phone import SipPhone
from app.telephony.sip_process import SipSound, memory_folder
from tests.live.sip_relay import SipRelay, Weather
from tests.live.sip_report import note
from tests.live.sip_seat import (
    KEEP_ALIVE_S,
    PATIENCE_S,
    Heard,
    SipSeat,
    character_errors,
    operator_file,
    quiet_sound,
    replayed,
    text,
)
from tests.live.sipp import PASSWORD, USER, Sipp, a_law, caller, free_port, missing, server
from tests.live.test_sip_call import CALL, ready, recording, seat, voice

__all__ = ["ready", "recording", "seat", "voice"]  # fixtures
NAMESPACE, HERE, THERE = "tingdan-sip", "10.211.77.1", "10.211.77.2"
pytestmark = pytest.mark.skipif(bool(missing()), reason=f"needs {', '.join(missing())} (Debian: baresip-core sip-tester sox)")


class Watch:
    """Seconds since something was done."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()

    @property
    def s(self) -> float:
        return round(time.monotonic() - self._began_s, 1)


def speaks(seat: SipSeat) -> int:
    """Wait for the citizen's first words; how many utterances there are."""
    return len(seat.states.having(lambda state: bool(text(state, Channel.CITIZEN))).dialogue)


def test_the_process_is_killed_in_a_call(seat: SipSeat, voice: Path) -> None:
    seat.registered()
    with seat.citizen(voice):
        seat.answered()
        speaks(seat)
        said = seat.states.having(lambda state: True).dialogue
        watch = Watch()
        os.kill(seat.phone.pid, signal.SIGKILL)
        over = seat.states.phase(Phase.WRAP_UP)
        told_s = watch.s
        seat.states.notice("sip.process_died")
        assert over.dialogue[:len(said)] == said
        seat.states.notice("sip.back")
        note("killed", {"told_s": told_s, "well_s": watch.s, "lost": 0})
    seat.calls.next_call()
    with seat.citizen(voice):
        seat.answered()
        speaks(seat)
        seat.calls.hang_up()
        seat.states.phase(Phase.WRAP_UP)


@pytest.mark.timeout(900)
def test_the_server_goes_and_comes_back(ready: None, recording: Path, tmp_path: Path, voice: Path) -> None:
    port = free_port()
    first = Sipp(tmp_path, server(), port=port, calls=0)
    seat = SipSeat(tmp_path, operator_file(recording, tmp_path / "operator.wav"), server_at=f"127.0.0.1:{port}")
    try:
        seat.registered()
        watch = Watch()
        first.kill()
        with seat.citizen(voice):  # a call that is under way goes on
            seat.answered()
            speaks(seat)
            seat.calls.hang_up()
            seat.states.phase(Phase.WRAP_UP)
        seat.calls.next_call()
        seat.states.notice("sip.server_gone", 120.0)
        told_s, watch = watch.s, Watch()
        with Sipp(tmp_path, server(), port=port, calls=0):
            seat.states.notice("sip.back")
            note("server", {"told_s": told_s, "well_s": watch.s})
    finally:
        seat.close()


def test_an_idle_desk_learns_soon_that_its_server_is_gone(tmp_path: Path) -> None:
    heard, port = Heard(), free_port()
    account = SipAccount(f"127.0.0.1:{port}", USER, PASSWORD)
    phone = SipPhone(account, "", quiet_sound(tmp_path / "none.wav"), memory_folder(), SystemClock(), KEEP_ALIVE_S)
    try:
        with Sipp(tmp_path, server(), port=port, calls=0):
            phone.start(heard.event, heard.notice)
            assert phone.wait_settled(PATIENCE_S)
            assert phone.is_registered
        watch = Watch()
        heard.until(lambda: [each.key for each in heard.notices] == ["sip.server_gone"])
        told_s, watch = watch.s, Watch()
        with Sipp(tmp_path, server(), port=port, calls=0):
            heard.until(lambda: heard.notices[-1].key == "sip.back")
            note("idle", {"told_s": told_s, "well_s": watch.s})
            assert phone.is_registered
    finally:
        phone.close()


def test_a_wrong_password_is_told_and_not_hammered(tmp_path: Path) -> None:
    heard = Heard()
    with Sipp(tmp_path, server("another"), calls=0) as registrar:
        account = SipAccount(f"127.0.0.1:{registrar.port}", USER, PASSWORD)
        phone = SipPhone(account, "", quiet_sound(tmp_path / "none.wav"), memory_folder(), SystemClock())
        watch = Watch()
        try:
            phone.start(heard.event, heard.notice)
            heard.until(lambda: [each.key for each in heard.notices] == ["sip.refused"])
            note("password", {"told_s": watch.s})
            assert not phone.is_registered
        finally:
            phone.close()


def test_a_headset_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    heard, port = Heard(), free_port()
    sound = SipSound("aubridge,nobody", f"aufile,{tmp_path / 'none.wav'}", "aubridge,alert", ("aubridge.so", "aufile.so"), rings=False)
    with Sipp(tmp_path, server(), calls=0) as registrar:
        phone = SipPhone(SipAccount(f"127.0.0.1:{registrar.port}", USER, PASSWORD, port=port), "", sound, memory_folder(), SystemClock())
        try:
            phone.start(heard.event, heard.notice)
            assert phone.wait_settled(PATIENCE_S)
            with Sipp(tmp_path, caller(None), f"127.0.0.1:{port}"):
                heard.until(lambda: bool(heard.events))
                phone.send(LineCommand.ANSWER, heard.events[0].values)
                heard.until(lambda: "sip.sound_failed" in [each.key for each in heard.notices])
        finally:
            phone.close()


def test_the_network_stops_for_a_while_and_for_good(seat: SipSeat, voice: Path) -> None:
    seat.registered()
    relay = SipRelay(seat.port)
    try:
        with Sipp(seat.folder, caller(voice), f"127.0.0.1:{relay.port}"):
            seat.answered()
            speaks(seat)
            watch = Watch()
            relay.weather.is_blocked = True
            seat.states.notice("sip.no_sound")
            told_s, watch = watch.s, Watch()
            relay.weather.is_blocked = False
            seat.states.notice("sip.sound_back")
            back_s = watch.s
            said = seat.states.phase(Phase.TALKING).dialogue
            watch = Watch()
            relay.weather.is_blocked = True
            over = seat.states.phase(Phase.WRAP_UP)
            seat.states.notice("sip.peer_dead")
            assert over.dialogue[:len(said)] == said
            note("blocked", {"told_s": told_s, "back_s": back_s, "ended_s": watch.s, "lost": 0})
    finally:
        relay.close()


def test_a_citizen_whose_telephone_sends_nothing_on_hold_is_not_dead_when_he_is_taken_back(seat: SipSeat, recording: Path) -> None:
    seat.registered()
    with seat.citizen(a_law(recording, seat.folder / "short.alaw", 2, seconds=2.0)):
        seat.answered()
        seat.calls.pause()
        seat.states.phase(Phase.PAUSED)
        threading.Event().wait(DEAD_S + 4.0)
        seat.calls.resume()
        state = seat.states.notice("sip.no_sound")  # within the seconds of a call that talks, ...
        assert state.phase is Phase.TALKING
        assert "sip.peer_dead" not in [each.key for each in state.notices]
        seat.states.notice("sip.peer_dead")  # ... and dead only when he stays silent
        seat.states.phase(Phase.WRAP_UP)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("name", "weather"), [("loss", Weather(loss=0.3)), ("jitter", Weather(jitter_ms=300))])
def test_a_bad_network_is_still_a_call(seat: SipSeat, voice: Path, recording: Path, name: str, weather: Weather) -> None:
    seat.registered()
    relay = SipRelay(seat.port)
    relay.weather = weather
    length_s = soundfile.info(recording).duration
    try:
        with Sipp(seat.folder, caller(voice, length_s + 1.0), f"127.0.0.1:{relay.port}"):
            seat.answered()
            live = seat.states.phase(Phase.WRAP_UP, length_s + PATIENCE_S)
    finally:
        relay.close()
    seat.calls.next_call()
    again = replayed(recording, seat.parts)
    note(name, {"call": CALL, "notices": sorted({each.key for each in live.notices if each.key.startswith("sip.")}),
                "citizen": character_errors(live, recording)[Channel.CITIZEN],
                "citizen_replay": character_errors(again, recording)[Channel.CITIZEN],
                "operator": character_errors(live, recording)[Channel.OPERATOR]})
    assert text(live, Channel.CITIZEN)


@pytest.fixture
def namespace() -> Iterator[tuple[str, ...]]:
    """A network of its own for server and citizen, joined to this one by a cable that can be pulled."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("needs root and iproute2 for a network namespace")
    commands = [f"netns add {NAMESPACE}", f"link add {NAMESPACE[:8]}a type veth peer name {NAMESPACE[:8]}b",
                f"link set {NAMESPACE[:8]}b netns {NAMESPACE}", f"addr add {HERE}/30 dev {NAMESPACE[:8]}a", f"link set {NAMESPACE[:8]}a up",
                f"-n {NAMESPACE} addr add {THERE}/30 dev {NAMESPACE[:8]}b", f"-n {NAMESPACE} link set {NAMESPACE[:8]}b up",
                f"-n {NAMESPACE} link set lo up"]
    subprocess.run(["ip", "netns", "del", NAMESPACE], check=False, capture_output=True)
    made = [subprocess.run(["ip", *each.split()], check=False, capture_output=True).returncode for each in commands]
    if any(made):
        subprocess.run(["ip", "netns", "del", NAMESPACE], check=False, capture_output=True)
        pytest.skip("network namespaces cannot be made here")
    yield ("ip", "netns", "exec", NAMESPACE)
    subprocess.run(["ip", "netns", "del", NAMESPACE], check=False)


def cable(state: str) -> None:
    subprocess.run(["ip", "-n", NAMESPACE, "link", "set", f"{NAMESPACE[:8]}b", state], check=True)


@pytest.mark.timeout(900)
def test_the_cable_is_pulled(ready: None, namespace: tuple[str, ...], recording: Path, tmp_path: Path, voice: Path) -> None:
    with Sipp(tmp_path, server(), calls=0, at=THERE, inside=namespace) as registrar:
        seat = SipSeat(tmp_path, operator_file(recording, tmp_path / "operator.wav"), server_at=f"{THERE}:{registrar.port}")
        try:
            seat.registered()
            with Sipp(tmp_path, caller(voice), f"{HERE}:{seat.port}", at=THERE, inside=namespace):
                seat.answered()
                speaks(seat)
                watch = Watch()
                cable("down")
                seat.states.notice("sip.no_sound")
                told_s = watch.s
                said = seat.states.phase(Phase.TALKING).dialogue
                over = seat.states.phase(Phase.WRAP_UP)
                ended_s = watch.s
                assert over.dialogue[:len(said)] == said
                seat.calls.next_call()
                seat.states.notice("sip.server_gone", 120.0)
                gone_s, watch = watch.s, Watch()
                cable("up")
                seat.states.notice("sip.back", 120.0)
                note("cable", {"told_s": told_s, "ended_s": ended_s, "server_told_s": gone_s, "well_s": watch.s, "lost": 0})
        finally:
            seat.close()
