// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

import GDeferred from 'gi://GDeferred?version=1.0';
import Gio from 'gi://Gio';
Gio._promisify(Gio.File.prototype, 'load_contents_async');

async function load(name) {    // GIO has threads for it
  const [bytes] = await Gio.File.new_for_path(name).load_contents_async(null);
  return new TextDecoder().decode(bytes);
}

const d = GDeferred.Deferred.from_promise(load(ARGV[0]));
d.add_callbacks(text => print(`It says: ${text}`), error => print(`Sorry: ${error.message}`));
await d;
