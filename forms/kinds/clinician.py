"""A physician, counselor or their practice, and how to reach them."""

from forms.kinds.kind import Kind, Part, text
from forms.kinds.phone import CELLS
from forms.kinds.several import coerce_several, say_several

NAME_MISSING = text(
    "Enter the name of the person or the practice", "Escriba el nombre de la persona o del consultorio"
)

PARTS = (
    Part("name", text("Name of the person or practice", "Nombre de la persona o del consultorio"), "line"),
    Part("role", text("What they are (physician, counselor)", "Qué es (médico, consejera)"), "line"),
    Part("practice", text("Practice, if it is a person", "Consultorio, si es una persona"), "line"),
    Part("phone", text("Phone, if you know it", "Teléfono, si lo sabe"), "comb", "tel", CELLS),
    Part("fax", text("Fax, if you know it", "Fax, si lo sabe"), "comb", "tel", CELLS),
    Part("address", text("Address, if you know it", "Dirección, si la sabe"), "line"),
)

KIND = Kind("clinician", PARTS, coerce_several(PARTS, "name", NAME_MISSING), say_several(PARTS))
