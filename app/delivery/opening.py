"""From a mapping file to a courier that is ready. The only function of this room that the composition root calls."""

from __future__ import annotations

from pathlib import Path

from app.delivery.drop_folder import DropFolder
from app.delivery.http_courier import HttpCourier
from app.delivery.mapping import FolderMapping, read_mapping
from app.delivery.signing import SecretOf
from app.domain.catalogue import FieldTable
from app.ports.ports import Clock


def open_courier(path: Path, table: FieldTable, secret_of: SecretOf, clock: Clock) -> HttpCourier | DropFolder:
    """The courier of a mapping file.

    Args:
        path: the mapping file.
        table: names that templates may hold.
        secret_of: secrets by name, asked for at every message.
        clock: for signatures and dates.

    Raises:
        OperatorVisibleError: the mapping is wrong; the message names line or key.
        EnvironmentFault: the file or a certificate cannot be used.
    """
    mapping = read_mapping(path, table)
    return DropFolder(mapping) if isinstance(mapping, FolderMapping) else HttpCourier(mapping, secret_of, clock)
