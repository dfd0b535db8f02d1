"""Somebody: a whole name as given, who this is to the client, and how to reach them."""

from forms.kinds.kind import Kind, Part, text
from forms.kinds.phone import CELLS
from forms.kinds.several import coerce_several, say_several

NAME_MISSING = text("Enter the name too", "Escriba también el nombre")

PARTS = (
    Part("name", text("Full name", "Nombre completo"), "line"),
    Part("relation", text("Who this is to you", "Quién es para usted"), "line"),
    Part("phone", text("Phone, if you know it", "Teléfono, si lo sabe"), "comb", "tel", CELLS),
    Part("email", text("Email, if you know it", "Correo, si lo sabe"), "line", "email"),
)

KIND = Kind("person", PARTS, coerce_several(PARTS, "name", NAME_MISSING), say_several(PARTS))
