"""One line of somebody's own words."""

from forms.kinds.kind import NO_LABEL, Kind, Part, coerce_line, say_plain

KIND = Kind("short_text", (Part("", NO_LABEL, "line"),), coerce_line, say_plain)
