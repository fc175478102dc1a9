#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Usage: test-checksum.py CHECKSUM: compares the program with sha256sum, and stops it in many ways."""

import fcntl
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
import tap

CHECKSUM = os.path.abspath(sys.argv[1])
TIMEOUT = 300
BIG = 1 << 38  # holes only; to hash it would take many minutes
N_PLAIN = 3000

# What find, sort and sha256sum say, each byte as it is.
REFERENCE = 'find -H "$@" -type f -print0 | sort -z | xargs -0r sha256sum --'

work = tempfile.TemporaryDirectory(prefix="checksum-")
os.chdir(work.name)
os.environ["LC_ALL"] = "C"


def write(name, data=b""):
    with open(name, "wb") as file:
        file.write(data)


def checksum(*arguments, prefix=(), **more):
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": TIMEOUT, **more}
    result = subprocess.run([*prefix, CHECKSUM, *arguments], **more)
    return result.returncode, result.stdout, result.stderr


def reference(*roots, prefix=()):
    command = [*prefix, "sh", "-c", REFERENCE, "sh", *roots]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=TIMEOUT).stdout


def start(*arguments, **more):
    """The program in the background, with a pipe for output that soon is full; and the pipe's other end."""
    ours, theirs = os.pipe()
    fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)
    process = subprocess.Popen([CHECKSUM, *arguments], stdout=theirs, stderr=subprocess.PIPE, **more)
    os.close(theirs)
    return process, ours


def read_some(fd):
    """What there is, a whole line at least."""
    text = b""
    while b"\n" not in text:
        piece = os.read(fd, 65536)
        assert piece, text
        text += piece
    return text


def read_all(fd):
    with os.fdopen(fd, "rb") as file:
        return file.read()


def wait_until_idle(process):
    """Until it has nothing left to do, or is stuck: seen by the processor time that it takes."""
    seen = []
    while len(seen) < 10 or len(set(seen[-10:])) > 1:
        with open(f"/proc/{process.pid}/stat") as file:
            seen.append(tuple(file.read().rpartition(")")[2].split()[11:13]))
        time.sleep(0.02)


def make_plain_tree():
    source = random.Random(7)
    os.mkdir("plain")
    for number in range(N_PLAIN):
        folder = f"plain/{number % 7}/{number % 11}"
        os.makedirs(folder, exist_ok=True)
        size = source.choice([0, 1, 100, 5000, 65535, 65536, 65537])
        write(f"{folder}/file-{number}", source.randbytes(size))


def make_odd_tree():
    os.makedirs(b"odd/empty folder")
    names = [b"new\nline", b"\n", b"back\\slash", b"\\", b"carriage\rreturn", b"tab\t", b" ", b"  two  "]
    names += [b"-", b"--help", b"a", b"a-", b"a.b", b"A", b"quote'\"$(x)`*?", b"\x01\x7f\x1b[31m"]
    names += [b"not-utf8-\xff\xfe\x80", "h\u00e9llo".encode(), b"x" * 255]
    for name in names:
        write(b"odd/" + name, b"contents of " + name)
    # A folder sorts as its name and a slash, here between a- and a0.
    for folder in (b"odd/b", b"odd/b/c\\d\ne", b"odd/\xff folder", b"odd/b-", b"odd/b0"):
        os.makedirs(folder, exist_ok=True)
        for name in names:
            write(folder + b"/" + name, folder)
    deep = b"odd/" + b"/".join([b"deep"] * 200)
    os.makedirs(deep)
    write(deep + b"/file", b"far down")


def make_special_tree():
    os.makedirs("special/folder")
    write("special/folder/file", b"file")
    write("special/empty")
    os.mkfifo("special/fifo")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind("special/socket")
    os.symlink("folder/file", "special/link to file")
    os.symlink("folder", "special/link to folder")
    os.symlink("nowhere", "special/dangling")
    os.symlink("loop", "special/loop")
    os.symlink("..", "special/folder/up")


def assert_same_as_sha256sum(*roots):
    status, out, err = checksum(*roots)
    assert (status, err) == (0, b""), (status, err[:1000])
    expected = reference(*roots)
    assert expected and out == expected, (out[:2000], expected[:2000])


@tap.test("/checksum/thousands-of-files")
def thousands_of_files():
    assert_same_as_sha256sum("plain")
    assert reference("plain").count(b"\n") == N_PLAIN


@tap.test("/checksum/any-number-of-jobs-gives-the-same")
def any_number_of_jobs():
    expected = reference("plain")
    for jobs in ("1", "2", "7", "64"):
        status, out, err = checksum("-j", jobs, "plain")
        assert (status, out == expected, err) == (0, True, b""), jobs


@tap.test("/checksum/odd-names")
def odd_names():
    assert_same_as_sha256sum("odd")
    assert reference("odd").count(b"\n\\") > 10


