#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Usage: test-crawl.py CRAWL: lets the program loose on a server that misbehaves, and compares what both say."""

import collections
import fcntl
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
import crawl_server
import tap

CRAWL = os.path.abspath(sys.argv[1])
TIMEOUT = 120

HEADER = "attempts      bytes       time  URL: its status, or what went wrong"
SUMMARY = r"(\d+) URLs in \d+\.\d{3} s: (\d+) fetched, (\d+) failed, (\d+) cancelled; (\d+) bytes"
PROGRESS = r"(\d+) of (\d+) done, (\d+) failed, [\d.]+\W\w+"

PATIENT = ("--timeout=60", "--delay=0.01")

Row = collections.namedtuple("Row", "attempts bytes seconds result")

os.environ["GIO_USE_PROXY_RESOLVER"] = "dummy"
refusing = crawl_server.refusing()
REFUSED = f"http://127.0.0.1:{refusing.getsockname()[1]}/"


# --- what it says ---

def escaped(url):
    """As the table shows it: what is printed as it is, and the rest byte by byte."""
    text = os.fsencode(url).decode(errors="surrogateescape")
    return "".join(c if c.isprintable() and c != "\\"
                   else "".join(f"\\x{byte:02x}" for byte in c.encode(errors="surrogateescape"))
                   for c in text)


def read_table(out, urls):
    """Its rows. There is one for each URL, in the same order, and the last line sums them up."""
    header, *lines, summary = out.decode().splitlines()
    assert header == HEADER, header
    assert len(lines) == len(urls), (len(lines), len(urls))
    rows = []
    for line, url in zip(lines, urls):
        fields = re.fullmatch(rf" *(\d+) +(\d+) +(\d+\.\d{{3}}) s  {re.escape(escaped(url))}: (.+)", line)
        assert fields, (line, url)
        rows.append(Row(int(fields[1]), int(fields[2]), float(fields[3]), fields[4]))
    counts = re.fullmatch(SUMMARY, summary)
    assert counts, summary
    fetched = [row for row in rows if row.result.isdigit()]
    cancelled = [row for row in rows if row.result == "cancelled"]
    n_failed = len(rows) - len(fetched) - len(cancelled)
    n_bytes = sum(row.bytes for row in rows)
    assert [int(count) for count in counts.groups()] == [
        len(rows), len(fetched), n_failed, len(cancelled), n_bytes], (summary, rows)
    assert all(row.bytes == 0 for row in rows if row not in fetched), rows
    return rows


def crawl(*arguments, urls):
    """Runs it to its end; gives the rows."""
    given = [] if any(argument.startswith("--list") for argument in arguments) else ["--", *urls]
    ran = subprocess.run([CRAWL, *arguments, *given], capture_output=True, timeout=TIMEOUT)
    rows = read_table(ran.stdout, urls)
    all_fetched = all(row.result.isdigit() for row in rows)
    assert ran.returncode == (0 if all_fetched else 1), (ran.returncode, ran.stderr)
    assert all(re.fullmatch(PROGRESS, line) for line in ran.stderr.decode().splitlines()), ran.stderr
    return rows


def check_rows(server, paths, rows, wanted):
    """Wanted are, of each path, the number of attempts, that of bytes, and what the result matches."""
    assert server.wait_until_idle()
    for path, row in zip(paths, rows):
        attempts, n_bytes, result = wanted[path]
        assert (row.attempts, row.bytes) == (attempts, n_bytes), (path, row)
        assert re.fullmatch(result, row.result), (path, row)
        assert server.count(path) == attempts, (path, row, server.count(path))


# --- one of each kind ---

ANSWERED = {
    "/ok/1000": (1, 1000, "200"),
    "/ok/0": (1, 0, "200"),
    "/ok/3000000": (1, 3000000, "200"),
    "/kept/10/a": (1, 10, "200"),
    "/kept/10/b": (1, 10, "200"),
    "/slow/0.2": (1, 10, "200"),
    "/status/204": (1, 0, "204"),
    "/chunked/2500": (1, 2500, "200"),
    "/zipped/10000": (1, 10000, "200"),
    "/until-close/77": (1, 77, "200"),
    "/redirect/ok/10/moved": (1, 10, "200"),
    "/flaky/1": (2, 10, "200"),
    "/flaky/2": (3, 10, "200"),
    "/flaky-cut/1": (2, 10, "200"),
}

