// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Firing, the chain, and ending, as JavaScript has them.

import GDeferred from 'gi://GDeferred?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

import {main, same, test, throws} from './tap.js';

const {Deferred, DeferredError, DeferredState} = GDeferred;

class Thing {}

// One of each kind, and some that C would change if it had to hold them.
const values = [
  undefined, null, true, false, 0, -0, 1.5, NaN, -Infinity, 2 ** 31, 2 ** 53, 10n,
  '', 'text', 'a\0b', '\ud800', '😀', Symbol('s'),
  [], [1, [2]], {}, {then: 5}, new Map(), new Thing(), Thing, () => 1, /x/, new Date(), new Proxy({}, {}),
  new Error('value'), new GLib.Error(Gio.IOErrorEnum, 1, 'value'), new GLib.Variant('i', 5),
  new Gio.Cancellable(),
];

test('/gjs/values/go-through-by-identity', () => {
  for (const value of values) {
    const seen = [];
    Deferred.succeed(value).add_callback(x => {
      seen.push(x);
      return x;
    }).add_callback(x => void seen.push(x));
    same(seen, [value, value]);
  }
});

test('/gjs/values/go-through-c-by-identity', () => {
  for (const value of values) {
    const outer = Deferred.succeed().add_callback(() => Deferred.succeed(value));
    same(outer.result, value);
    same(outer.fork().result, value);

    const other = new Deferred();
    outer.chain_deferred(other);
    same(other.result, value);
    same(outer.result, undefined);
  }
});

test('/gjs/values/plain-ones-are-plain-in-c', () => {
  for (const value of [true, 5, 1.5, 'text', new Gio.Cancellable()])
    same(Deferred.succeed(value).get_result(), value);
  same(Deferred.succeed().get_result(), null);
  same(Deferred.succeed([]).get_result() instanceof GDeferred.DeferredCarrier, true);
});

test('/gjs/values/from-c', () => {
  const seen = [];
  for (const value of [true, 5, 'text', null]) {
    const d = new Deferred();
    d.add_callback(x => void seen.push(x));
    d.fire_with(self => self.return_value(value));
  }
  same(seen, [true, 5, 'text', undefined]);
});

test('/gjs/values/what-is-thrown-goes-through-by-identity', () => {
  for (const thrown of [...values, {toString() { throw 1; }}, Object.create(null),
    Object.create(GLib.Error.prototype)]) {
    const seen = [];
    const d = Deferred.succeed().add_callback(() => {
      throw thrown;
    });
    same([d.failed, d.result], [true, thrown]);
    d.fork().add_errback(x => void seen.push(x));
    d.add_errback(x => {
      seen.push(x, d.failed, d.result);
      throw x;
    }).add_errback(x => void seen.push(x));
    Deferred.fail(thrown).add_errback(x => void seen.push(x));
    same(seen, [thrown, thrown, true, thrown, thrown, thrown]);
  }
});

test('/gjs/values/an-error-that-is-returned-is-a-value', () => {
  const error = new Error('value');
  const seen = [];
  const d = Deferred.succeed(1).add_callback(() => error);
  d.add_both(value => void seen.push(value, d.failed));
  same(seen, [error, false]);
});

test('/gjs/errors/what-c-sees', () => {
  const seen = thrown => {
    const d = Deferred.fail(thrown);
    const error = d.get_error();
    d.add_errback(() => null);
    return error;
  };
  same(seen(new TypeError('bad')).message, 'TypeError: bad');
  same(seen(new TypeError('bad')).matches(DeferredError, DeferredError.FAILED), true);
  same(seen(undefined).message, 'undefined');
  same(seen('a\0b').message, 'a\u2400b');
  same(seen({toString() { throw 1; }}).message, 'something that cannot be described');
  same(seen(new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND, 'gone')).message, 'gone');
  same(seen(new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND, 'gone'))
    .matches(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND), true);
});

test('/gjs/errors/from-c', () => {
  const file = Gio.File.new_for_path('/no/such/file');
  const d = new Deferred();
  file.read_async(0, null, (_, result) => {
    try {
      d.callback(file.read_finish(result));
    } catch (error) {
      d.errback(error);
    }
  });
  const error = throws(() => d.wait(), GLib.Error);
  same(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND), true);
});

