// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Tasks that end together.

/* exported install */

var install = (() => {
  const {Object} = globalThis;
  const {Gio, GLib} = imports.gi;
  let checkFunction, fire, isThenable;
  let base, CancelledError, Deferred, DeferredTaskGroup;

  // A Promise cannot be cancelled: a task that waits for one ends with it, and not before.
  function untilItEnds(promise) {
    let current = null;
    const cancelled = deferred => {
      const rest = current = new Deferred(cancelled);
      deferred.follow(rest);
    };
    const first = current = new Deferred(cancelled);
    promise.then(value => fire(current, 'callback', value), thrown => fire(current, 'errback', thrown));
    return first;
  }

  function call(func, args) {
    const answer = func(...args);
    return isThenable(answer) && !(answer instanceof Deferred) ? untilItEnds(answer) : answer;
  }

  const methods = {
    spawn(func, ...args) {
      checkFunction(func, 'The function');
      const task = new Deferred();
      task.add_callback(() => call(func, args));
      if (base.add.call(this, task)) {
        task.callback();
        return task;
      }
      task.cancel();
      const hasEnded = this.is_closed() && this.get_n_tasks() === 0;
      return Deferred.fail(hasEnded
        ? new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.CLOSED, 'The task group has ended')
        : new CancelledError('The task group was cancelled, or one of its tasks has failed'));
    },
  };

  // Calls a function with a group, and gives a Deferred for what it returns, once all of the group has ended.
  function run(func, ...args) {
    checkFunction(func, 'The function');
    const group = new DeferredTaskGroup();
    let result;
    group.spawn(func, group, ...args).add_callback(value => {
      result = value;
      return value;
    });
    return group.close().add_callback(() => result);
  }

  return (namespace, tools) => {
    ({checkFunction, fire, isThenable} = tools);
    ({CancelledError, Deferred, DeferredTaskGroup} = namespace);
    const {add} = DeferredTaskGroup.prototype;
    base = {add};
    Object.assign(DeferredTaskGroup.prototype, methods);
    DeferredTaskGroup.run = run;
  };
})();
