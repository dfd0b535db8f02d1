"""Paper and PDF: records and forms become pages, pages become readings. Bytes in, bytes and values out."""
