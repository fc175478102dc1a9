# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Writes C functions that return Deferreds for the asynchronous functions of a library, from its GIR.

The way of a function through the modules: `gir` reads it; `wrap` decides, with the `rules` that were given, how to wrap
it, or why not, and has `finish` find its finish function, `arguments` see to the parameters, and `kinds` and `results`
to what comes out; `code` writes the C, with `comments` and `helpers`; `report` counts.
"""
