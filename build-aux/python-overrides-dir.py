# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Prints where Python looks for overrides of what is installed in a prefix."""

import sys
import sysconfig

prefix = sys.argv[1]
schemes = sysconfig.get_scheme_names()

# Debian's Python has a folder of its own for its packages, and another for what is added by hand.
if prefix == "/usr" and "deb_system" in schemes:
    purelib = sysconfig.get_path("purelib", "deb_system")
elif prefix == "/usr/local" and "posix_local" in schemes:
    purelib = sysconfig.get_path("purelib", "posix_local")
else:
    purelib = sysconfig.get_path("purelib", "posix_prefix", {"base": prefix, "platbase": prefix})

print(f"{purelib}/gi/overrides")
