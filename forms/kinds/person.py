"""Somebody: a whole name as given, who this is to the client, and a phone number."""

from forms.kinds.kind import Kind, Part, text
from forms.kinds.phone import CELLS
from forms.kinds.several import coerce_several, say_several

NAME_MISSING = text("Enter the name too", "Escriba también el nombre")

PARTS = (
    Part("name", text("Full name", "Nombre completo"), "line"),
    Part("relation", text("Who this is to you", "Quién es para usted"), "line"),
    Part("phone", text("Phone", "Teléfono"), "comb", "tel", CELLS),
)

KIND = Kind("person", PARTS, coerce_several(PARTS, NAME_MISSING), say_several(PARTS))
