// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Many at once: lists of Deferreds, and of their outcomes.

/* exported install */

var install = (() => {
  const {AggregateError, Array, Object} = globalThis;
  let checkIterable, fromC, isOurs, toDeferred;
  let base, DeferredList, CancelledError, FirstError, flags;

  // --- what comes of it ---

  function errorIn(results, index) {
    const payload = results.get_payload(index);
    return isOurs(payload) ? fromC(payload) : results.get_error(index);
  }

  function valuesOf(results) {
    return Array.from({length: results.get_length()}, (_, index) => fromC(results.get_value(index)));
  }

  function outcomeIn(results, index) {
    if (results.get_error(index) !== null)
      return {status: 'rejected', reason: errorIn(results, index)};
    return {status: 'fulfilled', value: fromC(results.get_value(index))};
  }

  function outcomesOf(results) {
    return Array.from({length: results.get_length()}, (_, index) => outcomeIn(results, index));
  }

  function firstError(list, thrown) {
    const index = list.get_index();
    const isCancel = list.is_cancelled() && thrown instanceof CancelledError;
    return index < 0 || isCancel ? thrown : new FirstError(thrown, index);
  }

  function allFailed(list, thrown) {
    const results = list.get_results();
    if (results === null)
      return thrown;
    const length = results.get_length();
    const errors = Array.from({length}, (_, index) => errorIn(results, index));
    return new AggregateError(errors, `All ${length} have failed`);
  }

  function flagsOf(options) {
    return Object.keys(options).reduce((sum, name) => options[name] ? sum | flags[name.toUpperCase()] : sum, 0);
  }

  // --- the functions ---

  function partsOf(iterable) {
    checkIterable(iterable);
    return Array.from(iterable, toDeferred);
  }

  function make(list, onSuccess, onError) {
    return list.add_callbacks(onSuccess && (value => onSuccess(value, list)), onError && (thrown => {
      throw onError(list, thrown);
    }));
  }

  const functions = {
    gather(deferreds, {cancel_rest = false, consume_errors = false} = {}) {
      const list = base.gather(partsOf(deferreds), flagsOf({cancel_rest, consume_errors}));
      return make(list, valuesOf, firstError);
    },

    race(deferreds) {
      return make(base.race(partsOf(deferreds)), (value, list) => [list.get_index(), value], firstError);
    },

    any(deferreds) {
      return make(base.any(partsOf(deferreds)), null, allFailed);
    },

    settled(deferreds) {
      return make(base.settled(partsOf(deferreds)), outcomesOf, null);
    },
  };

  function initList(deferreds, options = {}) {
    const {fire_on_one_callback = false, fire_on_one_errback = false} = options;
    const {consume_errors = false, cancel_rest = false} = options;
    const wanted = flagsOf({fire_on_one_callback, fire_on_one_errback, consume_errors, cancel_rest});
    return make(base.list_new(partsOf(deferreds), wanted), (value, list) => {
      const index = list.get_index();
      return index < 0 ? outcomesOf(value) : [value, index];
    }, firstError);
  }

  return (namespace, tools) => {
    ({checkIterable, fromC, isOurs, toDeferred} = tools);
    ({DeferredList, CancelledError, FirstError, DeferredListFlags: flags} = namespace);
    const {any, gather, race, settled} = namespace.Deferred;
    const list_new = DeferredList.new;
    base = {
      any: parts => any.call(namespace.Deferred, parts),
      gather: (parts, wanted) => gather.call(namespace.Deferred, parts, wanted),
      list_new: (parts, wanted) => list_new.call(DeferredList, parts, wanted),
      race: parts => race.call(namespace.Deferred, parts),
      settled: parts => settled.call(namespace.Deferred, parts),
    };

    Object.assign(namespace, functions);
    Object.assign(namespace.Deferred, functions);
    DeferredList.prototype._init = initList;
    DeferredList.new = initList;
  };
})();
