// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Clocks, delays, time-outs, looping calls, cooperative tasks, trying again, caches, debounce and throttle: all on a
// virtual clock.

import GDeferred from 'gi://GDeferred?version=1.0';
import Gio from 'gi://Gio';

import {end, later, loop, main, outcomes, same, test, throws} from './tap.js';

const {
  CancelledError, Deferred, DeferredCache, DeferredClock, DeferredCooperator, DeferredDebounce, DeferredLoopingCall,
  DeferredRetry, DeferredThrottle, TimeoutError,
} = GDeferred;

const bad = new TypeError('bad');

function timed(name, func) {
  test(`/gjs/${name}`, () => {
    const clock = new DeferredClock();
    return clock.use(() => func(clock));
  });
}

// --- clocks ---

timed('clock/milliseconds', clock => {
  same([clock.is_virtual(), clock.get_time()], [true, 0]);
  clock.advance(1500.5);
  clock.pump([1, 2]);
  clock.jump(10);
  same(clock.get_time(), 1513.5);
  const trace = [];
  clock.call_later(20, (...args) => trace.push(args), 'a', 1);
  clock.call_later(10, () => trace.push('b'));
  clock.call_at(1513.5 + 15, () => trace.push('c'));
  same(clock.get_calls().map(call => call.get_time() - 1513.5), [10, 15, 20]);
  clock.advance(100);
  same(trace, ['b', 'c', ['a', 1]]);
  clock.call_later(10, () => trace.push('never')).add_errback(() => undefined);
  const [call] = clock.get_calls();
  same([call.reset(50), call.get_time() - clock.get_time(), call.cancel(), call.is_pending()], [true, 50, true, false]);
});

timed('clock/scopes', clock => {
  same(DeferredClock.get_current(), clock);
  const inner = new DeferredClock();
  let d;
  same(inner.use((a, b) => {
    d = GDeferred.delay(1);
    return a + b;
  }, 1, 2), 3);
  throws(() => inner.use(() => {
    throw bad;
  }), TypeError);
  same(DeferredClock.get_current(), clock);
  clock.advance(1);
  same(d.called, false);
  inner.advance(1);
  same(d.called, true);
});

test('/gjs/clock/of-the-system', async () => {
  const clock = DeferredClock.get_current();
  const before = clock.get_time();
  await GDeferred.delay(2);
  same(clock.get_time() - before >= 2, true);
  throws(() => clock.advance(1), Error);
  throws(() => clock.jump(1), Error);
});

timed('clock/refused', clock => {
  const functions = [
    GDeferred.delay, GDeferred.delay_until, ms => clock.advance(ms), ms => new Deferred().add_timeout(ms),
    ms => new Deferred().add_deadline(ms), ms => GDeferred.call_later(ms, () => 0), ms => new DeferredDebounce(ms),
    ms => new DeferredThrottle(ms), ms => new DeferredLoopingCall(() => 0).start(ms),
  ];
  for (const func of functions) {
    for (const wrong of [-1, NaN, Infinity])
      throws(() => func(wrong), RangeError);
    for (const wrong of ['1', null, undefined, {}])
      throws(() => func(wrong), TypeError);
  }
  throws(() => GDeferred.call_later(1, 3), TypeError);
});

// --- delays and time-outs ---

timed('timer/delay-and-call-later', clock => {
  const d = GDeferred.delay(10);
  clock.advance(9.999);
  same(d.called, false);
  clock.advance(0.001);
  same([d.called, d.result], [true, undefined]);
  same(Deferred.delay(1) instanceof Deferred, true);
  const value = {};
  const called = GDeferred.call_later(10, x => GDeferred.delay(5).add_callback(() => x), value);
  clock.advance(15);
  same(called.result, value);
  const stopped = GDeferred.call_later(10, () => 'never');
  stopped.cancel();
  clock.advance(20);
  same(end(stopped).thrown instanceof CancelledError, true);
});