test('/gjs/fire/once', () => {
  const d = Deferred.succeed(1);
  for (const again of [() => d.callback(2), () => d.errback(new Error('late')), () => d.callback()]) {
    const error = throws(again, GDeferred.AlreadyCalledError);
    same(error instanceof GLib.Error, true);
    same(error.matches(DeferredError, DeferredError.ALREADY_CALLED), true);
  }
  same([d.result, d.failed], [1, false]);

  const failed = Deferred.fail('bad');
  throws(() => failed.callback(1), GDeferred.AlreadyCalledError);
  same([failed.result, failed.failed], ['bad', true]);
  failed.add_errback(() => null);
});

test('/gjs/fire/again-inside-a-callback', () => {
  const d = new Deferred();
  d.add_callback(x => {
    throws(() => d.callback(5), GDeferred.AlreadyCalledError);
    same(d.result, x);
    return x + 1;
  });
  d.callback(1);
  same(d.result, 2);
});

test('/gjs/fire/while-paused-is-kept', () => {
  const d = new Deferred();
  d.add_callback(x => x + 1);
  d.pause();
  d.callback(1);
  same([d.called, d.result, d.paused], [true, 1, true]);
  d.unpause();
  same([d.result, d.paused], [2, false]);
});

test('/gjs/fire/called-result-failed-state', () => {
  const d = new Deferred();
  same([d.called, d.result, d.failed, d.state], [false, undefined, false, DeferredState.PENDING]);
  d.callback(7);
  same([d.called, d.result, d.failed, d.state], [true, 7, false, DeferredState.SUCCEEDED]);
  const inner = new Deferred();
  d.add_callback(() => inner);
  same([d.called, d.result, d.failed, d.state], [true, undefined, false, DeferredState.WAITING]);
  inner.errback('bad');
  same([d.called, d.result, d.failed, d.state], [true, 'bad', true, DeferredState.FAILED]);
  d.add_errback(() => 'good');
  same([d.called, d.result, d.failed, d.state], [true, 'good', false, DeferredState.SUCCEEDED]);
  const last = new Deferred();
  d.add_callback(() => Deferred.succeed('from c')).add_callback(() => last);
  same([d.called, d.result, d.failed, d.state], [true, undefined, false, DeferredState.WAITING]);
});

test('/gjs/chain/sides', () => {
  const seen = [];
  const note = (word, answer) => value => {
    seen.push(word, value);
    return answer;
  };
  const d = new Deferred();
  d.add_errback(note('not me'))
    .add_callback(note('callback', 2))
    .add_callbacks(note('left', 3), note('not me'))
    .add_callbacks(null, note('not me'))
    .add_callback(() => { throw 4; })
    .add_callbacks(note('not me'), null)
    .add_callback(note('not me'))
    .add_errback(note('errback', 5))
    .add_both(note('both', 6));
  d.callback(1);
  same(seen, ['callback', 1, 'left', 2, 'errback', 4, 'both', 5]);
  same(d.result, 6);
});

test('/gjs/chain/the-callback-of-a-pair-does-not-fall-to-its-errback', () => {
  const seen = [];
  const d = Deferred.succeed().add_callbacks(() => { throw 1; }, () => void seen.push('mine'));
  d.add_errback(() => void seen.push('next'));
  same(seen, ['next']);
});

test('/gjs/chain/arguments', () => {
  const seen = [];
  const note = (...args) => {
    seen.push(args);
    throw 'e';
  };
  const d = Deferred.succeed(1);
  d.add_callback(note, 2, 3).add_errback(note, 4).add_both(note, 5, 6)
    .add_callbacks(note, note, {callback_args: [0], errback_args: [7, 8]});
  d.add_errback(() => d.add_callbacks(note, null, {callback_args: [9]}));
  d.add_errback(() => null);
  same(seen, [[1, 2, 3], ['e', 4], ['e', 5, 6], ['e', 7, 8]]);
});

test('/gjs/chain/this-is-nothing', () => {
  const seen = [];
  Deferred.succeed().add_callback(function () {
    seen.push(this);
  });
  same(seen, [undefined]);
});

