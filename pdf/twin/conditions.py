"""When something is to be answered, said on paper: by the numbers of the same sheet, or by an age."""

from collections.abc import Callable, Mapping
from datetime import date

from babel.dates import format_date

from forms.definition import MAJORITY, TODAY, Condition, Form, Question, Test
from forms.kinds import KINDS
from pdf.twin.words import lang_of, words_of

Numbers = Mapping[str, int]


def only_if(form: Form, when: Condition, numbers: Numbers, lang: str) -> str:
    """A condition as one sentence without its full stop; empty where it always holds."""
    if not when.tests:
        return ""
    words = words_of(lang)
    tests = [_SAID[test.operator](form, test, numbers, lang) for test in when.tests]
    joined = words["and" if when.how == "all" else "or"].join(tests)
    return words["not_if" if when.how == "none" else "only_if"].format(tests=joined)


def _answered(form: Form, test: Test, numbers: Numbers, lang: str) -> str:
    return words_of(lang)["answered"].format(number=numbers[test.question])


def _chosen(form: Form, test: Test, numbers: Numbers, lang: str) -> str:
    words, question = words_of(lang), form.question(test.question)
    answers = words["or"].join(
        words["quoted"].format(answer=_label(question, one, lang)) for one in test.values
    )
    said = words["marked" if question.kind == "choices" else "is"]
    return said.format(number=numbers[question.id], answer=answers)


def _label(question: Question, option: str, lang: str) -> str:
    return dict(KINDS[question.kind].options(question, lang, paper=True))[option]


def _day(form: Form, test: Test, numbers: Numbers, lang: str) -> str:
    limit, today = test.values[0], test.values[0] == TODAY
    said = words_of(lang)[f"{test.operator}_{'today' if today else 'day'}"]
    day = "" if today else format_date(date.fromisoformat(limit), "long", locale=lang_of(lang))
    return said.format(number=numbers[test.question], day=day)


def _age(form: Form, test: Test, numbers: Numbers, lang: str) -> str:
    years = test.values[0]
    name = f"{test.operator}_majority" if years == MAJORITY else test.operator
    return words_of(lang)[name].format(years=years)


_SAID: Mapping[str, Callable[[Form, Test, Numbers, str], str]] = {
    "answered": _answered,
    "equals": _chosen,
    "one_of": _chosen,
    "before": _day,
    "after": _day,
    "age_under": _age,
    "age_from": _age,
}