FAILED = {
    "/status/404": (1, 0, "HTTP 404 Not Found"),
    "/status/403": (1, 0, "HTTP 403 Forbidden"),
    "/redirect/status/404/moved": (1, 0, "HTTP 404 Not Found"),
    "/status/500": (3, 0, "HTTP 500 Internal Server Error"),
    "/status/503": (3, 0, "HTTP 503 Service Unavailable"),
    "/flaky/3": (3, 0, "HTTP 500 Internal Server Error"),
    "/cut/50/100": (3, 0, "Cut off midway: got 50 of 100 bytes"),
    "/cut/0/100": (3, 0, "Cut off midway: got 0 of 100 bytes"),
    "/cut/500000/1000000": (3, 0, "Cut off midway: got 500000 of 1000000 bytes"),
    "/flaky-cut/3": (3, 0, "Cut off midway: got 5 of 10 bytes"),
    "/chunked-cut/2500": (3, 0, r"Cut off midway: got \d+ bytes"),
    "/zipped-cut/10000": (3, 0, r"Cut off midway: got \d+ of \d+ bytes"),
    "/reset-midway/1234": (3, 0, "Cut off midway: got 1234 of 1000000 bytes"),
    "/close": (3, 0, ".*[Cc]onnection terminated.*"),
    "/reset": (3, 0, ".*[Cc]onnection reset.*"),
    "/garbage": (1, 0, ".*HTTP.*"),
}


@tap.test("/crawl/what-is-fetched")
def what_is_fetched():
    with crawl_server.Server() as server:
        rows = crawl(*PATIENT, urls=[server.url(path) for path in ANSWERED])
        check_rows(server, ANSWERED, rows, ANSWERED)
        assert server.count("/ok/10/moved") == 1


@tap.test("/crawl/what-fails-and-why")
def what_fails_and_why():
    with crawl_server.Server() as server:
        rows = crawl(*PATIENT, urls=[server.url(path) for path in FAILED])
        check_rows(server, FAILED, rows, FAILED)


@tap.test("/crawl/what-takes-too-long")
def what_takes_too_long():
    paths = ["/never", "/slow/5", "/drip/0.02"]
    with crawl_server.Server() as server:
        rows = crawl("--timeout=0.5", "--delay=0.01", urls=[server.url(path) for path in paths])
        check_rows(server, paths, rows, {path: (3, 0, "Timed out after 500 ms") for path in paths})
        assert all(row.seconds >= 1.5 for row in rows), rows
        assert all(request.was_left for request in server.requests)


@tap.test("/crawl/nobody-there")
def nobody_there():
    [row] = crawl("--delay=0.01", urls=[REFUSED])
    assert row.attempts == 3 and "Connection refused" in row.result, row


@tap.test("/crawl/redirects-without-end")
def redirects_without_end():
    with crawl_server.Server() as server:
        [row] = crawl(*PATIENT, urls=[server.url("/loop")])
        assert (row.attempts, row.result) == (1, "Too many redirects"), row


@tap.test("/crawl/other-numbers-of-retries")
def other_numbers_of_retries():
    paths = ["/status/500", "/flaky/4"]
    for retries, last in ((0, "HTTP 500 .*"), (4, "200")):
        with crawl_server.Server() as server:
            rows = crawl(*PATIENT, f"--retries={retries}", urls=[server.url(path) for path in paths])
            check_rows(server, paths, rows, {
                "/status/500": (retries + 1, 0, "HTTP 500 .*"),
                "/flaky/4": (retries + 1, 10 if last == "200" else 0, last),
            })


@tap.test("/crawl/it-waits-before-it-tries-again")
def it_waits():
    with crawl_server.Server() as server:
        [row] = crawl("--retries=4", "--delay=0.08", urls=[server.url("/flaky/4")])
        # 0.08, 0.16, 0.32 and 0.64 s, each by chance up to a half shorter or longer.
        assert row.attempts == 5 and row.seconds >= 0.6, row


# --- URLs ---

NO_URLS = {
    "": ".+",
    "nonsense": ".+",
    "/ok/10": ".+",
    "http://": ".+",
    "http:///path": ".+",
    "http://127.0.0.1:99999/": ".+",
    "http://[::1": ".+",
    "ftp://127.0.0.1/": "Not http or https, but ftp",
    "mailto:somebody@example.org": "Not http or https, but mailto",
    "data:,text": "Not http or https, but data",
    "\x1b[31mred": ".+",
}


@tap.test("/crawl/what-is-no-url-fails-with-the-reason")
def no_urls():
    rows = crawl(urls=list(NO_URLS))
    for url, row in zip(NO_URLS, rows):
        assert (row.attempts, row.bytes) == (0, 0), (url, row)
        assert re.fullmatch(NO_URLS[url], row.result) and row.result.isprintable(), (url, row)
    assert len({row.result for row in rows}) > 4, rows


