#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Usage: test-http-service.py SERVICE CLIENT [--load N]: asks the one over loopback, by hand and with the other, and sees
that nothing is lost when one of them goes. With --load it does nothing else than to send N requests, and prints what
that took."""

import collections
import contextlib
import hashlib
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import crawl_server
import tap

SERVICE, CLIENT = (os.path.abspath(path) for path in sys.argv[1:3])
LOAD = int(sys.argv[4]) if sys.argv[3:4] == ["--load"] else None
SCALE = int(os.environ.get("GD_TEST_SCALE", "100"))
TIMEOUT = 120
HOUR = 3_600_000
REFUSED = "Could not connect to 127.0.0.1: Connection refused"


def scaled(n):
    return max(n * SCALE // 100, 1)


# One arena: what the allocator keeps for each thread is not what the load test looks for.
ENVIRONMENT = {**os.environ, "MALLOC_ARENA_MAX": "1"}


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:200]}"


class Connection:
    """One to the service, and what is read from it."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.unread = bytearray()

    def send(self, *targets, method="GET"):
        self.sock.sendall(b"".join(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() for target in targets))
        return self

    def _until(self, is_enough):
        while not is_enough(self.unread):
            piece = self.sock.recv(65536)
            if not piece:
                return False
            self.unread += piece
        return True

    def answer(self, method="GET"):
        """The next whole answer; None at the end of what is sent."""
        if not self._until(lambda unread: b"\r\n\r\n" in unread):
            assert self.unread == b"", self.unread
            return None
        head, _, self.unread = self.unread.partition(b"\r\n\r\n")
        line, *lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        length = int(headers.get("Content-Length", 0)) if method != "HEAD" else 0
        assert self._until(lambda unread: len(unread) >= length), "the answer was cut off"
        body, self.unread = self.unread[:length], self.unread[length:]
        return Answer(int(line.split()[1]), headers, bytes(body))

    def is_at_end(self):
        return self.answer() is None

    def leave(self, by_reset=False):
        if by_reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class Service:
    def __init__(self, process, root, url):
        self.process = process
        self.root = root
        self.url = url
        self.port = int(re.fullmatch(r"http://127\.0\.0\.1:(\d+)/", url)[1])

    def send(self, *targets, **more):
        return Connection(self.port).send(*targets, **more)

    def ask(self, target, method="GET"):
        connection = self.send(target, method=method)
        answer = connection.answer(method)
        connection.leave()
        return answer

    def hold(self, n, target=f"/sleep?ms={HOUR}"):
        """So many requests that wait for an answer."""
        return [self.send(target) for _ in range(n)]

    def write(self, name, contents):
        with open(os.path.join(self.root, name), "wb") as file:
            file.write(contents)

    def stats(self):
        return json.loads(self.ask("/stats").body)

    def until(self, **wanted):
        """Asks for the stats until these are as they are wanted."""
        end = time.monotonic() + TIMEOUT
        while not all(is_so(stats := self.stats(), name, value) for name, value in wanted.items()):
            assert time.monotonic() < end, stats

    def start_client(self, n, limit, *targets):
        urls = [self.url[:-1] + target for target in targets]
        return subprocess.Popen([CLIENT, "-n", str(n), "-l", str(limit), *urls], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def run_client(self, n, limit, *targets):
        return Report(self.start_client(n, limit, *targets))

    def resident(self):
        """What it has in memory, in kilobytes."""
        with open(f"/proc/{self.process.pid}/status") as lines:
            return int(re.search(r"VmRSS:\s*(\d+) kB", lines.read())[1])

    def n_files(self):
        """How many it has open, connections among them."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def until_files(self, n):
        """Until it has no more than so many open."""
        end = time.monotonic() + TIMEOUT
        while self.n_files() > n:
            assert time.monotonic() < end, (self.n_files(), n)

    def is_sanitized(self):
        """What a sanitizer does with memory that was freed is its own affair."""
        with open(f"/proc/{self.process.pid}/maps") as maps:
            return re.search(r"/lib[at]san\.so", maps.read()) is not None

    def tell(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self):
        """Its last line."""
        status, out, err = ended(self.process)
        assert (status, err) == (0, ""), (status, out, err)
        return out

    def stop(self):
        self.tell()
        return self.wait()

    def until_refused(self):
        """Until nobody listens any more. Who is not let in before that is sent away."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), TIMEOUT).close()
            except ConnectionResetError:
                pass
            except ConnectionRefusedError:
                return
        raise AssertionError("it still listens")


def is_so(stats, name, value):
    return value(stats[name]) if callable(value) else stats[name] == value


class Report:
    """What a client has told in the end."""

    def __init__(self, process):
        self.status, self.text, self.errors = ended(process)
        self.statuses = {int(code): int(n) for code, n in re.findall(r"^(\d{3}) [^:\n]*: (\d+)$", self.text, re.MULTILINE)}
        self.failures = {cause: int(n) for cause, n in re.findall(r"^  (.*): (\d+)$", self.text, re.MULTILINE)}
        found = re.search(r"^No answer: (\d+)$", self.text, re.MULTILINE)
        assert found and int(found[1]) == sum(self.failures.values()), (self.text, self.errors)
        self.n = sum(self.statuses.values()) + sum(self.failures.values())
        assert self.text.startswith(f"{self.n} requests, "), self.text
        assert (self.status, self.errors) == (1 if self.failures else 0, ""), (self.status, self.errors)


def ended(process):
    try:
        out, err = process.communicate(timeout=TIMEOUT if LOAD is None else None)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, out, err


@contextlib.contextmanager
def a_service(*arguments, timeout=7200):
    with tempfile.TemporaryDirectory() as root:
        process = subprocess.Popen([SERVICE, "--port", "0", "--root", root, "--timeout", str(timeout), *arguments],
                                   env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            line = process.stdout.readline()
            assert line.startswith("Listening on "), (line, process.stderr.read() if process.poll() is not None else "")
            yield Service(process, root, line.split()[2])
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def test(name):
    """With --load there is only one."""
    return tap.test("/http-service/" + name) if (LOAD is None) or name == "load" else lambda func: func


# --- answers ---

@test("each-route")
def each_route():
    contents = os.urandom(200_001)
    with a_service() as service:
        service.write("file", contents)
        for target, body in [("/hello", b"Hello\n"), ("/sleep?ms=1", b"Awake\n"), ("/limited?ms=1", b"Awake\n"),
                             ("/file?name=file", contents),
                             ("/digest?name=file", hashlib.sha256(contents).hexdigest().encode() + b"\n")]:
            answer = service.ask(target)
            assert (answer.status, answer.body) == (200, body), (target, answer)
            assert answer.headers["Connection"] == "close", answer
        assert service.stats() == {"held": 0, "most-held": 1, "answered": 5, "failed": 0, "cancelled": 0, "digests": 1,
                                   "waiting": 0}, service.stats()
        assert service.stop() == "5 answered, 0 failed, 0 cancelled\n"


@test("each-kind-of-body")
def each_kind():
    with a_service() as service:
        service.write("empty", b"")
        assert service.ask("/hello").headers["Content-Type"].startswith("text/plain")
        assert service.ask("/stats").headers["Content-Type"] == "application/json"
        empty = service.ask("/file?name=empty")
        assert (empty.status, empty.body, empty.headers["Content-Type"]) == (200, b"", "application/octet-stream"), empty
        head = service.ask("/hello", "HEAD")
        assert (head.status, head.headers["Content-Length"]) == (200, "6"), head
        assert service.stop() == "3 answered, 0 failed, 0 cancelled\n"


@test("each-error-has-its-status-and-says-why")
def each_error():
    with a_service() as service:
        os.mkdir(os.path.join(service.root, "folder"))
        os.mkfifo(os.path.join(service.root, "pipe"))
        errors = [
            ("/nowhere", 404, b"There is no /nowhere here\n"),
            ("/hello/more", 404, b"There is no /hello/more here\n"),
            ("/digest?name=none", 404, b"No such file"),
            ("/file?name=none", 404, b"No such file"),
            ("/file", 400, b'There is no "name=" in the query\n'),
            ("/sleep", 400, b'There is no "ms=" in the query\n'),
            ("/sleep?ms=soon", 400, b'"ms" must be a number'),
            ("/sleep?ms=-1", 400, b'"ms" must be a number'),
            ("/limited?ms=99999999999999999999", 400, b'"ms" must be a number'),
            ("/file?name=../file", 403, b"../file is not among the files served\n"),
            ("/digest?name=/etc/passwd", 403, b"/etc/passwd is not among the files served\n"),
            ("/digest?name=.", 403, b". is not among the files served\n"),
            ("/digest?name=folder", 500, b"directory"),
            ("/digest?name=pipe", 500, b"Not a regular file\n"),
        ]
        for target, status, body in errors:
            answer = service.ask(target)
            assert answer.status == status and body in answer.body, (target, answer)
        answer = service.ask("/hello", "POST")
        assert (answer.status, answer.body) == (405, b"POST is not for this\n"), answer
        assert service.stop() == f"0 answered, {len(errors) + 1} failed, 0 cancelled\n"


@test("what-takes-too-long-is-given-up")
def too_long():
    with a_service(timeout=0.05) as service:
        for target in (f"/sleep?ms={HOUR}", f"/limited?ms={HOUR}"):
            answer = service.ask(target)
            assert (answer.status, answer.body) == (504, b"Timed out after 50 ms\n"), answer
        assert service.stop() == "0 answered, 2 failed, 0 cancelled\n"


@test("slow-ones-do-not-hold-up-others")
def slow_ones():
    with a_service() as service:
        slow = service.hold(200)
        service.until(held=200)
        report = service.run_client(scaled(1000), 10, "/hello", "/sleep?ms=1")
        assert report.statuses == {200: scaled(1000)} and not report.failures, report.text
        assert service.stats()["held"] == 200, service.stats()
        for connection in slow:
            connection.leave()
        service.until(held=0, cancelled=200, answered=scaled(1000))


# --- files ---

@test("many-who-ask-for-one-file-have-it-read-once")
def single_flight():
    with a_service() as service:
        service.write("file", os.urandom(5_000_000))
        report = service.run_client(100, 100, "/digest?name=file")
        assert report.statuses == {200: 100}, report.text
        assert service.stats()["digests"] == 1, service.stats()


@test("a-failure-is-not-kept")
def failure_not_kept():
    with a_service() as service:
        assert service.ask("/digest?name=late").status == 404
        service.write("late", b"here")
        assert service.ask("/digest?name=late").body.decode() == hashlib.sha256(b"here").hexdigest() + "\n"
        assert service.stats()["digests"] == 2, service.stats()


# --- a limit ---

@test("what-does-not-fit-is-told-so")
def overflow():
    with a_service() as service:
        held = service.hold(20, f"/limited?ms={HOUR}")
        service.until(held=20, waiting=16)
        for _ in range(3):
            answer = service.ask("/limited?ms=1")
            assert (answer.status, answer.body) == (503, b"16 are waiting already\n"), answer
            assert answer.headers["Retry-After"] == "1", answer
        assert service.ask("/hello").status == 200
        for connection in held:
            connection.leave()
        service.until(held=0, waiting=0, cancelled=20, failed=3)
        assert service.ask("/limited?ms=1").status == 200


@test("who-leaves-makes-room")
def room():
    with a_service() as service:
        held = service.hold(20, f"/limited?ms={HOUR}")
        service.until(held=20, waiting=16)
        held[10].leave()
        service.until(held=19)
        last = service.send("/limited?ms=1")
        service.until(held=20)
        assert service.ask("/limited?ms=1").status == 503
        for connection in held:
            connection.leave()
        assert last.answer().body == b"Awake\n"
        service.until(held=0, cancelled=20, answered=1, failed=1)


# --- those who leave ---

@test("what-a-client-waited-for-that-has-gone-is-cancelled")
def client_gone():
    with a_service() as service:
        before = service.n_files()
        held = service.hold(3)
        service.until(held=3)
        held[0].leave()
        service.until(held=2, cancelled=1)
        held[1].leave(by_reset=True)
        service.until(held=1, cancelled=2)
        many = service.start_client(200, 200, f"/sleep?ms={HOUR}")
        service.until(held=201)
        many.kill()
        ended(many)
        service.until(held=1, cancelled=202)
        held[2].leave()
        service.until(held=0, cancelled=203)
        service.until_files(before)
        assert service.stop() == "0 answered, 0 failed, 203 cancelled\n"


@test("connections-that-bring-nothing-are-closed")
def nothing_came():
    with a_service() as service:
        before = service.n_files()
        for by_reset in (False, True):
            new = [Connection(service.port) for _ in range(20)]
            for connection in new[:5]:
                connection.sock.sendall(b"GET /hel")
            assert service.ask("/hello").status == 200
            assert service.n_files() >= before + 20, service.n_files()
            for connection in new:
                connection.leave(by_reset)
            service.until_files(before)
        assert service.stop().endswith(" 0 failed, 0 cancelled\n")


@test("who-leaves-in-the-midst-of-an-answer")
def gone_midway():
    with a_service() as service:
        service.write("file", bytes(10_000_000))
        connection = service.send("/file?name=file")
        connection.sock.recv(1000)
        connection.leave()
        service.until(held=0, cancelled=1)
        whole = service.ask("/file?name=file")
        assert (whole.status, len(whole.body)) == (200, 10_000_000), whole
        assert service.stop() == "1 answered, 0 failed, 1 cancelled\n"


# --- the end ---

@test("SIGTERM-loses-nothing")
def graceful_stop():
    with a_service() as service:
        clients = [service.start_client(100, 100, "/sleep?ms=1000") for _ in range(3)]
        end = time.monotonic() + TIMEOUT
        while (stats := service.stats())["held"] + stats["answered"] != 300:
            assert time.monotonic() < end, stats
        assert service.stop() == "300 answered, 0 failed, 0 cancelled\n"
        for client in clients:
            report = Report(client)
            assert report.statuses == {200: 100} and not report.failures, report.text


@test("SIGTERM-while-requests-come")
def stop_under_load():
    """Each request is answered, or finds nobody there: and the service counts what it has answered as the clients do."""
    with a_service() as service:
        service.write("file", os.urandom(100_000))
        clients = [service.start_client(scaled(5000), 50, "/hello", "/sleep?ms=5", "/file?name=file", "/nowhere")
                   for _ in range(2)]
        service.until(answered=lambda n: n > scaled(500))
        answered, failed = map(int, re.fullmatch(r"(\d+) answered, (\d+) failed, 0 cancelled\n", service.stop()).groups())
        total = {200: 0, 404: 0}
        for client in clients:
            report = Report(client)
            assert report.n == scaled(5000) and "Cut off" not in report.text, report.text
            for status, n in report.statuses.items():
                total[status] += n
        assert total == {200: answered, 404: failed}, (total, answered, failed)


@test("SIGTERM-answers-those-who-have-just-come")
def stop_with_a_backlog():
    """It has neither accepted nor read what they have sent when the signal comes."""
    with a_service() as service:
        service.tell(signal.SIGSTOP)
        new = [service.send("/hello") for _ in range(50)]
        service.tell()
        service.tell(signal.SIGCONT)
        for connection in new:
            assert connection.answer().status == 200
            assert connection.is_at_end()
        assert service.wait() == "50 answered, 0 failed, 0 cancelled\n"


@test("a-second-signal-breaks-off-what-is-left")
def second_signal():
    for signals in [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGINT), (signal.SIGTERM, signal.SIGINT)]:
        with a_service() as service:
            slow, limited = service.hold(10), service.hold(10, f"/limited?ms={HOUR}")
            service.until(held=20)
            service.tell(signals[0])
            service.until_refused()
            service.tell(signals[1])
            for connection in slow + limited:
                answer = connection.answer()
                assert (answer.status, answer.body) == (503, b"Operation was cancelled\n"), answer
                assert connection.is_at_end()
            assert service.wait() == "0 answered, 0 failed, 20 cancelled\n"


@test("with-nothing-to-do-it-goes-at-once")
def idle_stop():
    for number in (signal.SIGTERM, signal.SIGINT):
        with a_service() as service:
            service.tell(number)
            assert service.wait() == "0 answered, 0 failed, 0 cancelled\n"


# --- the programs ---

@test("bad-arguments")
def bad_arguments():
    for command in ([SERVICE, "--port", "65536"], [SERVICE, "--timeout", "0"], [SERVICE, "what"], [CLIENT],
                    [CLIENT, "-n", "0", "http://localhost/"], [CLIENT, "-l", "0", "http://localhost/"], [CLIENT, "what"]):
        ran = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
        assert (ran.returncode, ran.stdout) == (2, "") and ran.stderr.startswith("http-"), (command, ran)


@test("a-port-that-is-taken")
def port_taken():
    with a_service() as service:
        ran = subprocess.run([SERVICE, "--port", str(service.port)], capture_output=True, text=True, timeout=TIMEOUT)
        assert (ran.returncode, ran.stdout) == (1, "") and "Address already in use" in ran.stderr, ran


@test("the-client-tells-what-became-of-each-request")
def client_report():
    with crawl_server.Server() as server, crawl_server.refusing() as refusing:
        targets = [server.url(target) for target in ("/kept/10", "/status/503", "/cut/5/10", "/status/404", "/reset")]
        targets.append(f"http://127.0.0.1:{refusing.getsockname()[1]}/")
        process = subprocess.Popen([CLIENT, "-n", "60", "-l", "3", *targets], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        report = Report(process)
        assert report.statuses == {200: 10, 404: 10, 503: 10}, report.text
        assert report.failures.pop("Cut off midway") == 10, report.text
        assert report.failures.pop(REFUSED) == 10, report.text
        assert list(report.failures.values()) == [10], report.text
        assert re.search(r"^Within, ms: 50% [\d.]+, 90% [\d.]+, 99% [\d.]+, 99.9% [\d.]+, 100% [\d.]+$", report.text,
                         re.MULTILINE), report.text


# --- load ---

@test("load")
def load():
    """While some wait all the time, others are answered, in each way that there is: and memory does not grow. What the
    allocator needs for its threads comes in the first rounds; a leak would be in every one."""
    n_rounds = 4 if LOAD is None else 10
    n = max(max(scaled(8000), 2000) if LOAD is None else LOAD, n_rounds) // n_rounds
    with a_service() as service:
        service.write("file", os.urandom(10_000))
        targets = ["/hello", "/sleep?ms=1", "/digest?name=file", "/file?name=file", "/nowhere", "/hello", "/hello",
                   "/limited?ms=0"]
        held = service.hold(200)
        service.until(held=200)
        sizes, statuses = [service.resident()], collections.Counter()
        for _ in range(n_rounds):
            report = service.run_client(n, 200, *targets)
            assert report.n == n and not report.failures and set(report.statuses) <= {200, 404, 503}, report.text
            statuses.update(report.statuses)
            sizes.append(service.resident())
            print(f"# {report.text.splitlines()[0]}; the service has {sizes[-1]} kB")
        stats = service.stats()
        print(f"# {report.text.splitlines()[-1]}", f"# {dict(statuses)}", f"# {stats}", sep="\n", flush=True)
        grown = min(after - before for before, after in zip(sizes[1:], sizes[2:]))
        assert grown < 500 or service.is_sanitized(), f"each {n} requests have left {grown} kB or more: {sizes}"
        assert (stats["held"], stats["cancelled"], stats["answered"]) == (200, 0, statuses[200]), stats
        assert stats["failed"] == statuses[404] + statuses[503], stats
        for connection in held:
            connection.leave()
        service.until(held=0, cancelled=200)
        assert service.stop() == f"{statuses[200]} answered, {stats['failed']} failed, 200 cancelled\n"


sys.exit(tap.main())
