# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Tells of which kind a value is that a finish function returns, or leaves in an out parameter."""

import dataclasses

from .gir import Type
from .results import (AnyValue, Boxed, Bytes, Elements, GTypeValue, LeftOut, Number, Object, Plain, String, Strings,
                      Variant, pointed_to)

BYTES = {"guint8", "gint8", "gchar"}
STRINGS = {"filename", "utf8"}
INTS = {"gint8", "guint8", "gchar", "guchar", "gint16", "guint16", "gshort", "gushort", "gint", "gint32"}
INT64S = {"gint64", "glong", "gssize", "gsize", "guint", "guint32", "gunichar", "off_t", "time_t"}
UINT64S = {"guint64", "gulong"}
DOUBLES = {"gfloat", "gdouble"}


@dataclasses.dataclass
class Element:
    """What is in a list. `copy` and `free` are functions in C."""
    what: str
    gir_name: str
    copy: str
    free: str
    copy_helpers: tuple
    free_helpers: tuple


def name_in_doc(definition):
    return "#" + definition.ctype


def a_name_in_doc(definition):
    return ("an " if definition.ctype[:1] in "AEIO" else "a ") + name_in_doc(definition)


def resolved(type_, repository):
    """The type itself where it is an alias of one of C's."""
    definition = repository.definition(type_.name)
    if definition and definition.kind == "alias":
        return Type(definition.parent, type_.ctype, type_.elements)
    return type_


def element_of(type_, repository):
    if len(type_.elements) != 1:
        raise LeftOut("a list of nobody knows what")
    type_ = resolved(type_.elements[0], repository)
    if type_.name in STRINGS:
        return Element("strings", type_.name, "copy_string", "g_free", ("copy_string",), ())
    if type_.name == "GLib.Variant":
        return Element("#GVariant", type_.name, "copy_element_variant", "free_element_variant",
                       ("copy_element_variant",), ("free_element_variant",))
    definition = repository.definition(type_.name)
    if definition is None:
        raise LeftOut(f"a list of {type_.name}, and nobody knows what that is")
    if repository.is_object(definition):
        return Element(name_in_doc(definition), definition.name, "g_object_ref", "g_object_unref", (), ())
    if definition.kind in ("record", "union") and definition.get_type:
        stem = definition.get_type.removesuffix("_get_type")
        return Element(name_in_doc(definition), definition.name, f"copy_{stem}", f"free_{stem}",
                       (f"copy:{stem}",), (f"free:{stem}",))
    raise LeftOut(f"a list of {definition.ctype or type_.name}, of which nobody knows how to free it")


def array_of(parameter, ctype, variable, owned, repository, length):
    type_ = parameter.type
    inner = resolved(type_.elements[0], repository).name if type_.elements else ""
    if inner in BYTES and type_.length is not None:
        return Bytes(ctype, variable, owned, *length)
    if inner in BYTES and type_.zero_terminated and "char" in ctype:
        return String(ctype, variable, owned, "a string")
    if not type_.zero_terminated:
        raise LeftOut(f"an array of {inner} that does not end with NULL")
    if inner in STRINGS:
        if parameter.transfer == "container":
            raise LeftOut("an array of strings that belong to somebody else")
        return Strings(ctype, variable, owned)
    return Elements(ctype, variable, parameter.transfer, "array", element_of(type_, repository))


def number_of(name, ctype, variable):
    if name == "gboolean":
        return Plain(ctype, variable, "a boolean", "boolean")
    if name in INTS:
        return Plain(ctype, variable, "an integer", "int")
    if name in INT64S:
        return Plain(ctype, variable, "an integer", "int64")
    if name in UINT64S:
        return Number(ctype, variable, "an integer", "G_TYPE_UINT64", "g_value_set_uint64", "int64")
    if name in DOUBLES:
        return Plain(ctype, variable, "a number", "double")
    if name == "GType":
        return GTypeValue(ctype, variable)
    return None


def enumeration_of(definition, ctype, variable):
    what = a_name_in_doc(definition)
    if not definition.get_type:
        return Plain(ctype, variable, what, "int")
    setter = "g_value_set_flags" if definition.kind == "bitfield" else "g_value_set_enum"
    return Number(ctype, variable, what, f"{definition.get_type} ()", setter, "int")


def defined_of(definition, parameter, ctype, variable, owned, repository):
    if definition.kind in ("bitfield", "enumeration"):
        return enumeration_of(definition, ctype, variable)
    if definition.name == "GLib.Variant":
        return Variant(ctype, variable, owned)
    if definition.name == "GObject.Value":
        return AnyValue(ctype, variable, owned, parameter.caller_allocates)
    if parameter.caller_allocates:
        raise LeftOut(f"@{parameter.name} is a {definition.ctype} for the caller to allocate")
    if repository.is_object(definition):
        return Object(ctype, variable, owned, a_name_in_doc(definition))
    if definition.kind in ("record", "union") and definition.get_type:
        return Boxed(ctype, variable, owned, a_name_in_doc(definition), definition.get_type)
    raise LeftOut(f"{definition.ctype or definition.name} is no GObject and no boxed type, so no Deferred can hold it")


def value_of(parameter, variable, repository, length=None):
    """The Value for what the parameter of a finish function, or what it returns, leaves in the variable. Of an array
    that has its length beside it, `length` is the type and the variable of that."""
    type_ = resolved(parameter.type, repository)
    is_out = parameter.direction == "out"
    ctype = pointed_to(type_.ctype) if is_out and not parameter.caller_allocates else type_.ctype
    if not ctype:
        raise LeftOut("what it returns is without a C type in the GIR")
    owned = parameter.transfer in ("container", "full")

    number = number_of(type_.name, ctype, variable)
    if number:
        return number
    if type_.name in STRINGS:
        return String(ctype, variable, owned, "a string")
    if type_.is_array:
        return array_of(parameter, ctype, variable, owned, repository, length)
    if type_.name in ("GLib.List", "GLib.SList"):
        container = type_.name.removeprefix("GLib.").lower()
        return Elements(ctype, variable, parameter.transfer, container, element_of(type_, repository))

    definition = repository.definition(type_.name)
    if definition is None:
        raise LeftOut(f"nobody knows what a {type_.name or ctype} is")
    return defined_of(definition, parameter, ctype, variable, owned, repository)