@tap.test("/checksum/links-and-fifos-are-left-out")
def links_and_fifos():
    assert_same_as_sha256sum("special")
    assert reference("special").count(b"\n") == 2


@tap.test("/checksum/roots-of-every-kind")
def roots_of_every_kind():
    assert_same_as_sha256sum("odd/", "plain/3//", "./special", os.path.abspath("odd/b"))
    assert_same_as_sha256sum("special/folder/file", "special/empty")
    assert_same_as_sha256sum("special/link to folder", "special/link to file", "special/link to folder/")
    assert_same_as_sha256sum("special", "special")
    os.mkdir("nothing here")
    assert checksum("nothing here") == (0, b"", b"")


@tap.test("/checksum/a-name-with-a-leading-dash")
def leading_dash():
    write("-dash", b"dash")
    os.mkdir("-j")
    write("-j/file", b"file")
    expected = subprocess.run(["sha256sum", "--", "-dash", "-j/file"], stdout=subprocess.PIPE).stdout
    assert checksum("--", "-j", "-dash") == (0, expected, b"")


@tap.test("/checksum/order-is-kept-when-jobs-finish-out-of-order")
def order_is_kept():
    os.mkdir("mixed")
    for number in range(200):
        write(f"mixed/{number:03}", b"x" * (3_000_000 if number % 40 == 0 else number))
    expected = reference("mixed")
    status, out, err = checksum("-j", "4", "mixed")
    assert (status, out == expected, err) == (0, True, b"")


def bound_by_permissions():
    """A prefix for commands that makes permission bits count, for root too."""
    write("locked", b"secret")
    os.chmod("locked", 0)
    without = "-dac_override,-dac_read_search"
    for prefix in ([], ["setpriv", f"--bounding-set={without}", f"--inh-caps={without}"]):
        if prefix and not shutil.which(prefix[0]):
            continue
        tried = subprocess.run([*prefix, "sh", "-c", "echo ran; cat locked"], capture_output=True)
        if tried.stdout == b"ran\n":
            return prefix
    raise tap.Skip("no way to lose the right to read everything")


@tap.test("/checksum/unreadable-files-are-reported-at-the-end")
def unreadable_files():
    prefix = bound_by_permissions()
    os.makedirs("mostly/closed")
    os.makedirs("mostly/listed")
    for name in ("a", "b", "new\nline", "z", "closed/inside", "listed/inside"):
        write(f"mostly/{name}", name.encode())
    for name, mode in (("b", 0), ("new\nline", 0o200), ("closed", 0o300), ("listed", 0o600)):
        os.chmod(f"mostly/{name}", mode)
    status, out, err = checksum("mostly", "locked", prefix=prefix)
    lines = subprocess.run(["sha256sum", "mostly/a", "mostly/z"], stdout=subprocess.PIPE).stdout
    assert status == 1
    assert out == lines == reference("mostly", "locked", prefix=prefix), out
    failed = ["locked", "mostly/b", "mostly/closed", "mostly/listed/inside", "mostly/new\\nline"]
    assert err.decode() == "".join(f"checksum: {name}: Permission denied\n" for name in failed), err
    for name in ("closed", "listed"):
        os.chmod(f"mostly/{name}", 0o700)


@tap.test("/checksum/a-file-that-opens-but-cannot-be-read")
def read_error():
    if not os.path.exists("/proc/self/mem"):
        raise tap.Skip("no /proc/self/mem")
    status, out, err = checksum("/proc/self/mem", "special")
    assert (status, out) == (1, reference("special")), (status, out)
    assert err == b"checksum: /proc/self/mem: Input/output error\n", err


@tap.test("/checksum/arguments-that-are-no-files")
def arguments_that_are_no_files():
    status, out, err = checksum("special/fifo", "nowhere", "special", "special/dangling", "special/loop", "")
    assert (status, out) == (1, reference("special")), (status, out)
    assert err.decode().splitlines() == [
        "checksum: : No such file or directory",
        "checksum: nowhere: No such file or directory",
        "checksum: special/dangling: No such file or directory",
        "checksum: special/fifo: Not a regular file",
        "checksum: special/loop: Too many levels of symbolic links",
    ], err


@tap.test("/checksum/files-deleted-midway")
def files_deleted_midway():
    shutil.copytree("plain", "shrinking")
    lines = reference("shrinking").splitlines(keepends=True)
    lost = [line[66:-1].decode() for line in lines[-100:]]
    process, pipe = start("-j", "1", "shrinking")
    out = read_some(pipe)
    # It cannot be near the end: nobody has read the lines before.
    for name in lost:
        os.unlink(name)
    out += read_all(pipe)
    err = process.stderr.read().decode()
    assert process.wait(TIMEOUT) == 1
    assert out == b"".join(lines[:-100])
    assert err == "".join(f"checksum: {name}: No such file or directory\n" for name in lost), err


