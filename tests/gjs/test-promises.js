// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Deferreds and Promises: each can stand where the other one is expected.

import GDeferred from 'gi://GDeferred?version=1.0';
import GLib from 'gi://GLib';

import {loop, main, same, test, throws, until} from './tap.js';

const {Deferred} = GDeferred;

function later(value) {
  return new Promise(resolve => {
    GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
      resolve(value);
      return GLib.SOURCE_REMOVE;
    });
  });
}

test('/gjs/await/a-value', async () => {
  const value = {};
  const d = new Deferred();
  GLib.idle_add(GLib.PRIORITY_DEFAULT, () => d.callback(value));
  same(await d, value);
});

test('/gjs/await/what-was-thrown', async () => {
  for (const thrown of [new TypeError('bad'), undefined, null, 5]) {
    const d = new Deferred().add_callback(() => { throw thrown; });
    GLib.idle_add(GLib.PRIORITY_DEFAULT, () => d.callback());
    let caught = 'nothing';
    try {
      await d;
    } catch (error) {
      caught = error;
    }
    same(caught, thrown);
  }
});

test('/gjs/await/again-and-again', async () => {
  const d = Deferred.succeed(1);
  same([await d, await d, d.result], [1, 1, 1]);
  d.add_callback(x => x + 1);
  same([await d, await d], [2, 2]);
  d.add_callback(() => { throw 3; });
  for (let i = 0; i < 2; i++) {
    let caught;
    try {
      await d;
    } catch (error) {
      caught = error;
    }
    same([caught, d.result, d.failed], [3, 3, true]);
  }
  same(d.add_errback(x => x + 1).result, 4);
});

test('/gjs/await/sees-the-chain-as-it-is-then', async () => {
  const d = new Deferred();
  d.add_callback(x => x + 1);
  const before = d.then();
  d.add_callback(x => x + 1);
  const after = d.then();
  d.callback(1);
  same([await before, await after], [2, 3]);
});

test('/gjs/await/one-that-is-paused-or-waits', async () => {
  const inner = new Deferred();
  const d = Deferred.succeed(1);
  d.pause();
  const paused = d.then();
  d.add_callback(() => inner);
  const waiting = d.then();
  let isThere = false;
  paused.then(() => (isThere = true));
  loop();
  same(isThere, false);
  d.unpause();
  same(await paused, 1);
  inner.callback(2);
  same(await waiting, 2);
});

test('/gjs/await/many-at-once', async () => {
  const all = [new Deferred(), Deferred.succeed(2), new Deferred()];
  GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
    all[2].callback(3);
    all[0].callback(1);
    return GLib.SOURCE_REMOVE;
  });
  same(await Promise.all(all), [1, 2, 3]);
  const never = new Deferred();
  same(await Promise.race([never, Deferred.succeed('first')]), 'first');
  never.callback();
  const settled = await Promise.allSettled([Deferred.fail('bad'), Deferred.succeed(1)]);
  same(settled.map(({status}) => status), ['rejected', 'fulfilled']);
});

test('/gjs/then/gives-promises', async () => {
  const d = Deferred.succeed(1);
  for (const promise of [d.then(x => x), d.catch(x => x), d.finally(() => 5)])
    same(promise instanceof Promise, true);
  same(await d.then(x => x + 1), 2);
  same(await d.then().then(x => x), 1);
  same(await d.catch(() => 'no'), 1);
  same(await d.finally(() => 'no'), 1);
  same(await Deferred.fail('bad').catch(x => `${x}!`), 'bad!');
  same(await Deferred.fail('bad').then(() => 'no', x => `${x}!`), 'bad!');
  same(await Deferred.fail('bad').finally(() => 'no').catch(x => x), 'bad');
});

test('/gjs/then/calls-later', () => {
  const seen = [];
  for (const d of [Deferred.succeed(1), Deferred.fail(2)])
    d.then(x => void seen.push(x), x => void seen.push(x));
  same(seen, []);
  loop();
  same(seen, [1, 2]);
});

test('/gjs/then/takes-no-part-in-the-chain', () => {
  const seen = [];
  const d = Deferred.succeed(1);
  d.then(() => 'other');
  d.add_callback(x => { seen.push(x); return x; });
  d.then(() => { throw 'other'; }).catch(() => null);
  d.add_callback(x => void seen.push(x));
  same(seen, [1, 1]);
  loop();
});

test('/gjs/promise/from-promise', async () => {
  const value = [];
  same(await Deferred.from_promise(later(value)), value);
  same(await Deferred.from_promise(Promise.reject(value)).catch(x => x), value);
  same(Deferred.from_promise(Promise.resolve()) instanceof Deferred, true);
  throws(() => Deferred.from_promise(5), TypeError);
  throws(() => Deferred.from_promise({}), TypeError);
});

test('/gjs/promise/from-one-that-comes-after-a-cancel', () => {
  const d = Deferred.from_promise(later(1));
  d.add_errback(e => e instanceof GDeferred.CancelledError);
  d.cancel();
  loop();
  same(d.result, true);
});

test('/gjs/promise/async-functions-are-callbacks', async () => {
  const d = new Deferred();
  d.add_callback(async x => await later(x + 1));
  d.add_callback(async x => { await null; throw x + 1; });
  d.add_errback(async x => [await later(x + 1)]);
  d.add_both(x => x);
  d.callback(1);
  same(await d, [4]);
});

test('/gjs/promise/what-a-callback-returns-is-waited-for', () => {
  const thenable = {then: resolve => resolve('thenable')};
  for (const [answer, wanted] of [[later('late'), 'late'], [Promise.resolve('ready'), 'ready'],
    [thenable, 'thenable']]) {
    const d = Deferred.succeed().add_callback(() => answer);
    until(() => !d.pending);
    same(d.result, wanted);
  }
});

test('/gjs/promise/cancel-does-not-wait-for-one', () => {
  const d = Deferred.succeed().add_callback(() => later(1));
  d.add_errback(e => e instanceof GDeferred.CancelledError);
  d.cancel();
  same(d.result, true);
  loop();
});

test('/gjs/promise/maybe-deferred', async () => {
  same(await GDeferred.maybe_deferred(async x => await later(x), 1), 1);
  same(await GDeferred.maybe_deferred(async x => { throw x; }, 1).catch(x => [x][0]), 1);
});

test('/gjs/promise/a-deferred-resolves-one', async () => {
  same(await Promise.resolve(Deferred.succeed(1)), 1);
  same(await (async () => Deferred.succeed(2))(), 2);
});

test('/gjs/run/gives-what-main-returns', () => {
  same(GDeferred.run(async x => await later(x), 1), 1);
  same(GDeferred.run(() => 2), 2);
  same(GDeferred.run(() => Deferred.from_promise(later(3))), 3);
  const bad = new Error('bad');
  for (const func of [async () => { await later(); throw bad; }, () => { throw bad; }])
    same(throws(() => GDeferred.run(func), Error), bad);
});

main();
