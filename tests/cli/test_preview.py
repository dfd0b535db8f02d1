"""How an author of a form sees it as clients will: `kiosk forms preview`, with a real browser and without."""

import re
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from forms.catalog import load_catalog, shipped_folder
from kiosk.cli import main, preview
from kiosk.cli.preview import browser
from pdf.record import page_count
from pdf.verify import NotVerified, verify
from tests.forms.making import EXAMPLE

HOSTILE = "<script>alert(1)</script>'><b>&amp;"
PINE = (15, 75, 73)  # a colour of kiosk.css
SAD = """
[[page]]
id = "sad"
when = { none = [{ ways = "card" }] }
  [[page.question]]
  id = "y"
  kind = "short_text"
  ask = { en = "C", es = "D" }

[[grant]]
"""


def run(form: str, out: Path, *more: str, instance: Path | None = None) -> Result:
    where = ["--instance", str(instance or out / "nowhere")]
    return CliRunner().invoke(main, [*where, "forms", "preview", form, "--out", str(out), *more])


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(
        browser, "NAMES", tuple(name for name in browser.NAMES if not Path(name).is_absolute())
    )


def has_pictures_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.png"))


@pytest.mark.browser
def test_a_form_is_seen_on_the_tablet_on_paper_and_as_it_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "seen"
    done = run("confidentiality", out, "--lang", "es", "--size", "a4")
    assert done.exit_code == 0, done.output
    assert str(out / "index.html") in done.stdout
    pages = [page.id for page in load_catalog().form("confidentiality").pages]
    pictures = has_pictures_of(out / "tablet" / "es")
    assert pictures == [f"{n:02}-{name}.png" for n, name in enumerate([*pages, "check", "read", "sign"], 1)]
    for name in pictures:
        with Image.open(out / "tablet" / "es" / name) as picture:
            assert picture.size == (1080, 710)
            assert len(set(picture.convert("L").resize((270, 178)).tobytes())) > 20, f"{name} is blank"
            counted = picture.getcolors(1080 * 710) or []
            assert PINE in {colour for _, colour in counted}, f"{name} has no styles"
    index = (out / "index.html").read_text(encoding="utf-8")
    for name in (*pictures, "twin-es.pdf", "record-es.pdf"):
        assert name in index
    for name in re.findall(r'(?:src|href)="([^"#]+)"', index):
        assert (out / name).is_file(), name
    assert page_count((out / "twin-es.pdf").read_bytes()) == len(list(out.glob("twin-es-*.png")))
    assert sorted(path.name for path in out.iterdir() if path.is_dir()) == ["tablet"]


@pytest.mark.browser
@pytest.mark.long
def test_a_page_in_the_pictures_has_the_very_size_of_the_tablet(tmp_path: Path) -> None:
    """In the window of a headless Chromium the bottom of the page lies elsewhere; in a frame it does not."""
    page = tmp_path / "page.html"
    strip = "position:fixed;left:0;right:0;bottom:0;height:10px;background:#f00"
    page.write_text(f"<body style='margin:0'><i style='{strip}'></i>")
    found = browser.find()
    assert found
    browser.photograph(found, [page], tmp_path / "to")
    with Image.open(tmp_path / "to" / "page.png") as picture:
        assert picture.getpixel((5, 705)) == (255, 0, 0)
        assert picture.getpixel((5, 695)) == (255, 255, 255)


@pytest.mark.usefixtures("no_browser")
def test_without_a_browser_the_rest_is_written_and_one_line_says_what_is_missing(tmp_path: Path) -> None:
    out = tmp_path / "seen"
    done = run("story_permission", out)
    assert done.exit_code == 1
    assert done.stderr.strip() == preview.NO_BROWSER
    assert str(out / "index.html") in done.stdout
    for lang in ("en", "es"):
        assert page_count((out / f"twin-{lang}.pdf").read_bytes()) >= 1
        record = (out / f"record-{lang}.pdf").read_bytes()
        assert isinstance(verify(record), NotVerified)
        assert (out / f"record-{lang}-1.png").is_file()
    assert not list(out.rglob("tablet/**/*.png"))
    index = (out / "index.html").read_text(encoding="utf-8")
    assert "they need Chromium or Chrome" in index
    assert "02-check" in index


@pytest.mark.usefixtures("no_browser")
def test_hostile_words_of_a_form_stay_words_in_the_index(tmp_path: Path) -> None:
    title = 'title = { en = "Example"'
    text = EXAMPLE.replace("How?", HOSTILE).replace(title, title.replace("Example", HOSTILE))
    file = tmp_path / "mine.toml"
    file.write_text(text.replace("[[grant]]", SAD), encoding="utf-8")
    done = run(str(file), tmp_path / "seen", "--lang", "en")
    assert done.stderr.strip() == preview.NO_BROWSER
    index = (tmp_path / "seen" / "index.html").read_text(encoding="utf-8")
    assert "<script" not in index
    assert unescape(index).count(HOSTILE) >= 3  # the title, and where the last page shows


@pytest.mark.usefixtures("no_browser")
@pytest.mark.long
def test_a_form_of_the_practice_and_one_that_extends_it_are_previewed(tmp_path: Path) -> None:
    own = tmp_path / "practice" / "forms"
    own.mkdir(parents=True)
    (own / "example.toml").write_text(EXAMPLE, encoding="utf-8")
    more = tmp_path / "more.toml"
    more.write_text('extends = "example"\nversion = 2\nminutes = 7\n', encoding="utf-8")
    for named, said in (("example", "2 min"), (str(more), "7 min")):
        out = tmp_path / Path(named).stem
        run(named, out, "--lang", "en", instance=own.parent)
        assert said in (out / "index.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("no_browser")
def test_pictures_of_an_earlier_preview_do_not_stay(tmp_path: Path) -> None:
    old, other = tmp_path / "tablet" / "en" / "07-gone.png", tmp_path / "tablet" / "en" / "mine.png"
    old.parent.mkdir(parents=True)
    for path in (old, other):
        path.write_bytes(b"")
    run("story_permission", tmp_path, "--lang", "en")
    assert not old.exists()
    assert other.exists()


@pytest.mark.parametrize(
    ("form", "more", "said"),
    [
        ("nothing", (), "kiosk forms list"),
        ("nothing.toml", (), "nothing.toml"),
        ("confidentiality", ("--lang", "fr"), "has no words in fr"),
    ],
)
def test_what_cannot_be_previewed_is_said_in_one_line(
    form: str, more: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = run(form, tmp_path / "seen", *more)
    assert done.exit_code == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "seen").exists()


def test_an_index_that_is_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    done = run("confidentiality", tmp_path)
    assert "Name another folder" in done.stderr
    assert (tmp_path / "index.html").read_text() == "mine"


def test_a_language_that_would_name_another_folder_is_refused(tmp_path: Path) -> None:
    text = (shipped_folder() / "story_permission.toml").read_text(encoding="utf-8")
    file = tmp_path / "mine.toml"
    file.write_text(
        re.sub(r"\bes\b(?= ?=|\")", '"../up"', text).replace('""../up""', '"../up"'), encoding="utf-8"
    )
    done = run(str(file), tmp_path / "seen")
    assert "is not a language" in done.stderr
    assert not (tmp_path / "up").exists()