def odd_urls(server):
    """And how the server gets to see them."""
    here = server.url("")
    return {
        here: "/",
        here + "/ok/10/%20 %C3%A9": "/ok/10/%20%20%C3%A9",
        here + "/ok/10/\u00e9": "/ok/10/%C3%A9",
        os.fsdecode(os.fsencode(here) + b"/ok/10/\xff"): "/ok/10/%FF",
        here + "/ok/10/tab\tand\nline": None,
        here + "/ok/10?query=1&more=%26": "/ok/10?query=1&more=%26",
        here + "/ok/10/fragment#part": "/ok/10/fragment",
        here + "/ok/10/back\\slash": None,
        here + "/ok/10/" + "long" * 2000: "/ok/10/" + "long" * 2000,
        here.replace("http", "HTTP") + "/ok/10/upper": "/ok/10/upper",
        here.replace("//", "//name:password@") + "/ok/10/name": "/ok/10/name",
    }


@tap.test("/crawl/odd-urls")
def odd():
    with crawl_server.Server() as server:
        urls = odd_urls(server)
        for url, row in zip(urls, crawl(*PATIENT, urls=list(urls))):
            assert row.result == ("200" if "/ok/" in url else "HTTP 404 Not Found"), (url, row)
            assert row.attempts == 1, (url, row)
        assert server.wait_until_idle()
        for target in urls.values():
            assert target is None or server.count(target) == 1, (target, [r.target for r in server.requests])


@tap.test("/crawl/the-same-url-twice")
def same_url_twice():
    with crawl_server.Server() as server:
        rows = crawl(*PATIENT, urls=[server.url("/ok/10")] * 20)
        assert [row.result for row in rows] == ["200"] * 20, rows
        assert server.wait_until_idle() and server.count("/ok/10") == 20


# --- many ---

