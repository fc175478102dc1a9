// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// A function called for each of many items, a few at a time.

/* exported install */

var install = (() => {
  const {Math, RangeError, Symbol, TypeError} = globalThis;
  let checkFunction, checkIterable, fire, own, watch;
  let Deferred, CancelledError, FirstError;

  // It takes an item when there is room for it, and not before. What runs holds it, and it holds what it
  // will fire. Where the next item has to be waited for, that wait is `coming`.
  class Mapping {
    constructor(func, items, {limit, cancel_rest, settle}) {
      this.func = func;
      this.limit = limit;
      this.cancelRest = cancel_rest;
      this.settle = settle;
      this.outcomes = [];
      this.running = new Map(); // Deferreds by index
      this.coming = null;
      this.failures = 0;
      this.ended = 0;
      this.isExhausted = false; // there are no more items
      this.isStopped = false; // no more are wanted
      this.isFilling = false;
      this.isCancelling = false;
      this.deferred = new Deferred(() => this.cancel());
      this.total = items.length ?? items.size;
      this.isAsync = typeof items[Symbol.asyncIterator] === 'function';
      this.items = this.isAsync ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    }

    // Starts what there is room for. What ends at once does not call this again from inside of itself.
    fill() {
      if (this.isFilling)
        return;
      this.isFilling = true;
      while (!this.isExhausted && !this.isStopped && this.coming === null && this.running.size < this.limit)
        this.take();
      this.isFilling = false;
      // With failures among the outcomes, one that is cancelled is nothing but that.
      if (this.isExhausted && this.running.size === 0 && !(this.isCancelling && this.failures > 0))
        this.finish('callback', this.outcomes);
    }

    finish(how, outcome) {
      const {deferred} = this;
      this.deferred = null;
      if (deferred !== null)
        fire(deferred, how, outcome);
    }

    // --- items ---

    take() {
      try {
        const next = this.items.next();
        if (!this.isAsync) {
          this.came(next);
          return;
        }
        const coming = this.coming = own(() => next);
        watch(coming, item => this.cameLater(item), thrown => this.failedToCome(thrown));
      } catch (thrown) {
        this.fail(thrown);
      }
    }

    came({done, value}) {
      if (done)
        this.isExhausted = true;
      else if (!this.isStopped)
        this.start(value);
    }

    cameLater(next) {
      this.coming = null;
      this.came(next);
      this.fill();
    }

    failedToCome(thrown) {
      this.coming = null;
      this.fail(thrown);
      this.fill();
    }

    // --- what is made of them ---

    start(item) {
      const index = this.outcomes.length;
      this.outcomes.push(undefined);
      // One of our own, which nobody else can pause or bind to an owner.
      const running = own(this.func, item, index);
      this.running.set(index, running);
      running.add_callbacks(value => {
        if (this.ends(index))
          this.succeeded(index, value);
      }, thrown => {
        if (!this.ends(index))
          throw thrown; // nobody is told any more
        this.failed(index, thrown);
      });
      if (this.isCancelling)
        running.cancel();
    }

    ends(index) {
      this.running.delete(index);
      this.ended++;
      if (this.deferred === null)
        return false;
      if (this.total > 0)
        this.deferred.set_progress(Math.min(1, this.ended / this.total));
      return true;
    }

    succeeded(index, value) {
      this.outcomes[index] = this.settle ? {status: 'fulfilled', value} : value;
      this.fill();
    }

    failed(index, thrown) {
      if (this.settle) {
        this.failures++;
        this.outcomes[index] = {status: 'rejected', reason: thrown};
      } else {
        const isCancel = this.isCancelling && thrown instanceof CancelledError;
        this.fail(isCancel ? thrown : new FirstError(thrown, index));
      }
      this.fill();
    }

    // --- the end ---

    fail(thrown) {
      const {deferred} = this;
      this.deferred = null;
      this.isStopped = true;
      if (deferred === null)
        return;
      if (this.cancelRest)
        this.cancelAll();
      fire(deferred, 'errback', thrown);
    }

    cancelAll() {
      this.isCancelling = true;
      this.coming?.cancel();
      for (const running of [...this.running.values()])
        running.cancel();
    }

    // What was started has a say in how it ends.
    cancel() {
      this.isStopped = true;
      this.cancelAll();
      this.deferred = null;
    }
  }

  function map(func, items, options = {}) {
    if (typeof options !== 'object' || options === null)
      throw new TypeError(`The options are to be an object, as {limit: 8}, not ${options}`);
    const {limit = null, cancel_rest = false, settle = false} = options;
    checkFunction(func, 'The function');
    checkIterable(items, true);
    if (limit !== null && !(limit > 0))
      throw new RangeError(`The limit is to be at least 1, or null, not ${limit}`);
    const mapping = new Mapping(func, items, {limit: limit ?? Infinity, cancel_rest, settle});
    const {deferred} = mapping;
    mapping.fill();
    return deferred;
  }

  return (namespace, tools) => {
    ({checkFunction, checkIterable, fire, own, watch} = tools);
    ({Deferred, CancelledError, FirstError} = namespace);
    namespace.map = map;
    namespace.Deferred.map = map;
  };
})();