timed('timer/time-outs', clock => {
  const cancelled = [];
  const d = new Deferred(() => cancelled.push('d'));
  same(d.add_timeout(100), d);
  clock.advance(100);
  same([cancelled, end(d).thrown instanceof TimeoutError], [['d'], true]);

  const early = new Deferred().add_timeout(100);
  early.cancel();
  same(end(early).thrown instanceof CancelledError, true);

  const inTime = new Deferred().add_timeout(100);
  inTime.callback(1);
  const answered = new Deferred(self => self.callback('partial')).add_timeout(100);
  const deadline = new Deferred().add_deadline(clock.get_time() + 100);
  clock.advance(100);
  same([inTime.result, answered.result, end(deadline).thrown instanceof TimeoutError], [1, 'partial', true]);
});

// --- looping calls ---

timed('looping-call/until-it-is-stopped', clock => {
  const times = [];
  const ticking = new DeferredLoopingCall((...args) => times.push([clock.get_time(), ...args]), 'a', 1);
  same(ticking.running, false);
  const done = ticking.start(1000);
  clock.advance(2500);
  same(times, [[0, 'a', 1], [1000, 'a', 1], [2000, 'a', 1]]);
  same([ticking.running, ticking.interval, ticking.get_interval()], [true, 1000, 1000]);
  same(end(ticking.start(1)).thrown.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.PENDING), true);
  ticking.reset();
  clock.advance(999);
  same(times.length, 3);
  ticking.stop();
  same([done.result, ticking.running], [ticking, false]);
  ticking.start(500, false);
  clock.advance(1000);
  same(times.length, 5);
  ticking.stop();
});

timed('looping-call/waits-skips-counts-and-fails', clock => {
  const counts = [];
  const ticking = DeferredLoopingCall.with_count((count, name) => {
    counts.push([count, name]);
    return GDeferred.delay(2500);
  }, 'a');
  const done = ticking.start(1000);
  clock.advance(6000);
  same([counts, ticking.get_n_skipped()], [[[1, 'a'], [3, 'a'], [3, 'a']], 4]);
  done.cancel();
  same([end(done).thrown instanceof CancelledError, ticking.running, clock.get_calls()], [true, false, []]);

  const failing = new DeferredLoopingCall(() => {
    throw bad;
  });
  same([end(failing.start(1)).thrown, failing.running], [bad, false]);
  const other = new DeferredClock();
  failing.set_clock(other);
  const waiting = failing.start(1, false);
  clock.advance(10);
  same(failing.running, true);
  other.advance(1);
  same(end(waiting).thrown, bad);
});

test('/gjs/looping-call/promises', async () => {
  let n = 0;
  const ticking = new DeferredLoopingCall(async () => {
    await later();
    n++;
    if (n === 3)
      ticking.stop();
  });
  same([await ticking.start(1), n], [ticking, 3]);
});

// --- cooperative tasks ---

function* counting(n, trace, name) {
  for (let i = 0; i < n; i++) {
    trace.push(name);
    yield;
  }
  return n;
}

test('/gjs/cooperate/to-its-end', async () => {
  const trace = [];
  const task = GDeferred.cooperate(counting(50, trace, 'a'));
  same(trace, []);
  same([await task.when_done(), trace.length, await task.when_done()], [50, 50, 50]);
  function* steps() {
    yield later();
    yield Promise.resolve();
    yield 'nothing';
    throw bad;
  }
  same(await GDeferred.cooperate(steps()).when_done().catch(thrown => [thrown]), [bad]);
  function* fails() {
    yield Promise.reject(bad);
  }
  same(await GDeferred.cooperate(fails()).when_done().catch(thrown => [thrown]), [bad]);
  throws(() => GDeferred.cooperate(3), TypeError);
});

test('/gjs/cooperate/pause-resume-stop', async () => {
  const trace = [], cooperator = new DeferredCooperator({budget: 1});
  same(cooperator.get_budget(), 1);
  const task = cooperator.cooperate(counting(1e9, trace, 'a'));
  await later(undefined, 2);
  task.pause();
  const {length} = trace;
  loop();
  same(trace.length, length);
  task.resume();
  throws(() => task.resume(), Error);
  await GDeferred.delay(2);
  same(trace.length > length, true);
  const done = task.when_done();
  task.stop();
  same(end(done).thrown instanceof CancelledError, true);
});

// --- trying again ---

