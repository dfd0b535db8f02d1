"""What holds for every screen of the tablet: read from its HTML."""

import ast
import gzip
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import kiosk
from kiosk import errors, web
from tests.client.conftest import samples

KIOSK = Path(kiosk.__path__[0])
Show = Callable[..., str]


class Tags(HTMLParser):
    """The tags of a page with their attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in names]

    def having(self, attribute: str) -> list[dict[str, str | None]]:
        return [attributes for _, attributes in self.found if attribute in attributes]


def test_exactly_one_thing_takes_the_focus(show: Show, screen: str) -> None:
    assert len(Tags(show(screen)).having("autofocus")) == 1


def test_a_fragment_is_one_main_and_the_page_includes_it(show: Show, screen: str) -> None:
    fragment = show(screen, fragment=True).strip()
    assert re.match(r"<main id=\"main\"", fragment)
    assert fragment.endswith("</main>")
    assert "<title" not in fragment
    assert len(Tags(show(screen)).named("main")) == 1


def test_every_page_has_one_form_that_the_head_can_post(show: Show, screen: str) -> None:
    forms = [form for form in Tags(show(screen)).named("form") if form.get("id") == "page-form"]
    assert len(forms) == 1
    assert forms[0].get("method") == "post"
    assert "novalidate" in forms[0]
    assert forms[0].get("autocomplete") == "off"
    assert forms[0].get("hx-sync") == "this:drop"
    assert forms[0].get("hx-swap") == "outerHTML show:top"


def test_whatever_asks_the_server_says_what_is_swapped_and_drops_a_second_tap(
    show: Show, screen: str
) -> None:
    """htmx takes none of these from an element around it."""
    tags = Tags(show(screen))
    asking = tags.having("hx-get") + tags.having("hx-post")
    assert asking
    for one in asking:
        assert one.get("hx-target") in ("#main", "body", "#follows"), one
        assert one.get("hx-swap"), one
        if "hx-trigger" not in one:  # what asks by itself is no tap
            assert one.get("hx-sync") == "this:drop", one


def test_the_enter_key_presses_what_the_pages_own_button_does(show: Show, screen: str) -> None:
    """A form's first button in the page is what Enter presses, and the Go key of a tablet's keyboard."""
    first = next(button for button in Tags(show(screen)).named("button") if button.get("form") == "page-form")
    assert set(first) == {"form", "class", "tabindex", "aria-hidden"}


def test_every_form_that_posts_carries_the_token(show: Show, screen: str) -> None:
    for form in re.findall(r"<form.*?</form>", show(screen), re.DOTALL):
        assert 'name="csrf_token"' in form or 'method="dialog"' in form


def test_nothing_in_a_page_needs_what_the_policy_refuses(show: Show, screen: str) -> None:
    tags = Tags(show(screen))
    assert not tags.having("style")
    assert not tags.named("style", "base", "iframe")
    assert not [
        name for _, attributes in tags.found for name in attributes if name.startswith(("on", "hx-on"))
    ]
    assert all((script.get("src") or "").startswith("/static/") for script in tags.named("script"))


def test_no_browser_help_brings_back_an_earlier_person(show: Show, screen: str) -> None:
    for field in Tags(show(screen)).named("input", "textarea"):
        assert "autocomplete" not in field, "a field's token would override the form's off"
        assert field.get("type") in ("hidden", "radio", "checkbox", "text", None), (
            "number, tel and email misbehave"
        )
        assert "maxlength" not in field
        assert "required" not in field
        if field.get("type") == "text":
            assert (field.get("autocorrect"), field.get("spellcheck")) == ("off", "false")


def test_ids_are_given_once_and_labels_and_descriptions_find_them(show: Show, screen: str) -> None:
    tags = Tags(show(screen))
    ids = [str(attributes["id"]) for attributes in tags.having("id")]
    assert len(ids) == len(set(ids))
    pointed = [
        attributes[name] for name in ("for", "form", "popovertarget") for attributes in tags.having(name)
    ]
    pointed += [
        one
        for attributes in tags.having("aria-describedby")
        for one in str(attributes["aria-describedby"]).split()
    ]
    pointed += [str(link["href"])[1:] for link in tags.named("a") if str(link.get("href")).startswith("#")]
    assert set(pointed) <= set(ids)


NOTHING_BEFORE = {"start", "handed", "seat", "done", "enough", "problem"}


def test_every_page_has_a_way_back(show: Show, screen: str) -> None:
    found = {one["data-test"] for one in Tags(show(screen, fragment=True)).having("data-test")}
    assert screen in NOTHING_BEFORE or found & {"back", "stop"}


def test_every_icon_is_in_the_sprite(show: Show, screen: str) -> None:
    html = show(screen)
    used = set(re.findall(r'href="#(i-[a-z0-9-]+)"', html))
    assert used <= set(re.findall(r'symbol id="(i-[a-z0-9-]+)"', html))


def test_hostile_words_stay_words(show: Show, screen: str) -> None:
    html = show(screen, hostile=True)
    assert "<script>alert" not in html
    assert "49" not in re.findall(r"alert\(1\).{0,40}", html)


def test_titles_say_nothing_about_anybody(show: Show, screen: str) -> None:
    assert re.findall(r"<title>(.*?)</title>", show(screen, hostile=True)) == ["Check-in"]


def test_a_step_is_small(show: Show, screen: str) -> None:
    assert len(show(screen, fragment=True).encode()) < 8 * 1024


OF_A_FORM = sorted(
    name
    for name, (template, _) in samples().items()
    if template in ("page", "check", "read", "sign", "witness")
)


@pytest.mark.parametrize("of_a_form", OF_A_FORM)
def test_skip_stands_on_each_page_of_a_form_alike(show: Show, of_a_form: str) -> None:
    html = show(of_a_form)
    found = re.findall(r'<button [^>]*data-test="skip"[^>]*>.*?</button>', html)
    alike = re.findall(r'<button [^>]*data-test="skip"[^>]*>.*?</button>', show("decision"))
    assert found == alike
    assert len(found) == 1
    assert ">Skip for now<" in found[0]


@pytest.mark.parametrize("of_a_form", OF_A_FORM)
def test_how_far_one_is_stands_in_words_and_as_a_bar_on_each_page_of_a_form(
    show: Show, of_a_form: str
) -> None:
    html = show(of_a_form)
    (bar,) = Tags(html).named("progress")
    assert (bar["value"], bar["max"], bar["aria-label"]) == ("38", "100", "How far you are")
    (words,) = re.findall(r'<p class="where">(.*?)</p>', html)
    assert re.sub("<.*?>", "", words) == "Words · form 2 of 5 · about 1 minute left"


def test_the_first_page_says_how_many_minutes_it_all_takes_and_each_form(show: Show) -> None:
    html = show("welcome")
    assert "There are 3 forms for today.\nIt takes about 6 minutes." in html
    assert html.count(">2 min<") == 3


@pytest.mark.parametrize(
    "signing", [name for name in OF_A_FORM if name.startswith("sign") and name != "signature"]
)
def test_what_signing_on_a_screen_means_stands_above_the_button(show: Show, signing: str) -> None:
    html = show(signing)
    words = re.search(r'data-test="electronic">Words</p>', html)
    assert words
    assert words.start() < html.index('data-test="sign"')


KEYBOARDS = {
    "phone": ["tel"], "email": ["email"], "date": ["numeric"] * 3, "name": ["text"], "initials": ["text"],
    "short_text": ["text"], "person": ["text", "text", "tel", "email"], "address": ["text"] * 4,
    "clinician": ["text", "text", "text", "tel", "tel", "text"],
}  # fmt: skip


@pytest.mark.parametrize(("typed", "keyboards"), KEYBOARDS.items())
def test_each_field_brings_its_keyboard(show: Show, typed: str, keyboards: list[str]) -> None:
    fields = [one for one in Tags(show(typed)).named("input") if one.get("type") == "text"]
    assert [one.get("inputmode") for one in fields] == keyboards


def test_the_fields_of_checking_in_bring_their_keyboards(show: Show) -> None:
    for screen, keyboards in (("code", ["text"]), ("birth-date", ["numeric"] * 3)):
        fields = [one for one in Tags(show(screen)).named("input") if one.get("type") == "text"]
        assert [one.get("inputmode") for one in fields] == keyboards


def test_words_are_there_in_spanish(show: Show, screen: str) -> None:
    html = show(screen, lang="es")
    assert 'lang="es"' in html
    assert not re.search(r">(Continue|Back|Skip for now|Sign|Done|Help or stop)<", html)


def test_every_word_of_the_tablet_has_a_translation() -> None:
    used = {
        message
        for folder in ("client", "templates")
        for _, _, message, *_ in extract_from_dir(KIOSK / folder, [("**.html", "jinja2")])
    }
    with (KIOSK / "translations/es.po").open("rb") as file:
        translated = {message.id for message in read_po(file) if message.string}
    assert used - translated == set()


SPOKEN_IN = ("web.py", *(f"actions/{name}.py" for name in (
    "at_tablet", "check_in", "clients", "signing", "sittings", "strokes",
)))  # fmt: skip
AT_A_TABLET = (errors.NotFound, errors.NotPaired, errors.SittingEnded, errors.TooManyTries, errors.Invalid)
TO_OTHERS = {  # to staff, or before anything is known of who asks
    "That was too large to take.", "This was sent from another site.",
    "This address is not one of this practice's.", web.ONLY_THIS_MACHINE,
}  # fmt: skip


def sentences(module: Path) -> set[str]:
    """What a module says: whole sentences in it that are no docstrings."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    quiet = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    said = {one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and id(one) not in quiet}
    return {one for one in said if isinstance(one, str) and re.fullmatch(r"[A-Z].+ .+[.?]", one)}


