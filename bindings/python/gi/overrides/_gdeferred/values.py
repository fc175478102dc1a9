# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Values on their way to C: what PyGObject would guess wrong, or change, goes as the Python object that it is."""

from gi.repository import GObject

_MIN_INT64, _MAX_INT64 = -(1 << 63), (1 << 63) - 1


def boxed(value) -> GObject.Value:
    """The object itself, which C can hold and hand on, but not look into."""
    gvalue = GObject.Value(GObject.TYPE_PYOBJECT)
    gvalue.set_boxed(value)
    return gvalue


def _is_clean(text: str) -> bool:
    try:
        return "\0" not in text and text.encode() is not None
    except UnicodeEncodeError:
        return False


def to_value(value) -> GObject.Value:
    """What C sees of a value: what it knows as what it is, anything else boxed. ``None`` is for the caller to handle.

    Instances of subclasses of str, int and float would lose their class."""
    kind = type(value)
    if kind is bool:
        return GObject.Value(GObject.TYPE_BOOLEAN, value)
    if kind is int and _MIN_INT64 <= value <= _MAX_INT64:
        return GObject.Value(GObject.TYPE_INT64, value)
    if kind is float:
        return GObject.Value(GObject.TYPE_DOUBLE, value)
    if kind is str and _is_clean(value):
        return GObject.Value(GObject.TYPE_STRING, value)
    if issubclass(kind, GObject.Object):
        return GObject.Value(value.__gtype__, value)
    return boxed(value)