test('/gjs/cooperate/a-stopped-generator-cleans-up', async () => {
  const trace = [];
  function* work(name, stopItself) {
    try {
      for (;;) {
        trace.push(name);
        stopItself?.();
        yield;
      }
    } finally {
      trace.push(`~${name}`);
    }
  }
  const idle = new GDeferred.Deferred();
  const outside = GDeferred.cooperate(work('a', () => idle.called || idle.callback()));
  await idle;
  outside.stop();
  outside.stop();
  same(await outside.when_done().catch(thrown => thrown instanceof CancelledError), true);
  same([trace[0], trace.at(-1), trace.filter(word => word === '~a').length], ['a', '~a', 1]);

  trace.length = 0;
  const inside = GDeferred.cooperate(work('b', () => inside.stop()));
  same(await inside.when_done().catch(thrown => thrown instanceof CancelledError), true);
  same(trace, ['b', '~b']);
});

timed('retry/until-it-succeeds', clock => {
  const times = [];
  const flaky = value => {
    times.push(clock.get_time());
    if (times.length < 4)
      throw bad;
    return value;
  };
  const policy = new DeferredRetry({initial_delay: 1000, jitter: 0});
  const d = policy.run(flaky, 'well');
  clock.advance(100000);
  same([d.result, times], ['well', [0, 1000, 3000, 7000]]);
  same([policy.next_delay(bad, 1, 0), policy.next_delay(bad, 5, 0)], [1000, null]);
  policy.set_deadline(500);
  same([policy.get_deadline(), policy.deadline, policy.next_delay(bad, 1, 0)], [500, 500, null]);
  policy.set_delays(10, 20, 3, 0);
  same([policy.initial_delay, policy.max_delay, policy.next_delay(bad, 2, 0)], [10, 20, 20]);
});

timed('retry/limits-and-which-failures', clock => {
  const attempts = (options, thrown = bad) => {
    let n = 0;
    const d = GDeferred.retry(() => {
      n++;
      throw thrown;
    }, options);
    clock.advance(1e6);
    same(end(d).thrown, thrown);
    return n;
  };
  same(attempts({}), 5);
  same(attempts({max_attempts: 2}), 2);
  same(attempts({max_attempts: 0, initial_delay: 1000, factor: 1, jitter: 0, deadline: 5500}), 6);
  same(attempts({when: (thrown, attempt) => thrown === bad && attempt < 3}), 3);
  same(attempts({}, new CancelledError()), 1);
  same(attempts({when: () => true}, new CancelledError()), 5);
  same(attempts({}, 'a text'), 5);
  const filter = GDeferred.retry(() => {
    throw bad;
  }, {
    when: () => {
      throw new RangeError('filter');
    },
  });
  same(end(filter).thrown instanceof RangeError, true);
  for (const wrong of [{factor: 0.5}, {jitter: 2}, {max_attempts: -1}, {initial_delay: -1}])
    throws(() => new DeferredRetry(wrong), RangeError);
  throws(() => new DeferredRetry({when: 3}), TypeError);
  throws(() => new DeferredRetry().run(3), TypeError);
});

timed('retry/cancelled', clock => {
  const cancelled = [];
  const underWay = GDeferred.retry(() => new Deferred(() => cancelled.push('attempt')), {when: () => true});
  underWay.cancel();
  same([cancelled, end(underWay).thrown instanceof CancelledError, clock.get_calls()], [['attempt'], true, []]);
  let n = 0;
  const waiting = GDeferred.retry(() => {
    n++;
    throw bad;
  });
  waiting.cancel();
  clock.advance(1e6);
  same([n, end(waiting).thrown instanceof CancelledError], [1, true]);
  const answered = GDeferred.retry(() => new Deferred(self => self.callback('partial')));
  answered.cancel();
  same(answered.result, 'partial');
  const cleanedUp = new Deferred();
  const tidying = GDeferred.retry(() => new Deferred().add_errback(() => cleanedUp));
  tidying.cancel();
  same(tidying.is_finished(), false);
  cleanedUp.callback('tidy');
  same(tidying.result, 'tidy');
});

test('/gjs/retry/promises', async () => {
  let n = 0;
  same(await GDeferred.retry(async () => {
    await later();
    if (++n < 3)
      throw bad;
    return n;
  }, {initial_delay: 1}), 3);
});

// --- caches ---

function loader() {
  const loads = [], stopped = [];
  const load = key => {
    loads.push(key);
    load.last = new Deferred(() => stopped.push(key));
    return load.last;
  };
  return Object.assign(load, {loads, stopped});
}

