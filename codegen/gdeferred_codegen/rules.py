# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""What a GIR does not say, or says wrong, about the functions in it; and which functions to leave out.

One rule a line; what follows a # is a comment:

    deny FUNCTION REASON             leaves the asynchronous function out; the reason goes into the report
    finish FUNCTION FINISH-FUNCTION  this is its finish function
    nullable FUNCTION PARAMETER      the parameter may be NULL
    omit FINISH-FUNCTION PARAMETER   the result goes without this out parameter, which may be NULL
    value FINISH-FUNCTION            the boolean that it returns is the result, and does not tell whether it failed
"""

WORDS = {"deny": 3, "finish": 3, "nullable": 3, "omit": 3, "value": 2}


class RulesError(Exception):
    """What is wrong with a rule."""


class Rules:
    def __init__(self):
        self._rules = {}    # (word, symbol): the arguments
        self._unused = {}   # (word, symbol, argument): where it stands

    def read(self, path):
        try:
            with open(path, encoding="utf-8") as lines:
                for number, line in enumerate(lines, 1):
                    self._add(line.partition("#")[0].split(None, 2), f"{path}:{number}")
        except (OSError, UnicodeDecodeError) as error:
            raise RulesError(f"{path}: {error}") from error

    def _add(self, words, where):
        if not words:
            return
        if words[0] not in WORDS:
            raise RulesError(f"{where}: there is no rule {words[0]!r}, but {', '.join(WORDS)}")
        if len(words) != WORDS[words[0]]:
            raise RulesError(f"{where}: {words[0]} takes {WORDS[words[0]] - 1} arguments")
        word, symbol, argument = [*words, ""][:3]
        argument = " ".join(argument.split())
        self._rules.setdefault((word, symbol), []).append(argument)
        self._unused[word, symbol, argument] = where

    def get(self, word, symbol):
        """The argument of the first such rule, or None."""
        arguments = self._rules.get((word, symbol))
        if arguments is None:
            return None
        self._unused.pop((word, symbol, arguments[0]), None)
        return arguments[0]

    def has(self, word, symbol, argument=""):
        self._unused.pop((word, symbol, argument), None)
        return argument in self._rules.get((word, symbol), [])

    def unused(self):
        """Yields where each rule stands that nothing asked for, and what it says."""
        for (word, symbol, argument), where in self._unused.items():
            yield where, " ".join([word, symbol, argument]).rstrip()
