# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

import pathlib

from gi.repository import GDeferred, GObject, Gtk

from walk import Walk

QUIET = 0.15  # seconds without typing until a search begins
AT_ONCE = 20  # rows that are added or removed in one step


@Gtk.Template(filename=str(pathlib.Path(__file__).with_name("window.ui")))
class SearchWindow(Gtk.ApplicationWindow):
    __gtype_name__ = "SearchWindow"

    searching = GObject.Property(type=GDeferred.Deferred)
    summary = GObject.Property(type=str)
    selection = Gtk.Template.Child()

    def __init__(self, root, **properties):
        super().__init__(**properties)
        self.root = root
        self.typing = GDeferred.DeferredDebounce(QUIET)
        self.results = Gtk.StringList()
        self.start_anew()

    @Gtk.Template.Callback()
    def on_changed(self, entry):
        """A new search takes the place of the one that waits, or is under way."""
        self.searching = self.typing.run(self.search, entry.get_text())
        self.searching.bind_owner(self)
        self.searching.add_errback(lambda error: None, when=GDeferred.CancelledError)

    async def search(self, text):
        self.start_anew()
        if not text:
            return
        walk = Walk(self.root, text, self.take)
        try:
            await GDeferred.run_in_thread(walk.run)
        finally:
            walk.is_cancelled = True
        self.tell(walk, "")

    def start_anew(self):
        """The rows of the former search go when there is time."""
        GDeferred.cooperate(empty(self.results))
        self.results = Gtk.StringList()
        self.selection.set_model(self.results)
        self.summary = f"Type to search in {self.root}"

    def take(self, walk, rows):
        """Called by the thread, which waits until all of them are there."""
        return GDeferred.cooperate(self.add(walk, rows)).when_done()

    def add(self, walk, rows):
        for start in range(0, len(rows), AT_ONCE):
            if walk.is_cancelled:
                return
            self.results.splice(len(self.results), 0, rows[start:start + AT_ONCE])
            yield
        if not walk.is_cancelled:
            self.tell(walk, " so far")

    def tell(self, walk, when):
        problems = f", {walk.unreadable:,} unreadable" if walk.unreadable else ""
        self.summary = f"{walk.found:,} of {walk.looked_at:,} names{problems}{when}"


def empty(results):
    while len(results) > 0:
        number = min(AT_ONCE, len(results))
        results.splice(len(results) - number, number, [])
        yield
