"""A page of the lead's window to a printer: the system's own dialog, then the document of ``widgets.lead_print``.

QtPrintSupport is loaded when somebody prints and not before: it asks the system for its printers. A desk without a printer is told so in
words, and that a PDF can be saved instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.domain.errors import EnvironmentFault
from app.domain.lead_tables import PageView
from widgets.lead_print import paper, put_on_paper
from widgets.lead_words import LeadWords

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter


def ask_printer(parent: QWidget, title: str) -> QPrinter | None:
    """Which printer, how many copies, which paper; None where the person thought better of it.

    Args:
        parent: the window.
        title: what the job is called in the printer's list.

    Raises:
        EnvironmentFault: the system knows no printer.
    """
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo  # noqa: PLC0415 - see the module

    if not QPrinterInfo.availablePrinterNames():
        raise EnvironmentFault("lead.no_printer")
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageLayout(paper())
    printer.setDocName(title)
    dialog = QPrintDialog(printer, parent)
    is_wanted = dialog.exec() == QPrintDialog.DialogCode.Accepted
    dialog.deleteLater()
    return printer if is_wanted else None


def print_page(view: PageView, words: LeadWords, title: str, source: str, printer: QPrinter) -> None:
    """Send the page.

    Args:
        view: the page.
        words: names.
        title: heading.
        source: small line below it.
        printer: as chosen.

    Raises:
        EnvironmentFault: the printer does not take it.
    """
    from PySide6.QtPrintSupport import QPrinter  # noqa: PLC0415 - see the module

    put_on_paper(view, words, title, source, printer)
    if printer.printerState() in (QPrinter.PrinterState.Error, QPrinter.PrinterState.Aborted):
        raise EnvironmentFault("lead.print_failed", name=printer.printerName() or printer.outputFileName())
