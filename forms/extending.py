"""A practice's own file that adds to a form that is there: another language, pages, or other handling.

`extends = "referral_thanks"` takes the newest version of that form as its ground. `[words.fr]` gives texts
by the names that `kiosk forms check` uses, as in `"may_thank.ask" = "…"`; `[[page]]`, `[[grant]]` and
`[group.x]` are added, a page after the one that its `after` names, else at the end; any other key stands
in the place of the form's own.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from forms.definition import DefinitionError

LISTS = ("page", "grant", "refusal")
OWN_TEXTS = ("title", "purpose", "attest", "take_back")
QUESTION_TEXTS = ("ask", "why", "hint", "then", "missing", "paper")
GRANT_TEXTS = ("says", "refused")

Plain = dict[str, Any]


def extended(file: str, plain: Plain, ground_of: Callable[[str], Plain | None]) -> Plain:
    """The whole definition that an extending file stands for. Raises DefinitionError."""
    ground = ground_of(str(plain["extends"]))
    if ground is None:
        raise DefinitionError(file, "extends", f"there is no form {plain['extends']!r} to extend")
    made = deepcopy(ground)
    for key, value in plain.items():
        if key in ("extends", "words"):
            continue
        if key == "page":
            _add_pages(file, made, value)
        elif key in LISTS:
            made[key] = [*made.get(key, []), *value]
        elif key == "group" or (key in OWN_TEXTS and isinstance(value, Mapping)):
            made[key] = {**made.get(key, {}), **value}
        else:
            made[key] = value
    for lang, words in plain.get("words", {}).items():
        _add_words(file, made, lang, words)
    return made


def _add_pages(file: str, made: Plain, pages: list[Plain]) -> None:
    for page in pages:
        own = dict(page)
        after = own.pop("after", None)
        ids = [other.get("id") for other in made["page"]]
        if after is not None and after not in ids:
            raise DefinitionError(file, f"{own.get('id')}.after", f"there is no page {after!r}")
        made["page"].insert(len(ids) if after is None else ids.index(after) + 1, own)


def _add_words(file: str, made: Plain, lang: str, words: Mapping[str, str]) -> None:
    tables = dict(_texts(made))
    for key, said in words.items():
        if key not in tables:
            raise DefinitionError(file, f"words.{lang}.{key}", "names no text of the form that is extended")
        tables[key][lang] = said


def _texts(made: Plain) -> list[tuple[str, Plain]]:
    """Each text of a plain definition by its name, as `may_thank.ask` or `how_to_thank.card`."""
    found = [(key, made[key]) for key in OWN_TEXTS if key in made]
    for name, group in made.get("group", {}).items():
        found += [(f"group.{name}.more", group["more"])] if "more" in group else []
        found += [(f"group.{name}.again.{key}", text) for key, text in group.get("again", {}).items()]
    for page in made["page"]:
        found += [(f"{page['id']}.title", page["title"])] if "title" in page else []
        for question in page["question"]:
            name = question["id"]
            found += [(f"{name}.{key}", question[key]) for key in QUESTION_TEXTS if key in question]
            found += [(f"{name}.{option['id']}", option["label"]) for option in question.get("options", [])]
    for number, grant in enumerate(made.get("grant", []), 1):
        found += [(f"grant {number}.{key}", grant[key]) for key in GRANT_TEXTS if key in grant]
    return found
