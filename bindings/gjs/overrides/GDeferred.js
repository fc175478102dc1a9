// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Deferreds that feel native in JavaScript: callbacks, cancellers and results are kept here, with the
// JavaScript object, where the garbage collector sees them; the chain itself is in C. One dispatcher is
// called for all of them.

/* exported _init */

// All is inside of a function: names at the top level of an imported script are looked up each time that
// they are used, which makes everything take twice as long.
var _init = (() => {
  const {GObject} = imports.gi;
  const {Error, Object, Promise, RangeError, TypeError} = globalThis;
  const {classes, isError, report, setUnhandledErrorHook, stackOf, toError} =
    imports.overrides._gdeferred.errors;
  const rooms = ['lists', 'maps', 'clocks', 'loops', 'groups', 'locks', 'queues', 'patterns', 'caches'];

  // Stands between the batches of links.
  const END = Symbol('end of a batch');

  // What JavaScript keeps for one Deferred.
  class Kept {
    constructor(isHome) {
      this.isHome = isHome; // as far as anybody knows
      this.links = []; // callback and errback in turns; END twice between batches
      this.first = 0; // of the links that are left
      this.batches = 0; // C has a link for each
      this.value = undefined;
      this.failed = false;
      this.has = false; // value and failed are the outcome
      this.kept = false; // C has left the value to us
      this.running = false; // a batch is
      this.inner = null; // what the chain is to wait for
      this.canceller = null;
    }

    set(value, failed) {
      this.value = value;
      this.failed = failed;
      this.has = true;
    }

    clear() {
      this.value = undefined;
      this.failed = this.has = this.kept = false;
    }

    push(callback, errback) {
      this.links.push(callback, errback);
    }

    // Whether the oldest batch has another link.
    goesOn() {
      return this.first < this.links.length && this.links[this.first] !== END;
    }

    take() {
      const {links} = this;
      const func = links[this.failed ? this.first + 1 : this.first];
      links[this.first] = links[this.first + 1] = null;
      this.first += 2;
      if (this.first >= 1024 && this.first * 2 >= links.length) {
        links.splice(0, this.first);
        this.first = 0;
      }
      return func;
    }

    // Drops what is left of the oldest batch.
    endBatch() {
      while (this.goesOn())
        this.first += 2;
      this.batches--;
      if (this.batches > 0) {
        this.first += 2;
      } else {
        this.links.length = 0;
        this.first = 0;
      }
    }
  }

  let Deferred, DeferredError, Carrier, AlreadyCalledError;
  let base; // what C has under the names that are replaced
  let id; // of the dispatcher
  let dispatch, refused, joined, accepted, notFired, pending;

  function checkFunction(func, what, orNothing = false) {
    if (typeof func === 'function' || orNothing && (func === null || func === undefined))
      return;
    throw new TypeError(`${what} is to be a function${orNothing ? ' or null' : ''}, not ${describe(func)}`);
  }

  function describe(value) {
    return value === null ? 'null' : typeof value;
  }

  function isThenable(value) {
    return (typeof value === 'object' && value !== null || typeof value === 'function') &&
      typeof value.then === 'function';
  }

  function checkIterable(thing, orAsync = false) {
    const isIterable = typeof thing === 'object' && thing !== null &&
      (typeof thing[Symbol.iterator] === 'function' || orAsync && typeof thing[Symbol.asyncIterator] === 'function');
    if (!isIterable)
      throw new TypeError(`An array is needed, or something else to iterate over, not ${describe(thing)}`);
  }

  function bind(func, args) {
    return args.length === 0 ? func : value => func(value, ...args);
  }

  // --- values on their way through C ---

  function carry(value) {
    const carrier = new Carrier();
    carrier.carried = {value};
    return carrier;
  }

  function isPlain(value) {
    switch (typeof value) {
    case 'number':
    case 'boolean':
      return true;
    case 'string':
      return !value.includes('\0') && !/\p{Surrogate}/u.test(value);
    case 'object':
      return value instanceof GObject.Object;
    default:
      return false;
    }
  }

  // C has to be able to hold it, and to give it back as it was.
  function toC(value) {
    if (value === undefined)
      return null;
    return isPlain(value) ? value : carry(value);
  }

  function isOurs(value) {
    return value instanceof Carrier && value.carried !== undefined;
  }

  function fromC(value) {
    return isOurs(value) ? value.carried.value : value ?? undefined;
  }

  // The report has to be ready: nobody can be asked when the last reference goes.
  function carryError(thrown) {
    const carrier = carry(thrown);
    carrier.report = stackOf(thrown);
    return carrier;
  }

  // What was thrown, or the error that C has, if it was not JavaScript that threw it.
  function thrownOf(self, payload) {
    return isOurs(payload) ? payload.carried.value : self.get_error();
  }

  // --- what C calls ---

  // What a function has returned. It may be something to wait for.
  function cameBack(kept, answer) {
    kept.failed = false;
    if (answer instanceof Deferred)
      kept.inner = answer;
    else if (isThenable(answer))
      kept.inner = Deferred.from_promise(answer);
    else
      kept.value = answer;
  }

  // Calls the functions of the oldest batch until there is none left, or the chain is to stop. Whether it
  // has ended.
  function runBatch(self, kept) {
    while (kept.goesOn()) {
      const func = kept.take();
      if (func !== null) {
        try {
          cameBack(kept, func(kept.value));
        } catch (thrown) {
          kept.set(thrown, true);
        }
      }
      if (kept.goesOn() && (kept.inner !== null || !base.may_go_on.call(self)))
        return false;
    }
    kept.endBatch();
    return true;
  }

  // Has C know the outcome. A value stays here; so it does not matter to C that there is another one now.
  function leave(self, kept, before, failedBefore) {
    if (kept.inner !== null) {
      const {inner} = kept;
      kept.inner = null;
      kept.clear();
      self.return_deferred(inner);
    } else if (kept.failed) {
      const {value} = kept;
      kept.clear();
      if (!failedBefore || !Object.is(value, before))
        self.return_error_full(toError(value), carryError(value));
    } else if (!kept.kept) {
      self.return_kept(id);
      kept.kept = true;
    }
  }

  // That C holds an outcome is believed without FORGET, too: GJS may have blocked that.
  function run(self, kept, what, value) {
    kept.canceller = null;
    if (what === dispatch.ERRBACK) {
      kept.kept = false;
      kept.set(thrownOf(self, value), true);
    } else if (!kept.kept || value !== null) {
      kept.kept = false;
      kept.set(fromC(value), false);
    }

    const {value: before, failed: failedBefore} = kept;
    kept.running = true;
    if (!runBatch(self, kept))
      self.stay_dispatched();
    kept.running = false;
    leave(self, kept, before, failedBefore);
  }

  function give(self, kept) {
    kept.kept = false;
    self.return_value(toC(kept.value));
    // While a batch runs, each of its functions still is to see what it was called with.
    if (!kept.running)
      kept.clear();
  }

  function callCanceller(self, kept) {
    const {canceller} = kept;
    kept.canceller = null;
    try {
      canceller?.(self);
    } catch (thrown) {
      const name = self.get_name();
      report(thrown, `The canceller failed of a Deferred${name ? ` named “${name}”` : ''}`);
    }
  }

  function dispatcher(self, what, value) {
    const kept = self._kept;
    if (kept === null)
      return true; // The object that had the callbacks was collected.

    switch (what) {
    case dispatch.CALLBACK:
    case dispatch.ERRBACK:
      run(self, kept, what, value);
      break;
    case dispatch.DROP:
      kept.endBatch();
      break;
    case dispatch.GIVE:
      give(self, kept);
      break;
    case dispatch.FORGET:
      kept.clear();
      break;
    case dispatch.CANCEL:
      callCanceller(self, kept);
      break;
    }
    return true;
  }

  // --- the methods ---

  function keep(self) {
    return self._kept = new Kept(self.is_home());
  }

  function refuseToAdd() {
    throw new Error('Callbacks can only be added in the main context that the Deferred lives in');
  }

  function add(self, callback, errback, mayJoin = true) {
    const kept = self._kept ?? keep(self);
    if (kept.batches === 0) {
      kept.batches = 1;
      kept.push(callback, errback);
      if (base.add_dispatched.call(self, id, false) === refused) {
        kept.endBatch();
        refuseToAdd();
      }
      return self;
    }

    // As a batch is there, nothing is called before this returns.
    const answer = base.add_dispatched.call(self, id, mayJoin);
    if (answer === refused)
      refuseToAdd();
    if (answer !== joined) {
      kept.batches++;
      kept.push(END, END);
    }
    kept.push(callback, errback);
    return self;
  }

  // Tells what comes out there, and C that somebody has heard of a failure. It begins a batch: the failure
  // has to be one that C knows.
  function watch(self, resolve, reject) {
    return add(self, value => {
      resolve(value);
      return value;
    }, thrown => {
      self.take_unhandled();
      reject(thrown);
      throw thrown;
    }, false);
  }

  function fireAway(self, value) {
    base.callback.call(self, toC(value));
  }

  const methods = {
    _kept: null,

    _init(canceller = null, properties = {}) {
      if (typeof canceller === 'object' && canceller !== null) {
        properties = canceller;
        canceller = null;
      }
      checkFunction(canceller, 'The canceller', true);
      base._init.call(this, properties);
      this._kept = new Kept(true);
      if (canceller !== null) {
        this._kept.canceller = canceller;
        this.set_dispatched_canceller(id);
      }
    },

    callback(value) {
      if (isThenable(value))
        throw new TypeError('A Deferred cannot be fired with another one: return it from a callback instead');
      const kept = this._kept ?? keep(this);
      if (!kept.isHome && !this.is_home()) {
        fireAway(this, value);
        return;
      }

      const wasFired = kept.has;
      if (!wasFired) {
        kept.set(value, false);
        kept.kept = true;
      }
      const answer = base.callback_kept.call(this, id);
      if (answer === accepted) {
        kept.canceller = null;
        return;
      }
      if (!wasFired)
        kept.clear();
      if (answer === notFired)
        throw new AlreadyCalledError();
    },

    errback(thrown) {
      this.errback_full(toError(thrown), carryError(thrown));
      if (this._kept !== null)
        this._kept.canceller = null;
    },

    add_callback(callback, ...args) {
      checkFunction(callback, 'The callback');
      return add(this, bind(callback, args), null);
    },

    add_errback(errback, ...args) {
      checkFunction(errback, 'The errback');
      return add(this, null, bind(errback, args));
    },

    // With a class: (TypeError, errback, ...args); with a domain: (Gio.IOErrorEnum, code, errback, ...args).
    add_errback_for(kind, ...rest) {
      const code = typeof rest[0] === 'number' ? rest.shift() : null;
      const [errback, ...args] = rest;
      if (typeof kind !== 'function' && (code === null || typeof kind !== 'number'))
        throw new TypeError('The kind of errors is to be a class, or a domain and a code');
      checkFunction(errback, 'The errback');
      const matches = code === null
        ? thrown => thrown instanceof kind
        : thrown => isError(thrown) && thrown.matches(kind, code);
      return add(this, null, thrown => {
        if (!matches(thrown))
          throw thrown;
        return errback(thrown, ...args);
      });
    },

    add_both(func, ...args) {
      checkFunction(func, 'The function');
      const bound = bind(func, args);
      return add(this, bound, bound);
    },

    add_callbacks(callback, errback, {callback_args = [], errback_args = []} = {}) {
      checkFunction(callback, 'The callback', true);
      checkFunction(errback, 'The errback', true);
      return add(this, callback ? bind(callback, callback_args) : null,
        errback ? bind(errback, errback_args) : null);
    },

    // What is here already needs no turn in the chain.
    then(onFulfilled, onRejected) {
      const kept = this._kept;
      if (kept?.kept && this.is_finished())
        return Promise.resolve(kept.value).then(onFulfilled, onRejected);
      return new Promise((resolve, reject) => watch(this, resolve, reject)).then(onFulfilled, onRejected);
    },

    catch(onRejected) {
      return this.then(undefined, onRejected);
    },

    finally(onFinally) {
      return this.then().finally(onFinally);
    },

    chain_deferred(other) {
      if (!(other instanceof Deferred))
        throw new TypeError(`Only a Deferred can be chained to, not ${describe(other)}`);
      if (other === this)
        throw new TypeError('A Deferred cannot be chained to itself');
      return base.chain_deferred.call(this, other);
    },

    unpause() {
      if (!this.get_paused())
        throw new Error('unpause() without pause()');
      base.unpause.call(this);
    },

    // As in C, but for what it returns and throws.
    wait() {
      try {
        base.wait.call(this);
      } catch (error) {
        const isOurs = error.matches(DeferredError, DeferredError.LOOP) ||
          error.matches(DeferredError, DeferredError.STALLED);
        throw !isOurs && this.failed ? this.result : error;
      }
      return this.result;
    },

    set_progress(fraction, words = null) {
      if (!(fraction >= 0 && fraction <= 1))
        throw new RangeError(`Progress goes from 0 to 1: ${fraction} does not lie there`);
      base.set_progress.call(this, fraction, words);
    },

    hand_over(context) {
      (this._kept ?? keep(this)).isHome = false;
      base.hand_over.call(this, context);
    },
  };

  const properties = {
    // Whether it was fired.
    called: {
      get() {
        return this.get_state() !== pending;
      },
    },

    // Whether it holds a failure now; inside a callback, whether this was called for one.
    failed: {
      get() {
        return this._kept?.has ? this._kept.failed : this.get_error() !== null;
      },
    },

    // What it holds now, a value or what was thrown; inside a callback, what this was called with.
    result: {
      get() {
        if (this._kept?.has)
          return this._kept.value;
        return this.failed ? thrownOf(this, this.get_payload()) : fromC(this.get_result());
      },
    },
  };

  function setHook(hook) {
    checkFunction(hook, 'The hook', true);
    setUnhandledErrorHook(hook ?? null, base.set_unhandled_hook);
  }

  function noThreads(name) {
    return () => {
      throw new Error(`${name}() cannot work with a JavaScript function: JavaScript runs in one thread. ` +
        'Use an asynchronous function of GIO, or one in C that works in a thread and returns a Deferred');
    };
  }

  const statics = {
    succeed(value) {
      const self = new this();
      self.callback(value);
      return self;
    },

    fail(thrown) {
      const self = new this();
      self.errback(thrown);
      return self;
    },

    from_promise(promise) {
      if (!isThenable(promise))
        throw new TypeError(`A Promise is needed, not ${describe(promise)}`);
      const self = new this();
      Promise.resolve(promise).then(value => self.callback(value), thrown => self.errback(thrown));
      return self;
    },

    new_with_canceller(canceller) {
      return new this(canceller);
    },

    maybe: maybeDeferred,
    set_unhandled_hook: setHook,
    run_in_thread: noThreads('run_in_thread'),
    run_all_in_thread: noThreads('run_all_in_thread'),
    blocking_call: noThreads('blocking_call'),
  };

  // --- the functions of the namespace ---

  function maybeDeferred(func, ...args) {
    checkFunction(func, 'The function');
    try {
      const answer = func(...args);
      if (answer instanceof Deferred)
        return answer;
      return isThenable(answer) ? Deferred.from_promise(answer) : Deferred.succeed(answer);
    } catch (thrown) {
      return Deferred.fail(thrown);
    }
  }

  // What can be waited for, as a Deferred.
  function toDeferred(thing) {
    if (thing instanceof Deferred)
      return thing;
    if (!isThenable(thing))
      throw new TypeError(`A Deferred or a Promise is needed, not ${describe(thing)}`);
    return Deferred.from_promise(thing);
  }

  // Calls a function, and gives a Deferred that waits for what it returns. Nobody else has that one, to pause
  // it or to bind it to an owner.
  function own(func, ...args) {
    return Deferred.succeed().add_callback(() => func(...args));
  }

  // For a Deferred that somebody else has, too, and may have fired.
  function fire(deferred, how, outcome) {
    try {
      deferred[how](outcome);
    } catch (thrown) {
      if (!(thrown instanceof AlreadyCalledError))
        throw thrown;
    }
  }

  // Runs a main loop until it is done, for scripts.
  function runMain(main, ...args) {
    return maybeDeferred(main, ...args).wait();
  }

  return function () {
    ({Deferred, DeferredError, DeferredCarrier: Carrier} = this);
    dispatch = this.DeferredDispatch;
    ({ACCEPTED: accepted, REFUSED: notFired} = this.DeferredFired);
    ({REFUSED: refused, JOINED: joined} = this.DeferredDispatched);
    pending = this.DeferredState.PENDING;

    const {prototype} = Deferred;
    const {_init: init, add_dispatched, callback, callback_kept, chain_deferred} = prototype;
    const {hand_over, may_go_on, set_progress, unpause, wait} = prototype;
    const {set_unhandled_hook} = Deferred;
    base = {
      _init: init, add_dispatched, callback, callback_kept, chain_deferred, hand_over, may_go_on,
      set_progress, unpause, wait, set_unhandled_hook,
    };

    Object.assign(prototype, methods);
    Object.assign(Deferred, statics);
    Object.defineProperties(prototype, properties);
    this.DeferredThreadPool.prototype.run = noThreads('run');

    Object.assign(this, classes(this));
    ({AlreadyCalledError} = this);
    this.maybe_deferred = maybeDeferred;
    this.run_in_thread = noThreads('run_in_thread');
    this.blocking_call_from_thread = noThreads('blocking_call_from_thread');
    this.run = runMain;
    this.set_unhandled_error_hook = setHook;
    this.wrap = imports.overrides._gdeferred.gio.makeWrap(Deferred, AlreadyCalledError);

    const tools = {
      carry, checkFunction, checkIterable, fire, fromC, isOurs, isPlain, isThenable, own, toDeferred, toError, watch,
    };
    const {answer_invocation: answer} = prototype;
    prototype.answer_invocation = imports.overrides._gdeferred.gio.makeAnswer(Deferred, answer, fire, watch);
    for (const name of rooms)
      imports.overrides._gdeferred[name].install(this, tools);

    id = Deferred.register_dispatcher(dispatcher);
  };
})();
