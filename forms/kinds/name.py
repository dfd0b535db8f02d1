"""Somebody's whole name as given: never split, any letters."""

from forms.kinds.kind import NO_LABEL, Kind, Part, coerce_line, say_plain

KIND = Kind("name", (Part("", NO_LABEL, "line"),), coerce_line, say_plain)
