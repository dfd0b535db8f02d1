"""The sheet's code, wherever on the page and whichever way up."""

import cv2
import zxingcpp

from pdf.code import SheetCode, parse
from pdf.opening import Pixels


def find_code(pixels: Pixels) -> SheetCode | None:
    """What the page's codes say; None where there is none, or where two say different things."""
    for attempt in (pixels, cv2.GaussianBlur(pixels, (3, 3), 0), cv2.resize(pixels, None, fx=1.6, fy=1.6)):
        found = {
            code
            for barcode in zxingcpp.read_barcodes(attempt, formats=zxingcpp.BarcodeFormat.QRCode)
            if (code := parse(barcode.text)) is not None
        }
        if found:
            return found.pop() if len(found) == 1 else None
    return None
