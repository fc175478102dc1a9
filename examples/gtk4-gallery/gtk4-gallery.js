#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// gtk4-gallery: a window with the images of the folder that is chosen, or named on the command line.
//
// The grid loads what is visible, while it scrolls. What was scrolled away before it was loaded is not.

import Gio from 'gi://Gio';
import Gtk from 'gi://Gtk?version=4.0';
import System from 'system';

import {GalleryWindow} from './window.js';

const application = new Gtk.Application({
  application_id: 'io.gdeferred.Gallery',
  flags: Gio.ApplicationFlags.HANDLES_OPEN | Gio.ApplicationFlags.NON_UNIQUE,
});
application.connect('activate', () => new GalleryWindow({application}).present());
application.connect('open', (_application, files) => {
  for (const folder of files) {
    const window = new GalleryWindow({application});
    window.showFolder(folder);
    window.present();
  }
});
System.exit(application.run([System.programInvocationName, ...ARGV]));
