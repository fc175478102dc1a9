// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// One place in the grid. cell.ui has the spinner follow the Deferred.

import GDeferred from 'gi://GDeferred?version=1.0';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Gtk from 'gi://Gtk?version=4.0';

export const GalleryCell = GObject.registerClass({
  GTypeName: 'GalleryCell',
  Template: import.meta.url.replace('cell.js', 'cell.ui'),
  InternalChildren: ['name', 'picture', 'problem'],
  Properties: {
    thumbnail: GObject.ParamSpec.object('thumbnail', '', '', GObject.ParamFlags.READWRITE, GDeferred.Deferred),
  },
}, class GalleryCell extends Gtk.Box {
  setPath(path) {
    this.path = path;
    this._name.label = GLib.path_get_basename(path);
  }

  showThumbnail(thumbnail) {
    this.thumbnail = thumbnail;
    thumbnail.bind_owner(this);
    thumbnail.add_callbacks(texture => this._picture.set_paintable(texture), error => this.showProblem(error));
  }

  showProblem(error) {
    if (error instanceof GDeferred.CancelledError)
      return;
    this._problem.label = error.message;
    this._problem.visible = true;
  }

  // It was scrolled away, and will be another image's.
  clear() {
    this.thumbnail?.cancel();
    this.thumbnail = null;
    this._picture.set_paintable(null);
    this._problem.visible = false;
  }
});
