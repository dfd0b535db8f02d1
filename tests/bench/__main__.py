"""`make bench`: prints a table, writes bench.json, and ends with status 1 where an answer's time tells."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench import forms, names, paper, records, steps, timing
from tests.practices import shared_folder

COLUMNS = "{:<58} {:>12} {:>12} {:>8}"


def main() -> int:
    with shared_folder():
        rows = [
            *steps.measure(),
            *forms.measure(),
            *records.measure(),
            *paper.measure(),
            *names.measure(),
            *timing.measure(),
        ]
    return reported(rows, Path("bench.json"))


def reported(rows: Sequence[dict[str, Any]], file: Path) -> int:
    """Prints and writes all that was measured; returns 1 where an answer's time tells what it must not."""
    print(COLUMNS.format("what", "ours", "plain", "ratio"))
    for row in rows:
        ours, plain = (f"{row[key]:.4g} {row['unit']}" for key in ("ours", "plain"))
        line = COLUMNS.format(row["what"], ours, plain, f"{row['ours'] / row['plain']:.2f}")
        print(f"{line}  TELLS" if row.get("tells") else line)
    file.write_text(json.dumps(rows, indent=2), encoding="utf-8")
    return int(any(row.get("tells") for row in rows))


if __name__ == "__main__":
    sys.exit(main())
