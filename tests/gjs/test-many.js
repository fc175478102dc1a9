// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Many at once: lists, gather, race, any, settled, map, task groups.

import GDeferred from 'gi://GDeferred?version=1.0';
import Gio from 'gi://Gio';

import {end, later, loop, main, outcomes, same, test, throws} from './tap.js';

const {CancelledError, Deferred, DeferredList, DeferredTaskGroup, FirstError} = GDeferred;

const thing = {};
const bad = new TypeError('bad');

function fire(d, value) {
  if (value instanceof Error)
    d.errback(value);
  else
    d.callback(value);
}

// How the parts come to fire: each gives them, and what then fires them.
const ways = {
  'at-once'(values) {
    return [values.map(value => value instanceof Error ? Deferred.fail(value) : Deferred.succeed(value)), () => {}];
  },

  'in-order'(values) {
    const parts = values.map(() => new Deferred());
    return [parts, () => parts.forEach((part, i) => fire(part, values[i]))];
  },

  'in-reverse'(values) {
    const parts = values.map(() => new Deferred());
    return [parts, () => [...parts.keys()].reverse().forEach(i => fire(parts[i], values[i]))];
  },

  'from-the-loop'(values) {
    return [values.map((value, i) => later(value, i % 3)), loop];
  },

  'as-promises'(values) {
    const parts = values.map(async value => {
      await null;
      if (value instanceof Error)
        throw value;
      return value;
    });
    return [parts, loop];
  },
};

function eachWay(name, func) {
  for (const [way, make] of Object.entries(ways))
    test(`/gjs/many/${name}/${way}`, () => func(make));
}

eachWay('gather/all-as-they-are-and-in-order', way => {
  const values = [1, 'text', thing, undefined, null, [1], () => thing, Symbol.iterator, 2n ** 70n, NaN];
  const [parts, act] = way(values);
  const d = GDeferred.gather(parts);
  same(d instanceof DeferredList && d instanceof Deferred, true);
  act();
  const {value} = end(d);
  same(Array.isArray(value), true);
  same(value, values);
});

eachWay('gather/the-first-error', way => {
  const [parts, act] = way([1, bad, 2]);
  const d = GDeferred.gather(parts);
  act();
  const {thrown} = end(d);
  same([thrown instanceof FirstError, thrown.error, thrown.index, thrown.cause], [true, bad, 1, bad]);
});

test('/gjs/many/gather/iterables', () => {
  function* parts() {
    yield Deferred.succeed(1);
    yield Promise.resolve(2);
  }

  const d = GDeferred.gather(parts());
  loop();
  same(d.result, [1, 2]);
  same(GDeferred.gather(new Set([Deferred.succeed(1)])).result, [1]);
  same(GDeferred.gather([]).result, []);
  same(Deferred.gather([Deferred.succeed(1)]).result, [1]);
});

test('/gjs/many/gather/cancel-rest-and-consume-errors', () => {
  const cancelled = [];
  let parts = [0, 1, 2].map(i => new Deferred(() => cancelled.push(i)));
  const d = GDeferred.gather(parts, {cancel_rest: true});
  parts[1].errback(bad);
  same(cancelled, [0, 2]);
  same(end(d).thrown.index, 1);

  parts = [new Deferred(), new Deferred()];
  const consuming = GDeferred.gather(parts, {consume_errors: true});
  parts[1].errback(bad);
  parts[0].errback('late');
  same(parts.map(part => part.result), [undefined, undefined]);
  same(end(consuming).thrown.error, bad);
});

test('/gjs/many/a-cancel-reaches-all', () => {
  const makes = [GDeferred.gather, GDeferred.race, GDeferred.any, GDeferred.settled,
    parts => new DeferredList(parts, {fire_on_one_errback: true}), parts => GDeferred.map(part => part, parts)];
  for (const make of makes) {
    const cancelled = [];
    const parts = [0, 1, 2].map(i => new Deferred(() => cancelled.push(i)));
    const d = make(parts);
    d.cancel();
    same(cancelled, [0, 1, 2]);
    const found = end(d);
    same(found.thrown instanceof CancelledError, true);
    parts.forEach(part => part.add_errback(() => undefined));
  }
});

eachWay('race/the-first-and-its-place', way => {
  for (const [value, isError] of [[thing, false], [bad, true]]) {
    const [parts, act] = way([value]);
    const never = new Deferred();
    const d = GDeferred.race([never, ...parts]);
    act();
    const {value: found, thrown} = end(d);
    if (isError)
      same([thrown.index, thrown.error], [1, bad]);
    else
      same(found, [1, thing]);
    same(end(never).thrown instanceof CancelledError, true);
  }
});

