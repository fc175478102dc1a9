# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""What becomes of what a finish function returns: one class for each kind of value.

Each has the C variables that the finish function fills, and writes the C that fires a Deferred with them, or puts them
into a struct. Whether a variable is owned is for the annotations to say; what is not, is copied.
"""

import re


class LeftOut(Exception):
    """Why a function is not wrapped."""


def spaced(ctype):
    """GLib's names of C's own types are not ours, nor is `char*x`."""
    for ours in ("char", "int", "float", "double"):
        ctype = re.sub(rf"\bg{ours}\b", ours, ctype)
    return re.sub(r"\s*(\*+)(?=\w|$)", r" \1", " ".join(ctype.split()))


def declare(ctype, name):
    ctype = spaced(ctype)
    return ctype + name if ctype.endswith("*") else f"{ctype} {name}"


def pointed_to(ctype):
    ctype = ctype.strip()
    if not ctype.endswith("*"):
        raise LeftOut(f"an out parameter that is {ctype or 'without a C type'}, and no pointer")
    return ctype[:-1]


class Value:
    """What `variable` holds. `what` it is, and `getter`, are for the reader. `helpers` are what taking it needs,
    `field_helpers` what a struct needs to copy and free it, `drop_helpers` what dropping it needs."""
    getter = "g_deferred_get_boxed()"
    annotations = ""
    helpers = ()
    field_helpers = ()
    drop_helpers = ()
    can_be_field = True

    def __init__(self, ctype, variable, owned, what):
        self.ctype = spaced(ctype)
        self.variable = variable
        self.owned = owned and not re.match(r"const\b", ctype)
        self.what = what

    @property
    def field_ctype(self):
        return self.ctype.removeprefix("const ")

    def declarations(self):
        return [f"{declare(self.ctype, self.variable)} = NULL;"]

    def pointers(self):
        """The arguments to the finish function, if it is an out parameter."""
        return {self.variable: "&" + self.variable}

    def after(self):
        """What is to be done once the value was taken."""
        return []

    def drop(self):
        """After a failure there should be nothing, but some finish functions leave something."""
        return self.free(self.variable)


class Plain(Value):
    """A number that needs no GValue of its own."""

    def __init__(self, ctype, variable, what, kind):
        super().__init__(ctype, variable, False, what)
        self.kind = kind
        self.getter = f"g_deferred_get_{kind}()"

    def declarations(self):
        return [f"{declare(self.ctype, self.variable)} = 0;"]

    def fire(self):
        return [f"g_deferred_callback_{self.kind} (deferred, {self.variable}, NULL);"]

    def own(self):
        return self.variable

    def copy(self, place):
        return None

    def free(self, place):
        return []


class Number(Plain):
    """One that goes into a GValue of its type."""

    def __init__(self, ctype, variable, what, gtype, setter, getter):
        super().__init__(ctype, variable, what, getter)
        self.gtype = gtype
        self.setter = setter

    def fire(self):
        return ["GValue value = G_VALUE_INIT;",
                "",
                f"g_value_init (&value, {self.gtype});",
                f"{self.setter} (&value, {self.variable});",
                "g_deferred_callback_take_value (deferred, &value, NULL);"]


class GTypeValue(Number):
    def __init__(self, ctype, variable):
        super().__init__(ctype, variable, "a #GType", "G_TYPE_GTYPE", "g_value_set_gtype", "")
        self.getter = "g_deferred_get_result()"


class String(Value):
    getter = "g_deferred_get_string()"

    def fire(self):
        taking = "take_" if self.owned else ""
        return [f"g_deferred_callback_{taking}string (deferred, {self.variable}, NULL);"]

    def own(self):
        return self.variable if self.owned else f"g_strdup ({self.variable})"

    def copy(self, place):
        return f"g_strdup ({place})"

    def free(self, place):
        return [f"g_free ({place});"]


class Strings(Value):
    annotations = "(array zero-terminated=1)"
    field_ctype = "char **"

    def __init__(self, ctype, variable, owned):
        super().__init__(ctype, variable, owned, "a #GStrv")

    def fire(self):
        return [f"g_deferred_callback_take_boxed (deferred, G_TYPE_STRV, {self.own()}, NULL);"]

    def own(self):
        return self.variable if self.owned else f"g_strdupv ((char **) {self.variable})"

    def copy(self, place):
        return f"g_strdupv ({place})"

    def free(self, place):
        return [f"g_strfreev ({place});"]


class Object(Value):
    getter = "g_deferred_get_object()"
    field_helpers = ("copy_object",)

    def fire(self):
        taking = "take_" if self.owned else ""
        return [f"g_deferred_callback_{taking}object (deferred, {self.variable}, NULL);"]

    def own(self):
        return self.variable if self.owned else self.copy(self.variable)

    def copy(self, place):
        return f"copy_object ({place})"

    def free(self, place):
        return [f"g_clear_object (&{place});"]


class Boxed(Value):
    field_helpers = ("copy_boxed", "free_boxed")
    drop_helpers = ("free_boxed",)

    def __init__(self, ctype, variable, owned, what, get_type, annotations=""):
        super().__init__(ctype, variable, owned, what)
        self.gtype = f"{get_type} ()"
        self.annotations = annotations

    def fire(self):
        taking = "take_" if self.owned else ""
        return [f"g_deferred_callback_{taking}boxed (deferred, {self.gtype}, {self.variable}, NULL);"]

    def own(self):
        return self.variable if self.owned else self.copy(self.variable)

    def copy(self, place):
        return f"copy_boxed ({self.gtype}, {place})"

    def free(self, place):
        return [f"free_boxed ({self.gtype}, {place});"]


class Variant(Value):
    getter = "g_deferred_get_variant()"

    def __init__(self, ctype, variable, owned):
        super().__init__(ctype, variable, owned, "a #GVariant")
        self.field_helpers = ("copy_variant", "take_variant") if self.owned else ("copy_variant",)

    def fire(self):
        taking = "take" if self.owned else "set"
        return ["GValue value = G_VALUE_INIT;",
                "",
                "g_value_init (&value, G_TYPE_VARIANT);",
                f"g_value_{taking}_variant (&value, {self.variable});",
                "g_deferred_callback_take_value (deferred, &value, NULL);"]

    def own(self):
        return f"take_variant ({self.variable})" if self.owned else self.copy(self.variable)

    def copy(self, place):
        return f"copy_variant ({place})"

    def free(self, place):
        return [f"g_clear_pointer (&{place}, g_variant_unref);"]


class AnyValue(Value):
    """A GValue is the result itself."""
    getter = "g_deferred_get_result()"
    can_be_field = False

    def __init__(self, ctype, variable, owned, is_filled):
        super().__init__(ctype, variable, owned or is_filled, "a value of any type")
        self.is_filled = is_filled

    def declarations(self):
        return [f"GValue {self.variable} = G_VALUE_INIT;"] if self.is_filled else super().declarations()

    def fire(self):
        if self.is_filled:
            return [f"g_deferred_callback_take_value (deferred, &{self.variable}, NULL);"]
        return [f"g_deferred_callback (deferred, {self.variable}, NULL);", *(self.drop() if self.owned else [])]

    def drop(self):
        if self.is_filled:
            return [f"g_value_unset (&{self.variable});"]
        return [f"free_boxed (G_TYPE_VALUE, {self.variable});"]

    @property
    def helpers(self):
        return ("free_boxed",) if self.owned and not self.is_filled else ()


class Bytes(Value):
    """An array of bytes, with a variable for its length, becomes a GBytes."""
    field_ctype = "GBytes *"
    field_helpers = ("copy_boxed", "free_boxed")

    def __init__(self, ctype, variable, owned, length_ctype, length):
        super().__init__(ctype, variable, owned, "a #GBytes")
        self.length_ctype = length_ctype
        self.length = length

    def declarations(self):
        return [*super().declarations(), f"{declare(self.length_ctype, self.length)} = 0;"]

    def pointers(self):
        return {**super().pointers(), self.length: "&" + self.length}

    def fire(self):
        return [f"g_deferred_callback_take_boxed (deferred, G_TYPE_BYTES, {self.own()}, NULL);"]

    def own(self):
        taking = "_take" if self.owned else ""
        return f"g_bytes_new{taking} ({self.variable}, {self.length})"

    def copy(self, place):
        return f"copy_boxed (G_TYPE_BYTES, {place})"

    def free(self, place):
        return [f"free_boxed (G_TYPE_BYTES, {place});"]

    def drop(self):
        return [f"g_free ({self.variable});"]


class Buffer(Value):
    """What was read into a buffer that the operation owns, as a GBytes. The variable says how much that is."""
    field_ctype = "GBytes *"
    helpers = ("take_buffer",)
    field_helpers = ("copy_boxed", "free_boxed")

    def __init__(self, size, buffer):
        super().__init__(size.ctype, size.variable, False, "a #GBytes")
        self.buffer = buffer

    def declarations(self):
        return [f"{declare(self.ctype, self.variable)} = 0;"]

    def fire(self):
        return [f"g_deferred_callback_take_boxed (deferred, G_TYPE_BYTES, {self.own()}, NULL);"]

    def own(self):
        return f"take_buffer (&operation->{self.buffer}, {self.variable})"

    def copy(self, place):
        return f"copy_boxed (G_TYPE_BYTES, {place})"

    def free(self, place):
        return [f"free_boxed (G_TYPE_BYTES, {place});"]


class Elements(Value):
    """A GList, a GSList or an array of pointers becomes a GPtrArray that owns what is in it."""
    field_ctype = "GPtrArray *"
    field_helpers = ("copy_boxed", "free_boxed")

    def __init__(self, ctype, variable, transfer, container, element):
        super().__init__(ctype, variable, transfer != "none", f"a #GPtrArray of {element.what}")
        self.owns_elements = self.owned and transfer == "full"
        self.container = container
        self.element = element
        self.annotations = f"(element-type {element.gir_name})"

    @property
    def helpers(self):
        copying = () if self.owns_elements else self.element.copy_helpers
        return ("CopyElement", f"ptr_array_from_{self.container}", *self.element.free_helpers, *copying)

    @property
    def free_container(self):
        return {"array": "g_free", "list": "g_list_free", "slist": "g_slist_free"}[self.container]

    def fire(self):
        lines = [f"g_deferred_callback_take_boxed (deferred, G_TYPE_PTR_ARRAY, {self.own()}, NULL);"]
        return [*lines, *self.after()]

    def own(self):
        copy = "NULL" if self.owns_elements else self.element.copy
        return f"ptr_array_from_{self.container} ({self.variable}, {copy}, {self.element.free})"

    def after(self):
        """What is left once the elements have been taken or copied."""
        return [f"{self.free_container} ({self.variable});"] if self.owned else []

    def copy(self, place):
        return f"copy_boxed (G_TYPE_PTR_ARRAY, {place})"

    def free(self, place):
        return [f"free_boxed (G_TYPE_PTR_ARRAY, {place});"]

    def drop(self):
        """A list that was half made is rather leaked than freed twice."""
        return []
