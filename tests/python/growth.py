# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Whether something that is done again and again takes more and more memory."""

import gc

from common import take_reports


def rss():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096


def does_not_grow(n, once, bytes_each=40):
    """n times at first, so that all pools have their size; then n times again and again. The least growth counts, as
    pools may still grow once."""
    def run():
        for i in range(n):
            once(i)
        take_reports()
        gc.collect()

    for _ in range(2):
        run()
    least = None
    for _ in range(3):
        before, objects = rss(), len(gc.get_objects())
        run()
        grown = (rss() - before) / n, (len(gc.get_objects()) - objects) / n
        least = grown if least is None else min(least, grown)
        if least[0] < bytes_each and least[1] < 0.01:
            return
    raise AssertionError(f"{least[0]:.1f} bytes and {least[1]:.3f} objects more each time")
