# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Decides how each asynchronous function is wrapped, or why it is not."""

import dataclasses

from .arguments import READY, Arguments
from .finish import RESULT, Finishers
from .kinds import value_of
from .names import Names, field_name, parameter_name
from .results import Buffer, LeftOut, spaced


@dataclasses.dataclass
class Field:
    name: str
    value: object
    parameter: object   # of the finish function; what it returns
    is_returned: bool


@dataclasses.dataclass
class Wrapper:
    function: object
    called: object      # the asynchronous function itself, or what does the same with a va_list
    finish: object
    how: str            # it was found
    stem: str
    name: str
    result_name: str    # the struct's, if there is more than one field
    arguments: Arguments
    fields: list
    finish_arguments: list
    tells_by_boolean: bool


@dataclasses.dataclass
class Left:
    symbol: str
    reason: str


def is_async(function):
    return any(parameter.type.name == READY for parameter in function.parameters)


def version(text):
    return tuple(int(part) for part in text.split(".") if part.isdigit())


class Result:
    """What the finish function leaves, and how it is called."""

    def __init__(self, finish, repository, rules):
        self._finish = finish
        self._repository = repository
        self.fields = []
        self.arguments = []
        self.tells_by_boolean = False
        self._pointers = {}     # the name of an out parameter: the argument
        self._lengths = {parameter.type.length for parameter in [finish.returns, *finish.parameters]
                         if parameter.type.is_array}

        self._returned(rules)
        for index, parameter in enumerate(finish.parameters):
            if parameter.direction == "out" and index not in self._lengths:
                self._out(parameter, rules)
        self.arguments = [self._argument(parameter) for parameter in finish.all_parameters]
        if finish.throws:
            self.arguments.append("&error")

    def _length(self, type_):
        """The type and the variable of the length that an array has beside it."""
        if not type_.is_array or type_.length is None:
            return None
        length = self._finish.parameters[type_.length]
        if length.direction != "out" or not length.type.ctype.endswith("*"):
            raise LeftOut(f"the length of an array is not told by @{length.name}")
        return length.type.ctype[:-1], "out_" + length.name

    def _value(self, parameter, variable):
        value = value_of(parameter, variable, self._repository, self._length(parameter.type))
        if parameter.direction == "out":
            self._pointers.update(value.pointers())
        elif parameter.type.length is not None:
            self._pointers.update({name: pointer for name, pointer in value.pointers().items() if name != variable})
        return value

    def _returned(self, rules):
        returns = self._finish.returns
        if returns.type.name == "none":
            return
        is_value = rules.has("value", self._finish.symbol)
        if returns.type.name == "gboolean" and self._finish.throws and not is_value:
            self.tells_by_boolean = True
            return
        definition = self._repository.definition(returns.type.name)
        name = definition.symbol_prefix if definition and definition.symbol_prefix else "value"
        self.fields.append(Field(name, self._value(returns, "returned"), returns, True))

    def _out(self, parameter, rules):
        if rules.has("omit", self._finish.symbol, parameter.name):
            if not parameter.optional:
                raise LeftOut(f"a rule omits @{parameter.name}, which must not be NULL")
            self._pointers["out_" + parameter.name] = "NULL"
            return
        self.fields.append(Field(field_name(parameter.name), self._value(parameter, "out_" + parameter.name), parameter,
                                 False))

    def _argument(self, parameter):
        definition = self._repository.definition(parameter.type.name)
        if parameter.type.name == RESULT:
            return "result"
        if parameter.direction == "out":
            return self._pointers["out_" + parameter.name]
        if parameter.direction == "in" and definition and self._repository.is_object(definition):
            return f"({spaced(parameter.type.ctype)}) source"
        raise LeftOut(f"its finish function {self._finish.symbol} wants a @{parameter.name}")


def read_into(buffer, result):
    """The one number that tells how much was read makes room for what was read."""
    sizes = [field for field in result.fields if field.parameter.type.name in ("gsize", "gssize")]
    if len(sizes) != 1 or len(result.fields) != 1:
        raise LeftOut("nobody tells how much was read into its buffer")
    return [Field(buffer, Buffer(sizes[0].value, buffer), sizes[0].parameter, sizes[0].is_returned)]


def make_unique(fields, what):
    names = [field.name for field in fields]
    for field in fields:
        if names.count(field.name) > 1:
            field.name = "value" if field.is_returned else field.parameter.name
    names = [field.name for field in fields]
    if len(set(names)) < len(names):
        raise LeftOut(f"two fields of {what} would have the same name")
    for field in fields:
        field.name = parameter_name(field.name)
        if len(fields) > 1 and not field.value.can_be_field:
            raise LeftOut("one of several results is a GValue")


class Wrapping:
    """All asynchronous functions of a namespace: `found`, of which each is in `wrapped` or in `left`."""

    def __init__(self, repository, rules, prefix, newest):
        self._repository = repository
        self._rules = rules
        self._newest = newest
        functions = list(repository.namespace.functions())
        self._by_symbol = {function.symbol: function for function in functions}
        self._finishers = Finishers(functions, rules)
        self._taken = {}    # the name of a wrapper: the function that has it

        self.found = [function for function in functions if is_async(function)]
        self.names = Names(repository.namespace, prefix, [function.symbol for function in self.found])
        self.wrapped = []
        self.left = []
        for function in self.found:
            try:
                self.wrapped.append(self._wrap(function))
            except LeftOut as reason:
                self.left.append(Left(function.symbol, str(reason)))

    def _is_newer(self, what):
        """What was deprecated later is as good as it was then."""
        return bool(self._newest) and version(what) > version(self._newest)

    def _refuse(self, function):
        denied = self._rules.get("deny", function.symbol)
        if denied is not None:
            raise LeftOut(denied)
        if function.deprecated and not self._is_newer(function.deprecated):
            raise LeftOut("deprecated" + (f" since {function.deprecated}" if function.deprecated != "?" else ""))
        if self._is_newer(function.version):
            raise LeftOut(f"newer than {self._newest}: since {function.version}")
        if function.kind == "constructor" or function.returns.type.name != "none":
            raise LeftOut("it returns something at once")

    def _called(self, function):
        """With variable arguments only the one that takes a va_list can be called: new_valist_async for new_async."""
        if function.parameters[-1].type.name != "...":
            return function
        stem = function.symbol.removesuffix("_async")
        twin = self._by_symbol.get(stem + "_valist" + function.symbol.removeprefix(stem))
        names = {parameter.name for parameter in function.all_parameters if parameter.type.name != "..."}
        if twin is None or {parameter.name for parameter in twin.all_parameters
                            if parameter.type.name != "va_list"} != names:
            raise LeftOut("it takes a variable number of arguments, and nothing does the same with a va_list")
        return twin

    def _wrap(self, function):
        self._refuse(function)
        stem = self.names.stem(function.symbol)
        name = self.names.wrapper(stem)
        if name in self._taken:
            raise LeftOut(f"{name} is there for {self._taken[name]}")
        called = self._called(function)
        arguments = Arguments(function, self._repository, self._rules)
        finish, how = self._finishers.of(function)
        result = Result(finish, self._repository, self._rules)
        fields = read_into(arguments.buffer, result) if arguments.buffer else result.fields
        result_name = self.names.result(stem, function.container) if len(fields) > 1 else ""
        make_unique(fields, result_name)

        self._taken[name] = function.symbol
        return Wrapper(function, called, finish, how, stem, name, result_name, arguments, fields, result.arguments,
                       result.tells_by_boolean)
