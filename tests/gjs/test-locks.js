// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Locks of each kind, queues, events and latches.

import GDeferred from 'gi://GDeferred?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

import {collect, end, later, loop, main, outcomes, same, test, throws} from './tap.js';

const {
  CancelledError, Deferred, DeferredEvent, DeferredFileLock, DeferredLatch, DeferredLock, DeferredQueue,
  DeferredRWLock, DeferredSemaphore, QueueClosed, QueueOverflow, QueueUnderflow,
} = GDeferred;

const bad = new TypeError('bad');

// What one at a time can have.
const kinds = {
  'lock': {
    make: () => new DeferredLock(),
    acquire: lock => lock.acquire(),
    release: lock => lock.release(),
    run: (lock, ...args) => lock.run(...args),
    isFree: lock => !lock.get_locked(),
  },
  'semaphore': {
    make: () => new DeferredSemaphore({limit: 1}),
    acquire: lock => lock.acquire(),
    release: lock => lock.release(),
    run: (lock, ...args) => lock.run(...args),
    isFree: lock => lock.get_n_free() === 1,
  },
  'rw-lock': {
    make: () => new DeferredRWLock(),
    acquire: lock => lock.acquire_write(),
    release: lock => lock.release_write(),
    run: (lock, ...args) => lock.run_write(...args),
    isFree: lock => !lock.get_writing(),
  },
};

function eachKind(name, func) {
  for (const [kind, methods] of Object.entries(kinds))
    test(`/gjs/locks/${kind}/${name}`, () => func(methods));
}

eachKind('one-after-the-other', ({make, acquire, release, isFree}) => {
  const lock = make(), trace = [];
  for (const name of ['a', 'b', 'c'])
    outcomes(acquire(lock), trace, name);
  same([trace, lock.get_n_waiting(), isFree(lock)], [['a'], 2, false]);
  release(lock);
  release(lock);
  release(lock);
  same([trace, isFree(lock)], [['a', 'b', 'c'], true]);
  throws(() => release(lock), Error);
});

eachKind('who-cancels-leaves', ({make, acquire, release}) => {
  const lock = make(), trace = [];
  const [, second, third] = [acquire(lock), acquire(lock), acquire(lock)];
  outcomes(third, trace, 'third');
  second.cancel();
  same([end(second).thrown instanceof CancelledError, lock.get_n_waiting()], [true, 1]);
  release(lock);
  same(trace, ['third']);
});

eachKind('run', async ({make, run, isFree}) => {
  const lock = make(), value = {};
  const d = run(lock, (a, b) => [a, b, isFree(lock)], 1, value);
  same([d.result, isFree(lock)], [[1, value, false], true]);
  const failing = run(lock, () => {
    throw bad;
  });
  same([end(failing).thrown, isFree(lock)], [bad, true]);
  const trace = [];
  const work = async name => {
    trace.push(name);
    await later();
    trace.push(name);
    if (name === 'b')
      throw bad;
    return name;
  };
  const ends = await GDeferred.settled(['a', 'b', 'c'].map(name => run(lock, work, name)));
  same([ends.map(({status}) => status), trace.join(''), isFree(lock)],
    [['fulfilled', 'rejected', 'fulfilled'], 'aabbcc', true]);
  throws(() => run(lock, 3), TypeError);
});

eachKind('run-is-cancelled-at-each-stage', ({make, acquire, release, run, isFree}) => {
  const lock = make(), trace = [];
  acquire(lock);
  const waits = run(lock, () => trace.push('called'));
  waits.cancel();
  same([end(waits).thrown instanceof CancelledError, lock.get_n_waiting()], [true, 0]);
  release(lock);
  const works = run(lock, () => new Deferred(() => trace.push('stopped')));
  same(isFree(lock), false);
  works.cancel();
  same([end(works).thrown instanceof CancelledError, trace, isFree(lock)], [true, ['stopped'], true]);
  const ended = run(lock, () => 'result');
  ended.cancel();
  same([ended.result, isFree(lock)], ['result', true]);
});

eachKind('run-releases-whatever-becomes-of-its-deferred', ({make, run, isFree}) => {
  const lock = make(), owner = new GObject.Object();
  run(lock, () => new Deferred(() => undefined)).bind_owner(owner);
  owner.run_dispose();
  loop();
  same(isFree(lock), true);
  const inner = new Deferred();
  run(lock, () => inner).pause();
  inner.callback();
  same(isFree(lock), true);
  (() => end(run(lock, () => new Deferred())))();
  collect();
  same(isFree(lock), true);
});

eachKind('thousands-that-wait', ({make, acquire, release, run, isFree}) => {
  const lock = make();
  let n = 0;
  acquire(lock);
  for (let i = 0; i < 2000; i++)
    run(lock, () => n++);
  release(lock);
  same([n, isFree(lock)], [2000, true]);
});

test('/gjs/locks/semaphore/so-many', () => {
  const tokens = new DeferredSemaphore({limit: 2}), trace = [];
  for (const name of ['a', 'b', 'c'])
    outcomes(tokens.acquire(), trace, name);
  same([trace, tokens.try_acquire(), tokens.limit], [['a', 'b'], false, 2]);
  tokens.release();
  same(trace, ['a', 'b', 'c']);
  same(DeferredSemaphore.new(3).get_limit(), 3);
});

