"""`make bench`: prints a table, and writes bench.json."""

import json
from pathlib import Path

from tests.bench import forms, names, paper, records, steps, timing
from tests.practices import shared_folder

COLUMNS = "{:<58} {:>12} {:>12} {:>8}"


def main() -> None:
    with shared_folder():
        rows = [
            *steps.measure(),
            *forms.measure(),
            *records.measure(),
            *paper.measure(),
            *names.measure(),
            *timing.measure(),
        ]
    print(COLUMNS.format("what", "ours", "plain", "ratio"))
    for row in rows:
        ours, plain = (f"{row[key]:.4g} {row['unit']}" for key in ("ours", "plain"))
        print(COLUMNS.format(row["what"], ours, plain, f"{row['ours'] / row['plain']:.2f}"))
    Path("bench.json").write_text(json.dumps(rows, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
