// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// A function called for each of many items, a few at a time.

/* exported install */

var install = (() => {
  const {RangeError, Symbol, TypeError} = globalThis;
  let checkFunction, checkIterable, fire, own, watch;
  let Deferred, FirstError;

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
      this.isEnded = false; // there are no more items, or no more are wanted
      this.isFilling = false;
      this.isCancelling = false;
      this.deferred = new Deferred(() => this.cancel());
      this.isAsync = typeof items[Symbol.asyncIterator] === 'function';
      this.items = this.isAsync ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    }

    // Starts what there is room for. What ends at once does not call this again from inside of itself.
    fill() {
      if (this.isFilling)
        return;
      this.isFilling = true;
      while (!this.isEnded && this.coming === null && this.running.size < this.limit)
        this.take();
      this.isFilling = false;
      if (this.isEnded && this.running.size === 0)
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
        this.isEnded = true;
      else if (!this.isEnded)
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
      watch(running, value => this.over(index, value, false), thrown => this.over(index, thrown, true));
      if (this.isCancelling)
        running.cancel();
    }

    over(index, value, failed) {
      this.running.delete(index);
      if (this.settle)
        this.outcomes[index] = failed ? {status: 'rejected', reason: value} : {status: 'fulfilled', value};
      else if (failed)
        this.fail(new FirstError(value, index));
      else
        this.outcomes[index] = value;
      this.fill();
    }

    // --- the end ---

    fail(thrown) {
      const {deferred} = this;
      this.deferred = null;
      this.isEnded = true;
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

    cancel() {
      this.isEnded = true;
      this.deferred = null;
      this.cancelAll();
    }
  }

  function map(func, items, {limit = null, cancel_rest = false, settle = false} = {}) {
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
    ({Deferred, FirstError} = namespace);
    namespace.map = map;
    namespace.Deferred.map = map;
  };
})();