eachWay('any/the-first-that-succeeds', way => {
  const [parts, act] = way([new Error('a'), thing, new Error('b')]);
  const d = GDeferred.any(parts);
  act();
  same(end(d).value, thing);
});

eachWay('any/an-aggregate-when-all-fail', way => {
  const errors = [bad, new Error('b')];
  const [parts, act] = way(errors);
  const d = GDeferred.any(parts);
  act();
  const {thrown} = end(d);
  same([thrown instanceof AggregateError, thrown.errors], [true, errors]);
});

eachWay('settled/as-promises-have-it', way => {
  const [parts, act] = way([thing, bad, undefined]);
  const d = GDeferred.settled(parts);
  act();
  const [one, two, three] = end(d).value;
  same([one.status, one.value, two.status, two.reason, three.status, three.value],
    ['fulfilled', thing, 'rejected', bad, 'fulfilled', undefined]);
});

test('/gjs/many/list/flags', () => {
  let parts = [new Deferred(), new Deferred()];
  let d = new DeferredList(parts, {fire_on_one_callback: true});
  parts[1].callback(thing);
  same(end(d).value, [thing, 1]);
  parts = [new Deferred(), new Deferred()];
  d = new DeferredList(parts, {fire_on_one_errback: true, consume_errors: true});
  parts[0].errback(bad);
  same(end(d).thrown.index, 0);
  same([d.get_length(), d.get_n_pending(), d.get_index()], [2, 1, 0]);
  d = new DeferredList([Deferred.fail(bad), Deferred.succeed(1)], {consume_errors: true});
  same(end(d).value.map(({status}) => status), ['rejected', 'fulfilled']);
  same(DeferredList.new([]) instanceof DeferredList, true);
});

test('/gjs/many/refused', () => {
  const makes = [GDeferred.gather, GDeferred.race, GDeferred.any, GDeferred.settled, parts => new DeferredList(parts)];
  for (const make of makes) {
    for (const wrong of [3, null, undefined, 'text', {}, [3], [{}]])
      throws(() => make(wrong), TypeError);
  }
  for (const make of [GDeferred.race, GDeferred.any]) {
    const {thrown} = end(make([]));
    same(thrown.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.INVALID_ARGUMENT), true);
  }
});

test('/gjs/many/what-c-sees', () => {
  const early = new CancelledError('early');
  const d = GDeferred.gather([Deferred.fail(early)]);
  same(d.get_error().message, 'early');
  end(d);
  const none = GDeferred.any([Deferred.fail(bad)]);
  same(none.get_error().matches(GDeferred.DeferredError, GDeferred.DeferredError.ALL_FAILED), true);
  end(none);
});

test('/gjs/many/awaited', async () => {
  const inner = GDeferred.gather([later(1), later(2)]);
  same(await GDeferred.gather([inner, (async () => 3)()]), [[1, 2], 3]);
});

test('/gjs/many/progress-of-a-whole', () => {
  const [whole, a, b] = [new Deferred(), new Deferred(), new Deferred()];
  whole.add_part(a, 1);
  whole.add_part(b, 3);
  a.set_progress(0.5);
  same(whole.get_progress(), 0.125);
  b.callback();
  same(whole.get_progress(), 0.875);
});

// --- map ---

test('/gjs/map/in-order-and-never-more-than-the-limit', () => {
  const parts = [], taken = [];
  function* items() {
    for (let i = 0; i < 6; i++) {
      taken.push(i);
      yield i;
    }
  }

  const d = GDeferred.map((item, index) => {
    same(item, index);
    parts[item] = new Deferred();
    return parts[item];
  }, items(), {limit: 2});
  same(taken, [0, 1]);
  parts[1].callback('b');
  same(taken, [0, 1, 2]);
  [2, 3, 4, 5, 0].forEach(i => parts[i].callback(i));
  same(d.result, [0, 'b', 2, 3, 4, 5]);
  same(GDeferred.map(x => x, []).result, []);
});

test('/gjs/map/asynchronous-iterables', async () => {
  async function* items() {
    for (let i = 0; i < 5; i++)
      yield await later(i);
  }

  same(await GDeferred.map(async i => await later(i * i), items(), {limit: 2}), [0, 1, 4, 9, 16]);

  async function* fails() {
    yield 1;
    throw bad;
  }

  same(await GDeferred.map(x => x, fails()).catch(thrown => [thrown]), [bad]);
});

