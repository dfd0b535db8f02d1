"""The code on a sheet: read as it was written, or not at all."""

from hypothesis import given
from hypothesis import strategies as st

from pdf.code import SheetCode, parse, readable


@st.composite
def codes(draw: st.DrawFn) -> SheetCode:
    pages = draw(st.integers(1, 99))
    return SheetCode(
        form=draw(st.from_regex(r"[a-z][a-z0-9]{0,9}(_[a-z0-9]{1,9}){0,2}", fullmatch=True)),
        version=draw(st.integers(1, 999)),
        lang=draw(st.sampled_from(["en", "es", "ar", "fil"])),
        size=draw(st.sampled_from(["letter", "a4"])),
        page=draw(st.integers(1, pages)),
        pages=pages,
        serial=draw(st.none() | st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=8, max_size=8)),
    )


@given(code=codes())
def test_a_code_is_read_as_it_was_written(code: SheetCode):
    assert parse(code.text()) == code
    assert set(code.text()) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"), "QR's dense letters"


@given(code=codes(), data=st.data())
def test_any_changed_character_is_refused(code: SheetCode, data: st.DataObject):
    text = code.text()
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("0123456789ABCDEFXYZ*-").filter(lambda one: one != text[place]))
    assert parse(text[:place] + other + text[place + 1 :]) is None


@given(text=st.text(max_size=60))
def test_anything_else_is_no_code(text: str):
    assert parse(text) is None
    assert parse("IK1*" + text) is None


def test_a_page_beyond_the_last_is_no_code():
    assert parse(SheetCode("x", 1, "en", "a4", 3, 2, None).text()) is None
    assert parse(SheetCode("x", 1, "en", "a4", 0, 2, None).text()) is None


def test_a_serial_is_read_out_in_two_halves():
    assert readable("4K7M9QXA") == "4K7M-9QXA"
    assert readable("4K7M") == "4K7M"
