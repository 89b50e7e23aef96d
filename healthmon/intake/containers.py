"""What a file really is, whatever its name says, and why it cannot be opened."""

import re
import struct
import zipfile
from io import BytesIO
from typing import Literal

from healthmon.intake.faults import UnreadableError

Container = Literal["workbook", "parquet", "gzip", "text"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MARKUP = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta|style|\?xml)",
    re.IGNORECASE | re.DOTALL,
)
_OTHERS = {b"%PDF": "a PDF document", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture",
           b"Rar!": "a RAR archive", b"7z\xbc\xaf": "a 7z archive"}  # fmt: skip
_MOST_LOOKED_AT = 1 << 12
_OLE_HEAD, _LARGEST_SHIFT, _NO_SECTOR = 512, 12, 0xFFFFFFFA
_END_OF_ZIP = 22 + (1 << 16)
"""Bytes among which an archive says where its contents are listed."""
ENCRYPTED = "the workbook is encrypted: send it without password"
_DAYS_FROM_1904 = b"\x22\x00\x02\x00\x01\x00"
"""The DATEMODE record of an .xls file ([MS-XLS] 2.4.77), set."""


def container_of(data: bytes) -> Container:
    """Tell what kind of file some bytes are.

    Parameters
    ----------
    data : bytes
        The whole file.

    Raises
    ------
    UnreadableError
        When it is none that can be read: empty, encrypted, cut short, a web page, a picture.
    """
    if not data:
        raise UnreadableError("empty_file", "the file is empty")
    if data.startswith(b"PK\x03\x04"):
        _check_zip(data)
        return "workbook"
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise UnreadableError("encrypted", ENCRYPTED)
        return "workbook"
    if data.startswith(b"PAR1"):
        if not data.endswith(b"PAR1"):
            raise UnreadableError("cut_short", "the file is cut short and cannot be read")
        return "parquet"
    if data.startswith(b"\x1f\x8b"):
        return "gzip"
    for mark, what in _OTHERS.items():
        if data.startswith(mark):
            raise UnreadableError("wrong_format", f"the file is {what}, no table")
    head = data[:_MOST_LOOKED_AT].removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(head.replace(b"\x00", b"").removeprefix(b"\xff\xfe")):
        reason = "the file is a web page (HTML or XML) under another name: save it as asked for"
        raise UnreadableError("web_page", reason)
    return "text"


def _check_zip(data: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError) as error:
        if b"PK\x05\x06" in data[-_END_OF_ZIP:]:
            reason = f"the workbook cannot be opened ({error})"
            raise UnreadableError("unreadable", reason) from error
        # the list of contents stands at the end of an archive
        reason = "the file is cut short and cannot be read"
        raise UnreadableError("cut_short", reason) from error
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise UnreadableError("wrong_format", "the file is a ZIP archive, no workbook")


def is_cut_workbook(data: bytes) -> bool:
    """Say whether a workbook of the old format ends before the sectors that its head names.

    References
    ----------
    [MS-CFB] 2.2, the header of a compound file.
    """
    if not data.startswith(_OLE):
        return False
    if len(data) < _OLE_HEAD:
        return True
    (shift,) = struct.unpack_from("<H", data, 30)
    named = [*struct.unpack_from("<I", data, 48), *struct.unpack_from("<I", data, 60)]
    named += struct.unpack_from("<109I", data, 76)
    last = max((sector for sector in named if sector < _NO_SECTOR), default=0)
    return shift > _LARGEST_SHIFT or len(data) % (1 << shift) > 0 or len(data) < (last + 2) << shift


def counts_from_1904(data: bytes) -> bool:
    """Say whether the days of a workbook count from 1904 (old Macs) instead of 1900."""
    if data.startswith(_OLE):
        return _DAYS_FROM_1904 in data
    with zipfile.ZipFile(BytesIO(data)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return False
        start = archive.read("xl/workbook.xml")
    return re.search(rb'date1904\s*=\s*"(?:1|true)"', start) is not None
