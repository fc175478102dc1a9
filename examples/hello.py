# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

import sys
import gi
gi.require_version("GDeferred", "1.0")
from gi.repository import GDeferred

def load(name):                # in a thread: it may block
    with open(name) as file:
        return file.read()

d = GDeferred.run_in_thread(load, sys.argv[1])
d.add_callbacks(lambda text: print("It says:", text), lambda error: print("Sorry:", error))
d.wait()
