// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Failures that nobody handled, and what else a program writes when it ends.

import GDeferred from 'gi://GDeferred?version=1.0';

import {collect, main, matches, runScript, same, test} from './tap.js';

const {Deferred} = GDeferred;

const PRELUDE = `
  import GDeferred from 'gi://GDeferred?version=1.0';
  import GLib from 'gi://GLib';
  import System from 'system';
  const {Deferred} = GDeferred;
  function collect() {
    for (let i = 0; i < 3; i++) {
      System.gc();
      while (GLib.MainContext.default().iteration(false))
        ;
    }
  }
`;

function count(text, pattern) {
  return [...text.matchAll(pattern)].length;
}

// The warnings of a program that has to come to its end.
function warnings(text) {
  const {output, errors, status} = runScript(`${PRELUDE}\n${text}\nprint('the end');`);
  same([output, status], ['the end\n', 0]);
  return errors;
}

test('/gjs/report/once-with-message-name-and-stack', () => {
  const errors = warnings(`
    function guilty() {
      throw new RangeError('too much');
    }
    (() => {
      new Deferred({name: 'mine'}).add_callback(guilty).callback();
    })();
    collect();
    collect();
  `);
  same(count(errors, /too much/g), 1);
  matches(errors, /Nobody handled the error of a Deferred named “mine”: RangeError: too much/);
  matches(errors, /\nguilty@/);
  same(count(errors, /overrides/g), 0);
});

test('/gjs/report/of-a-map-that-has-failed', () => {
  const errors = warnings(`
    for (const cancel_rest of [false, true]) {
      const parts = [0, 1].map(() => new Deferred());
      GDeferred.map(i => parts[i], [0, 1], {cancel_rest}).add_errback(() => undefined);
      parts[0].errback(new Error('first'));
      if (!cancel_rest)
        parts[1].errback(new Error('later'));
    }
    collect();
  `);
  same([count(errors, /Error: first/g), count(errors, /Error: later/g), count(errors, /Nobody/g)], [0, 1, 1]);
});

test('/gjs/report/at-the-end-of-the-program', () => {
  const errors = warnings(`
    globalThis.d = Deferred.succeed().add_callback(function guilty() { throw new Error('last'); });
  `);
  same(count(errors, /Error: last/g), 1);
  matches(errors, /\nguilty@/);
});

test('/gjs/report/what-is-no-error', () => {
  const errors = warnings(`
    Deferred.fail(undefined);
    Deferred.fail('text');
    Deferred.fail(Object.create(null));
  `);
  same(count(errors, /Nobody handled/g), 3);
  same(count(errors, /: undefined|: text|: something that cannot be described/g), 3);
});

test('/gjs/report/none-for-what-was-handled', () => {
  same(warnings(`
    const bad = () => { throw new Error('bad'); };
    (() => {
      Deferred.succeed().add_callback(bad).add_errback(() => null);
      Deferred.fail('bad').catch(() => null);
      Deferred.fail('bad').add_errback(bad).catch(() => null);
      Deferred.fail('bad').then(undefined, () => null);
      const pending = new Deferred().add_callback(bad);
      pending.catch(() => null);
      pending.callback();
      Deferred.succeed().add_callback(() => Deferred.fail('bad')).add_errback(() => null);
      Deferred.succeed().add_callback(async () => bad()).add_errback(() => null);
      const other = new Deferred().add_errback(() => null);
      Deferred.fail('bad').chain_deferred(other);
      new Deferred().cancel();
      try {
        GDeferred.run(bad);
      } catch {
      }
      try {
        Deferred.fail('bad').wait();
      } catch {
      }
    })();
    collect();
  `), '');
});

test('/gjs/report/one-that-comes-after-an-await', () => {
  const errors = warnings(`
    (() => {
      const d = Deferred.fail(new Error('first'));
      d.catch(() => null);
      d.add_errback(() => { throw new Error('second'); });
    })();
    collect();
  `);
  same([count(errors, /first/g), count(errors, /second/g)], [0, 1]);
});

test('/gjs/report/of-a-promise-is-of-gjs', () => {
  const errors = warnings('Deferred.fail(new Error("bad")).then(() => null); collect();');
  matches(errors, /Unhandled promise rejection/);
  same(count(errors, /Nobody handled/g), 0);
});

test('/gjs/report/of-a-pending-one-that-was-dropped', () => {
  const errors = warnings(`
    (() => {
      new Deferred().add_both(() => print('called'));
    })();
    collect();
  `);
  matches(errors, /dropped before anybody fired it/);
});

test('/gjs/report/of-a-canceller', () => {
  const errors = warnings(`
    const d = new Deferred(function guilty() { throw new Error('from the canceller'); });
    d.cancel();
  `);
  matches(errors, /The canceller failed of a Deferred: Error: from the canceller\nguilty@/);
  same(count(errors, /Nobody handled/g), 0);
});

function drop(thrown) {
  Deferred.succeed().add_callback(() => { throw thrown; });
}

test('/gjs/hook/gets-what-was-thrown-once', () => {
  const seen = [];
  GDeferred.set_unhandled_error_hook(error => void seen.push(error));
  for (const thrown of [new TypeError('bad'), undefined, 5]) {
    drop(thrown);
    collect();
    same(seen, [thrown]);
    seen.length = 0;
  }
  Deferred.fail('handled').add_errback(() => null);
  collect();
  same(seen, []);
  GDeferred.set_unhandled_error_hook(null);
});

test('/gjs/hook/one-that-throws', () => {
  const errors = warnings(`
    GDeferred.set_unhandled_error_hook(function hook() { throw new Error('from the hook'); });
    (() => { Deferred.fail('bad'); })();
    collect();
  `);
  matches(errors, /The hook for unhandled errors failed[^]*from the hook/);
});

test('/gjs/hook/none-again', () => {
  const errors = warnings(`
    GDeferred.set_unhandled_error_hook(() => print('hook'));
    GDeferred.set_unhandled_error_hook(null);
    Deferred.fail('bad');
  `);
  matches(errors, /Nobody handled/);
});

test('/gjs/exit/with-everything-in-flight', () => {
  same(warnings(`
    globalThis.all = [];
    for (let i = 0; i < 100; i++) {
      const inner = new Deferred();
      all.push(inner, new Deferred().add_callback(x => x));
      Deferred.succeed().add_callback(() => inner).add_callback(x => x);
      Deferred.from_promise(new Promise(() => null)).add_callback(x => x).then();
      inner.fork().add_callback(x => x);
      inner.pause();
    }
  `), '');
});

test('/gjs/exit/inside-a-callback', () => {
  const {output, errors, status} = runScript(`${PRELUDE}
    Deferred.succeed().add_callback(() => System.exit(7)).add_both(() => print('called'));
  `);
  same([output, errors, status], ['', '', 7]);
});

main();
