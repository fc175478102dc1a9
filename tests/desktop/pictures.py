# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Images for programs that show some, the same each time."""

import colorsys
import math
import random


def _save(path, width, height, data, size):
    import gi
    gi.require_version("GdkPixbuf", "2.0")
    from gi.repository import GdkPixbuf, GLib

    pixbuf = GdkPixbuf.Pixbuf.new_from_bytes(GLib.Bytes.new(bytes(data)), GdkPixbuf.Colorspace.RGB, False, 8, width, height,
                                             3 * width)
    pixbuf = pixbuf.scale_simple(*size, GdkPixbuf.InterpType.BILINEAR)
    pixbuf.savev(str(path), "jpeg", ["quality"], ["90"])


def _mix(one, other, share):
    return [a + (b - a) * share for a, b in zip(one, other)]


def landscape(path, seed, width, height):
    """Hills under a sky, as a JPEG."""
    rnd = random.Random(seed)
    hue = rnd.random()
    zenith = colorsys.hsv_to_rgb(hue, 0.55, 0.55 + 0.4 * rnd.random())
    horizon = colorsys.hsv_to_rgb((hue + 0.12) % 1, 0.3, 1)
    sun = (20 + 40 * rnd.random(), 10 + 14 * rnd.random(), 5)
    hills = [(0.45 + 0.16 * layer, 3 + 5 * rnd.random(), 6.3 * rnd.random(),
              colorsys.hsv_to_rgb((hue + 0.45) % 1, 0.35 + 0.15 * layer, 0.62 - 0.18 * layer)) for layer in range(3)]

    columns, rows = 80, 60
    data = bytearray()
    for y in range(rows):
        for x in range(columns):
            color = _mix(zenith, horizon, y / rows)
            distance = math.hypot(x - sun[0], y - sun[1]) - sun[2]
            color = _mix(color, (1, 0.97, 0.85), max(0, min(1, 1 - distance / 2)))
            for level, frequency, phase, shade in hills:
                ridge = rows * (level + 0.07 * math.sin(frequency * x / columns + phase) +
                                0.03 * math.sin(2.7 * frequency * x / columns + 2 * phase))
                color = _mix(color, shade, max(0, min(1, y - ridge)))
            data += bytes(int(255 * part) for part in color)
    _save(path, columns, rows, data, (width, height))


def noise(path, width, height):
    """One that takes long to decode."""
    _save(path, width, height, random.Random(1).randbytes(3 * width * height), (width, height))
