# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""The command line."""

import argparse
import os
import sys

from .code import Writer
from .gir import GirError, Repository
from .report import report
from .rules import Rules, RulesError
from .wrap import Wrapping

try:
    from .version import VERSION
except ImportError:
    VERSION = "(not installed)"

DESCRIPTION = """\
Writes C functions that return Deferreds for all asynchronous functions of a library, from its GIR:
g_deferred_file_load_contents() for g_file_load_contents_async() and its finish function."""

EPILOG = """\
The file of rules says what the GIR does not, one rule a line:

  deny FUNCTION REASON             leaves the asynchronous function out; the reason goes into the report
  finish FUNCTION FINISH-FUNCTION  this is its finish function
  nullable FUNCTION PARAMETER      the parameter may be NULL
  omit FINISH-FUNCTION PARAMETER   the result goes without this out parameter, which may be NULL
  value FINISH-FUNCTION            the boolean that it returns is the result, and does not tell whether it failed
"""


def parser():
    parsing = argparse.ArgumentParser(prog="gdeferred-codegen", description=DESCRIPTION, epilog=EPILOG,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    parsing.add_argument("gir", metavar="GIR", help="a name and a version, such as Gio-2.0, or the path of a .gir")
    parsing.add_argument("--header", metavar="FILE", help="write the header there")
    parsing.add_argument("--source", metavar="FILE", help="write the source there")
    parsing.add_argument("--report", metavar="FILE", help="write there what was wrapped and what was not; - for here")
    parsing.add_argument("--rules", metavar="FILE", action="append", default=[], help="read rules (see below)")
    parsing.add_argument("--fatal-warnings", action="store_true", help="fail if a rule has no effect")
    parsing.add_argument("--prefix", help="what the names begin with; without it, the prefix of the library's, and "
                                          "_deferred: soup_deferred for libsoup")
    parsing.add_argument("--newest", metavar="VERSION", help="leave out what is newer than this version of the "
                                                             "library, and keep what was deprecated later")
    parsing.add_argument("--since", metavar="VERSION", help="the version to tell in the documentation")
    parsing.add_argument("--include", metavar="HEADER", action="append", default=[],
                         help="what the header includes of the library; without it, what the GIR says")
    parsing.add_argument("--include-as", metavar="HEADER", help="how the source includes the header, such as "
                                                                "gdeferred-gio/gdeferred-gio.h")
    parsing.add_argument("--extern", metavar="WORD", default="extern", help="what a declaration begins with, such as a "
                                                                            "macro for visibility")
    parsing.add_argument("--girdir", metavar="FOLDER", action="append", default=[], help="look for GIRs here first")
    parsing.add_argument("--find", action="store_true", help="only print the path of the GIR")
    parsing.add_argument("--version", action="version", version=f"%(prog)s {VERSION}")
    return parsing


def write(path, text):
    if path == "-":
        sys.stdout.write(text)
        return
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def warn(rules):
    """Tells of rules that had no effect, and whether there were any."""
    unused = list(rules.unused())
    for where, rule in unused:
        print(f"gdeferred-codegen: {where}: this had no effect: {rule}", file=sys.stderr)
    return bool(unused)


def generate(options):
    rules = Rules()
    for path in options.rules:
        rules.read(path)
    repository = Repository(options.gir, options.girdir)
    if options.find:
        print(repository.path)
        return 0

    wrapping = Wrapping(repository, rules, options.prefix, options.newest)
    options.gir_path = repository.path
    writer = Writer(wrapping, options)
    included = options.include_as and f"<{options.include_as}>"
    if options.header:
        write(options.header, writer.header(options.include or repository.namespace.headers))
        included = included or f'"{os.path.basename(options.header)}"'
    if options.source:
        if not included:
            raise GirError("--source needs --header or --include-as")
        write(options.source, writer.source(included))
    if options.report:
        write(options.report, report(wrapping, repository.namespace))
    return 1 if warn(rules) and options.fatal_warnings else 0


def main(arguments=None):
    try:
        return generate(parser().parse_args(arguments))
    except (GirError, RulesError, OSError) as error:
        print(f"gdeferred-codegen: {error}", file=sys.stderr)
        return 1
