// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Clocks, the system's and virtual ones, and what waits for a time. In JavaScript times are milliseconds, in C
// microseconds.

/* exported install, microseconds */

var {install, microseconds} = (() => {
  const {Math, Number, Object, RangeError, TypeError} = globalThis;
  let checkFunction;
  let base;

  // What C is given of a time in milliseconds.
  function toMicroseconds(milliseconds, what = 'The delay') {
    if (typeof milliseconds !== 'number')
      throw new TypeError(`${what} is to be a number of milliseconds, not ${typeof milliseconds}`);
    const number = Math.round(milliseconds * 1000);
    if (!(number >= 0 && number <= Number.MAX_SAFE_INTEGER))
      throw new RangeError(`${what} is to be a number of milliseconds from 0 on, not ${milliseconds}`);
    return number;
  }

  const functions = {
    delay(milliseconds, clock = null) {
      return base.delay(toMicroseconds(milliseconds), clock);
    },

    delay_until(time, clock = null) {
      return base.delay_until(toMicroseconds(time, 'The time'), clock);
    },

    call_later(milliseconds, func, ...args) {
      checkFunction(func, 'The function');
      return functions.delay(milliseconds).add_callback(() => func(...args));
    },
  };

  const timeouts = {
    add_timeout(milliseconds, clock = null) {
      return base.add_timeout.call(this, toMicroseconds(milliseconds, 'The timeout'), clock);
    },

    add_deadline(time, clock = null) {
      return base.add_deadline.call(this, toMicroseconds(time, 'The time'), clock);
    },
  };

  const clocks = {
    get_time() {
      return base.get_time.call(this) / 1000;
    },

    advance(milliseconds) {
      const number = toMicroseconds(milliseconds, 'The time that passes');
      checkVirtual(this, 'advance');
      base.advance.call(this, number);
    },

    pump(times) {
      for (const milliseconds of times)
        this.advance(milliseconds);
    },

    jump(milliseconds) {
      const number = toMicroseconds(milliseconds, 'The time that passes');
      checkVirtual(this, 'jump');
      base.jump.call(this, number);
    },

    call_later(milliseconds, func, ...args) {
      checkFunction(func, 'The function');
      return functions.delay(milliseconds, this).add_callback(() => func(...args));
    },

    call_at(time, func, ...args) {
      checkFunction(func, 'The function');
      return functions.delay_until(time, this).add_callback(() => func(...args));
    },

    // Makes this the current clock as long as the function runs.
    use(func, ...args) {
      checkFunction(func, 'The function');
      this.push();
      try {
        return func(...args);
      } finally {
        this.pop();
      }
    },
  };

  function checkVirtual(clock, name) {
    if (!clock.is_virtual())
      throw new Error(`${name}() is for virtual clocks; the time of the system passes by itself`);
  }

  return {
    microseconds: toMicroseconds,

    install(namespace, tools) {
      ({checkFunction} = tools);
      const {Deferred, DeferredClock: {prototype: clock}, DeferredDelayedCall: {prototype: call}} = namespace;
      const {delay, delay_until} = Deferred;
      const {add_timeout, add_deadline} = Deferred.prototype;
      const {advance, get_time, jump} = clock;
      const {get_time: get_call_time, reset} = call;
      base = {
        delay: (span, on) => delay.call(Deferred, span, on),
        delay_until: (time, on) => delay_until.call(Deferred, time, on),
        add_timeout, add_deadline, advance, get_time, jump,
      };

      Object.assign(namespace, functions);
      Object.assign(Deferred, functions);
      Object.assign(Deferred.prototype, timeouts);
      Object.assign(clock, clocks);
      Object.assign(call, {
        get_time() {
          return get_call_time.call(this) / 1000;
        },

        reset(milliseconds) {
          return reset.call(this, toMicroseconds(milliseconds));
        },
      });
    },
  };
})();