timed('cache/each-once', () => {
  const load = loader(), value = {}, key = {};
  const cache = new DeferredCache(load);
  const waiting = [cache.get(key), cache.get(key)];
  same([load.loads.length, cache.get_n_in_flight(), cache.get_size(), cache.contains(key)], [1, 1, 0, false]);
  load.last.callback(value);
  same([...waiting.map(d => d.result), cache.get(key).result, cache.peek(key)], [value, value, value, value]);
  same([load.loads.length, cache.get_n_in_flight(), cache.get_size(), cache.contains(key)], [1, 0, 1, true]);
  same(cache.peek('none'), undefined);
});

timed('cache/failures-and-leaving', () => {
  const load = loader();
  const cache = new DeferredCache(load);
  const failing = [cache.get('a'), cache.get('a')];
  load.last.errback(bad);
  same([...failing.map(d => end(d).thrown), cache.contains('a')], [bad, bad, false]);
  const [first, second] = [cache.get('b'), cache.get('b')];
  first.cancel();
  same([end(first).thrown instanceof CancelledError, load.stopped], [true, []]);
  second.cancel();
  same([end(second).thrown instanceof CancelledError, load.stopped, cache.get_n_in_flight()], [true, ['b'], 0]);
});

timed('cache/limits', clock => {
  const cache = new DeferredCache(key => [key], {max_size: 2, max_age: 1000});
  cache.get('a');
  clock.advance(1);
  cache.get('b');
  cache.get('a');
  cache.get('c');
  same(['a', 'b', 'c'].map(key => cache.contains(key)), [true, false, true]);
  clock.advance(999);
  same(['a', 'c'].map(key => cache.contains(key)), [false, true]);
  cache.set_max_size(0);
  cache.get('d');
  same(cache.get_size(), 0);
  cache.set_max_size(null);
  cache.set_max_age(null);
  cache.get('d');
  clock.advance(1e9);
  same([cache.get_size(), cache.remove('d'), cache.remove('d')], [1, true, false]);
  cache.get('e');
  cache.clear();
  same(cache.get_size(), 0);
  throws(() => new DeferredCache(3), TypeError);
  throws(() => new DeferredCache(() => 0, {max_size: -1}), RangeError);
});

timed('cache/a-key-that-waits-for-itself', () => {
  const cache = new DeferredCache(key => cache.get(key));
  same(end(cache.get('a')).thrown.matches(GDeferred.DeferredError, GDeferred.DeferredError.LOOP), true);
});

test('/gjs/cache/promises', async () => {
  const cache = new DeferredCache(async key => [await later(key)]);
  const [a, b] = await GDeferred.gather([cache.get(1), cache.get(1)]);
  same([a, a === b], [[1], true]);
});

// --- debounce and throttle ---

timed('debounce/the-newest-when-it-is-quiet', clock => {
  const trace = [], typing = new DeferredDebounce(300);
  same([typing.quiet, typing.get_quiet()], [300, 300]);
  const search = text => {
    trace.push(text);
    return text;
  };
  outcomes(typing.run(search, 'a'), trace, 'A');
  outcomes(typing.run(search, 'ab'), trace, 'B');
  clock.advance(300);
  same(trace, ['A:CancelledError', 'ab', 'B']);
  outcomes(typing.run(() => new Deferred(() => trace.push('stopped'))), trace, 'C');
  clock.advance(300);
  const last = typing.run(search, 'c');
  same(trace.slice(3), ['stopped', 'C:CancelledError']);
  same([typing.flush(), last.result], [true, 'c']);
  typing.quiet = 10;
  same(typing.get_quiet(), 10);
  throws(() => typing.run(3), TypeError);
});

timed('throttle/at-most-one-an-interval', clock => {
  const trace = [], moving = new DeferredThrottle(100);
  const move = to => {
    trace.push(to);
    return to;
  };
  same(moving.interval, 100);
  same(moving.run(move, 1).result, 1);
  outcomes(moving.run(move, 2), trace, 'two');
  outcomes(moving.run(move, 3), trace, 'three');
  clock.advance(100);
  same(trace, [1, 'two:CancelledError', 3, 'three']);
  moving.set_interval(0);
  moving.run(move, 4);
  same([trace[4], moving.get_interval()], [4, 0]);
});

main();
