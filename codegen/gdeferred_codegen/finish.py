# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Finds the finish function of an asynchronous one."""

import re

from .results import LeftOut

RESULT = "Gio.AsyncResult"
MENTIONED = re.compile(r"\b(\w+_finish\w*) ?\(\)|\[(?:ctor|func|method|type_func)@([\w.]*?)(\w+_finish\w*)\]")


def takes_result(function):
    return [parameter.type.name for parameter in function.parameters].count(RESULT) == 1


class Finishers:
    def __init__(self, functions, rules):
        self._rules = rules
        self._by_symbol = {function.symbol: function for function in functions}
        self._by_name = {(function.container and function.container.name, function.name): function
                         for function in functions}

    def _symbol(self, symbol):
        function = self._by_symbol.get(symbol)
        return function if function and takes_result(function) else None

    def _beside(self, function, name):
        found = self._by_name.get((function.container and function.container.name, name))
        return found if found and takes_result(found) else None

    def _mentioned(self, function):
        """The documentation may tell. It has to name one only."""
        found = {}
        for symbol, _, name in MENTIONED.findall(function.doc):
            finish = self._symbol(symbol) if symbol else self._beside(function, name)
            if finish:
                found[finish.symbol] = finish
        return next(iter(found.values())) if len(found) == 1 else None

    def of(self, function):
        """The finish function, and how it was found."""
        rule = self._rules.get("finish", function.symbol)
        if rule is not None:
            if self._symbol(rule) is None:
                raise LeftOut(f"the rule says that {rule} is its finish function, which there is not")
            return self._symbol(rule), "by a rule"
        if function.finish:
            found = self._beside(function, function.finish) or self._symbol(function.finish)
            if found:
                return found, "by its attribute"
        found = self._symbol(function.symbol.removesuffix("_async") + "_finish")
        if found:
            return found, "by its name"
        found = self._mentioned(function)
        if found:
            return found, "by its documentation"
        raise LeftOut("there is no finish function")
