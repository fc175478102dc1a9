// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Values by key, each produced once. They are kept here, and not in C: keys may be of any kind, and the
// garbage collector sees what is kept.

/* exported install */

var install = (() => {
  const {Map, RangeError} = globalThis;
  const {microseconds} = imports.overrides._gdeferred.clocks;
  let checkFunction, own, watch;
  let Deferred, DeferredClock;

  // One value on its way. Each who waits for it has a fork, and another Deferred that waits for that and goes to
  // the caller: so rings are found, and nobody can disturb the others.
  class Flight {
    constructor(cache, key) {
      this.cache = cache; // null if it has forgotten this
      this.key = key;
      this.waiting = 0;
      this.producer = new Deferred();
      watch(this.producer, value => this.arrived(value, false), thrown => this.arrived(thrown, true));
    }

    join() {
      const fork = this.producer.fork();
      this.waiting++;
      const left = () => this.left();
      fork.add_callbacks(value => {
        left();
        return value;
      }, thrown => {
        left();
        throw thrown;
      });
      return own(() => fork);
    }

    start(func) {
      const {producer} = this;
      const made = own(func, this.key);
      producer.follow(made);
      if (producer.get_waiting_on() === null)
        made.add_errback(() => undefined); // it waited for itself, and was told when that ring was broken
    }

    arrived(value, failed) {
      this.producer = null;
      this.cache?._landed(this, value, failed);
    }

    // With a result, or because it was cancelled.
    left() {
      this.waiting--;
      if (this.waiting > 0 || this.producer === null)
        return;
      this.cache?._forget(this);
      this.producer.cancel();
    }
  }

  class Cache {
    constructor(func, {max_size = null, max_age = null, clock = null} = {}) {
      checkFunction(func, 'The function');
      this._func = func;
      this._clock = clock ?? DeferredClock.get_current();
      this._kept = new Map(); // {value, since} by key; the one that was used last is the last
      this._ages = new Map(); // when they were put there; the oldest is the first
      this._flights = new Map();
      this.set_max_size(max_size);
      this.set_max_age(max_age);
    }

    set_max_size(size) {
      if (size !== null && !(size >= 0))
        throw new RangeError(`The size of a cache is to be at least 0, or null, not ${size}`);
      this._maxSize = size ?? Infinity;
      this._dropUnused();
    }

    set_max_age(age) {
      this._maxAge = age === null ? Infinity : microseconds(age, 'The age') / 1000;
      this._dropOld();
    }

    get(key) {
      this._dropOld();
      if (this._kept.has(key)) {
        const value = this._kept.get(key);
        this._kept.delete(key);
        this._kept.set(key, value);
        return Deferred.succeed(value);
      }
      let flight = this._flights.get(key);
      if (flight !== undefined)
        return flight.join();
      flight = new Flight(this, key);
      this._flights.set(key, flight);
      const waiter = flight.join();
      flight.start(this._func);
      return waiter;
    }

    // Starts nothing, and does not count as use.
    peek(key) {
      this._dropOld();
      return this._kept.get(key);
    }

    contains(key) {
      this._dropOld();
      return this._kept.has(key);
    }

    remove(key) {
      this._dropOld();
      const flight = this._flights.get(key);
      if (flight !== undefined)
        this._forget(flight);
      else if (this._kept.has(key))
        this._drop(key);
      else
        return false;
      return true;
    }

    clear() {
      for (const flight of [...this._flights.values()])
        this._forget(flight);
      this._kept.clear();
      this._ages.clear();
    }

    get_size() {
      this._dropOld();
      return this._kept.size;
    }

    get_n_in_flight() {
      return this._flights.size;
    }

    // --- what is kept ---

    _landed(flight, value, failed) {
      this._forget(flight);
      if (failed || this._maxSize === 0 || this._maxAge === 0)
        return;
      this._kept.set(flight.key, value);
      this._ages.set(flight.key, this._clock.get_time());
      this._dropUnused();
    }

    _forget(flight) {
      flight.cache = null;
      this._flights.delete(flight.key);
    }

    _drop(key) {
      this._kept.delete(key);
      this._ages.delete(key);
    }

    _dropUnused() {
      while (this._kept.size > this._maxSize)
        this._drop(this._kept.keys().next().value);
    }

    _dropOld() {
      if (this._maxAge === Infinity || this._ages.size === 0)
        return;
      const now = this._clock.get_time();
      for (const [key, since] of this._ages) {
        if (now - since < this._maxAge)
          break;
        this._drop(key);
      }
    }
  }

  // What one of C's does, it does as before.
  const METHODS = [
    'clear', 'contains', 'get', 'get_n_in_flight', 'get_size', 'peek', 'remove', 'set_max_age', 'set_max_size',
  ];

  function method(base, name) {
    return function (...args) {
      return this._cache === null ? base.apply(this, args) : this._cache[name](...args);
    };
  }

  return (namespace, tools) => {
    ({checkFunction, own, watch} = tools);
    ({Deferred, DeferredClock} = namespace);
    const {DeferredCache, DeferredCache: {prototype}} = namespace;
    const {_init: init} = prototype;
    for (const name of METHODS)
      prototype[name] = method(prototype[name], name);
    prototype._cache = null;
    prototype._init = function (func, options = {}) {
      init.call(this);
      this._cache = func === undefined ? null : new Cache(func, options);
    };
    DeferredCache.new = (func, options) => new DeferredCache(func, options);
  };
})();
