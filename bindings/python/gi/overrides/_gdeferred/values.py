# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Values on their way to C and back: what PyGObject would guess wrong, or change, goes as the Python object that it is."""

from gi.repository import GObject

_MIN_INT64, _MAX_INT64 = -(1 << 63), (1 << 63) - 1


class _Held:
    """Around a boxed object of Python's own, to tell it from one that is C's."""

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value


def boxed(value) -> GObject.Value:
    """The object itself, which C can hold and hand on, but not look into."""
    gvalue = GObject.Value(GObject.TYPE_PYOBJECT)
    gvalue.set_boxed(_Held(value) if isinstance(value, GObject.GBoxed) else value)
    return gvalue


def from_value(value):
    """What PyGObject made of a value in C. Of one that is boxed it made no copy, and C may free it at any time."""
    if isinstance(value, GObject.GBoxed):
        return GObject.Value(type(value).__gtype__, value).get_boxed()
    return value.value if type(value) is _Held else value


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
