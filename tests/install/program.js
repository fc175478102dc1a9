// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// The typelib as GJS has it, without an override.

imports.gi.versions.GDeferred = '1.0';
const {GDeferred, Gio, GLib} = imports.gi;

function same(what, wanted) {
  what = JSON.stringify(what);
  wanted = JSON.stringify(wanted);
  if (what !== wanted)
    throw new Error(`${what} where ${wanted} was expected`);
}

const loop = GLib.MainLoop.new(null, false);
const outer = GDeferred.Deferred.new();
const inner = GDeferred.Deferred.new();
const seen = [];

outer.add_callback(deferred => {
  seen.push(deferred.get_result());
  return deferred.return_deferred(inner);
});
outer.add_callback(deferred => {
  seen.push(deferred.get_result());
  throw new GLib.Error(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND, 'lost');
});
outer.add_errback(deferred => {
  const error = deferred.get_error();
  seen.push(error.message, error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND));
  loop.quit();
  return deferred.return_none();
});

same(outer.get_state(), GDeferred.DeferredState.PENDING);
same(outer.callback('go'), true);
let again = null;
try {
  outer.callback('again');
} catch (error) {
  again = error;
}
same(again.code, GDeferred.DeferredError.ALREADY_CALLED);
same(outer.get_state(), GDeferred.DeferredState.WAITING);

GLib.idle_add(GLib.PRIORITY_DEFAULT, () => !inner.callback(42));
loop.run();

same(seen, ['go', 42, 'lost', true]);
same(outer.get_state(), GDeferred.DeferredState.SUCCEEDED);
same(outer.get_result() ?? null, null);
