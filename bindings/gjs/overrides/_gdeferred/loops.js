// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// What is called again and again: looping calls, and long work in steps.

/* exported install */

var install = (() => {
  const {Error, Object, Symbol, TypeError} = globalThis;
  const {GLib} = imports.gi;
  const {microseconds} = imports.overrides._gdeferred.clocks;
  let checkFunction, isThenable, own, toDeferred;
  let base, Deferred, DeferredLoopingCall;

  // Each start makes one of C's: what that holds, the function, is hidden from the garbage collector. It is held
  // by what it waits for, and from here, until it has ended.
  function tickOf(self) {
    const {func, args, withCount} = self._work;
    return withCount
      ? tick => tick.return_deferred(own(func, self.get_n_ticks(), ...args))
      : tick => tick.return_deferred(own(func, ...args));
  }

  const loopings = {
    _work: null,
    _running: null,
    _clock: null,

    _init(func, ...args) {
      base.initLooping.call(this);
      if (func === undefined)
        return;
      checkFunction(func, 'The function');
      this._work = {func, args, withCount: false};
    },

    start(interval, now = true) {
      const number = microseconds(interval, 'The interval');
      const former = this._running;
      if (former !== null || this._work === null)
        return base.start.call(former ?? this, number, now); // which refuses
      const call = base.newLooping(tickOf(this));
      call.set_clock(this._clock);
      this._running = call;
      this._interval = interval;
      const done = base.start.call(call, number, now);
      done.add_callbacks(() => {
        this._running = null;
        return this;
      }, thrown => {
        this._running = null;
        throw thrown;
      });
      return own(() => done);
    },

    set_clock(clock) {
      if (this._work === null)
        base.set_clock.call(this, clock);
      else
        this._clock = clock;
    },

    get_interval() {
      return this._interval ?? base.get_interval.call(this) / 1000;
    },
  };

  for (const name of ['stop', 'reset', 'get_running', 'get_n_ticks', 'get_n_skipped']) {
    loopings[name] = function () {
      return base[name].call(this._running ?? this);
    };
  }

  function withCount(func, ...args) {
    const self = new DeferredLoopingCall(func, ...args);
    self._work.withCount = true;
    return self;
  }

  // --- long work ---

  // One step. What it throws is what a Deferred fails with that the task waits for: so it stays as it is.
  // A generator's `finally` runs when its task is stopped, but not in the midst of its own step.
  function close(work) {
    if (!work.isStepping)
      work.iterator.return?.();
  }

  function takeStep(work, task) {
    try {
      work.isStepping = true;
      const {done, value} = work.iterator.next();
      work.isStepping = false;
      if (work.isStopped)
        close(work);
      if (done) {
        work.result = value;
        return false;
      }
      if (isThenable(value))
        task.wait_for(toDeferred(value));
    } catch (thrown) {
      work.isStepping = false;
      task.wait_for(Deferred.fail(thrown));
    }
    return true;
  }

  const cooperators = {
    _init(options = {}) {
      const {budget = 5, priority = GLib.PRIORITY_DEFAULT_IDLE} = options;
      base.init.call(this, {budget: microseconds(budget, 'The budget'), priority});
    },

    cooperate(iterable) {
      if (typeof iterable?.[Symbol.iterator] !== 'function')
        throw new TypeError('Something to iterate over is needed, a generator for one');
      const work = {iterator: iterable[Symbol.iterator](), result: undefined, isStepping: false, isStopped: false};
      const task = base.cooperate.call(this, self => takeStep(work, self));
      task._work = work;
      return task;
    },

    get_budget() {
      return base.get_budget.call(this) / 1000;
    },
  };

  const tasks = {
    _work: null,
    _pauses: 0,

    pause() {
      this._pauses++;
      base.pause.call(this);
    },

    resume() {
      if (this._pauses === 0)
        throw new Error('resume() without pause()');
      this._pauses--;
      base.resume.call(this);
    },

    stop() {
      base.stopTask.call(this);
      if (this._work === null || this._work.isStopped)
        return;
      this._work.isStopped = true;
      close(this._work);
    },

    when_done() {
      const {_work: work} = this;
      return base.when_done.call(this).add_callback(nothing => work === null ? nothing : work.result);
    },
  };

  return (namespace, tools) => {
    ({checkFunction, isThenable, own, toDeferred} = tools);
    ({Deferred, DeferredLoopingCall} = namespace);
    const {DeferredCooperator, DeferredCooperativeTask: {prototype: task}} = namespace;
    const {_init: init, cooperate, get_budget} = DeferredCooperator.prototype;
    const {pause, resume, stop: stopTask, when_done} = task;
    const {_init: initLooping, get_interval, get_n_skipped, get_n_ticks, get_running, reset, set_clock, start, stop} =
      DeferredLoopingCall.prototype;
    const {new: newLooping} = DeferredLoopingCall;
    base = {
      init, cooperate, get_budget, pause, resume, stopTask, when_done,
      initLooping, get_interval, get_n_skipped, get_n_ticks, get_running, reset, set_clock, start, stop,
      newLooping: tick => newLooping.call(DeferredLoopingCall, tick),
    };

    Object.assign(DeferredLoopingCall.prototype, loopings);
    Object.defineProperties(DeferredLoopingCall.prototype, {
      running: {get: loopings.get_running},
      interval: {get: loopings.get_interval},
    });
    DeferredLoopingCall.with_count = withCount;
    DeferredLoopingCall.new = (func, ...args) => new DeferredLoopingCall(func, ...args);
    Object.assign(DeferredCooperator.prototype, cooperators);
    DeferredCooperator.new = (budget, priority) => new DeferredCooperator({budget, priority});
    Object.assign(task, tasks);
    let common = null;
    namespace.cooperate = iterable => (common ??= new DeferredCooperator()).cooperate(iterable);
  };
})();
