#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Opens the HTML documentation in a browser without a window, as a reader would: what a page asks for comes, its scripts
run, its links lead somewhere, its search finds something. Takes pictures of two pages.

Usage: test-site-browser.py SITE PICTURES PAGE...
"""

import base64
import contextlib
import functools
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request

sys.dont_write_bytecode = True
import tap

SITE, PICTURES = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
PAGES = ["index.html", "class.Deferred.html", "class.DeferredLock.html", "method.Deferred.cancel.html",
         *(pathlib.Path(name).with_suffix(".html").name for name in sys.argv[3:])]
TIMEOUT = 120

# Waits for what still loads; then tells where links lead to, and which pictures did not come.
LOOK = """
(async () => {
  if (document.readyState !== 'complete')
    await new Promise(resolve => addEventListener('load', resolve));
  return {
    title: document.title,
    links: [...document.querySelectorAll('a[href]')].map(a => a.href),
    anchors: [...document.querySelectorAll('[id], [name]')].map(e => e.id || e.getAttribute('name')),
    broken: [...document.images].filter(i => !i.complete || i.naturalWidth === 0).map(i => i.src),
    width: document.documentElement.scrollWidth,
  };
})()
"""


class Browser:
    """A Chromium that is told what to do through a pair of pipes: messages in JSON, each with a NUL at its end."""

    def __init__(self, program, folder):
        from_browser, its_answers = os.pipe()
        its_orders, to_browser = os.pipe()
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
                     "--window-size=1280,1000", f"--user-data-dir={folder}", "--remote-debugging-pipe"]
        # It takes orders from 3 and answers on 4.
        script = f'exec 3<&{its_orders} 4>&{its_answers}; exec "$@"'
        self.process = subprocess.Popen(["bash", "-c", script, "bash", program, *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        pass_fds=(its_orders, its_answers))
        os.close(its_orders)
        os.close(its_answers)
        self.orders, self.answers = open(to_browser, "wb", buffering=0), open(from_browser, "rb")
        self.alarm = threading.Timer(TIMEOUT, self.process.kill)
        self.alarm.start()
        self.number, self.session = 0, None
        self.rest, self.events = b"", []

        target = self.order("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.order("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.order(f"{domain}.enable")

    def hear(self):
        while b"\0" not in self.rest:
            more = os.read(self.answers.fileno(), 1 << 16)
            assert more, "the browser has gone, or took too long"
            self.rest += more
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def order(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.orders.write(json.dumps(message).encode() + b"\0")
        while True:
            heard = self.hear()
            if heard.get("id") == self.number:
                assert "error" not in heard, (method, heard)
                return heard["result"]
            self.events.append(heard)

    def evaluate(self, script):
        result = self.order("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def open(self, address):
        """What the page looks like, and what went wrong with it."""
        self.events.clear()
        opened = self.order("Page.navigate", url=address)
        assert "errorText" not in opened, (address, opened)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self.hear())
        return self.evaluate(LOOK)

    def troubles(self):
        for event in self.events:
            method, about = event["method"], event["params"]
            if method == "Runtime.exceptionThrown":
                yield about["exceptionDetails"]
            elif method == "Network.loadingFailed":
                yield about
            elif method == "Network.responseReceived" and about["response"]["status"] >= 400:
                yield about["response"]["url"], about["response"]["status"]
            elif method == "Log.entryAdded" and about["entry"]["level"] == "error":
                yield about["entry"]

    def picture(self, path):
        path.write_bytes(base64.b64decode(self.order("Page.captureScreenshot", format="png")["data"]))

    def close(self):
        self.alarm.cancel()
        self.process.kill()
        self.process.wait()
        self.orders.close()
        self.answers.close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/favicon.ico":  # browsers ask for it unasked
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def browse():
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise tap.Skip("there is no Chromium")
    with serve() as base, tempfile.TemporaryDirectory() as folder:
        browser = Browser(program, folder)
        try:
            yield browser, base
        finally:
            browser.close()


@tap.test("/site/in-a-browser/pages-load-and-links-lead-somewhere")
def pages():
    with browse() as (browser, base):
        targets, anchors = set(), {}
        for page in PAGES:
            seen = browser.open(base + page)
            assert not list(browser.troubles()), (page, list(browser.troubles()))
            assert seen["title"] and not seen["broken"], (page, seen["title"], seen["broken"])
            anchors[page] = set(seen["anchors"])
            targets |= {link for link in seen["links"] if link.startswith(base)}

        for target in sorted({urllib.parse.urldefrag(target).url for target in targets}):
            try:
                urllib.request.urlopen(urllib.request.Request(target, method="HEAD")).close()
            except urllib.error.HTTPError as error:
                raise AssertionError(f"{target}: {error}") from None
        for target in targets:
            address, fragment = urllib.parse.urldefrag(target)
            page = address.removeprefix(base)
            if fragment and page in anchors:
                assert urllib.parse.unquote(fragment) in anchors[page], f"{target}: there is no such place"
        print(f"# {len(PAGES)} pages, {len(targets)} links within the site")


@tap.test("/site/in-a-browser/the-search-finds")
def search():
    with browse() as (browser, base):
        seen = browser.open(base + "index.html?q=cancel")
        found = browser.evaluate("""
          new Promise(resolve => {
            const look = () => {
              const links = [...document.querySelectorAll('#search a[href]')].map(a => a.href);
              if (links.some(link => link.includes('method.Deferred.cancel.html')))
                resolve(links.length);
              else
                setTimeout(look, 10);
            };
            look();
          })
        """)
        assert found > 0, seen
        assert not list(browser.troubles()), list(browser.troubles())


@tap.test("/site/in-a-browser/pictures")
def pictures():
    with browse() as (browser, base):
        PICTURES.mkdir(parents=True, exist_ok=True)
        for page, name in (("index.html", "front-page.png"), ("class.Deferred.html", "class-page.png")):
            browser.open(base + page)
            browser.picture(PICTURES / name)
            data = (PICTURES / name).read_bytes()
            assert data.startswith(b"\x89PNG") and len(data) > 10000, f"{name} has {len(data)} bytes"


sys.exit(tap.main())
