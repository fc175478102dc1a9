# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""From the parameters of an asynchronous function to those of its wrapper, and back to the arguments of the call."""

import dataclasses

from .kinds import BYTES, STRINGS, resolved
from .names import parameter_name
from .results import LeftOut, declare

READY = "Gio.AsyncReadyCallback"


@dataclasses.dataclass
class WrapperParameter:
    name: str
    declaration: str
    parameter: object   # that of the asynchronous function
    checks: list        # what has to hold
    annotations: str


@dataclasses.dataclass
class Kept:
    """What has to stay until the operation ends."""
    ctype: str
    name: str
    value: str
    free: str


class Arguments:
    """`parameters` are the wrapper's; `call` maps the names of those of the asynchronous function to expressions in C,
    READY and DATA for the callback and its data."""

    def __init__(self, function, repository, rules):
        self.function = function
        self.repository = repository
        self.rules = rules
        self.parameters = []
        self.call = {}
        self.kept = []
        self.buffer = None
        self.notes = []
        self.helpers = set()
        self.variable_arguments = None

        ready = function.parameters[self._ready()]
        self._user_data = ready.closure
        self._destroys = {parameter.destroy for parameter in function.parameters}
        self._gone = {index for parameter in function.parameters for index in self._go_with(parameter)}
        if function.instance:
            self._instance()
        for index, parameter in enumerate(function.parameters):
            if parameter is ready:
                self.call[parameter.name] = "READY"
            elif index == self._user_data:
                self.call[parameter.name] = "DATA"
            elif index not in self._gone:
                self._one(index, parameter)

    def _ready(self):
        found = [index for index, parameter in enumerate(self.function.parameters) if parameter.type.name == READY]
        if len(found) != 1:
            raise LeftOut("it has more than one GAsyncReadyCallback")
        if self.function.parameters[found[0]].closure is None:
            raise LeftOut("its GAsyncReadyCallback comes without data")
        return found[0]

    def _is_callback(self, parameter):
        definition = self.repository.definition(parameter.type.name)
        return parameter.type.name == "callback" or (definition is not None and definition.kind == "callback")

    def _is_bytes(self, parameter):
        type_ = parameter.type
        element = type_.elements[0].name if type_.is_array and type_.elements else ""
        return element in BYTES and type_.length is not None

    def _go_with(self, parameter):
        """The numbers of the parameters that the wrapper does without because of this one."""
        if parameter.type.name == READY or parameter.direction != "in":
            return
        if self._is_bytes(parameter):
            yield parameter.type.length
        elif self._is_callback(parameter) and parameter.destroy is None and parameter.closure is not None:
            yield parameter.closure

    def _instance(self):
        instance = self.function.instance
        definition = self.repository.definition(instance.type.name)
        if definition is None or not self.repository.is_object(definition):
            raise LeftOut("it is a method of something that is no GObject")
        self._keep_as_it_is(instance)

    def _one(self, index, parameter):
        name = parameter.type.name
        if name == "Gio.Cancellable":
            self.call[parameter.name] = "g_deferred_get_cancellable (deferred)"
        elif name == "...":
            self.variable_arguments = self.parameters[-1].name
            self.parameters.append(WrapperParameter("...", "...", parameter, [], ""))
        elif name == "va_list":
            raise LeftOut("it takes a va_list, which belongs to its caller")
        elif parameter.direction == "out" and parameter.caller_allocates and parameter.type.is_array:
            self._buffer(parameter)
        elif parameter.direction != "in":
            self._out(parameter)
        elif self._is_callback(parameter) and index not in self._destroys:
            self._callback(parameter)
        elif self._is_bytes(parameter):
            self._bytes(parameter)
        elif parameter.type.is_array:
            self._array(parameter)
        else:
            self._keep_as_it_is(parameter)

    def _keep_as_it_is(self, parameter):
        if not parameter.type.ctype:
            raise LeftOut(f"@{parameter.name} is without a C type in the GIR")
        name = parameter_name(parameter.name)
        self.call[parameter.name] = name
        self.parameters.append(WrapperParameter(name=name,
                                                declaration=declare(parameter.type.ctype, name),
                                                parameter=parameter,
                                                checks=self._checks(parameter, name),
                                                annotations=self._annotations(parameter)))

    def _is_nullable(self, parameter):
        return parameter.nullable or self.rules.has("nullable", self.function.symbol, parameter.name)

    def _checks(self, parameter, name):
        """The asynchronous function, given what is wrong, would do nothing, and the Deferred never be fired."""
        type_ = resolved(parameter.type, self.repository)
        nullable = self._is_nullable(parameter)
        definition = self.repository.definition(type_.name)
        if not type_.ctype.strip().endswith("*") or type_.name in ("GLib.List", "GLib.SList", "gpointer"):
            return []
        if definition and definition.get_type and self.repository.is_object(definition):
            self.helpers.add("IS_A")
            check = f'IS_A ({name}, {definition.get_type.removesuffix("_get_type")})'
            return [f"{name} == NULL || {check}" if nullable else check]
        return [] if nullable else [f"{name} != NULL"]

    def _annotations(self, parameter):
        found = []
        if parameter.transfer != "none":
            found.append(f"(transfer {parameter.transfer})")
        if self._is_nullable(parameter):
            found.append("(nullable)")
        if parameter.type.is_array and parameter.type.length is not None:
            found.append(f"(array length={parameter_name(self.function.parameters[parameter.type.length].name)})")
        elif parameter.type.is_array and parameter.type.zero_terminated:
            found.append("(array zero-terminated=1)")
        if parameter.type.name == "filename":
            found.append("(type filename)")
        if parameter.type.name in ("GLib.List", "GLib.SList") and parameter.type.elements:
            found.append(f"(element-type {parameter.type.elements[0].name})")
        if parameter.scope == "notified":
            found.append("(scope notified)")
            for what, index in ("closure", parameter.closure), ("destroy", parameter.destroy):
                if index is not None:
                    found.append(f"({what} {parameter_name(self.function.parameters[index].name)})")
        return " ".join(found)

    # --- what cannot stay as it is ---

    def _buffer(self, parameter):
        """GIO would fill it at a time when the caller may have gone: the operation has a buffer of its own."""
        if not self._is_bytes(parameter) or self.buffer:
            raise LeftOut(f"@{parameter.name} is an array that the caller allocates")
        length = self.function.parameters[parameter.type.length].name
        self.buffer = parameter_name(parameter.name)
        self.kept.append(Kept("gpointer", self.buffer, f"g_malloc (MAX ({parameter_name(length)}, 1))", "g_free"))
        self.call[parameter.name] = f"operation->{self.buffer}"
        self.notes.append(f"Memory for all of @{length} is allocated at once.")

    def _out(self, parameter):
        if parameter.direction == "inout" or not parameter.optional:
            raise LeftOut(f"@{parameter.name} is set at once, when there is no result yet to have it in")
        self.call[parameter.name] = "NULL"
        self.notes.append(f"It does without @{parameter.name}.")

    def _bytes(self, parameter):
        """They have to stay as long as the operation takes: as a GBytes they do."""
        name = parameter_name(parameter.name)
        is_nullable = self._is_nullable(parameter)
        data, size = f"g_bytes_get_data (operation->{name}, NULL)", f"g_bytes_get_size (operation->{name})"
        if parameter.transfer != "none":
            raise LeftOut(f"@{parameter.name} is an array that it takes over")
        if is_nullable:
            data, size = (f"operation->{name} != NULL ? {get} : {none}" for get, none in ((data, "NULL"), (size, "0")))
        self.kept.append(Kept("GBytes *", name, f"keep_bytes ({name})", "g_bytes_unref"))
        self.helpers.add("keep_bytes")
        self.call[parameter.name] = data
        self.call[self.function.parameters[parameter.type.length].name] = size
        self.parameters.append(WrapperParameter(name=name,
                                                declaration=f"GBytes *{name}",
                                                parameter=parameter,
                                                checks=[] if is_nullable else [f"{name} != NULL"],
                                                annotations="(nullable)" if is_nullable else ""))

    def _array(self, parameter):
        element = parameter.type.elements[0] if parameter.type.elements else None
        if element is None or (element.name not in STRINGS and parameter.type.ctype.count("*") < 2):
            raise LeftOut(f"@{parameter.name} is an array that nobody would keep while the operation goes on")
        self._keep_as_it_is(parameter)

    def _callback(self, parameter):
        """The data of one without a destroy notify would have to stay until nobody calls it any more, and a Deferred
        that was cancelled does not tell when that is."""
        if parameter.closure == self._user_data:
            raise LeftOut(f"@{parameter.name} shares its data with the GAsyncReadyCallback")
        if parameter.destroy is not None:
            self._keep_as_it_is(parameter)
            return
        data = self.function.parameters[parameter.closure].name if parameter.closure is not None else None
        if data and self._is_progress(parameter):
            self.helpers.add("report_progress")
            self.call[parameter.name], self.call[data] = "report_progress", "deferred"
            self.notes.append("How far it got is the progress of the Deferred.")
        elif parameter.nullable:
            self.call[parameter.name] = self.call[data] = "NULL"
            self.notes.append(f"It does without @{parameter.name}.")
        else:
            raise LeftOut(f"nobody could tell how long the data of @{parameter.name} are needed")

    def _is_progress(self, parameter):
        """As GFileProgressCallback: how much of how much."""
        definition = self.repository.definition(parameter.type.name)
        if definition is None or not definition.name.endswith("ProgressCallback"):
            return False
        types = [parameter.type.name for parameter in self.repository.callback_parameters(definition)]
        return types == ["gint64", "gint64", "gpointer"]
