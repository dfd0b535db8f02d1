"""What every twin says of itself, in each language."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "language": "English",
        "how_to_mark": "Mark one box for each question:",
        "how_to_correct": "To correct a box, fill it completely",
        "then_other": "and mark the other one. Write in capitals, one letter or digit in each field.",
        "page": "page {page} of {pages}",
        "version": "version {version}",
        "only_if": "Only if {tests}.",
        "or": " or ",
        "and": " and ",
        "is": "{number} is “{answer}”",
        "answered": "you filled in {number}",
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
        "language": "español",
        "how_to_mark": "Marque una casilla por pregunta:",
        "how_to_correct": "Para corregir, rellénela por completo",
        "then_other": "y marque la otra. Escriba en mayúsculas, una letra o cifra por campo.",
        "page": "página {page} de {pages}",
        "version": "versión {version}",
        "only_if": "Solo si {tests}.",
        "or": " o ",
        "and": " y ",
        "is": "{number} es «{answer}»",
        "answered": "rellenó {number}",
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


def words_of(lang: str) -> Mapping[str, str]:
    return WORDS.get(lang, WORDS["en"])
