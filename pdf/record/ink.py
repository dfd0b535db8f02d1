"""Strokes of a pen as SVG paths: smooth through the points, exact at the ends."""

from collections.abc import Sequence

Point = Sequence[float]


def svg_paths(strokes: Sequence[Sequence[Point]]) -> list[str]:
    """One `d` a stroke, in the pad's own coordinates; a single point is a dot."""
    return [_path(stroke) for stroke in strokes if stroke]


def _path(points: Sequence[Point]) -> str:
    x, y = points[0][:2]
    if len(points) == 1:
        return f"M{x:.1f} {y:.1f}l0.1 0"
    # Quadratic curves through the midpoints, the points themselves as their controls.
    said = [f"M{x:.1f} {y:.1f}"]
    for (x1, y1), (x2, y2) in zip((p[:2] for p in points[1:]), (p[:2] for p in points[2:]), strict=False):
        said.append(f"Q{x1:.1f} {y1:.1f} {(x1 + x2) / 2:.1f} {(y1 + y2) / 2:.1f}")
    x, y = points[-1][:2]
    said.append(f"L{x:.1f} {y:.1f}")
    return "".join(said)
