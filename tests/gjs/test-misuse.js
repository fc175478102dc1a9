// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Bad input: clear exceptions, and no critical warning of C.

import GDeferred from 'gi://GDeferred?version=1.0';
import GLib from 'gi://GLib';

import {main, matches, same, test, throws} from './tap.js';

const {Deferred} = GDeferred;

const notFunctions = [undefined, null, 5, 'f', {}, [], new Deferred(), Symbol('s')];

test('/gjs/misuse/what-cannot-be-called', () => {
  const d = new Deferred();
  for (const f of notFunctions) {
    throws(() => d.add_callback(f), TypeError);
    throws(() => d.add_errback(f), TypeError);
    throws(() => d.add_both(f), TypeError);
    throws(() => d.add_errback_for(Error, f), TypeError);
    throws(() => GDeferred.maybe_deferred(f), TypeError);
    throws(() => GDeferred.run(f), TypeError);
  }
  for (const f of notFunctions.slice(2)) {
    throws(() => d.add_callbacks(f), TypeError);
    throws(() => d.add_callbacks(null, f), TypeError);
    throws(() => GDeferred.set_unhandled_error_hook(f), TypeError);
  }
  for (const f of [5, 'f', Symbol('s')])
    throws(() => new Deferred(f), TypeError);
  throws(() => d.add_errback_for('Error', () => 1), TypeError);
  throws(() => d.add_errback_for(Error), TypeError);

  d.callback(1);
  same(d.result, 1);
});

test('/gjs/misuse/a-missing-half-lets-through', () => {
  const d = Deferred.succeed(1);
  same(d.add_callbacks(null, null).add_callbacks(undefined).add_callbacks().result, 1);
});

test('/gjs/misuse/firing-with-something-to-wait-for', () => {
  const d = new Deferred();
  const func = () => null;
  func.then = () => null;
  for (const value of [d, new Deferred(), Promise.resolve(), {then() {}}, func]) {
    matches(throws(() => d.callback(value), TypeError).message, /return it from a callback/);
    throws(() => Deferred.succeed(value), TypeError);
  }
  same(d.called, false);
});

test('/gjs/misuse/chaining-to-what-is-no-deferred', () => {
  const d = new Deferred();
  for (const other of [null, undefined, 5, {}, Promise.resolve(), d])
    throws(() => d.chain_deferred(other), TypeError);
});

test('/gjs/misuse/unpause-without-pause', () => {
  const d = new Deferred();
  throws(() => d.unpause(), Error);
  d.pause();
  d.unpause();
  throws(() => d.unpause(), Error);
});

test('/gjs/misuse/progress-out-of-range', () => {
  const d = new Deferred();
  for (const fraction of [-0.1, 1.1, NaN, undefined, 'much'])
    throws(() => d.set_progress(fraction), RangeError);
  d.set_progress(0.5);
  d.set_progress(0.75, 'half');
  same([d.progress, d.progress_text], [0.75, 'half']);
});

test('/gjs/misuse/threads', () => {
  const pool = GDeferred.DeferredThreadPool.new('pool', 1);
  for (const run of [f => Deferred.run_in_thread(f), f => Deferred.run_all_in_thread([f]),
    f => Deferred.blocking_call(null, f), f => pool.run(f)])
    matches(throws(() => run(() => 1), Error).message, /one thread.*GIO/);
  pool.close();
});

test('/gjs/misuse/a-canceller-that-throws', () => {
  const seen = [];
  GDeferred.set_unhandled_error_hook(error => void seen.push(error));
  const thrown = new Error('from the canceller');
  const d = new Deferred(() => { throw thrown; });
  d.add_errback(e => e instanceof GDeferred.CancelledError);
  d.cancel();
  GDeferred.set_unhandled_error_hook(null);
  same([seen, d.result], [[thrown], true]);
});

test('/gjs/misuse/a-text-that-adds-while-it-is-asked', () => {
  const d = new Deferred();
  const seen = [];
  const thrown = {
    toString() {
      d.add_errback(() => void seen.push('late'));
      return 'text';
    },
  };
  d.add_callback(() => { throw thrown; });
  d.callback();
  same(seen, ['late']);
});

test('/gjs/misuse/another-home', () => {
  const d = new Deferred();
  d.hand_over(GLib.MainContext.new());
  throws(() => d.add_callback(() => 1), Error);
  d.callback(1);
  throws(() => d.callback(2), GDeferred.AlreadyCalledError);

  const other = new Deferred().add_callback(() => 1);
  other.hand_over(GLib.MainContext.new());
  throws(() => other.add_callback(() => 1), Error);
});

main();
