# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Writes the header and the source."""

import os

from . import comments, helpers
from .results import declare

WIDTH = 110


def prototype(returned, name, declarations, end=""):
    """On one line, or one line for each parameter, or, where there is no room for that either, with them below it."""
    head = f"{returned}{name} ("
    line = head + (", ".join(declarations) or "void") + ")" + end
    if len(line) <= WIDTH:
        return [line]
    if len(head) + max(map(len, declarations)) + 2 > WIDTH:
        return [head, "    " + ", ".join(declarations) + ")" + end]
    indented = [" " * len(head) + declaration for declaration in declarations]
    indented[0] = head + declarations[0]
    return [*(line + "," for line in indented[:-1]), indented[-1] + ")" + end]


def call(head, arguments, indent=0):
    return prototype(" " * indent, head, arguments, ";")


def define(name, value):
    line = f"#define {name} {value}"
    return [line] if len(line) <= WIDTH else [f"#define {name} \\", f"  {value}"]


def members(declarations):
    return ["  " + declaration + ";" for declaration in declarations]


def banner(title):
    return ["", f"/* {title} */", ""]


def title_of(wrapper):
    return wrapper.function.container.ctype if wrapper.function.container else "Functions"


class Writer:
    def __init__(self, wrapping, options):
        self._wrapping = wrapping
        self._names = wrapping.names
        self._options = options

    def _sections(self):
        """The wrappers in the order of the GIR, with the title of their class where it changes."""
        title = None
        for wrapper in self._wrapping.wrapped:
            yield title_of(wrapper) if title_of(wrapper) != title else None, wrapper
            title = title_of(wrapper)

    def _opening(self):
        return [f"/* Written by gdeferred-codegen from {os.path.basename(self._options.gir_path)}. Do not edit. */", ""]

    # --- the header ---

    def header(self, included):
        lines = [*self._opening(), "#pragma once", "", "#include <gdeferred/gdeferred.h>",
                 *(f"#include <{name}>" for name in included), "", "G_BEGIN_DECLS"]
        for title, wrapper in self._sections():
            lines += banner(title) if title else []
            lines += self._struct(wrapper) if wrapper.result_name else []
            lines += self._declaration(f"{self._options.extern} GDeferred *", wrapper)
        return "\n".join([*lines, "", "G_END_DECLS", ""])

    def _declaration(self, returned, wrapper):
        declarations = [parameter.declaration for parameter in wrapper.arguments.parameters]
        return prototype(returned, wrapper.name, declarations, ";")

    def _struct(self, wrapper):
        name, symbol = wrapper.result_name, self._names.result_symbol(wrapper.stem)
        extern = self._options.extern
        fields = [declare(field.value.field_ctype, field.name) for field in wrapper.fields]
        return ["",
                *define(self._names.result_macro(wrapper.stem), f"({symbol}_get_type ())"),
                "",
                f"typedef struct _{name} {name};",
                "",
                *comments.of_struct(wrapper, self._options.since),
                f"struct _{name}",
                "{",
                *members(fields),
                "};",
                "",
                f"{extern} GType {symbol}_get_type (void) G_GNUC_CONST;",
                *prototype(f"{extern} {name} *", f"{symbol}_copy", [f"const {name} *self"], ";"),
                *prototype(f"{extern} void ", f"{symbol}_free", [f"{name} *self"], ";"),
                "",
                *prototype("", "G_DEFINE_AUTOPTR_CLEANUP_FUNC", [name, f"{symbol}_free"]),
                ""]

    # --- the source ---

    def source(self, header):
        lines = [*self._opening(), f"#include {header}"]
        body = []
        used = set()
        for title, wrapper in self._sections():
            body += banner(title)[:-1] if title else []
            body += ["", *self._wrapper(wrapper, used)]
        return "\n".join(lines) + "\n" + helpers.text_of(used) + "\n".join(body) + "\n"

    def _wrapper(self, wrapper, used):
        used |= wrapper.arguments.helpers
        for field in wrapper.fields:
            used.update(field.value.helpers, field.value.field_helpers if wrapper.result_name else (),
                        field.value.drop_helpers if field in self._dropped(wrapper) else ())
        if wrapper.finish.throws:
            used.add("fail")
        parts = [self._struct_functions(wrapper)] if wrapper.result_name else []
        parts += [self._operation(wrapper)] if wrapper.arguments.kept else []
        parts += [self._ready(wrapper), self._function(wrapper)]
        return [line for part in parts for line in ["", *part]][1:]

    def _operation_name(self, wrapper):
        return self._names.camel(wrapper.stem, wrapper.function.container) + "Operation"

    def _operation(self, wrapper):
        kept = [declare(kept.ctype, kept.name) for kept in wrapper.arguments.kept]
        return ["typedef struct", "{", *members(["GDeferred *deferred", *kept]), f"}} {self._operation_name(wrapper)};"]

    def _struct_functions(self, wrapper):
        name, symbol = wrapper.result_name, self._names.result_symbol(wrapper.stem)
        copies = [(field.name, field.value.copy("self->" + field.name)) for field in wrapper.fields]
        frees = [line for field in wrapper.fields for line in field.value.free("self->" + field.name)]
        since = self._options.since
        return [*prototype("", "G_DEFINE_BOXED_TYPE", [name, symbol, f"{symbol}_copy", f"{symbol}_free"]),
                "",
                *comments.comment(f"{symbol}_copy", [("self", "", "the struct")], 
                                  ["Copies the struct and all that is in it."], "(transfer full): the copy", since),
                f"{name} *",
                *prototype("", f"{symbol}_copy", [f"const {name} *self"]),
                "{",
                f"  {name} *copy = g_new ({name}, 1);",
                "",
                "  *copy = *self;",
                *(f"  copy->{field} = {copy};" for field, copy in copies if copy),
                "  return copy;",
                "}",
                "",
                *comments.comment(f"{symbol}_free", [("self", "(transfer full)", "the struct")],
                                  ["Frees the struct and all that is in it."], "", since),
                "void",
                *prototype("", f"{symbol}_free", [f"{name} *self"]),
                "{",
                *(f"  {line}" for line in frees),
                "  g_free (self);",
                "}"]

    # --- what GIO calls ---

    def _ready(self, wrapper):
        values = [field.value for field in wrapper.fields]
        uses_source = any(argument.endswith(") source") for argument in wrapper.finish_arguments)
        source = "GObject *source" if uses_source else "GObject *source G_GNUC_UNUSED"
        declarations = [line for value in values for line in value.declarations()]
        if wrapper.tells_by_boolean:
            declarations.append("gboolean done;")
        if wrapper.finish.throws:
            declarations.append("GError *error = NULL;")
        return ["static void",
                *prototype("", f"{wrapper.stem}_ready", [source, "GAsyncResult *result", "gpointer user_data"]),
                "{",
                *(f"  {line}" for line in self._from_user_data(wrapper)),
                *(f"  {line}" for line in declarations),
                "",
                *self._finish_call(wrapper),
                *self._outcome(wrapper),
                *(f"  {line}" for line in self._end(wrapper)),
                "}"]

    def _from_user_data(self, wrapper):
        if not wrapper.arguments.kept:
            return ["GDeferred *deferred = user_data;"]
        return [f"{self._operation_name(wrapper)} *operation = user_data;",
                "GDeferred *deferred = operation->deferred;"]

    def _finish_call(self, wrapper):
        result = ""
        if wrapper.tells_by_boolean:
            result = "done = "
        elif wrapper.finish.returns.type.name != "none":
            result = "returned = "
        return call(f"{result}{wrapper.finish.symbol}", wrapper.finish_arguments, 2)

    @staticmethod
    def _dropped(wrapper):
        """The fields that a finish function may have set although it failed."""
        return [field for field in wrapper.fields
                if wrapper.finish.throws and not field.is_returned and field.value.owned]

    def _outcome(self, wrapper):
        success = self._success(wrapper, [field.value for field in wrapper.fields])
        if not wrapper.finish.throws:
            return self._block(success, 2)
        failure = [*(line for field in self._dropped(wrapper) for line in field.value.drop()),
                   f'fail (deferred, error, "{wrapper.finish.symbol}");']
        condition = "error != NULL || !done" if wrapper.tells_by_boolean else "error != NULL"
        return [f"  if ({condition})", *self._block(failure, 4), "  else", *self._block(success, 4)]

    @staticmethod
    def _block(lines, indent):
        if len(lines) == 1:
            return [" " * indent + lines[0]]
        return [" " * indent + "{",
                *((" " * (indent + 2) + line).rstrip() for line in lines),
                " " * indent + "}"]

    def _success(self, wrapper, values):
        if not values:
            return ["g_deferred_callback (deferred, NULL, NULL);"]
        if len(values) == 1:
            return values[0].fire()
        name = wrapper.result_name
        return [f"{name} *value = g_new ({name}, 1);",
                "",
                *(f"value->{field.name} = {field.value.own()};" for field in wrapper.fields),
                *(line for value in values for line in value.after()),
                f"g_deferred_callback_take_boxed (deferred, {self._names.result_macro(wrapper.stem)}, value, NULL);"]

    @staticmethod
    def _end(wrapper):
        kept = wrapper.arguments.kept
        return ["g_object_unref (deferred);",
                *(f"g_clear_pointer (&operation->{one.name}, {one.free});" for one in kept),
                *(["g_free (operation);"] if kept else [])]

    # --- what the user calls ---

    def _function(self, wrapper):
        arguments = wrapper.arguments
        kept = arguments.kept
        name = self._operation_name(wrapper)
        declarations = ["GDeferred *deferred;", *([f"{name} *operation;"] if kept else []),
                        *(["va_list arguments;"] if arguments.variable_arguments else [])]
        checks = [check for parameter in arguments.parameters for check in parameter.checks]
        operation = []
        if kept:
            operation = [f"operation = g_new ({name}, 1);",
                         "operation->deferred = g_object_ref (deferred);",
                         *(f"operation->{one.name} = {one.value};" for one in kept),
                         ""]
        return [*comments.of_wrapper(wrapper, self._options.since),
                "GDeferred *",
                *prototype("", wrapper.name, [parameter.declaration for parameter in arguments.parameters]),
                "{",
                *(f"  {line}" for line in declarations),
                "",
                *(f"  g_return_val_if_fail ({check}, NULL);" for check in checks),
                *([""] if checks else []),
                "  deferred = g_deferred_new ();",
                *(f"  {line}".rstrip() for line in operation),
                *self._async_call(wrapper),
                "  return deferred;",
                "}"]

    @staticmethod
    def _async_call(wrapper):
        arguments = wrapper.arguments
        words = {"READY": f"{wrapper.stem}_ready", "DATA": "operation" if arguments.kept else "g_object_ref (deferred)"}
        call_arguments = []
        for parameter in wrapper.called.all_parameters:
            expression = "arguments" if parameter.type.name == "va_list" else arguments.call[parameter.name]
            call_arguments.append(words.get(expression, expression))
        lines = call(wrapper.called.symbol, call_arguments, 2)
        if arguments.variable_arguments:
            lines = [f"  va_start (arguments, {arguments.variable_arguments});", *lines, "  va_end (arguments);"]
        return lines