test('/gjs/locks/rw-lock/readers', () => {
  const lock = new DeferredRWLock(), trace = [];
  for (const name of ['a', 'b'])
    outcomes(lock.acquire_read(), trace, name);
  outcomes(lock.acquire_write(), trace, 'w');
  outcomes(lock.acquire_read(), trace, 'c');
  same(trace, ['a', 'b']);
  lock.release_read();
  lock.release_read();
  same(trace, ['a', 'b', 'w']);
  throws(() => lock.release_read(), Error);
  lock.release_write();
  same([trace, lock.run_read(() => lock.get_n_readers()).result], [['a', 'b', 'w', 'c'], 2]);
});

test('/gjs/locks/file', async () => {
  const folder = GLib.Dir.make_tmp('gdeferred-XXXXXX');
  const path = GLib.build_filenamev([folder, 'lock']);
  const [lock, other] = [new DeferredFileLock({path}), new DeferredFileLock({path})];
  same(await lock.run(() => [lock.get_locked(), other.try_acquire()]), [true, false]);
  same([lock.get_locked(), other.try_acquire(), lock.try_acquire()], [false, true, false]);
  const waiting = lock.run(async () => 'has it');
  other.release();
  same(await waiting, 'has it');
  throws(() => lock.release(), Error);
  Gio.File.new_for_path(path).delete(null);
  GLib.rmdir(folder);
});

// --- queues ---

test('/gjs/queues/values-as-they-are', () => {
  const queue = new DeferredQueue();
  const values = [1, 'text', {}, undefined, null, [1], () => 1, bad, 2n, Symbol.iterator, 'a\0b', NaN];
  values.forEach(value => queue.put(value));
  same(values.map(() => queue.get().result), values);
  const waiting = values.map(() => queue.get());
  values.forEach(value => queue.put_nowait(value));
  same(waiting.map(d => d.result), values);
  values.forEach(value => queue.put(value));
  same(values.map(() => queue.get_nowait()), values);
  const value = {};
  const outer = Deferred.succeed().add_callback(() => queue.get());
  queue.put(value);
  same(outer.result, value);
  queue.put(1);
  queue.unget(value);
  same([queue.get_nowait(), queue.get_nowait()], [value, 1]);
});

test('/gjs/queues/limits-and-close', () => {
  const queue = new DeferredQueue({size: 1, backlog: 1}), trace = [];
  queue.put_nowait({});
  throws(() => queue.put_nowait(1), QueueOverflow);
  outcomes(queue.put(2), trace, 'put');
  same(trace, []);
  queue.get();
  same([trace, queue.get_nowait()], [['put'], 2]);
  throws(() => queue.get_nowait(), QueueUnderflow);
  outcomes(queue.get(), trace, 'one');
  outcomes(queue.get(), trace, 'two');
  same(trace, ['put', 'two:QueueUnderflow']);
  queue.close();
  same([trace[2], queue.is_closed()], ['one:QueueClosed', true]);
  throws(() => queue.put_nowait(1), QueueClosed);
  throws(() => queue.get_nowait(), QueueClosed);
  for (const wrong of [new Deferred(), Promise.resolve()]) {
    throws(() => queue.put(wrong), TypeError);
    throws(() => queue.put_nowait(wrong), TypeError);
  }
});

test('/gjs/queues/cancelled-and-nothing-is-lost', () => {
  const queue = new DeferredQueue(), value = {};
  const [first, second] = [queue.get(), queue.get()];
  first.cancel();
  queue.put(value);
  same([end(first).thrown instanceof CancelledError, second.result], [true, value]);
});

test('/gjs/queues/for-await', async () => {
  const queue = new DeferredQueue({size: 2}), got = [];
  const consume = async () => {
    for await (const item of queue)
      got.push(item);
    return 'end';
  };
  const produce = async () => {
    for (let i = 0; i < 10; i++) {
      await queue.put({i});
      same(queue.get_length() <= 2, true);
    }
    queue.close();
  };
  same(await GDeferred.gather([consume(), produce(), consume()]), ['end', undefined, 'end']);
  same(got.map(({i}) => i), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const mapped = new DeferredQueue();
  mapped.put(1);
  mapped.put(2);
  mapped.close();
  same(await GDeferred.map(x => x * 10, mapped, {limit: 1}), [10, 20]);
});

// --- events and latches ---

test('/gjs/events-and-latches', async () => {
  const event = new DeferredEvent(), trace = [];
  outcomes(event.wait(), trace, 'a');
  same([trace, event.is_set(), event.get_n_waiting()], [[], false, 1]);
  event.set();
  await event.wait();
  event.clear();
  same([trace, event.is_set()], [['a'], false]);
  const latch = new DeferredLatch({count: 2});
  outcomes(latch.wait(), trace, 'b');
  latch.count_down();
  same([trace.length, latch.get_count()], [1, 1]);
  latch.count_down();
  same(trace, ['a', 'b']);
  throws(() => latch.count_down(), Error);
});

test('/gjs/locks/numbers-that-cannot-be', () => {
  for (const limit of [0, -1, 1.5, 'x', NaN, 2 ** 31])
    throws(() => new GDeferred.DeferredSemaphore({limit}), RangeError);
  for (const wrong of [{size: -2}, {backlog: 0.5}])
    throws(() => new GDeferred.DeferredQueue(wrong), RangeError);
  throws(() => new GDeferred.DeferredLatch({count: -1}), RangeError);
  same([new GDeferred.DeferredSemaphore({limit: 2}).get_limit(), new GDeferred.DeferredQueue({size: 0}).size,
    new GDeferred.DeferredQueue().size], [2, 0, -1]);
});

main();
