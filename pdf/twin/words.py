"""What every twin says of itself, in each language."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "how_to_mark": "Mark one box for each question:",
        "how_to_correct": "To correct a box, fill it completely",
        "then_other": "and mark the other one. Write in capitals, one letter or digit in each field.",
        "page": "page {page} of {pages}",
        "version": "version {version}",
        "only_if": "Only if {tests}",
        "not_if": "Leave this empty if {tests}",
        "or": " or ",
        "and": " and ",
        "quoted": "“{answer}”",
        "is": "{number} is {answer}",
        "marked": "you marked {answer} in {number}",
        "answered": "you filled in {number}",
        "before_today": "the date in {number} is before today",
        "after_today": "the date in {number} is after today",
        "before_day": "the date in {number} is before {day}",
        "after_day": "the date in {number} is after {day}",
        "age_under": "you are under {years}",
        "age_from": "you are {years} or older",
        "age_under_majority": "you are not of age yet",
        "age_from_majority": "you are of age",
        "sign_as": "I sign as",
        "self": "myself",
        "parent": "parent",
        "guardian": "guardian",
        "agent": "agent",
        "by": "by what right:",
        "signature": "Signature",
        "date": "Date",
        "month": "month",
        "day": "day",
        "year": "year",
        "optional": "may stay empty",
        "any_box": "Mark all that apply.",
    },
    "es": {
        "how_to_mark": "Marque una casilla por pregunta:",
        "how_to_correct": "Para corregir, rellénela por completo",
        "then_other": "y marque la otra. Escriba en mayúsculas, una letra o cifra por campo.",
        "page": "página {page} de {pages}",
        "version": "versión {version}",
        "only_if": "Solo si {tests}",
        "not_if": "Déjelo vacío si {tests}",
        "or": " o ",
        "and": " y ",
        "quoted": "«{answer}»",
        "is": "{number} es {answer}",
        "marked": "marcó {answer} en {number}",
        "answered": "rellenó {number}",
        "before_today": "la fecha en {number} es anterior a hoy",
        "after_today": "la fecha en {number} es posterior a hoy",
        "before_day": "la fecha en {number} es anterior al {day}",
        "after_day": "la fecha en {number} es posterior al {day}",
        "age_under": "tiene menos de {years} años",
        "age_from": "tiene {years} años o más",
        "age_under_majority": "aún no es mayor de edad",
        "age_from_majority": "es mayor de edad",
        "sign_as": "Firmo como",
        "self": "yo mismo/a",
        "parent": "padre/madre",
        "guardian": "tutor/a",
        "agent": "representante",
        "by": "con qué derecho:",
        "signature": "Firma",
        "date": "Fecha",
        "month": "mes",
        "day": "día",
        "year": "año",
        "optional": "puede quedar vacío",
        "any_box": "Marque todo lo que corresponda.",
    },
}


def lang_of(lang: str) -> str:
    """The language in which a twin of this language speaks of itself: its own, else English."""
    return lang if lang in WORDS else "en"


def words_of(lang: str) -> Mapping[str, str]:
    return WORDS[lang_of(lang)]