def assert_stopped(process, pipe, out, number, expected):
    """It is told to stop while nobody reads its output."""
    began = time.monotonic()
    process.send_signal(number)
    status = process.wait(TIMEOUT)
    took = time.monotonic() - began
    out += read_all(pipe)
    err = process.stderr.read().decode()
    n_lines = out.count(b"\n")
    assert status == 128 + number, (status, err)
    assert err == f"cancelled: {n_lines} of {expected.count(bytes([10]))} files hashed\n", err
    assert out == b"".join(expected.splitlines(keepends=True)[:n_lines]), out[-1000:]
    assert took < 30, took


@tap.test("/checksum/a-signal-stops-it-while-its-reader-is-slow")
def signal_while_reader_is_slow():
    expected = reference("plain")
    for number in (signal.SIGINT, signal.SIGTERM):
        process, pipe = start("plain")
        out = read_some(pipe)
        wait_until_idle(process)
        assert_stopped(process, pipe, out, number, expected)


@tap.test("/checksum/a-signal-stops-it-within-a-big-file")
def signal_within_a_big_file():
    os.mkdir("big")
    write("big/a", b"small")
    for name in "bcde":
        write(f"big/{name}")
        os.truncate(f"big/{name}", BIG)
    expected = subprocess.run(["sha256sum", "big/a"], stdout=subprocess.PIPE).stdout
    for jobs in ("1", "2", "8"):
        process, pipe = start("-j", jobs, "big")
        # Its four other lines never come.
        assert_stopped(process, pipe, read_some(pipe), signal.SIGINT, expected + 4 * b"\n")


@tap.test("/checksum/at-most-so-many-files-at-a-time")
def at_most_so_many():
    process, pipe = start("-j", "3", "big")
    read_some(pipe)
    most = 0
    for _ in range(1000):
        open_files = [os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in list_fds(process.pid)]
        n_hashed = sum("/big/" in name for name in open_files)
        assert n_hashed <= 3, open_files
        most = max(most, n_hashed)
        if most == 3:
            break
        time.sleep(0.01)
    process.kill()
    process.wait()
    os.close(pipe)
    assert most == 3, most


def list_fds(pid):
    return [fd for fd in os.listdir(f"/proc/{pid}/fd") if os.path.lexists(f"/proc/{pid}/fd/{fd}")]


def on_a_terminal(both):
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

    command = [CHECKSUM, "plain"]
    process = subprocess.Popen(command, stdout=theirs if both else subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    reader = threading.Thread(target=read)
    reader.start()
    out, _ = process.communicate(timeout=TIMEOUT)
    reader.join()
    os.close(ours)
    assert process.returncode == 0
    return out, b"".join(shown)


BAR = rb"\r\[[#.]{20}\] (\d+ files found|\d+ of \d+ files)\x1b\[K"
CLEAR = rb"\r\x1b\[K"


@tap.test("/checksum/a-bar-on-a-terminal")
def bar_on_a_terminal():
    out, shown = on_a_terminal(both=False)
    assert out == reference("plain")
    assert re.fullmatch(b"((%b)+%b)+" % (BAR, CLEAR), shown), shown


@tap.test("/checksum/bar-and-lines-on-one-terminal")
def bar_and_lines():
    _, shown = on_a_terminal(both=True)
    assert re.search(BAR, shown)
    # Each line stands alone once the bar before it is wiped.
    lines = re.sub(b"((%b)+%b)" % (BAR, CLEAR), b"", shown).replace(b"\r\n", b"\n")
    assert lines == reference("plain"), lines[:2000]


@tap.test("/checksum/output-that-cannot-be-written")
def output_that_cannot_be_written():
    with open("/dev/full", "wb") as full:
        status, _, err = checksum("plain", stdout=full)
    assert (status, err) == (1, b"checksum: write error: No space left on device\n"), (status, err)

    process, pipe = start("plain")
    read_some(pipe)
    os.close(pipe)
    err = process.stderr.read()
    assert (process.wait(TIMEOUT), err) == (-signal.SIGPIPE, b""), (process.returncode, err)


@tap.test("/checksum/usage")
def usage():
    for arguments in ("", "-j 0 plain", "-j -1 plain", "-j x plain", "-j 1000 plain", "--what plain"):
        status, out, err = checksum(*arguments.split())
        assert (status, out) == (2, b"") and err.startswith(b"checksum: "), (arguments, status, out, err)
    status, out, err = checksum("--help")
    assert (status, err) == (0, b"") and b"--jobs=N" in out, (status, out, err)


make_plain_tree()
make_odd_tree()
make_special_tree()
status = tap.main()
os.chdir("/")
work.cleanup()
sys.exit(status)
