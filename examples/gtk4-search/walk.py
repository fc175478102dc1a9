# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

import os
import time

from gi.repository import GDeferred, GLib

INTERVAL = 0.05  # seconds between portions


class Walk:
    """Looks for a text in all names below a folder."""

    def __init__(self, root, text, take):
        self.root = root
        self.text = text.casefold()
        self.take = take
        self.looked_at = self.found = self.unreadable = 0
        self.is_cancelled = False
        self._portion = []

    def run(self):
        """For a thread. What was found goes to the main loop in portions; the next one comes when that is done with the one
        before."""
        last = time.monotonic()
        for folder, folders, files in os.walk(self.root, onerror=self._tell_error):
            folders.sort()
            for name in sorted(folders + files):
                if self.text in name.casefold():
                    self._add(name, folder)
            self.looked_at += len(folders) + len(files)
            if self.is_cancelled:
                return
            if time.monotonic() - last > INTERVAL:
                self._hand_over()
                last = time.monotonic()
        self._hand_over()

    def _add(self, name, folder):
        self.found += 1
        self._portion.append(f"{escape(name)}  <span alpha='60%'>{escape(folder)}</span>")

    def _tell_error(self, error):
        self.unreadable += 1
        self._portion.append(f"<span foreground='#c01c28'>{escape(error.strerror)}</span>  {escape(error.filename)}")

    def _hand_over(self):
        portion, self._portion = self._portion, []
        GDeferred.blocking_call_from_thread(self.take, self, portion)


def escape(name):
    return GLib.markup_escape_text(os.fsencode(name).decode(errors="replace"))
