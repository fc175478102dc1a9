// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// What goes, and when: nothing is left once nobody needs it.

import GDeferred from 'gi://GDeferred?version=1.0';
import GLib from 'gi://GLib';
import System from 'system';

import {canary, collect, loop, main, same, test} from './tap.js';

const {Deferred} = GDeferred;

// Whether the canary that was given to a function is dead, once what the function made could be collected.
function diesAfter(func, rounds = 1) {
  let held;
  const isDead = (() => {
    const [bird, ask] = canary();
    held = func(bird);
    return ask;
  })();
  for (let i = 0; i < rounds; i++)
    collect();
  const answer = isDead();
  return held === undefined ? answer : [answer, held];
}

// A function of its own scope.
function holding(bird) {
  return () => void bird.name;
}

test('/gjs/memory/a-canary-lives-while-it-is-held', () => {
  const [isDead, held] = diesAfter(bird => [bird]);
  same([isDead, held.length], [false, 1]);
});

test('/gjs/memory/callbacks-that-refer-to-their-deferred', () => {
  same(diesAfter(bird => {
    const d = new Deferred();
    d.add_both(() => [d, bird]);
    d.add_errback(() => null);
    d.callback();
  }), true);
});

test('/gjs/memory/pending-ones-with-callbacks-that-refer-to-them', () => {
  GDeferred.set_unhandled_error_hook(() => null);
  same(diesAfter(bird => {
    const d = new Deferred(() => [d, bird]);
    d.add_both(() => [d, bird]);
    d.then(() => d);
  }), true);
  GDeferred.set_unhandled_error_hook(null);
});

test('/gjs/memory/results-and-what-they-refer-to', () => {
  same(diesAfter(bird => {
    const d = Deferred.succeed({bird});
    d.result.d = d;
  }), true);
});

test('/gjs/memory/results-that-went-through-c', () => {
  same(diesAfter(bird => {
    const d = Deferred.succeed({bird});
    d.fork();
    Deferred.succeed().add_callback(() => d);
  }), true);
});

test('/gjs/memory/failures', () => {
  same(diesAfter(bird => {
    const error = new Error('bad');
    error.bird = bird;
    const d = Deferred.fail(error);
    d.add_errback(e => { throw e; });
    d.catch(() => void d.name);
  }), true);
});

test('/gjs/memory/a-callback-goes-when-it-has-run', () => {
  const [isDead, d] = diesAfter(bird => Deferred.succeed().add_callback(() => void bird.name));
  same([isDead, d.called], [true, true]);
});

test('/gjs/memory/a-callback-that-can-no-longer-run-goes', () => {
  const [isDead, d] = diesAfter(bird => {
    const owner = new Deferred();
    const made = new Deferred();
    made.bind_owner(owner);
    made.add_callback(() => bird);
    owner.run_dispose();
    loop();
    return made;
  });
  same([isDead, d.called], [true, true]);
});

test('/gjs/memory/a-callback-goes-when-it-has-run-though-others-wait', () => {
  const [isDead, [d, inner]] = diesAfter(bird => {
    const never = new Deferred();
    const made = Deferred.succeed();
    made.pause();
    made.add_callback(holding(bird)).add_callback(() => never).add_callback(x => x);
    made.unpause();
    return [made, never];
  });
  same([isDead, d.get_waiting_on()], [true, inner]);
  inner.callback();
});

test('/gjs/memory/a-canceller-goes-when-it-fired', () => {
  const fires = [
    d => d.callback(),
    d => d.errback('handled'),
    d => d.cancel(),
    d => d.add_callback(x => x).fire_with(() => true),
  ];
  for (const fire of fires) {
    const [isDead, d] = diesAfter(bird => {
      const made = new Deferred(() => bird);
      fire(made);
      return made;
    });
    same([isDead, d.called], [true, true]);
    d.add_errback(() => null);
  }
});

test('/gjs/memory/a-result-that-was-replaced-goes', () => {
  const [isDead, d] = diesAfter(bird => Deferred.succeed({bird}).add_callback(() => 1));
  same([isDead, d.result], [true, 1]);
});

test('/gjs/memory/a-result-that-was-handed-on-goes', () => {
  const [isDead, d] = diesAfter(bird => {
    const inner = Deferred.succeed({bird});
    Deferred.succeed().add_callback(() => inner);
    return inner;
  });
  same([isDead, d.result], [true, undefined]);
});

test('/gjs/memory/callbacks-survive-while-only-c-knows-the-deferred', () => {
  const seen = [];
  const producer = new Deferred();
  (() => {
    producer.fork().add_callback(value => seen.push(value)).add_callback(value => seen.push(value));
    Deferred.succeed().add_callback(() => producer).add_callback(value => void seen.push(value));
  })();
  collect();
  const value = {};
  producer.callback(value);
  same(seen, [value, 1, value]);
});

