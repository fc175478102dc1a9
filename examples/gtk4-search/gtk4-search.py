#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""gtk4-search: a window that looks for files by their names, as you type. Usage: gtk4-search.py [FOLDER]

A search begins when nothing was typed for a moment, and ends the one before. A thread walks through the folders; what it
finds becomes rows in the time that drawing leaves, and it waits until it does."""

import os
import sys

import gi

gi.require_version("Gtk", "4.0")
gi.require_version("GDeferred", "1.0")
from gi.repository import Gio, Gtk

from window import SearchWindow

root = os.path.expanduser(sys.argv[1] if len(sys.argv) > 1 else "~")
application = Gtk.Application(application_id="io.gdeferred.Search", flags=Gio.ApplicationFlags.NON_UNIQUE)
application.connect("activate", lambda application: SearchWindow(root, application=application).present())
sys.exit(application.run())
