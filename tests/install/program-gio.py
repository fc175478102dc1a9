# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""A program outside the tree that uses the wrappers for GIO through their typelib."""

import gi
gi.require_version("GDeferredGio", "1.0")
from gi.repository import GDeferredGio, Gio

information = GDeferredGio.file_query_info(Gio.File.new_for_path(__file__), "standard::name", 0, 0)
seen = []
information.add_callback(lambda info: seen.append(info.get_name()))
information.wait()
assert seen == ["program-gio.py"], seen
