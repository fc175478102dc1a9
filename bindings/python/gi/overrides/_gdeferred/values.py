# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Values on their way to C and back: what PyGObject would guess wrong, or change, goes as the Python object that it is."""

from weakref import ref

from gi.repository import GObject

_MIN_INT64, _MAX_INT64 = -(1 << 63), (1 << 63) - 1


class _Held:
    """Around a boxed object of Python's own, to tell it from one that is C's."""

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value


class Store:
    """What an object of C's holds of Python's for long. There the garbage collector would not see it: so it is here, and C has
    tickets for it."""

    __slots__ = ("values", "__weakref__")

    def __init__(self):
        self.values = {}  # by the number of a ticket, with a weak reference to that

    def __del__(self):
        # The tickets that are left, when what held them has gone, belong to values that somebody was given.
        for ticket, value in self.values.values():
            if ticket() is not None:
                ticket().keep(value)

    def to_value(self, value):
        """As the function of this name; what C can look into is left to C."""
        return boxed(_Ticket(self, value)) if _is_opaque(value) else to_value(value)


class _Ticket:
    __slots__ = ("store", "kept", "__weakref__")

    def __init__(self, store, value):
        self.store = ref(store)
        store.values[id(self)] = ref(self), value

    @property
    def value(self):
        """Who looks at it has it."""
        store = self.store and self.store()
        if store is not None:
            self.keep(store.values.pop(id(self))[1])
        return self.kept

    def keep(self, value):
        self.store, self.kept = None, value

    def __del__(self):
        store = self.store and self.store()
        if store is not None:
            store.values.pop(id(self), None)


def boxed(value) -> GObject.Value:
    """The object itself, which C can hold and hand on, but not look into."""
    gvalue = GObject.Value(GObject.TYPE_PYOBJECT)
    gvalue.set_boxed(_Held(value) if issubclass(type(value), GObject.GBoxed) else value)
    return gvalue


_AROUND = (_Held, _Ticket)


def from_value(value):
    """What PyGObject made of a value in C. Of one that is boxed it made no copy, and C may free it at any time."""
    if issubclass(type(value), GObject.GBoxed):
        return GObject.Value(type(value).__gtype__, value).get_boxed()
    return value.value if type(value) in _AROUND else value


def _is_clean(text: str) -> bool:
    try:
        return "\0" not in text and text.encode() is not None
    except UnicodeEncodeError:
        return False


def _is_opaque(value) -> bool:
    """Whether C cannot look into it. Instances of subclasses of str, int and float would lose their class."""
    kind = type(value)
    if kind is int:
        return not _MIN_INT64 <= value <= _MAX_INT64
    if kind is str:
        return not _is_clean(value)
    return kind is not bool and kind is not float and not issubclass(kind, GObject.Object)


def to_value(value) -> GObject.Value:
    """What C sees of a value: what it knows as what it is, anything else boxed. ``None`` is for the caller to handle."""
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