def mixed_paths(n):
    """Paths, each with a tag of its own, and what is wanted of them with two attempts."""
    kinds = [("/ok/500", 1, 500, "200")] * 8 + [
        ("/slow/0.05", 1, 10, "200"),
        ("/chunked/1500", 1, 1500, "200"),
        ("/status/404", 1, 0, "HTTP 404 Not Found"),
        ("/status/500", 2, 0, "HTTP 500 Internal Server Error"),
        ("/flaky/1", 2, 10, "200"),
        ("/cut/5/10", 2, 0, "Cut off midway: got 5 of 10 bytes"),
        ("/flaky-cut/1", 2, 10, "200"),
        ("/reset", 2, 0, ".*[Cc]onnection reset.*"),
        ("/garbage", 1, 0, ".*HTTP.*"),
    ]
    source = random.Random(4)
    chosen = [source.choice(kinds) for _ in range(n - 4)]
    for _ in range(4):
        chosen.insert(source.randrange(n // 2), ("/never", 2, 0, "Timed out after 2 s"))
    return {f"{path}/{number}": wanted for number, (path, *wanted) in enumerate(chosen)}


@tap.test("/crawl/hundreds-and-none-is-lost")
def hundreds():
    wanted = mixed_paths(300)
    with crawl_server.Server() as server, tempfile.NamedTemporaryFile("w") as file:
        urls = [server.url(path) for path in wanted]
        file.write("".join(url + "\n" for url in urls))
        file.flush()
        rows = crawl("--timeout=2", "--retries=1", "--delay=0.01", f"--list={file.name}", urls=urls)
        check_rows(server, wanted, rows, wanted)
        assert 1 < server.most_at_once <= 8, server.most_at_once


@tap.test("/crawl/connections-are-kept")
def connections_are_kept():
    with crawl_server.Server() as server:
        rows = crawl("--limit=4", *PATIENT, urls=[server.url(f"/kept/10/{number}") for number in range(50)])
        assert {row.result for row in rows} == {"200"}, rows
        assert len(server.requests) == 50 and server.n_connections <= 4, server.n_connections


@tap.test("/crawl/lists")
def lists():
    with crawl_server.Server() as server, tempfile.NamedTemporaryFile("wb") as file:
        paths = [b"/ok/1", b"/ok/2", b"/ok/3", b"/ok/4/\xff"]
        first, second, third, fourth = [os.fsencode(server.url("")) + path for path in paths]
        file.write(b"# a comment\n\n%b\r\n  \t%b\t\n\n%b\nno URL\n#%b\n%b" % (first, second, third, third, fourth))
        file.flush()
        urls = [server.url("/ok/5"), *map(os.fsdecode, (first, second, third, b"no URL", fourth))]
        rows = crawl(*PATIENT, "--list", file.name, urls[0], urls=urls)
        assert [row.bytes for row in rows] == [5, 1, 2, 3, 0, 4], rows
        assert rows[4].attempts == 0 and rows[4].result != "cancelled", rows


@tap.test("/crawl/no-urls-at-all")
def no_urls_at_all():
    assert crawl("--list=/dev/null", urls=[]) == []


def meeting(n):
    """For a server: answers none of the first N requests before all are there."""
    barrier = threading.Barrier(n)
    return lambda request: barrier.wait(60) if request.number <= n else None


@tap.test("/crawl/as-many-at-a-time-as-allowed-and-no-more")
def limits():
    for limit in (1, 3, 8, 20):
        arguments = () if limit == 8 else (f"--limit={limit}",)
        with crawl_server.Server(meeting(limit)) as server:
            urls = [server.url(f"/slow/0.01/{number}") for number in range(2 * limit + 3)]
            rows = crawl(*arguments, "--timeout=60", urls=urls)
            assert {row.result for row in rows} == {"200"}, rows
            assert server.most_at_once == limit, server.most_at_once


@tap.test("/crawl/what-timed-out-makes-room-once-it-is-gone")
def room():
    with crawl_server.Server() as server:
        urls = [server.url(f"/never/{number}") for number in range(60)]
        rows = crawl("--limit=4", "--timeout=0.05", "--retries=0", urls=urls)
        assert {row.result for row in rows} == {"Timed out after 50 ms"}, rows
        assert server.wait_until_idle() and server.most_at_once <= 4, server.most_at_once


# --- stopped ---

class Stopped:
    """Runs it, and sends it a signal when the server gets its Nth request."""

    def __init__(self, paths, nth, *arguments, number=signal.SIGINT, stdout=subprocess.PIPE):
        self.number = number
        self.nth = nth
        self.started = threading.Event()
        self.sent_at = None
        self.server = crawl_server.Server(self.on_request)
        self.urls = [self.server.url(path) for path in paths]
        self.process = subprocess.Popen([CRAWL, *arguments, *self.urls], stdout=stdout, stderr=subprocess.PIPE)
        self.started.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for pipe in self.process.stdout, self.process.stderr:
            if pipe:
                pipe.close()
        self.server.stop()

    def on_request(self, request):
        if request.number == self.nth:
            self.started.wait()
            self.sent_at = time.monotonic()
            self.process.send_signal(self.number)

    def rows(self):
        out, err = self.process.communicate(timeout=TIMEOUT)
        took = time.monotonic() - self.sent_at
        assert self.process.returncode == 128 + self.number, (self.process.returncode, err)
        assert all(re.fullmatch(PROGRESS, line) for line in err.decode().splitlines()), err
        assert took < 20, took
        assert self.server.wait_until_idle()
        return read_table(out, self.urls)


@tap.test("/crawl/ctrl-c-in-the-middle")
def ctrl_c():
    done = [f"/ok/10/{number}" for number in range(20)]
    hanging = [f"{kind}/{number}" for number in range(30) for kind in ("/never", "/slow/50", "/drip/50")]
    for number in (signal.SIGINT, signal.SIGTERM):
        # The last of the hanging eight is asked for only once all before them are done.
        with Stopped(done + hanging, 28, "--timeout=60", number=number) as stopped:
            rows = stopped.rows()
            assert [row[:2] + row[3:] for row in rows] == (
                [(1, 10, "200")] * 20 + [(1, 0, "cancelled")] * 8 + [(0, 0, "cancelled")] * 82), rows
            left = [request.target for request in stopped.server.requests if request.was_left]
            assert len(stopped.server.requests) == 28 and set(left) == set(hanging[:8]), left


@tap.test("/crawl/ctrl-c-leaves-what-failed-before")
def ctrl_c_after_failures():
    paths = ["/status/404", "/cut/1/2", "/never", "/ok/10"]
    with Stopped(paths, 3, "--limit=1", "--retries=0", "--timeout=60") as stopped:
        results = [row.result for row in stopped.rows()]
        assert results == ["HTTP 404 Not Found", "Cut off midway: got 1 of 2 bytes", "cancelled", "cancelled"], results


@tap.test("/crawl/ctrl-c-while-it-waits-to-try-again")
def ctrl_c_in_a_pause():
    with Stopped([f"/status/500/{number}" for number in range(3)], 4, "--delay=60", "--timeout=60") as stopped:
        while len(stopped.server.requests) < 3:
            time.sleep(0.01)
        assert stopped.server.wait_until_idle()
        stopped.sent_at = time.monotonic()
        stopped.process.send_signal(signal.SIGINT)
        rows = stopped.rows()
        assert [(row.attempts, row.result) for row in rows] == [(1, "cancelled")] * 3, rows


@tap.test("/crawl/a-second-ctrl-c-kills")
def second_ctrl_c():
    ours, theirs = os.pipe()
    fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)
    with Stopped([f"/never/{number}" for number in range(500)], 8, "--timeout=60", stdout=theirs) as stopped:
        os.close(theirs)
        # It is stuck in the middle of its table, with nothing left to fetch.
        text = os.read(ours, 100)
        assert text.decode().startswith(HEADER), text
        assert stopped.server.wait_until_idle()
        assert stopped.process.poll() is None
        stopped.process.send_signal(signal.SIGINT)
        assert stopped.process.wait(TIMEOUT) == -signal.SIGINT
        os.close(ours)


# --- what it shows ---

@tap.test("/crawl/progress-in-a-log")
def progress_in_a_log():
    with crawl_server.Server() as server:
        urls = [server.url(f"/ok/10/{number}") for number in range(95)] + ["no URL"] * 5
        ran = subprocess.run([CRAWL, *urls], capture_output=True, timeout=TIMEOUT)
        lines = [re.fullmatch(PROGRESS, line) for line in ran.stderr.decode().splitlines()]
        assert [int(line[1]) for line in lines] == list(range(10, 101, 10)), ran.stderr
        assert {line[2] for line in lines} == {"100"} and lines[-1][3] == "5", ran.stderr


def on_a_terminal(urls, both):
    """What it shows on a terminal, which is its stderr, or its stdout too."""
    try:
        ours, theirs = os.openpty()
    except OSError as error:
        raise tap.Skip(f"no terminal to be had: {error}") from error
    shown = []

    def read():
        try:
            while piece := os.read(ours, 65536):
                shown.append(piece)
        except OSError:  # how Linux says that the other end is closed
            pass

    stdout = theirs if both else subprocess.PIPE
    process = subprocess.Popen([CRAWL, *urls], stdout=stdout, stderr=theirs)
    os.close(theirs)
    reader = threading.Thread(target=read)
    reader.start()
    out, _ = process.communicate(timeout=TIMEOUT)
    reader.join()
    os.close(ours)
    assert process.returncode == 0, process.returncode
    return out, b"".join(shown).decode()


@tap.test("/crawl/progress-on-a-terminal")
def progress_on_a_terminal():
    with crawl_server.Server() as server:
        urls = [server.url(f"/slow/0.03/{number}") for number in range(60)]
        out, shown = on_a_terminal(urls, both=False)
        assert {row.result for row in read_table(out, urls)} == {"200"}
        assert re.fullmatch(rf"(\r{PROGRESS}\x1b\[K)+\r\x1b\[K", shown), shown
        out, shown = on_a_terminal(urls, both=True)
        before, _, table = shown.rpartition("\r\x1b[K")
        assert re.fullmatch(rf"(\r{PROGRESS}\x1b\[K)+", before), shown
        read_table(table.replace("\r\n", "\n").encode(), urls)


@tap.test("/crawl/output-that-cannot-be-written")
def output_that_cannot_be_written():
    with open("/dev/full", "wb") as full:
        ran = subprocess.run([CRAWL, "no URL"], stdout=full, stderr=subprocess.PIPE, timeout=TIMEOUT)
    assert ran.returncode == 1, ran
    assert ran.stderr.endswith(b"crawl: write error: No space left on device\n"), ran


@tap.test("/crawl/usage")
def usage():
    for arguments in ("", "--limit 0 x", "--limit 1001 x", "--limit x x", "--timeout 0 x", "--timeout nan x",
                      "--timeout -1 x", "--timeout inf x", "--retries -1 x", "--delay -1 x", "--delay x x", "--what x",
                      "--list /nowhere", "--list /", "--list"):
        ran = subprocess.run([CRAWL, *arguments.split()], capture_output=True, timeout=TIMEOUT)
        assert (ran.returncode, ran.stdout) == (2, b"") and ran.stderr.startswith(b"crawl: "), (arguments, ran)
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"http://a/\nhttp://b/\0\nhttp://c/\n")
        file.flush()
        ran = subprocess.run([CRAWL, "--list", file.name], capture_output=True, timeout=TIMEOUT)
        assert (ran.returncode, ran.stdout) == (2, b"") and b"not a text file" in ran.stderr, ran
    ran = subprocess.run([CRAWL, "--help"], capture_output=True, timeout=TIMEOUT)
    assert (ran.returncode, ran.stderr) == (0, b"") and b"--retries=N" in ran.stdout, ran


status = tap.main()
refusing.close()
sys.exit(status)
