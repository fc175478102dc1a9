// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Trying again; not too often.

/* exported install */

var install = (() => {
  const {Error, Object, RangeError} = globalThis;
  const {GLib} = imports.gi;
  const {microseconds} = imports.overrides._gdeferred.clocks;
  let checkFunction, fire, own, toError, watch;
  let base, Deferred, DeferredClock, DeferredRetry, anyError;

  // One run: attempts and delays in turn. What it waits for holds it, and it holds what it will fire.
  class Attempts {
    constructor(policy, func, args) {
      this.policy = policy;
      this.func = func;
      this.args = args;
      this.clock = policy.get_clock() ?? DeferredClock.get_current();
      this.started = this.clock.get_time();
      this.number = 0;
      this.isCancelled = false;
      this.waitsFor = null;
      this.deferred = new Deferred(() => this.cancel());
    }

    start() {
      this.number++;
      this.waitsFor = null;
      const attempt = this.waitsFor = own(this.func, ...this.args);
      watch(attempt, value => this.finish('callback', value), thrown => this.failed(thrown));
      if (this.deferred === null)
        attempt.cancel(); // the function has cancelled the whole
    }

    failed(thrown) {
      this.waitsFor = null;
      if (this.deferred !== null && !this.goesOnAfter(thrown))
        this.finish('errback', thrown);
    }

    goesOnAfter(thrown) {
      if (this.isCancelled)
        return false;
      let delay;
      try {
        delay = this.policy.next_delay(thrown, this.number, this.clock.get_time() - this.started);
      } catch (error) {
        this.finish('errback', error);
      }
      if (this.deferred === null)
        return true; // the filter has thrown, or cancelled the whole
      if (delay === null)
        return false;
      const waiting = this.waitsFor = Deferred.delay(delay, this.clock);
      waiting.add_callbacks(() => this.start(), error => this.finish('errback', error));
      return true;
    }

    finish(how, outcome) {
      const {deferred} = this;
      this.waitsFor = this.deferred = null;
      if (deferred !== null)
        fire(deferred, how, outcome);
    }

    // An attempt may take its time to end, and has a say in how: what it comes to is waited for.
    cancel() {
      this.isCancelled = true;
      this.waitsFor?.cancel();
      const {deferred, waitsFor} = this;
      this.deferred = null;
      if (deferred !== null && waitsFor !== null) {
        this.deferred = new Deferred(() => waitsFor.cancel());
        deferred.follow(this.deferred);
      }
    }
  }

  const TIMES = ['initial_delay', 'max_delay', 'deadline'];

  const retries = {
    _when: null,

    _init({when = null, ...properties} = {}) {
      checkFunction(when, 'The filter', true);
      for (const name of TIMES.filter(time => time in properties))
        properties[name] = microseconds(properties[name], name);
      if (properties.factor < 1 || properties.jitter < 0 || properties.jitter > 1 || properties.max_attempts < 0)
        throw new RangeError('A factor is at least 1, a jitter from 0 to 1, and attempts are at least 0, for no limit');
      base.initRetry.call(this, properties);
      this._when = when;
    },

    run(func, ...args) {
      checkFunction(func, 'The function');
      const attempts = new Attempts(this, func, args);
      const {deferred} = attempts;
      attempts.start();
      return deferred;
    },

    set_delays(initial, longest, factor, jitter) {
      base.set_delays.call(this, microseconds(initial), microseconds(longest), factor, jitter);
    },

    set_deadline(milliseconds) {
      base.set_deadline.call(this, microseconds(milliseconds));
    },

    get_deadline() {
      return base.get_deadline.call(this) / 1000;
    },

    set_filter(when) {
      checkFunction(when, 'The filter', true);
      this._when = when;
    },

    next_delay(thrown, attempt, elapsed) {
      if (this._when !== null && !this._when(thrown, attempt))
        return null;
      const error = this._when === null ? toError(thrown) : anyError;
      const delay = base.next_delay.call(this, error, attempt, microseconds(elapsed, 'The time'));
      return delay < 0 ? null : delay / 1000;
    },
  };

  function retry(func, options = {}) {
    return new DeferredRetry(options).run(func);
  }

  // --- not too often ---

  // Properties are C's, in microseconds; here they are milliseconds.
  function paced({prototype}, name) {
    const {_init: init, run_deferred} = prototype;
    const get = prototype[`get_${name}`];
    const set = prototype[`set_${name}`];
    Object.assign(prototype, {
      _init(milliseconds, {clock = null} = {}) {
        init.call(this, {[name]: microseconds(milliseconds, `The ${name}`), clock});
      },

      run(func, ...args) {
        checkFunction(func, 'The function');
        const start = new Deferred();
        start.add_callback(() => func(...args));
        return run_deferred.call(this, start);
      },

      [`get_${name}`]() {
        return get.call(this) / 1000;
      },

      [`set_${name}`](milliseconds) {
        set.call(this, microseconds(milliseconds, `The ${name}`));
      },
    });
    Object.defineProperty(prototype, name, {
      get: prototype[`get_${name}`],
      set: prototype[`set_${name}`],
    });
  }

  return (namespace, tools) => {
    ({checkFunction, fire, own, toError, watch} = tools);
    ({Deferred, DeferredClock, DeferredRetry} = namespace);
    const {prototype} = DeferredRetry;
    const {_init: initRetry, get_deadline, next_delay, set_deadline, set_delays} = prototype;
    base = {initRetry, get_deadline, next_delay, set_deadline, set_delays};
    const {DeferredError} = namespace;
    anyError = new GLib.Error(DeferredError, DeferredError.FAILED, 'One that is worth another attempt');

    Object.assign(prototype, retries);
    for (const name of TIMES) {
      const {get, set} = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
      if (get !== undefined) {
        Object.defineProperty(prototype, name, {
          get() {
            return get.call(this) / 1000;
          },

          set(milliseconds) {
            set.call(this, microseconds(milliseconds, name));
          },
        });
      }
    }
    namespace.retry = retry;
    paced(namespace.DeferredDebounce, 'quiet');
    paced(namespace.DeferredThrottle, 'interval');
  };
})();
