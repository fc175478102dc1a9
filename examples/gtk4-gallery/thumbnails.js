// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Small pictures of image files.

import GDeferred from 'gi://GDeferred?version=1.0';
import Gdk from 'gi://Gdk?version=4.0';
import GdkPixbuf from 'gi://GdkPixbuf?version=2.0';
import Gio from 'gi://Gio';

const PIECE = 16 * 1024;

function makeLoader(size) {
  const loader = new GdkPixbuf.PixbufLoader();
  loader.connect('size-prepared', (_loader, width, height) => {
    const scale = Math.min(1, size / Math.max(width, height));
    loader.set_size(Math.ceil(width * scale), Math.ceil(height * scale));
  });
  return loader;
}

function* pieces(loader, bytes) {
  const end = bytes.get_size();
  const data = 'new_from_bytes' in bytes ? null : bytes.toArray(); // newer GJS
  for (let start = 0; start < end; start += PIECE) {
    if (data === null)
      loader.write_bytes(bytes.new_from_bytes(start, Math.min(PIECE, end - start)));
    else
      loader.write(data.subarray(start, start + PIECE));
    yield;
  }
  loader.close();
  return Gdk.Texture.new_for_pixbuf(loader.get_pixbuf());
}

// JavaScript has one thread. So it decodes piece by piece, in the time that drawing leaves.
function decode(bytes, size) {
  const loader = makeLoader(size);
  const task = GDeferred.cooperate(pieces(loader, bytes));
  const texture = new GDeferred.Deferred(() => {
    task.stop();
    try {
      loader.close();
    } catch {
      // It has not come to the end of the image, of course.
    }
  });
  task.when_done().chain_deferred(texture);
  return texture;
}

// GIO has threads for reading. The contents stay out of JavaScript's heap, which its garbage collector is glad of.
function load(path, size) {
  const file = Gio.File.new_for_path(path);
  return GDeferred.wrap(file, 'load_bytes_async')().add_callback(([bytes]) => decode(bytes, size));
}

// Gives Deferreds for textures, by path. Each image is loaded once, however many ask for it, a few at a time; one that
// nobody wants any more, of those who asked, is skipped.
export class Thumbnails {
  constructor({size = 128, kept = 400, atOnce = 4} = {}) {
    this.loaded = this.skipped = this.broken = 0;
    this._size = size;
    this._slots = new GDeferred.DeferredSemaphore({limit: atOnce});
    this._cache = new GDeferred.DeferredCache(path => this._load(path), {max_size: kept});
  }

  get(path) {
    return this._cache.get(path);
  }

  _load(path) {
    return this._slots.run(load, path, this._size).add_callbacks(texture => {
      this.loaded++;
      return texture;
    }, error => {
      if (error instanceof GDeferred.CancelledError)
        this.skipped++;
      else
        this.broken++;
      throw error;
    });
  }
}
