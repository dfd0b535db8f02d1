"""The fonts of the paper: one weight each, made from the variable ones that the screens use."""

import io

import pytest
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from pdf.html import FAMILIES, FONTS, WEIGHTS, font_of


@pytest.mark.parametrize(
    ("family", "weight"),
    [
        pytest.param(family, weight, marks=[] if "ext" in family and weight == 600 else pytest.mark.long)
        for family in FAMILIES.values()
        for weight in WEIGHTS
    ],
)
def test_a_weight_is_what_the_variable_font_gives(family: str, weight: int):
    variable = TTFont(FONTS / f"{family}-wght-normal.woff2", recalcTimestamp=False)
    made = instantiateVariableFont(variable, {"wght": weight})
    made.flavor = None
    out = io.BytesIO()
    made.save(out)
    assert font_of(f"{family}-{weight}.ttf") == out.getvalue()


@pytest.mark.parametrize(
    "name", ["OFL.txt", "../html.py", "atkinson-hyperlegible-next-latin-wght-normal.woff2"]
)
def test_nothing_else_is_a_font(name: str):
    assert font_of(name) is None