test('/gjs/chain/errback-for', () => {
  const {IOErrorEnum} = Gio;
  const play = thrown => {
    const seen = [];
    const pass = (_, word) => {
      seen.push(word);
      throw thrown;
    };
    Deferred.fail(thrown)
      .add_errback_for(TypeError, pass, 'class')
      .add_errback_for(IOErrorEnum, IOErrorEnum.NOT_FOUND, pass, 'code')
      .add_errback_for(Gio.io_error_quark(), IOErrorEnum.NOT_FOUND, pass, 'quark')
      .add_errback_for(GDeferred.CancelledError, pass, 'cancelled')
      .add_errback(last => seen.push(last === thrown));
    return seen;
  };
  same(play(new TypeError()), ['class', true]);
  same(play(new RangeError()), [true]);
  same(play(undefined), [true]);
  same(play(new GLib.Error(IOErrorEnum, IOErrorEnum.NOT_FOUND, '')), ['code', 'quark', true]);
  same(play(new GLib.Error(IOErrorEnum, IOErrorEnum.FAILED, '')), [true]);
  same(play(new GDeferred.CancelledError()), ['cancelled', true]);
});

test('/gjs/chain/result-inside-a-callback-is-what-it-was-called-with', () => {
  const d = new Deferred();
  const seen = [];
  d.add_callback(() => { seen.push(d.result, d.failed); throw 2; });
  d.add_errback(() => { seen.push(d.result, d.failed); return 3; });
  d.add_callback(() => { seen.push(d.result, d.get_result(), d.failed, d.result); return 4; });
  d.add_callback(() => { seen.push(d.result); return 5; });
  d.callback(1);
  same(seen, [1, false, 2, true, 3, 3, false, 3, 4]);
  same(d.result, 5);
});

test('/gjs/chain/added-inside-a-callback', () => {
  const seen = [];
  const d = new Deferred();
  d.add_callback(x => {
    seen.push(x);
    d.add_callback(y => { seen.push(y); return y + 1; });
    seen.push('added');
    return x + 1;
  });
  d.add_callback(x => { seen.push(x); return x + 1; });
  d.callback(1);
  same(seen, [1, 'added', 2, 3]);
  same(d.result, 4);
});

test('/gjs/chain/in-order-with-the-links-of-c', () => {
  const seen = [];
  const d = new Deferred();
  d.add_callback(x => { seen.push(`a${x}`); return x + 1; });
  const fork = d.fork().add_callback(x => { seen.push(`fork${x}`); return x; });
  d.add_callback(x => { seen.push(`b${x}`); return x + 1; });
  d.add_callback(x => { seen.push(`c${x}`); return x + 1; });
  const other = new Deferred().add_callback(x => void seen.push(`other${x}`));
  d.chain_deferred(other);
  d.add_callback(x => { seen.push(`d${x}`); return 10; });
  d.callback(1);
  // What is handed on runs when the chain itself has stopped.
  same(seen, ['a1', 'b2', 'c3', 'dundefined', 'fork2', 'other4']);
  same([d.result, fork.result], [10, 2]);
});

test('/gjs/chain/a-link-of-c-added-inside-a-callback-seals-the-batch', () => {
  const seen = [];
  const d = new Deferred();
  let fork;
  d.add_callback(x => {
    fork = d.fork();
    d.add_callback(y => { seen.push(y); return y + 1; });
    return x + 1;
  });
  d.callback(1);
  same([fork.result, d.result], [2, 3]);
  same(seen, [2]);
});

test('/gjs/chain/waits-for-a-deferred', () => {
  const seen = [];
  const inner = new Deferred();
  const d = Deferred.succeed(1).add_callback(() => inner).add_callback(x => { seen.push(x); return x; });
  d.add_callback(x => void seen.push(x));
  same(seen, []);
  same(d.get_waiting_on(), inner);
  inner.callback('inner');
  same(seen, ['inner', 'inner']);
  same(inner.result, undefined);
});

test('/gjs/chain/waits-for-one-that-has-its-result', () => {
  const inner = Deferred.succeed('inner');
  same(Deferred.succeed().add_callback(() => inner).result, 'inner');
  same(inner.result, undefined);
  const d = Deferred.succeed().add_callback(() => Deferred.fail('bad'));
  same(d.add_errback(e => `got ${e}`).result, 'got bad');
});

test('/gjs/chain/a-ring-of-waits-fails', () => {
  const d = new Deferred();
  d.add_callback(() => d);
  d.callback();
  same(d.result.matches(DeferredError, DeferredError.LOOP), true);
  d.add_errback(() => null);
});

test('/gjs/chain/a-pause-inside-a-callback-stops-it', () => {
  const seen = [];
  const d = new Deferred();
  d.add_callback(x => { d.pause(); return x + 1; });
  d.add_callback(x => void seen.push(x));
  d.callback(1);
  same([seen, d.result], [[], 2]);
  d.unpause();
  same(seen, [2]);
});

