# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""What the wrappers are called: `deferred` goes in behind the prefix of the library, and `_async` goes."""

import re

from .results import LeftOut

# Not for parameters in C.
KEYWORDS = set("""auto break case char const continue default do double else enum extern float for goto if inline int
                  long register restrict return short signed sizeof static struct switch typedef union unsigned void
                  volatile while""".split())


def camel(words):
    return "".join(word[:1].upper() + word[1:] for word in words.split("_"))


class Names:
    """Of several prefixes that a library has, the wrappers get the one that most of its asynchronous functions have."""

    def __init__(self, namespace, prefix, symbols):
        self._namespace = namespace
        self._symbol_prefixes = sorted(namespace.symbol_prefixes, key=len, reverse=True)
        found = [self._prefix_of(symbol) for symbol in symbols]
        self.prefix = prefix or f"{max(namespace.symbol_prefixes, key=found.count)}_deferred"

    def _prefix_of(self, symbol):
        return next((prefix for prefix in self._symbol_prefixes if symbol.startswith(prefix + "_")), None)

    def stem(self, symbol):
        """The name of an asynchronous function without what all of them have."""
        prefix = self._prefix_of(symbol)
        if prefix is None:
            raise LeftOut(f"its name does not begin with {' or '.join(self._symbol_prefixes)}")
        return symbol.removeprefix(prefix + "_").removesuffix("_async")

    def wrapper(self, stem):
        return f"{self.prefix}_{stem}"

    def camel(self, stem, container):
        """As the library writes the name of the class, such as DBusConnection."""
        if container and container.symbol_prefix and stem.startswith(container.symbol_prefix + "_"):
            for prefix in sorted(self._namespace.identifier_prefixes, key=len, reverse=True):
                if container.ctype.startswith(prefix):
                    rest = stem.removeprefix(container.symbol_prefix + "_")
                    return container.ctype.removeprefix(prefix) + camel(rest)
        return camel(stem)

    def result(self, stem, container):
        return f"{camel(self.prefix)}{self.camel(stem, container)}Result"

    def result_symbol(self, stem):
        return f"{self.prefix}_{stem}_result"

    def result_macro(self, stem):
        """G_TYPE_DEFERRED_X_RESULT for g_deferred_x_result."""
        first, _, rest = f"{self.prefix}_{stem}_result".upper().partition("_")
        return f"{first}_TYPE_{rest}"


def field_name(name):
    """Out parameters are called out_this and that_out here and there."""
    return re.sub(r"^out_|_out$", "", name) or name


def parameter_name(name):
    return name + "_" if name in KEYWORDS | {"deferred", "operation", "arguments"} else name
