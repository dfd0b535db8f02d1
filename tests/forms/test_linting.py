"""A definition that cannot work is refused before any client meets it: by file, key and reason."""

from pathlib import Path

import pytest

from forms.advice import advice
from forms.definition import DefinitionError
from forms.loading import load_form, read_form
from tests.forms.making import EXAMPLE, both, example, plain_form

ASK_FRIEND = 'ask = { en = "Who sent you?", es = "¿Quién le envió?" }'
THEN = '  then = { en = "They would then know.", es = "Entonces lo sabría." }\n'
PAPER = '  paper = { en = "May we thank this person?", es = "¿Podemos agradecer a esta persona?" }\n'
CALL = '    { id = "call", label = { en = "By phone", es = "Por teléfono" } },\n'

PLANTED = {
    # what is planted: (old, new, key, reason)
    "unknown key of a form": ("minutes = 2", "minuts = 2", "minuts", "is not known here"),
    "unknown key of a page": ('id = "how"', 'id = "how"\nwhem = "x"', "page 3.whem", "is not known here"),
    "unknown key of a question": (
        'kind = "date"',
        'kind = "date"\n  asks = "x"',
        "how.question 2.asks",
        "known",
    ),
    "unknown key of an option": (
        '{ id = "card",',
        '{ id = "card", x = 1,',
        "how.question 1.option 1.x",
        "known",
    ),
    "unknown key of a grant": (
        'party = "friend"',
        'party = "friend"\nto = "x"',
        "grant 1.to",
        "is not known",
    ),
    "not TOML": ("minutes = 2", "minutes = ", "the file", "is not TOML"),
    "missing key": ("minutes = 2\n", "", "minutes", "is missing"),
    "wrong type": ("minutes = 2", 'minutes = "two"', "minutes", "is not of the type int"),
    "yes for a number": ("minutes = 2", "minutes = true", "minutes", "is not of the type int"),
    "no minutes": ("minutes = 2", "minutes = 0", "minutes", "is less than 1"),
    "no version": ("version = 1", "version = 0", "version", "is less than 1"),
    "bad id": ('id = "ways"', 'id = "Ways"', "Ways", "is not a name"),
    "bad period": ('"P2Y"', '"2 years"', "renew_after", "no period like P2Y"),
    "period of nothing": ('"P2Y"', '"P0D"', "renew_after", "no period like P2Y"),
    "unknown signer": ("order = 1", 'order = 1\nsigner = ["dog"]', "signer", "dog is not one of client"),
    "page twice": ('id = "how"', 'id = "who"', "who", "stands twice"),
    "question twice": ('id = "ends_on"', 'id = "friend"', "friend", "stands twice"),
    "option twice": ('id = "call"', 'id = "card"', "ways.options", "an option stands twice"),
    "unknown kind": ('kind = "date"', 'kind = "moon"', "ends_on.kind", "'moon' is not one of"),
    "choice without options": ('kind = "date"', 'kind = "choice"', "ends_on.options", "a choice has options"),
    "options on what is no choice": (
        'kind = "choices"',
        'kind = "date"',
        "ways.options",
        "a choice has options",
    ),
    "title lacks a language": (', es = "Ejemplo"', "", "title", "has no words in es"),
    "question lacks a language": (', es = "¿Cómo?"', "", "ways.ask", "has no words in es"),
    "option lacks a language": (', es = "Por teléfono"', "", "ways.call", "has no words in es"),
    "empty words": ('es = "¿Cómo?"', 'es = " "', "how.question 1.ask.es", "holds no words"),
    "language not listed": (
        '["en", "es"]',
        '["en"]',
        "title",
        "has words in es, which the form does not list",
    ),
    "later question": (
        '{ friend = "answered" }',
        '{ ways = "card" }',
        "may.when",
        "is not an earlier question",
    ),
    "unknown question": (
        '{ friend = "answered" }',
        '{ fiend = "answered" }',
        "may.when",
        "fiend, which is not",
    ),
    "itself": (
        'kind = "person"',
        'kind = "person"\n  when = { friend = "answered" }',
        "friend.when",
        "not an earl",
    ),
    "value that nobody can give": (
        'id = "how"\nwhen = { may_thank = "allow" }',
        'id = "how"\nwhen = { may_thank = "perhaps" }',
        "how.when",
        "may_thank is never 'perhaps': this can never show",
    ),
    "two things at once": (
        'id = "how"\nwhen = { may_thank = "allow" }',
        'id = "how"\nwhen = { all = [{ may_thank = "allow" }, { may_thank = "refuse" }] }',
        "how.when",
        "cannot be two things at once",
    ),
    "page and question against each other": (
        'kind = "date"',
        'kind = "date"\n  when = { may_thank = "refuse" }',
        "ends_on.when",
        "this can never show",
    ),
    "never, by way of another question": (
        'kind = "date"',
        'kind = "date"\n  when = { none = [{ friend = "answered" }] }',
        "ends_on.when",
        "this can never show",
    ),
    "condition that is no test": (
        '{ friend = "answered" }',
        "{ friend = true }",
        "page 2.when",
        "a test is like",
    ),
    "empty condition": ('{ friend = "answered" }', "{}", "page 2.when", "holds no test"),
    "all beside a test": (
        '{ friend = "answered" }',
        '{ all = [{ friend = "answered" }], friend = "x" }',
        "page 2.when",
        "all stands alone",
    ),
    "insert without paper": (PAPER, "", "may_thank.paper", "must say how it reads on paper"),
    "insert, paper in one language": (
        ', es = "¿Podemos agradecer a esta persona?"',
        "",
        "may_thank.paper",
        "must say how it reads on paper",
    ),
    "insert of an unknown question": ("thank {friend}", "thank {fiend}", "may_thank.ask", "inserts fiend"),
    "insert where paper has no words of its own": (
        "They would then know.",
        "{friend} would then know.",
        "may_thank.then",
        "inserts friend, which only ask and why can",
    ),
    "grant without decision": ('decision = "may_thank"\n', "", "grant 1.decision", "is missing"),
    "grant of what is no decision": (
        'decision = "may_thank"',
        'decision = "friend"',
        "grant 1.decision",
        "is not a",
    ),
    "decision that grants without then": (
        THEN,
        "",
        "may_thank.then",
        "what the other person would then know",
    ),
    "unknown purpose": (
        '"thank_referrer"',
        '"gossip"',
        "grant 1.purpose",
        "gossip is not one of thank_referrer",
    ),
    "unknown topic": ('["has_visited"]', '["diary"]', "grant 1.topics", "diary is not one of has_visited"),
    "no topic": ('["has_visited"]', "[]", "grant 1.topics", "there is none"),
    "options that are no topics": (
        'topics = ["has_visited"]',
        'topics_from = ["ways"]',
        "grant 1.topics",
        "card is",
    ),
    "topics from what is no list": (
        'topics = ["has_visited"]',
        'topics_from = ["friend"]',
        "grant 1.topics_from",
        "not",
    ),
    "unknown party": ('party = "friend"', 'party = "foe"', "grant 1.party", "foe is neither a question"),
    "until what is no date": (
        'until = "ends_on"',
        'until = "friend"',
        "grant 1.until",
        "is not a date of this form",
    ),
    "grant that can never hold": (
        'decision = "may_thank"\nwhen = { may_thank = "allow" }',
        'decision = "may_thank"\nwhen = { may_thank = "alow" }',
        "grant 1.when",
        "never 'alow'",
    ),
    "grant whose words insert nothing": ('"a thank-you"', '"to {fiend}"', "grant 1.says", "inserts fiend"),
    "staff have no words": ("says = { en =", "says = { es =", "grant 1.says", "the staff's language"),
    "a cycle": (
        '{ friend = "answered" }',
        '{ all = [{ friend = "answered" }, { ends_on = "answered" }] }',
        "may.when",
        "is not an earlier question of this form: a cycle, for ends_on waits for itself",
    ),
    "condition that always holds": (
        "  required = false\n",
        "",
        "may.when",
        "always holds: leave it out",
    ),
    "question whose condition its page implies": (
        'kind = "date"',
        'kind = "date"\n  when = { friend = "answered" }',
        "ends_on.when",
        "always holds: leave it out",
    ),
    "value of several that nobody can give": (
        '{ may_thank = "allow" }\n  [[page.question]]',
        '{ may_thank = ["allow", "perhaps"] }\n  [[page.question]]',
        "how.when",
        "may_thank is never 'perhaps'",
    ),
    "day of what is no date": (
        '{ friend = "answered" }',
        '{ friend = { after = "today" } }',
        "may.when",
        "friend is no date",
    ),
    "day that is none": (
        '{ friend = "answered" }',
        '{ friend = { after = "tomorrow" } }',
        "page 2.when",
        "a test is like",
    ),
    "age of what is not the client": (
        '{ friend = "answered" }',
        "{ friend = { age_under = 18 } }",
        "may.when",
        "friend has no age",
    ),
    "client asked for something else than an age": (
        '{ friend = "answered" }',
        '{ client = "answered" }',
        "may.when",
        "of the client only an age is asked",
    ),
    "age of nothing": (
        '{ friend = "answered" }',
        "{ client = { age_under = 0 } }",
        "page 2.when",
        "a test is",
    ),
    "two ages that exclude each other": (
        '{ friend = "answered" }',
        "{ all = [{ client = { age_under = 12 } }, { client = { age_from = 18 } }] }",
        "may_thank.when",
        "this can never show",
    ),
    "name that means somebody else": ('id = "ends_on"', 'id = "client"', "client", "means somebody else"),
    "option that conditions cannot ask for": (
        'id = "call"',
        'id = "answered"',
        "ways.options",
        "no option is called answered",
    ),
    "day on what is no date": (
        'kind = "person"',
        'kind = "person"\n  day = "past"',
        "friend.day",
        "only a date lies",
    ),
    "day that lies elsewhere": (
        'kind = "date"',
        'kind = "date"\n  day = "soon"',
        "how.question 2.day",
        "'soon'",
    ),
    "no place of the profile": ('"client.referred_by"', '"referred_by"', "friend.fills", "is no place"),
    "covers something else": (
        "order = 1",
        'order = 1\ncovers = "all"',
        "covers",
        "'all' is not one of form, party",
    ),
    "confirmed by nobody": (
        "order = 1",
        'order = 1\nconfirmed_by = "dog"',
        "confirmed_by",
        "'dog' is not one of",
    ),
    "offered sometimes": ("order = 1", 'order = 1\noffer = "seldom"', "offer", "'seldom' is not one of"),
    "direction of nothing": (
        'party = "friend"',
        'party = "friend"\ndirection = "shout"',
        "grant 1.direction",
        "'shout' is not one of tell, ask",
    ),
    "protected topic without a tick": (
        '["has_visited"]',
        '["hiv"]',
        "grant 1.topics",
        "hiv is protected: it is granted only where it was ticked by itself",
    ),
    "event that nobody describes": (
        'until = "ends_on"',
        'until_event = "ends_on"',
        "grant 1.until_event",
        "is not a question of this form for own words",
    ),
    "party that is nobody": ('party = "friend"', 'party = "ways"', "grant 1.party", "ways is neither"),
    "decision that decides nothing": (
        'decision = "may_thank"\nwhen = { may_thank = "allow" }',
        'decision = "may_wave"\nwhen = { may_thank = "allow" }',
        "grant 1.decision",
        "may_wave is not a decision",
    ),
    "refusal of nobody": (
        "[[grant]]",
        '[[refusal]]\nparty = "nobody"\nsays = { en = "x" }\n[[grant]]',
        "refusal 1.party",
        "nobody is neither a question",
    ),
    "refusal about nothing known": (
        "[[grant]]",
        '[[refusal]]\nparty = "friend"\ntopics = ["diary"]\nsays = { en = "x" }\n[[grant]]',
        "refusal 1.topics",
        "diary is not one of",
    ),
    "nobody may sign": ("order = 1", "order = 1\nsigner = []", "signer", "there is none"),
    "decision filled in beforehand": (
        'kind = "decision"',
        'kind = "decision"\n  fills = "client.email"',
        "may_thank.fills",
        "is never filled in beforehand",
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_fault_is_refused_by_file_key_and_reason(planted: str, tmp_path: Path):
    old, new, key, reason = PLANTED[planted]
    assert old in EXAMPLE
    with pytest.raises(DefinitionError) as refused:
        example(tmp_path, EXAMPLE.replace(old, new, 1))
    assert refused.value.file == "example.toml"
    assert refused.value.key == key
    assert reason in refused.value.reason
    assert str(refused.value).startswith(f"example.toml: {key}: ")


def test_without_a_fault_it_loads(tmp_path: Path):
    assert [page.id for page in example(tmp_path).pages] == ["who", "may", "how"]


@pytest.mark.parametrize("text", ["page = 1", 'page = ["x"]', "", "\x00"])
def test_what_is_no_definition_at_all_is_refused_too(text: str, tmp_path: Path):
    with pytest.raises(DefinitionError):
        example(tmp_path, text)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path):
    path = tmp_path / "latin.toml"
    path.write_bytes("id = 'ñ'".encode("latin-1"))
    with pytest.raises(DefinitionError, match=r"latin\.toml: the file: is not TOML"):
        load_form(path)


FOLLOWS = [
    # the kinds of what follows the first answer on its page, and which of them is advised against
    (["phone"], []),
    (["date"], ["q1.when"]),
    (["choices"], ["q1.when"]),
    (["phone", "email"], ["q2.when"]),
]


@pytest.mark.parametrize(("kinds", "advised"), FOLLOWS)
def test_no_more_than_one_simple_question_follows_an_answer_on_its_page(kinds: list[str], advised: list[str]):
    options = [{"id": one, "label": both(one)} for one in ("a", "b")]
    asked = [{"id": "q", "kind": "yes_no", "ask": both("?")}] + [
        {"id": f"q{n}", "kind": kind, "ask": both("?"), "when": {"q": "yes"}}
        | ({"options": options} if kind == "choices" else {})
        for n, kind in enumerate(kinds, 1)
    ]
    form = read_form("made.toml", plain_form([{"id": "p", "question": asked}]))
    assert [key for key, reason in advice(form) if "the same page" in reason] == advised
