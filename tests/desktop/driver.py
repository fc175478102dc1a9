# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Drives programs with windows as a person would, through the accessibility bus, on a screen of their own (Xvfb).

Nothing sleeps for a fixed time: each step waits until what it looks for is there, and fails if that takes too long.

With GDEFERRED_PRELOAD naming what was built from frames.c, the frames of a program are measured."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

TIMEOUT = 60

NEEDED = ("Xvfb", "dbus-run-session", "import")


def missing(namespaces):
    """Why windows cannot be tested here, or None."""
    for program in NEEDED:
        if shutil.which(program) is None:
            return f"there is no {program}"
    try:
        import gi
        for name, version in namespaces.items():
            gi.require_version(name, version)
    except (ImportError, ValueError) as error:
        return str(error)
    return None


def run_on_a_screen():
    """Runs this script once more, on a screen and a session bus of its own, and gives its exit status."""
    read, write = os.pipe()
    screen = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-noreset", "-screen", "0", "1280x900x24"],
                              pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    output = os.dup(1)  # the daemons print on what they have as their standard output
    with tempfile.TemporaryDirectory() as runtime:
        environment = {
            **os.environ, "DISPLAY": f":{number}", "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo", "GTK_A11Y": "atspi",
            "XDG_RUNTIME_DIR": runtime, "XDG_CONFIG_HOME": runtime, "XDG_CACHE_HOME": runtime, "XDG_DATA_HOME": runtime,
            "GDEFERRED_ON_A_SCREEN": str(output),
        }
        for name in ("WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "AT_SPI_BUS_ADDRESS"):
            environment.pop(name, None)
        try:
            return subprocess.run(["dbus-run-session", "--", sys.executable, *sys.argv], env=environment,
                                  stdout=subprocess.DEVNULL, pass_fds=[output]).returncode
        finally:
            screen.terminate()
            screen.wait()


def main(tests, **namespaces):
    """Runs the tests on a screen of their own, or tells why they are skipped: the typelibs that they need are named."""
    reason = missing({"Atspi": "2.0", **namespaces})
    if reason is not None:
        print(f"1..0 # SKIP {reason}")
        return 0
    output = os.environ.pop("GDEFERRED_ON_A_SCREEN", None)
    if output is None:
        return run_on_a_screen()
    os.dup2(int(output), 1)
    return tests()


def until(what, look):
    """Gives what ``look`` finds, as soon as it finds something."""
    end = time.monotonic() + TIMEOUT
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"waited too long for {what}"
        time.sleep(0.02)  # the accessibility bus tells of no change that is worth waiting for


def milliseconds(spans):
    """Of times in microseconds: their median, what 95 of 100 do not exceed, and the worst."""
    spans = sorted(spans)
    return " / ".join(f"{spans[int(share * (len(spans) - 1))] / 1000:.1f}" for share in (0.5, 0.95, 1))


class Frames:
    """When a program drew. The first frames, in which GTK loads its theme and its fonts, are left out."""

    FIRST = 5

    def __init__(self, lines):
        times = [tuple(map(int, line.split())) for line in lines][self.FIRST:]
        self.apart = [wall for wall, _ in times]
        self.busy = [busy for _, busy in times]

    def __str__(self):
        if not self.apart:
            return "no frames"
        return (f"{len(self.apart)} frames, median / 95 of 100 / worst: {milliseconds(self.apart)} ms apart, "
                f"main thread busy for {milliseconds(self.busy)} ms")


class Program:
    """A program that runs, and its window."""

    def __init__(self, arguments, environment=None):
        import gi
        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi, GLib
        self._atspi, self._glib = Atspi, GLib
        Atspi.init()
        self._errors = tempfile.TemporaryFile("w+")
        self._frames = tempfile.NamedTemporaryFile("r")
        # Newer Mesa warns of a screen that is none.
        environment = {**os.environ, "GTK_THEME": "Adwaita", "EGL_LOG_LEVEL": "fatal", **(environment or {})}
        if "GDEFERRED_PRELOAD" in os.environ:
            environment |= {"LD_PRELOAD": os.environ["GDEFERRED_PRELOAD"], "GDEFERRED_FRAMES": self._frames.name}
        self.process = subprocess.Popen(arguments, env=environment, text=True, stdout=subprocess.PIPE,
                                        stderr=self._errors)
        self.window = until("the window", self._find_window)

    def _find_window(self):
        assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.errors()}"
        try:
            desktop = self._atspi.get_desktop(0)
            for i in range(desktop.get_child_count()):
                application = desktop.get_child_at_index(i)
                if application is None or application.get_process_id() != self.process.pid:
                    continue
                if application.get_child_count() > 0:
                    return application.get_child_at_index(0)
        except self._glib.Error:
            pass  # it was just coming up
        return None

    def _walk(self, item, order=iter):
        yield item
        try:
            children = [item.get_child_at_index(i) for i in order(range(item.get_child_count()))]
        except self._glib.Error:
            return
        for child in children:
            if child is not None:
                yield from self._walk(child, order)

    def _try(self, ask):
        try:
            return ask()
        except self._glib.Error:
            return None  # a row that went meanwhile

    def labels(self):
        """The texts of all labels, from top to bottom."""
        texts = (self._try(item.get_name) for item in self._walk(self.window)
                 if self._try(item.get_role_name) == "label")
        return [text for text in texts if text]

    def buttons(self, name):
        return [item for item in self._walk(self.window) if self._is_button(item, name)]

    def _is_button(self, item, name):
        """Some versions of GTK have the label in the name twice, once with the underlined letter."""
        return (self._try(item.get_role_name) in ("push button", "button")
                and (self._try(item.get_name) or "").endswith(name))

    def is_sensitive(self, button):
        return button.get_state_set().contains(self._atspi.StateType.SENSITIVE)

    def value(self, item):
        """How far a bar is."""
        return self._try(lambda: self._atspi.Value.get_current_value(item)) or 0

    def press(self, button):
        self._atspi.Action.do_action(button, 0)

    def type(self, entry, text):
        self._atspi.EditableText.set_text_contents(entry, text)

    def key(self, symbol):
        """As if the key of that symbol of X11 was pressed, and let go."""
        self._atspi.generate_keyboard_event(symbol, None, self._atspi.KeySynthType.SYM)

    def write(self, text):
        """As if these keys were pressed."""
        self._atspi.generate_keyboard_event(0, text, self._atspi.KeySynthType.STRING)

    def items(self, *roles):
        return [item for item in self._walk(self.window) if self._try(item.get_role_name) in roles]

    def until_label(self, matches, what):
        return until(what, lambda: next((text for text in self.labels() if matches(text)), None))

    def line(self, matches):
        """The label with such a text. To look at one is less work for the program than to look for one each time."""
        return until("the line", lambda: next((item for item in self.items("label")
                                               if matches(self._try(item.get_name) or "")), None))

    def text(self, item):
        return self._try(item.get_name) or ""

    def until_text(self, item, matches, what):
        return until(what, lambda: (text := self.text(item)) and matches(text) and text)

    def screenshot(self, path):
        """Of the window: what is around it on the screen is black."""
        subprocess.run(["import", "-window", "root", "-trim", "+repage", "-strip", path], check=True)
        assert os.path.getsize(path) > 1000

    def frames(self):
        """What was measured, once it has ended."""
        return Frames(self._frames.read().splitlines())

    def close(self):
        self.press(until("the button that closes", self._find_close))

    def _find_close(self):
        """The title bar comes after what may be long."""
        return next((item for item in self._walk(self.window, reversed) if self._is_button(item, "Close")), None)

    def errors(self):
        """Newer GTK tells, of a window that is closed while something in it moves, a fault of its own; and what reads images
        tells where it can have no sandbox."""
        self._errors.seek(0)
        return re.sub(r"\n?.*(gdk_frame_clock_finalize: runtime check failed|Glycin running without sandbox).*\n", "",
                      self._errors.read())

    def end(self):
        """Waits until it has ended, and gives what it printed; its errors have to be none."""
        output, _ = self.process.communicate(timeout=TIMEOUT)
        assert self.process.returncode == 0, f"it ended with {self.process.returncode}: {self.errors()}"
        assert self.errors() == "", self.errors()
        return output
