"""The maps of blank twins, from the catalog alone: what reads a scan without any store."""

from collections.abc import Callable
from functools import cache

from forms.catalog import Catalog
from forms.definition import UnknownForm
from pdf.code import SheetCode
from pdf.field_map import FieldMap
from pdf.twin import twin


def blank_maps(catalog: Catalog) -> Callable[[SheetCode], FieldMap | None]:
    """For a code, the map of the twin as this version lays it out; None for an unknown form."""

    @cache
    def laid_out(form: str, version: int, lang: str, size: str) -> FieldMap | None:
        try:
            found = catalog.form(form, version)
        except UnknownForm:
            return None
        return twin(found, lang, size, practice="").field_map if lang in found.languages else None

    return lambda code: laid_out(code.form, code.version, code.lang, code.size)