test('/gjs/map/failures', () => {
  const [a, b] = [new Deferred(), new Deferred()];
  let d = GDeferred.map(part => part, [a, b]);
  b.errback(bad);
  same([end(d).thrown.index, a.called], [1, false]);
  a.callback();

  const cancelled = [];
  const parts = [0, 1].map(i => new Deferred(() => cancelled.push(i)));
  d = GDeferred.map(part => part, parts, {cancel_rest: true});
  parts[1].errback(bad);
  same([end(d).thrown.error, cancelled], [bad, [0]]);

  d = GDeferred.map(x => {
    if (x === 2)
      throw bad;
    return x;
  }, [1, 2], {settle: true});
  const [one, two] = end(d).value;
  same([one.status, one.value, two.status, two.reason], ['fulfilled', 1, 'rejected', bad]);
});

test('/gjs/map/progress', () => {
  const parts = [0, 1, 2, 3].map(() => new Deferred());
  const d = GDeferred.map(i => parts[i], [0, 1, 2, 3], {limit: 2});
  same(d.get_progress(), 0);
  parts[1].callback();
  parts[0].callback();
  same(d.get_progress(), 0.5);
  parts[3].callback();
  parts[2].callback();
  same([d.get_progress(), d.called], [1, true]);
});

test('/gjs/map/cancelled-and-what-they-come-to', () => {
  const answer = value => new Deferred(d => d.callback(value));
  let d = GDeferred.map(value => answer(value), ['partial', 'other']);
  d.cancel();
  same(end(d).value, ['partial', 'other']);

  d = GDeferred.map(value => value ? answer(value) : new Deferred(), ['partial', null]);
  d.cancel();
  same(end(d).thrown instanceof CancelledError, true);

  d = GDeferred.map(answer, ['partial', 'not started'], {limit: 1});
  d.cancel();
  same(end(d).thrown instanceof CancelledError, true);

  d = GDeferred.map(() => new Deferred(failing => failing.errback(bad)), [0]);
  d.cancel();
  const {thrown} = end(d);
  same([thrown.index, thrown.error], [0, bad]);

  d = GDeferred.map(i => i ? 1 : new Deferred(), [0, 1], {settle: true});
  d.cancel();
  same(end(d).thrown instanceof CancelledError, true);
});

test('/gjs/map/refused', () => {
  throws(() => GDeferred.map(3, []), TypeError);
  throws(() => GDeferred.map(x => x, 3), TypeError);
  throws(() => GDeferred.map(x => x, [], 2), TypeError);
  for (const limit of [0, -1, NaN])
    throws(() => GDeferred.map(x => x, [], {limit}), RangeError);
});

test('/gjs/map/thousands', () => {
  const items = Array.from({length: 10000}, (_, i) => i);
  same(GDeferred.map(x => x, items, {limit: 1}).result.length, 10000);
});

// --- task groups ---

test('/gjs/groups/wait-for-all', async () => {
  const trace = [];
  const result = await DeferredTaskGroup.run(async group => {
    group.spawn(async () => {
      await later();
      trace.push('a');
    });
    group.spawn(() => later().add_callback(() => trace.push('b')));
    trace.push('block');
    return thing;
  });
  same([trace, result], [['block', 'b', 'a'], thing]);
});

test('/gjs/groups/a-failure-cancels-the-others', () => {
  const cancelled = [], group = new DeferredTaskGroup();
  group.spawn(() => new Deferred(() => cancelled.push('a')));
  const failing = new Deferred();
  group.spawn(() => failing);
  const done = group.close();
  failing.errback(bad);
  same([end(done).thrown, cancelled], [bad, ['a']]);
});

test('/gjs/groups/an-async-function-is-waited-for-though-it-was-cancelled', async () => {
  const trace = [], group = new DeferredTaskGroup();
  const until = new Deferred();
  group.spawn(async () => {
    await until;
    trace.push('async ends');
  });
  const done = group.close();
  outcomes(done, trace, 'group');
  group.cancel();
  same(trace, []);
  until.callback();
  await later();
  same(trace, ['async ends', 'group:CancelledError']);
});

test('/gjs/groups/the-function-that-runs-it-is-one-of-the-tasks', () => {
  const cancelled = [];
  const d = DeferredTaskGroup.run(group => {
    group.spawn(() => new Deferred(() => cancelled.push('a')));
    throw bad;
  });
  same([end(d).thrown, cancelled], [bad, ['a']]);
});

test('/gjs/groups/when-it-is-over', () => {
  const group = new DeferredTaskGroup(), trace = [];
  same(group.add(Deferred.succeed()), true);
  same(end(group.close()).value, undefined);
  const late = group.spawn(() => trace.push('never'));
  same([end(late).thrown.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CLOSED), trace], [true, []]);
  const stopped = new DeferredTaskGroup();
  stopped.cancel();
  same(end(stopped.spawn(() => trace.push('never'))).thrown instanceof CancelledError, true);
  throws(() => group.spawn(3), TypeError);
});

main();