def test_every_word_that_the_server_says_at_the_tablet_has_a_translation() -> None:
    wanted = {one for module in SPOKEN_IN for one in sentences(KIOSK / module)} - TO_OTHERS
    wanted |= {words for error in AT_A_TABLET for words in (error.message, error.next_step)}
    assert {"Enter the code.", "Please tell us at the desk.", "This screen was cleared."} <= wanted
    assert any("{mark}" in one for one in wanted), "what is filled in is filled in after the translation"
    with (KIOSK / "translations/es.po").open("rb") as file:
        translated = {str(message.id) for message in read_po(file) if message.string}
    assert wanted - translated == set()


def test_what_stands_in_braces_is_the_same_in_both_languages() -> None:
    with (KIOSK / "translations/es.po").open("rb") as file:
        for message in read_po(file):
            assert sorted(re.findall(r"{\w+}", str(message.id))) == sorted(
                re.findall(r"{\w+}", str(message.string))
            )


@pytest.mark.parametrize("choosing", ["decision", "yes_no", "choice", "choices"])
def test_no_answer_is_chosen_before_somebody_chose(show: Show, choosing: str) -> None:
    assert not Tags(show(choosing)).having("checked")


def test_a_yes_and_a_no_look_the_same(show: Show) -> None:
    rows = re.findall(r"<label class=\"choice\">.*?</label>", show("decision"), re.DOTALL)
    assert len(rows) == 2
    alike = [re.sub(r'(value|id|data-test)="[^"]*"', "", row) for row in rows]
    assert alike[0] == alike[1]


def test_a_problem_stands_in_the_summary_and_beside_its_field(show: Show, kind: str) -> None:
    html = show(f"{kind}-wrong")
    assert '<a href="#q">' in html
    assert 'id="q-problem"' in html
    assert 'aria-invalid="true"' in html


def test_the_start_names_nobody_and_speaks_every_language(show: Show) -> None:
    html = show("start")
    assert "I have a code" in html
    assert "Tengo un código" in html
    assert 'data-test="have-code"' in html
    assert 'data-test="by-name"' in html


def test_the_stylesheet_and_the_script_stay_small() -> None:
    css = (KIOSK / "static/kiosk.css").read_text()
    shared, rest = css.split("/* desk and therapist */", 1)
    tablets = shared + rest.split("/* end of desk and therapist */", 1)[1]
    assert len(minified(tablets)) < 17_000
    assert len(gzip.compress(minified(css).encode())) < 8_500
    assert len((KIOSK / "static/tablet.js").read_bytes()) < 8_000


def minified(css: str) -> str:
    css = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
    return re.sub(r" ?([{};,>]) ?", r"\1", css)
