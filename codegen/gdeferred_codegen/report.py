# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Says what was found, what was wrapped, and what was left out and why, each by its name."""


def grouped(pairs):
    """The names for each reason, in the order of the reasons' first names."""
    groups = {}
    for name, reason in pairs:
        groups.setdefault(reason, []).append(name)
    return groups


def result_of(wrapper):
    if not wrapper.fields:
        return "nothing"
    if wrapper.result_name:
        return f"{wrapper.result_name} {{ {', '.join(field.name for field in wrapper.fields)} }}"
    return wrapper.fields[0].value.what


def report(wrapping, namespace):
    wrapped = [f"  {wrapper.name}: {wrapper.function.symbol}, {wrapper.finish.symbol} ({wrapper.how}): "
               + result_of(wrapper) for wrapper in wrapping.wrapped]
    left = []
    for reason, symbols in grouped((left.symbol, left.reason) for left in wrapping.left).items():
        left += [f"  {reason}:", *(f"    {symbol}" for symbol in symbols)]
    return "\n".join([f"{namespace.name}-{namespace.version}",
                      f"found: {len(wrapping.found)}",
                      f"wrapped: {len(wrapping.wrapped)}",
                      f"left out: {len(wrapping.left)}",
                      "",
                      "wrapped:", *wrapped,
                      "",
                      "left out:", *left, ""])
