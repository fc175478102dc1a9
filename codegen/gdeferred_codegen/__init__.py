# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Writes C functions that return Deferreds for the asynchronous functions of a library, from its GIR.

The way of a function through the modules: `gir` reads it, `wrap` finds its finish function and decides, with the `rules`
that it was given, how to wrap it or why not, `results` knows what becomes of what the finish function returns,
`source`, `header` and `comments` write C, `report` counts.
"""
