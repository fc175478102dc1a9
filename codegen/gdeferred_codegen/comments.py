# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""The documentation of what is generated."""

import re
import textwrap

WIDTH = 108
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z#@%])")
# What a wrapper has no use for, and what would be taken for something else inside a comment.
OF_THE_CALLBACK = re.compile(r"@(callback|cancellable|res|result|user_data)\b|_finish|AsyncResult|"
                             r"AsyncReadyCallback|\||`")


def clean(text):
    """Ends no comment, and has no links but to the web: they lead to places in the library's own documentation."""
    text = re.sub(r"\[(?:class|enum|flags|iface|struct|type)@(?:[\w-]+\.)?(\w+)\]", r"\1", text)
    text = re.sub(r"\[\w+@([\w.:-]+)\]", r"\1", text)
    text = re.sub(r"\[([^\]]+)\](?:\[[^\]]*\]|\((?!https?:)[^)]*\))", r"\1", text)
    return text.replace("*/", "* /").replace("/*", "/ *")


def paragraph(text, first="", rest=""):
    return textwrap.wrap(" ".join(text.split()), WIDTH, initial_indent=first, subsequent_indent=rest,
                         break_long_words=False, break_on_hyphens=False)


def comment(name, parameters, paragraphs, returns, since, annotations=""):
    """The lines of a comment for g-ir-scanner. The parameters are (name, annotations, text)."""
    lines = [f"{name}: {annotations}".rstrip()]
    for parameter, annotations, text in parameters:
        head = f"@{parameter}: {annotations}: " if annotations else f"@{parameter}: "
        lines += paragraph(text, head, "  ") or [head.rstrip()]
    for text in paragraphs:
        lines += ["", *paragraph(text)]
    if returns:
        lines += ["", *paragraph(returns, "Returns: ", "  ")]
    if since:
        lines += ["", f"Since: {since}"]
    return ["/**", *(f" * {line}".rstrip() for line in lines), " */"]


def summary(wrapper):
    """Of the function's own documentation, what is true of the wrapper, too: the sentences of its first paragraph
    that do not speak of the callback."""
    first = wrapper.function.doc.strip().split("\n\n")[0]
    sentences = [sentence for sentence in SENTENCE.split(" ".join(first.split()))
                 if not OF_THE_CALLBACK.search(sentence)]
    there = {parameter.name for parameter in wrapper.arguments.parameters}
    return re.sub(r"@(\w+)", lambda name: name[0] if name[1] in there else name[1], clean(" ".join(sentences)))


def of_parameter(parameter):
    """One that the GIR says nothing about gets its name."""
    text = re.split(r"\n\s*\n", parameter.doc.strip())[0]
    return clean(text) or f"the {parameter.name.replace('_', ' ')}"


def of_result(wrapper):
    finish = wrapper.finish.symbol
    if not wrapper.fields:
        return "There is nothing in the result but that it succeeded."
    if wrapper.result_name:
        return f"The result is a #{wrapper.result_name}, for g_deferred_get_boxed()."
    value = wrapper.fields[0].value
    if wrapper.arguments.buffer:
        return f"The result is {value.what}, for {value.getter}: what was read."
    nothing = " or %NULL" if wrapper.fields[0].parameter.nullable else ""
    return f"The result is {value.what}{nothing}, for {value.getter}: that of {finish}()."


def of_wrapper(wrapper, since):
    function = wrapper.function
    parameters = [(parameter.name, parameter.annotations, of_parameter(parameter.parameter))
                  for parameter in wrapper.arguments.parameters]
    stops = "the operation is cancelled with it"
    if not any(parameter.type.name == "Gio.Cancellable" for parameter in function.parameters):
        stops = "that ends the wait, and not the operation"
    paragraphs = [
        summary(wrapper),
        f"This is {function.symbol}() as a Deferred, at home in the thread-default main context of the caller. "
        f"If the Deferred is cancelled, {stops}.",
        of_result(wrapper),
        *([" ".join(wrapper.arguments.notes)] if wrapper.arguments.notes else []),
    ]
    return comment(wrapper.name, parameters, [text for text in paragraphs if text], "(transfer full): a new Deferred",
                   since, "(skip)" if wrapper.arguments.variable_arguments else "")


def of_struct(wrapper, since):
    finish = wrapper.finish.symbol
    fields = []
    for field in wrapper.fields:
        nullable = "(nullable)" if field.parameter.nullable else ""
        source = "what {} returns" if field.is_returned else "what {} leaves in @" + field.parameter.name
        annotations = " ".join(filter(None, [field.value.annotations, nullable]))
        fields.append((field.name, annotations, source.format(finish + "()")))
    return comment(wrapper.result_name, fields, [f"The result of {wrapper.name}()."], "", since)
