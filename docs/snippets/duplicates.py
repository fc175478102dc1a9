# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

import hashlib
import pathlib
import sys

import gi

gi.require_version("GDeferred", "1.0")
from gi.repository import GDeferred


def digest(path: pathlib.Path) -> str:
    """For a thread: it blocks while the file is read."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


async def main(folder: str) -> int:
    paths = sorted(path for path in pathlib.Path(folder).rglob("*") if not path.is_dir())
    jobs = [GDeferred.run_in_thread(digest, path) for path in paths]
    first: dict[str, pathlib.Path] = {}
    for path, job in zip(paths, jobs):
        try:
            original = first.setdefault(await job, path)
        except OSError as error:
            print(f"{path}: {error.strerror}")
            continue
        if original is not path:
            print(f"{path} is the same as {original}")
    return len(first)


print(GDeferred.run(main, sys.argv[1]), "different files")