test('/gjs/memory/results-survive-while-only-c-knows-the-deferred', () => {
  const value = {};
  const outer = new Deferred();
  outer.pause();
  (() => {
    Deferred.succeed(value).chain_deferred(outer);
  })();
  collect();
  outer.unpause();
  same(outer.result, value);
});

const rings = {
  'looping-call'(bird) {
    const made = {bird};
    made.call = new GDeferred.DeferredLoopingCall(() => void made.bird);
    const clock = new GDeferred.DeferredClock();
    made.call.set_clock(clock);
    made.call.start(1000);
    clock.advance(2500);
    made.call.stop();
  },

  'lock'(bird) {
    const made = {bird, lock: new GDeferred.DeferredLock()};
    made.lock.run(() => made);
  },

  'queue'(bird) {
    const queue = new GDeferred.DeferredQueue();
    queue.put({bird, queue});
    queue.put([queue]);
  },

  'cache'(bird) {
    const made = {bird};
    made.cache = new GDeferred.DeferredCache(() => made);
    made.cache.get('key');
  },

  'retry'(bird) {
    const made = {bird};
    made.policy = new GDeferred.DeferredRetry({when: () => made});
    made.policy.run(() => made);
  },

  'debounce'(bird) {
    const made = {bird, typing: new GDeferred.DeferredDebounce(1)};
    made.typing.run(() => made);
    made.typing.flush();
  },

  'group'(bird) {
    const made = {bird, group: new GDeferred.DeferredTaskGroup()};
    made.group.spawn(() => made);
    made.group.close();
  },

  'gather-and-map'(bird) {
    const made = {bird};
    made.whole = GDeferred.gather([Deferred.succeed(made)]).add_callback(() => made);
    made.mapped = GDeferred.map(() => made, [made]);
  },

  'call-later'(bird) {
    const made = {bird, clock: new GDeferred.DeferredClock()};
    made.clock.call_later(1, () => made);
    made.clock.advance(1);
  },
};

for (const [name, make] of Object.entries(rings))
  test(`/gjs/memory/rings-through/${name}`, () => same(diesAfter(make, 3), true));

test('/gjs/memory/a-looping-call-that-nobody-has-goes-on', () => {
  let calls = 0;
  const clock = new GDeferred.DeferredClock();
  clock.use(() => {
    new GDeferred.DeferredLoopingCall(() => calls++).start(1000);
  });
  collect();
  clock.advance(3000);
  same(calls, 4);
});

test('/gjs/memory/an-item-outlives-its-queue', () => {
  const item = {};
  const [early, late] = (() => {
    const queue = new GDeferred.DeferredQueue();
    queue.put(item);
    const got = [queue.get(), queue.get()];
    queue.put(item);
    return got;
  })();
  collect();
  same([early.result, late.result], [item, item]);
});

function resident() {
  const [, bytes] = GLib.file_get_contents('/proc/self/statm');
  return Number(new TextDecoder().decode(bytes).split(' ')[1]) * 4096;
}

test('/gjs/memory/a-loop-of-what-stands-on-them-does-not-grow', () => {
  const clock = new GDeferred.DeferredClock(), lock = new GDeferred.DeferredLock();
  const queue = new GDeferred.DeferredQueue(), policy = new GDeferred.DeferredRetry({initial_delay: 1, clock});
  const cache = new GDeferred.DeferredCache(key => [key], {max_size: 10, clock});
  const once = i => {
    GDeferred.gather([Deferred.succeed([i]), Deferred.succeed(i)]);
    GDeferred.map(x => [x], [i, i]);
    lock.run(() => [i]);
    queue.put([i]);
    queue.get();
    queue.put({i});
    queue.get_nowait();
    clock.call_later(1, () => i);
    new Deferred().add_timeout(1, clock).callback();
    policy.run(() => [i]);
    cache.get(i);
    clock.advance(1);
  };
  const many = n => {
    for (let i = 0; i < n; i++) {
      once(i);
      if (i % 200 === 0)
        System.gc();
    }
    collect();
  };
  // The least growth counts: the heap has its steps.
  many(2000);
  const grown = [1, 2, 3].map(() => {
    const before = resident();
    many(2000);
    return resident() - before;
  });
  same(Math.min(...grown) < 2000 * 100, true);
});

test('/gjs/memory/a-loop-of-100000-chains-does-not-grow', () => {
  const chains = n => {
    for (let i = 0; i < n; i++) {
      const d = new Deferred(() => null);
      const inner = new Deferred();
      d.add_callback(() => inner);
      d.add_callback(() => { throw [i]; });
      d.add_errback(x => x);
      d.fork();
      d.callback({});
      inner.callback([d]);
      if (i % 1000 === 0)
        System.gc();
    }
    collect();
  };
  chains(20000);
  const before = resident();
  chains(100000);
  const grown = resident() - before;
  same(grown < 100000 * 40, true);
});

main();
