"""Pictures as PNG bytes."""

import io

from PIL.Image import Image


def png(image: Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=3)
    return out.getvalue()
