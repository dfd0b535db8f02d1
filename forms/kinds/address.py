"""Where somebody lives or a letter goes, as it is written on an envelope."""

from forms.kinds.kind import Kind, Part, text
from forms.kinds.several import coerce_several, say_several

STREET_MISSING = text("Enter the street too", "Escriba también la calle")

PARTS = (
    Part("street", text("Street and number", "Calle y número"), "line"),
    Part("city", text("City", "Ciudad"), "line"),
    Part("state", text("State", "Estado"), "line"),
    Part("postcode", text("ZIP code", "Código postal"), "line"),
)

KIND = Kind("address", PARTS, coerce_several(PARTS, "street", STREET_MISSING), say_several(PARTS))
