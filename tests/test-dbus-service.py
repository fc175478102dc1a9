#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Usage: test-dbus-service.py SERVICE CLIENT: lets the two talk over a bus of their own, compares what is said with what is
so, and sees that nothing is lost when one of them goes."""

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import tap

SERVICE, CLIENT = (os.path.abspath(path) for path in sys.argv[1:3])
SCALE = int(os.environ.get("GD_TEST_SCALE", "100"))
TIMEOUT = 120

STATUS = r"(\d+) under way, (\d+) answered, (\d+) failed, (\d+) cancelled\n"


def scaled(n):
    return max(n * SCALE // 100, 1)


class Bus:
    """A bus, and on it the service."""

    def __init__(self, environment, service):
        self.environment = environment
        self.service = service

    def start(self, *arguments):
        return subprocess.Popen([CLIENT, *map(str, arguments)], env=self.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def run(self, *arguments):
        return ended(self.start(*arguments))

    def ask(self, *arguments):
        status, out, err = self.run(*arguments)
        assert (status, err) == (0, ""), (arguments, status, out, err)
        return out

    def status(self):
        """How many are under way, were answered, have failed, were cancelled."""
        out = self.ask("status")
        found = re.fullmatch(STATUS, out)
        assert found, out
        return tuple(map(int, found.groups()))

    def until(self, is_so):
        """Asks for the status until it is what is waited for."""
        end = time.monotonic() + TIMEOUT
        while not is_so(*self.status()):
            assert time.monotonic() < end, self.status()

    def resident(self):
        """What the service has in memory, in kilobytes."""
        with open(f"/proc/{self.service.pid}/status") as lines:
            return int(re.search(r"VmRSS:\s*(\d+) kB", lines.read())[1])

    def is_sanitized(self):
        """What a sanitizer does with memory that was freed is its own affair."""
        with open(f"/proc/{self.service.pid}/maps") as maps:
            return re.search(r"/lib[at]san\.so", maps.read()) is not None

    def stop(self):
        """Ends the service in good order, and gives its last line."""
        self.service.send_signal(signal.SIGTERM)
        status, out, err = ended(self.service)
        assert (status, err) == (0, ""), (status, out, err)
        return out


def ended(process):
    try:
        out, err = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, out, err


@contextlib.contextmanager
def a_bus():
    if shutil.which("dbus-daemon") is None:
        raise tap.Skip("there is no dbus-daemon")
    daemon = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    service = None
    try:
        environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": daemon.stdout.readline().strip()}
        service = subprocess.Popen([SERVICE], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = service.stdout.readline()
        assert line == "ready\n", (line, service.stderr.read() if service.poll() is not None else "")
        yield Bus(environment, service)
    finally:
        for process in (service, daemon):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()


@contextlib.contextmanager
def a_folder(n_files, size):
    with tempfile.TemporaryDirectory() as folder:
        for number in range(n_files):
            with open(os.path.join(folder, f"file-{number:04}"), "wb") as file:
                file.write(os.urandom(size))
        yield folder


def table_of(folder):
    lines = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            lines.append(f"{hashlib.sha256(file.read()).hexdigest()}  {path}\n")
    return "".join(lines)


def percents(err):
    """The progress that was told, which does not go back."""
    told = [int(percent) for percent in re.findall(r"^(\d+)%$", err, re.MULTILINE)]
    assert told == sorted(told), told
    return told


# --- answers ---

@tap.test("/dbus-service/sizes-and-checksums")
def sizes_and_checksums():
    with a_bus() as bus, a_folder(1, 200_001) as folder:
        path = os.path.join(folder, "file-0000")
        assert bus.ask("size", path) == "200001\n"
        assert bus.ask("digest", path) + "  " == table_of(folder)[:64] + "\n  "
        assert bus.stop() == "2 answered, 0 failed, 0 cancelled\n"


@tap.test("/dbus-service/errors-are-those-of-the-file-system")
def errors():
    with a_bus() as bus:
        for command in ("size", "digest", "folder"):
            status, out, err = bus.run(command, "/nowhere/at/all")
            assert (status, out) == (1, "") and err.startswith("dbus-client: "), (status, out, err)
            assert "/nowhere/at/all" in err and "GDBus" not in err, err
        assert bus.status() == (0, 0, 3, 0), bus.status()


@tap.test("/dbus-service/slow-ones-do-not-hold-up-others")
def slow_ones():
    with a_bus() as bus:
        slow = [bus.start("sleep", 3_600_000) for _ in range(5)]
        bus.until(lambda under_way, *_: under_way == 5)
        assert bus.ask("sleep", 1) == "awake\n"
        for client in slow:
            client.kill()
            ended(client)


@tap.test("/dbus-service/bad-arguments")
def bad_arguments():
    for arguments in ([], ["what"], ["size"], ["size", "a", "b"], ["load", "1", "2"]):
        ran = subprocess.run([CLIENT, *arguments], capture_output=True, text=True, timeout=TIMEOUT)
        assert (ran.returncode, ran.stdout) == (2, "") and ran.stderr.startswith("Usage: "), (arguments, ran)
    ran = subprocess.run([SERVICE, "what"], capture_output=True, text=True, timeout=TIMEOUT)
    assert (ran.returncode, ran.stdout) == (2, ""), ran


@tap.test("/dbus-service/only-one-at-a-time")
def only_one():
    with a_bus() as bus:
        other = subprocess.run([SERVICE], env=bus.environment, capture_output=True, text=True, timeout=TIMEOUT)
        assert other.returncode == 1 and "Somebody else has the name" in other.stderr, other
        assert bus.ask("sleep", 1) == "awake\n"


# --- jobs ---

@tap.test("/dbus-service/a-folder-is-a-job-with-progress")
def a_job():
    with a_bus() as bus, a_folder(40, 100_000) as folder:
        status, out, err = bus.run("folder", folder)
        assert (status, out) == (0, table_of(folder)), (status, out, err)
        told = percents(err)
        assert told and told[-1] == 100, err


@tap.test("/dbus-service/an-empty-folder")
def an_empty_folder():
    with a_bus() as bus, a_folder(0, 0) as folder:
        status, out, _ = bus.run("folder", folder)
        assert (status, out) == (0, ""), (status, out)


@tap.test("/dbus-service/a-job-is-cancelled-by-its-client")
def job_cancelled():
    with a_bus() as bus, a_folder(400, 100_000) as folder:
        status, out, err = bus.run("folder", folder, 1)
        told = percents(err)
        if told[0] < 100:
            assert (status, out) == (1, "") and err.endswith("dbus-client: Operation was cancelled\n"), (status, err)
            bus.until(lambda under_way, answered, failed, cancelled: (under_way, cancelled) == (0, 1))


@tap.test("/dbus-service/Ctrl-C-cancels-a-job-over-there")
def job_interrupted():
    with a_bus() as bus, a_folder(2000, 200_000) as folder:
        client = bus.start("folder", folder)
        first = client.stderr.readline()
        client.send_signal(signal.SIGINT)
        status, out, err = ended(client)
        if "100%" not in first + err:
            assert (status, out) == (130, ""), (status, out, err)
        bus.until(lambda under_way, *_: under_way == 0)


# --- those who leave ---

@tap.test("/dbus-service/what-a-client-waited-for-that-has-gone-is-cancelled")
def client_gone():
    with a_bus() as bus:
        clients = [bus.start("sleep", 3_600_000) for _ in range(3)]
        bus.until(lambda under_way, *_: under_way == 3)
        clients[0].kill()
        ended(clients[0])
        bus.until(lambda under_way, answered, failed, cancelled: (under_way, cancelled) == (2, 1))
        many = bus.start("load", 200, 200, 3_600_000)
        bus.until(lambda under_way, *_: under_way == 202)
        many.kill()
        ended(many)
        bus.until(lambda under_way, answered, failed, cancelled: (under_way, cancelled) == (2, 201))
        for client in clients[1:]:
            client.kill()
            ended(client)
        bus.until(lambda under_way, *_: under_way == 0)
        assert bus.status() == (0, 0, 0, 203), bus.status()


@tap.test("/dbus-service/SIGTERM-loses-nothing")
def graceful_stop():
    with a_bus() as bus:
        clients = [bus.start("load", 100, 100, 1000) for _ in range(3)]
        bus.until(lambda under_way, answered, *_: under_way + answered == 300)
        assert bus.stop() == "300 answered, 0 failed, 0 cancelled\n"
        for client in clients:
            assert ended(client) == (0, "100 answered, 0 failed\n", ""), "an answer was lost"
        status, out, err = bus.run("sleep", 1)
        assert (status, out) == (1, "") and "org.example.Files1" in err, (status, out, err)


@tap.test("/dbus-service/SIGTERM-while-calls-come")
def stop_under_load():
    """Each call is answered, or told that nobody is there: none is left waiting, and the service counts what it has
    answered as the clients do."""
    with a_bus() as bus:
        clients = [bus.start("load", scaled(5000), 50, 1) for _ in range(2)]
        bus.until(lambda under_way, answered, *_: answered > scaled(500))
        answered = int(re.fullmatch(r"(\d+) answered, 0 failed, 0 cancelled\n", bus.stop())[1])
        total = 0
        for client in clients:
            status, out, err = ended(client)
            found = re.fullmatch(r"(\d+) answered, (\d+) failed\n", out)
            assert status == 0 and found and sum(map(int, found.groups())) == scaled(5000), (status, out, err)
            total += int(found[1])
        assert total == answered, (total, answered)


@tap.test("/dbus-service/with-nothing-to-do-it-goes-at-once")
def idle_stop():
    with a_bus() as bus:
        assert bus.stop() == "0 answered, 0 failed, 0 cancelled\n"


# --- load ---

@tap.test("/dbus-service/load")
def load():
    with a_bus() as bus:
        n = scaled(3000)
        assert bus.ask("load", n, 200, 1) == f"{n} answered, 0 failed\n"
        before = bus.resident()
        for _ in range(3):
            assert bus.ask("load", n, 200, 1) == f"{n} answered, 0 failed\n"
        grown = bus.resident() - before
        assert grown < 2000 or bus.is_sanitized(), f"{3 * n} calls have left {grown} kB in the service"
        assert bus.stop() == f"{4 * n} answered, 0 failed, 0 cancelled\n"


sys.exit(tap.main())
