# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""A small HTTP server on loopback that misbehaves as the path of a request asks it to, and keeps a log.

It reads one request after the other from each connection, and closes the connection after the answer, unless the path
is one of those below /kept. Whatever follows the words below in a path is a tag, so that each URL can be its own.

    /ok/N             N bytes
    /kept/N           the same, and the connection is kept for more
    /slow/S           ten bytes after S seconds
    /drip/S           a hundred bytes, one each S seconds
    /never            nothing, until the other side gives up
    /status/CODE      an answer with that status
    /flaky/K          status 500 the first K times, then ten bytes
    /cut/N/TOTAL      N of the TOTAL bytes that were announced
    /flaky-cut/K      the same with half of ten bytes, the first K times; then all of them
    /chunked/N        N bytes in chunks
    /chunked-cut/N    the same without an end, and without the last byte
    /zipped/N         N bytes, compressed
    /zipped-cut/N     half of these
    /until-close/N    N bytes, without a word on how many there are
    /close            closes in place of an answer
    /reset            resets in place of an answer
    /reset-midway/N   resets after N of a million bytes
    /garbage          answers, but not in HTTP
    /redirect/PATH    sends on to /PATH
    /loop             sends on to itself

Everything is bounded: the number of connections, the time each takes, and that of the server as a whole.
"""

import gzip
import select
import selectors
import socket
import struct
import threading
import time

LIFETIME = 300
MAX_CONNECTIONS = 10_000
MAX_AT_ONCE = 200
PATIENCE = 60
RESET = struct.pack("ii", 1, 0)


class Gone(Exception):
    """The other side has closed the connection."""


class Request:
    def __init__(self, number, target, sock):
        self.number = number  # 1 is the first that the server saw
        self.target = target
        self.sock = sock
        self.nth = 0  # 1 for the first with this target
        self.was_left = False  # the other side did not wait for the end

    def is_waited_for(self):
        """A client that has closed its end no longer counts, even if the thread of this request sleeps still."""
        readable, _, _ = select.select([self.sock], [], [], 0)
        try:
            return not readable or self.sock.recv(1, socket.MSG_PEEK) != b""
        except OSError:
            return False


class Server:
    def __init__(self, on_request=None):
        """Calls on_request(Request), which may be None, in the thread that has read it, before it is answered."""
        self.on_request = on_request
        self.requests = []
        self.n_connections = 0
        self.most_at_once = 0
        self._running = set()
        self._threads = []
        self._changed = threading.Condition()
        self._leave, self._left = socket.socketpair()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=MAX_AT_ONCE)
        self.port = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def count(self, target):
        """How many requests there were for it."""
        with self._changed:
            return sum(request.target == target for request in self.requests)

    def wait_until_idle(self, timeout=10):
        """Until no connection is open; tells whether that came to pass. The log is complete then."""
        # All that came before this one have been accepted when it is.
        with socket.create_connection(("127.0.0.1", self.port), timeout) as last:
            last.shutdown(socket.SHUT_WR)
            last.recv(1)
        with self._changed:
            return self._changed.wait_for(lambda: not self._threads, timeout)

    def stop(self):
        self._leave.close()
        self._acceptor.join()
        with self._changed:
            threads = list(self._threads)
        for thread in threads:
            thread.join(PATIENCE)
        self._left.close()

    def _accept(self):
        deadline = time.monotonic() + LIFETIME
        with self._listener, selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._left, selectors.EVENT_READ)
            while self.n_connections < MAX_CONNECTIONS:
                ready = selector.select(max(0, deadline - time.monotonic()))
                if not ready or any(key.fileobj is self._left for key, _ in ready):
                    return
                sock, _ = self._listener.accept()
                self.n_connections += 1
                thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
                with self._changed:
                    if len(self._threads) >= MAX_AT_ONCE:
                        sock.close()
                        continue
                    self._threads.append(thread)
                thread.start()

    def _serve(self, sock):
        try:
            with sock:
                sock.settimeout(PATIENCE)
                kept = True
                while kept and (target := read_target(sock)):
                    kept = self._serve_one(sock, target)
        except (Gone, OSError):
            pass
        finally:
            with self._changed:
                self._threads.remove(threading.current_thread())
                self._changed.notify_all()

    def _serve_one(self, sock, target):
        with self._changed:
            request = Request(len(self.requests) + 1, target, sock)
            self.requests.append(request)
            request.nth = sum(other.target == target for other in self.requests)
            self._running.add(request)
            self.most_at_once = max(self.most_at_once, sum(other.is_waited_for() for other in self._running))
        try:
            if self.on_request:
                self.on_request(request)
            return self._answer(request)
        except (Gone, OSError):
            request.was_left = True
            raise
        finally:
            with self._changed:
                self._running.remove(request)

    def _answer(self, request):
        """Tells whether the connection is good for another request."""
        sock = request.sock
        name, *words = request.target.partition("?")[0].strip("/").split("/")
        match name, *words:
            case "ok", n, *_:
                sock.sendall(answer(body(int(n))))
            case "kept", n, *_:
                # From here on another one may be on its way.
                with self._changed:
                    self._running.discard(request)
                    sock.sendall(answer(body(int(n)), close=False))
                    self._running.add(request)
                return True
            case "slow", seconds, *_:
                self._sleep(request, float(seconds))
                sock.sendall(answer(body(10)))
            case "drip", seconds, *_:
                sock.sendall(answer(b"", length=100))
                for _ in range(100):
                    self._sleep(request, float(seconds))
                    sock.sendall(b"x")
            case "never", *_:
                self._sleep(request, PATIENCE)
            case "status", code, *_:
                sock.sendall(answer(b"" if code == "204" else b"so it is\n", status=code))
            case "flaky", k, *_:
                sock.sendall(answer(body(10), status="500" if request.nth <= int(k) else "200"))
            case "cut", n, total, *_:
                sock.sendall(answer(body(int(n)), length=total))
            case "flaky-cut", k, *_:
                sock.sendall(answer(body(5 if request.nth <= int(k) else 10), length=10))
            case "chunked", n, *_:
                sock.sendall(chunked(body(int(n))) + b"0\r\n\r\n")
            case "chunked-cut", n, *_:
                sock.sendall(chunked(body(int(n)))[:-3])
            case "zipped", n, *_:
                sock.sendall(answer(gzip.compress(body(int(n))), "Content-Encoding: gzip"))
            case "zipped-cut", n, *_:
                whole = gzip.compress(body(int(n)))
                sock.sendall(answer(whole[: len(whole) // 2], "Content-Encoding: gzip", length=len(whole)))
            case "until-close", n, *_:
                sock.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body(int(n)))
            case "close", *_:
                pass
            case "reset", *_:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            case "reset-midway", n, *_:
                sock.sendall(answer(body(int(n)), length=1_000_000))
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            case "garbage", *_:
                sock.sendall(b"\x00\xffWhat?\r\n\r\nThis is no HTTP.\r\n")
            case "redirect", *path:
                sock.sendall(answer(b"", f"Location: /{'/'.join(path)}", status="302"))
            case "loop", *_:
                sock.sendall(answer(b"", f"Location: {request.target}", status="302"))
            case _:
                sock.sendall(answer(b"There is no such path.\n", status="404"))
        return False

    def _sleep(self, request, seconds):
        """Ends early when the other side leaves, or the server does."""
        with selectors.DefaultSelector() as selector:
            selector.register(request.sock, selectors.EVENT_READ)
            selector.register(self._left, selectors.EVENT_READ)
            if selector.select(min(seconds, PATIENCE)):
                raise Gone


PHRASES = {"200": "OK", "302": "Found", "204": "No Content", "404": "Not Found", "500": "Internal Server Error",
           "503": "Service Unavailable"}


def read_target(sock):
    """The target of the next request; None when there is none."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = sock.recv(4096)
        if not piece or len(head) > 65536:
            return None
        head += piece
    return head.split(b" ", 2)[1].decode("latin-1")


def answer(content, *headers, status="200", length=None, close=True):
    length = len(content) if length is None else length
    lines = [f"HTTP/1.1 {status} {PHRASES.get(status, 'Whatever')}", f"Content-Length: {length}", *headers]
    if close:
        lines.append("Connection: close")
    return "\r\n".join(lines + ["", ""]).encode() + content


def chunked(content):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    pieces = [content[at : at + 1000] for at in range(0, len(content), 1000)]
    return head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


def body(n):
    return b"x" * n


def refusing():
    """A socket that has a port, and nobody listens on it: close it at the end, and not before."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock
