// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

import GDeferred from 'gi://GDeferred?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Gtk from 'gi://Gtk?version=4.0';

import {GalleryCell} from './cell.js';
import {Thumbnails} from './thumbnails.js';

const ATTRIBUTES = 'standard::name,standard::content-type';

// A step is what comes between two yields. Where that is a Deferred, the next step has its result.
function* listImages(folder) {
  const opening = GDeferred.wrap(folder, 'enumerate_children_async')(ATTRIBUTES, 0, GLib.PRIORITY_DEFAULT);
  yield opening;
  const nextFiles = GDeferred.wrap(opening.result, 'next_files_async');
  const paths = [];
  for (;;) {
    const reading = nextFiles(100, GLib.PRIORITY_DEFAULT);
    yield reading;
    if (reading.result.length === 0)
      return paths.sort();
    for (const info of reading.result) {
      if (info.get_content_type()?.startsWith('image/'))
        paths.push(folder.get_child(info.get_name()).get_path());
    }
  }
}

export const GalleryWindow = GObject.registerClass({
  GTypeName: 'GalleryWindow',
  Template: import.meta.url.replace('window.js', 'window.ui'),
  InternalChildren: ['grid'],
  Properties: {
    listing: GObject.ParamSpec.object('listing', '', '', GObject.ParamFlags.READWRITE, GDeferred.Deferred),
    summary: GObject.ParamSpec.string('summary', '', '', GObject.ParamFlags.READWRITE, ''),
  },
}, class GalleryWindow extends Gtk.ApplicationWindow {
  _init(params) {
    super._init(params);
    this._thumbnails = new Thumbnails();
    this._waiting = new Set(); // cells that are bound, and load nothing yet
    this._loading = null; // the task that has them load
    this._paths = new Gtk.StringList();
    this._grid.model = new Gtk.NoSelection({model: this._paths});
    this._grid.factory = this._makeFactory();
    this.summary = 'Choose a folder';

    const open = new Gio.SimpleAction({name: 'open'});
    open.connect('activate', () => this._choose());
    this.add_action(open);
  }

  // The grid binds what is visible, and some rows around that, and unbinds what was scrolled away.
  _makeFactory() {
    const factory = new Gtk.SignalListItemFactory();
    factory.connect('setup', (_factory, item) => item.set_child(new GalleryCell()));
    factory.connect('bind', (_factory, item) => this._bind(item.get_child(), item.get_item().get_string()));
    factory.connect('unbind', (_factory, item) => this._unbind(item.get_child()));
    return factory;
  }

  // When somebody jumps to the end, hundreds of cells are bound and unbound before the next frame. Those that are left load
  // afterwards, step by step.
  _bind(cell, path) {
    cell.setPath(path);
    this._waiting.add(cell);
    if (this._loading === null) {
      this._loading = GDeferred.cooperate(this._loadWaiting());
      this._loading.bind_owner(this);
    }
  }

  _unbind(cell) {
    this._waiting.delete(cell);
    cell.clear();
  }

  * _loadWaiting() {
    for (const cell of this._waiting) {
      this._waiting.delete(cell);
      const thumbnail = this._thumbnails.get(cell.path);
      thumbnail.bind_owner(this);
      cell.showThumbnail(thumbnail);
      thumbnail.add_both(() => this._tell());
      yield;
    }
    this._loading = null;
  }

  showFolder(folder) {
    this._task?.stop();
    this._paths.splice(0, this._paths.get_n_items(), []);
    this._task = GDeferred.cooperate(listImages(folder));
    this._task.bind_owner(this);
    const listing = this._task.when_done();
    listing.bind_owner(this);
    listing.add_callbacks(paths => {
      this._paths.splice(0, 0, paths);
      this._tell();
    }, error => {
      if (!(error instanceof GDeferred.CancelledError))
        this.summary = error.message;
    });
    this.listing = listing;
  }

  // The cells are cleared now, and not when the garbage collector finds them.
  vfunc_close_request() {
    this._grid.model = null;
    return super.vfunc_close_request();
  }

  _tell() {
    const {loaded, skipped, broken} = this._thumbnails;
    this.summary = `${this._paths.get_n_items()} images: ${loaded} loaded, ${skipped} skipped, ${broken} broken`;
  }

  _choose() {
    const dialog = new Gtk.FileChooserNative({
      title: 'Open a Folder', transient_for: this, modal: true, action: Gtk.FileChooserAction.SELECT_FOLDER,
    });
    dialog.connect('response', (_dialog, response) => {
      if (response === Gtk.ResponseType.ACCEPT)
        this.showFolder(dialog.get_file());
      dialog.destroy();
    });
    dialog.show();
  }
});
