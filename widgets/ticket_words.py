"""Words, marks and colours of a line of "my tickets", in the window's language; meaning never rests on colour alone."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.domain.deadlines import Deadline, Light
from app.domain.delivery import OutboxMessage, OutboxState
from app.presenters.ticket_lines import UNTOLD_STATUS, Standing, TicketLine
from widgets.theme.palette import Palette, Tone

ICONS = {
    Standing.DRAFT: "edited", Standing.KEPT: "filled", Standing.QUEUED: "waiting", Standing.RETRIED: "waiting",
    Standing.REFUSED: "alert", Standing.DELIVERED: "confirmed",
}


def standing_words(standing: Standing) -> str:
    """草稿, 待发送, …"""
    return {
        Standing.DRAFT: QCoreApplication.translate("Tickets", "草稿"), Standing.KEPT: QCoreApplication.translate("Tickets", "已保存"),
        Standing.QUEUED: QCoreApplication.translate("Tickets", "待发送"),
        Standing.RETRIED: QCoreApplication.translate("Tickets", "重试中"),
        Standing.REFUSED: QCoreApplication.translate("Tickets", "被拒收"),
        Standing.DELIVERED: QCoreApplication.translate("Tickets", "已送达"),
    }[standing]


def standing_tone(standing: Standing, palette: Palette) -> Tone:
    """Its colours."""
    return {
        Standing.DRAFT: palette.edited, Standing.KEPT: palette.needed, Standing.QUEUED: palette.filled,
        Standing.RETRIED: palette.suggested, Standing.REFUSED: palette.wrong, Standing.DELIVERED: palette.confirmed,
    }[standing]


def light_words(light: Light) -> str:
    """预警, 黄牌, 红牌; empty for none."""
    return {
        Light.NORMAL: "", Light.WARNING: QCoreApplication.translate("Tickets", "预警"),
        Light.YELLOW: QCoreApplication.translate("Tickets", "黄牌"), Light.RED: QCoreApplication.translate("Tickets", "红牌"),
    }[light]


def light_tone(light: Light, palette: Palette) -> Tone:
    """Its colours."""
    return palette.wrong if light is Light.RED else palette.suggested if light is not Light.NORMAL else palette.empty


def due_words(due: Deadline | None, light: Light | None) -> str:
    """红牌 11-20; 期限 12-11 where there is no light; empty where no term runs. An estimated date says so."""
    if due is None:
        return ""
    day = due.day.strftime("%m-%d")
    if due.estimated:
        day = QCoreApplication.translate("Tickets", "约{day}").format(day=day)
    word = light_words(light) if light is not None else ""
    return f"{word} {day}" if word else QCoreApplication.translate("Tickets", "期限 {day}").format(day=day)


def follow_up_words(line: TicketLine) -> str:
    """补充 of which ticket, 催办 of which; empty for a ticket of its own."""
    if line.follow_up and line.answers:
        return QCoreApplication.translate("Tickets", "{act} {number}").format(
            act=act_words(line.follow_up), number=line.answers)
    return ""


def act_words(follow_up: str) -> str:
    """补充 or 催办 in the window's language."""
    words = {"补充": QCoreApplication.translate("Tickets", "补充"), "催办": QCoreApplication.translate("Tickets", "催办")}
    return words.get(follow_up, follow_up)


def status_words(status: str) -> str:
    """What the centre says; its own words."""
    if status == UNTOLD_STATUS:
        return QCoreApplication.translate("Tickets", "中心未回报办理状态")
    return status


def delivery_words(message: OutboxMessage | None) -> str:
    """When it goes next, or the centre's number; empty for neither."""
    if message is None:
        return ""
    if message.receipt:
        return QCoreApplication.translate("Tickets", "受理编号 {receipt}").format(receipt=message.receipt)
    if message.state is OutboxState.WAITING and message.next_at:
        return QCoreApplication.translate("Tickets", "下次 {time}").format(time=message.next_at[11:16])
    return ""


def below(line: TicketLine) -> str:
    """The second row of a line."""
    status = "" if line.status == UNTOLD_STATUS else line.status
    parts = (line.number, line.at, line.name, line.phone, line.place, status, delivery_words(line.message), follow_up_words(line))
    return "　".join(filter(None, parts))


def spoken(line: TicketLine) -> str:
    """All of a line, for a screen reader."""
    title = line.title or QCoreApplication.translate("Tickets", "（还没有标题）")
    return "。".join(filter(None, (standing_words(line.standing), title, due_words(line.due, line.light), below(line))))