test('/gjs/chain/long', () => {
  const n = 200000;
  const d = new Deferred();
  for (let i = 0; i < n; i++)
    d.add_callback(x => x + 1);
  d.callback(0);
  same(d.result, n);

  const again = x => {
    if (x < n)
      e.add_callback(again);
    return x + 1;
  };
  const e = new Deferred().add_callback(again);
  e.callback(0);
  same(e.result, n + 1);

  let below = new Deferred();
  const bottom = below;
  for (let i = 0; i < n / 10; i++) {
    const inner = below;
    below = Deferred.succeed().add_callback(() => inner);
  }
  bottom.callback('deep');
  same(below.result, 'deep');
});

test('/gjs/end/cancel', () => {
  const seen = [];
  const d = new Deferred(self => { seen.push(self); });
  d.add_errback(e => { seen.push(e instanceof GDeferred.CancelledError); });
  d.cancel();
  same(seen, [d, true]);
  throws(() => d.callback(1), GDeferred.AlreadyCalledError);

  const silent = new Deferred().add_errback(() => 'cancelled');
  silent.cancel();
  silent.callback('late');
  same(silent.result, 'cancelled');
  throws(() => silent.callback('later'), GDeferred.AlreadyCalledError);
});

test('/gjs/end/a-canceller-may-fire', () => {
  const d = new Deferred(self => self.callback('instead'));
  d.cancel();
  same(d.result, 'instead');
});

test('/gjs/end/cancel-reaches-the-inner-one', () => {
  const seen = [];
  const inner = new Deferred(() => { seen.push('inner'); });
  const d = Deferred.succeed().add_callback(() => inner);
  d.add_errback(e => e instanceof GDeferred.CancelledError);
  d.cancel();
  same([seen, d.result], [['inner'], true]);
});

test('/gjs/end/cancel-inside-a-callback-does-nothing', () => {
  const d = new Deferred();
  d.add_callback(x => { d.cancel(); return x + 1; });
  d.callback(1);
  same(d.result, 2);
});

test('/gjs/end/an-owner-that-goes-ends-it', () => {
  const seen = [];
  const owner = new GObject.Object();
  const d = new Deferred();
  d.bind_owner(owner);
  d.add_callback(() => { seen.push('a'); owner.run_dispose(); });
  d.add_callback(() => void seen.push('b'));
  d.callback();
  d.add_both(() => void seen.push('c'));
  same(seen, ['a']);
});

test('/gjs/make/maybe', () => {
  const inner = new Deferred();
  same(GDeferred.maybe_deferred((a, b) => a + b, 1, 2).result, 3);
  same(GDeferred.maybe_deferred(() => inner), inner);
  const failed = GDeferred.maybe_deferred(() => { throw 4; });
  same([failed.failed, failed.result], [true, 4]);
  failed.add_errback(() => null);
});

test('/gjs/make/properties-and-the-classes-of-others', () => {
  same(new Deferred({name: 'mine'}).name, 'mine');
  same(Deferred.new() instanceof Deferred, true);

  const Download = GObject.registerClass(class Download extends Deferred {
    constructor(uri, canceller) {
      super(canceller);
      this.uri = uri;
    }

    add_callback(func, ...args) {
      return super.add_callback(func, this.uri, ...args);
    }
  });
  const seen = [];
  const d = new Download('here', () => void seen.push('cancelled'));
  d.add_callback((x, uri) => void seen.push(x, uri));
  d.callback(1);
  same(seen, [1, 'here']);
  new Download('there', () => void seen.push('cancelled')).add_errback(() => null).cancel();
  same(seen, [1, 'here', 'cancelled']);
  same(Download.succeed('x') instanceof Download, true);
});

test('/gjs/make/wait', () => {
  const d = new Deferred();
  GLib.idle_add(GLib.PRIORITY_DEFAULT, () => d.callback([1]));
  same(d.wait(), [1]);
  const thrown = {};
  try {
    Deferred.fail(thrown).wait();
  } catch (caught) {
    same(caught, thrown);
    return;
  }
  throw new Error('nothing was thrown');
});

test('/gjs/make/waiting-for-oneself-fails', () => {
  const d = Deferred.fail('bad');
  d.add_errback(() => throws(() => d.wait(), GLib.Error).matches(DeferredError, DeferredError.LOOP));
  same(d.result, true);
});

main();
