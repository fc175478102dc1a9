// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Usage: gjs play.js CASES: plays what the file says, in JavaScript. cases.txt explains the words.

imports.gi.versions.GDeferred = '1.0';
const {GDeferred, Gio, GLib, GObject} = imports.gi;
const System = imports.system;

const {Deferred} = GDeferred;
const deferredDomain = GLib.quark_from_string('g-deferred-error-quark');

// What is wrong with a case, or with what it gets: nothing that a step is expected to fail with.
class Fault extends Error {}

// A value that only JavaScript knows.
class Thing {
  constructor(name) {
    this.name = name;
  }
}

// What there is in a case.
let trace = [];
let plans = new Map();
let deferreds = new Map();
let things = new Map();

// The very errors that a case has made, with their names, and those among them that are values. Nothing weak:
// newer GJS's crash where they are to hold an error of GLib's so.
let ours = new Map();
let values = new Set();

function say(word) {
  trace.push(word);
}

function get(name) {
  if (!deferreds.has(name))
    throw new Fault(`there is no Deferred ${name}`);
  return deferreds.get(name);
}

function put(name, deferred) {
  if (!(deferred instanceof Deferred))
    throw new Fault(`${name} is no Deferred`);
  deferreds.set(name, deferred);
}

// What is not there when it is named for the first time is made.
function thing(name, make) {
  if (!things.has(name))
    things.set(name, make());
  return things.get(name);
}

// --- values and errors as words ---

const constants = new Map([['none', undefined], ['true', true], ['false', false]]);

function nick(names, code) {
  return Object.keys(names).find(name => names[name] === code);
}

function stateNick(state) {
  return nick(GDeferred.DeferredState, state).toLowerCase();
}

function makeError(word) {
  const isCode = word[0] !== word[0].toLowerCase();
  const error = isCode ? new GLib.Error(Gio.io_error_quark(), Gio.IOErrorEnum[word], word) : new Error(word);
  ours.set(error, word);
  return error;
}

function errorWord(error) {
  if (ours.has(error))
    return ours.get(error);
  if (error instanceof GLib.Error && error.domain === deferredDomain)
    return nick(GDeferred.DeferredError, error.code);
  if (error instanceof GLib.Error && error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED))
    return 'CANCELLED';
  return `another-${error}`;
}

function makeValue(word) {
  const inside = word.slice(1, -1);
  switch (word[0]) {
  case '@':
    return get(word.slice(1));
  case '<':
    return thing(inside, () => new Thing(inside));
  case "'":
    return inside;
  case '^': {
    const error = makeError(word.slice(1));
    values.add(error);
    return error;
  }
  default:
    return constants.has(word) ? constants.get(word) : Number(word);
  }
}

function valueWord(value) {
  if (value === undefined)
    return 'none';
  if (typeof value === 'string')
    return `'${value}'`;
  if (value instanceof Thing)
    return things.get(value.name) === value ? `<${value.name}>` : '<another>';
  return values.has(value) ? `^${errorWord(value)}` : String(value);
}

// --- functions, as their plans say ---

// The last step, if it says what the function leaves.
function playPlan(name, saw) {
  say(`${name}(${saw})`);
  for (const step of plans.get(name) ?? []) {
    const words = step.split(' ');
    if (words[0] === 'return' || words[0] === 'raise')
      return words;
    playStep(words);
  }
  return null;
}

function leave([verb, word]) {
  if (verb === 'raise')
    throw makeError(word);
  return makeValue(word);
}

// A callback or errback.
function link(name, deferred) {
  return seen => {
    const {failed} = deferred;
    const end = playPlan(name, failed ? `!${errorWord(seen)}` : valueWord(seen));
    if (end !== null)
      return leave(end);
    if (failed)
      throw seen;
    return seen;
  };
}

function job(name) {
  return () => {
    const end = playPlan(name, '');
    return end !== null ? leave(end) : undefined;
  };
}

function same(deferred, returned) {
  if (returned !== deferred)
    throw new Fault('not the same');
}

// --- the steps ---

const steps = {
  new: (name, canceller) => put(name, canceller ? new Deferred(job(canceller)) : new Deferred()),
  succeed: (name, value) => put(name, Deferred.succeed(makeValue(value))),
  fail: (name, error) => put(name, Deferred.fail(makeError(error))),
  maybe: (name, func) => put(name, GDeferred.maybe_deferred(job(func))),

  callback: (name, value) => get(name).callback(makeValue(value)),
  errback: (name, error) => get(name).errback(makeError(error)),

  add_callback: (name, func) => same(get(name), get(name).add_callback(link(func, get(name)))),
  add_errback: (name, func) => same(get(name), get(name).add_errback(link(func, get(name)))),
  add_both: (name, func) => same(get(name), get(name).add_both(link(func, get(name)))),
  add_callbacks(name, ...funcs) {
    const halves = funcs.map(func => func === 'none' ? null : link(func, get(name)));
    same(get(name), get(name).add_callbacks(...halves));
  },
  add_errback_for(name, kind, func) {
    const added = get(name).add_errback_for(Gio.IOErrorEnum, Gio.IOErrorEnum[kind], link(func, get(name)));
    same(get(name), added);
  },
  chain_deferred: (name, other) => same(get(name), get(name).chain_deferred(get(other))),
  fork: (name, other) => put(other, get(name).fork()),

  pause: name => get(name).pause(),
  unpause: name => get(name).unpause(),
  cancel: name => get(name).cancel(),
  link_cancellable: (name, cancellable) =>
    get(name).link_cancellable(thing(cancellable, () => new Gio.Cancellable())),
  trip: cancellable => thing(cancellable, () => new Gio.Cancellable()).cancel(),
  bind_owner: (name, owner) => get(name).bind_owner(thing(owner, () => new GObject.Object())),
  dispose: owner => thing(owner, () => new GObject.Object()).run_dispose(),
  set_name: (name, text) => get(name).set_name(text),
  set_progress: (name, fraction, text) => get(name).set_progress(Number(fraction), text ?? null),

  look(name) {
    const deferred = get(name);
    const state = stateNick(deferred.state);
    let word = `${name}:${state}`;
    if (deferred.called !== (state !== 'pending'))
      word += `+called=${deferred.called}`;
    if (deferred.paused)
      word += '+paused';
    if (state !== 'pending' && state !== 'waiting')
      word += deferred.failed ? `=!${errorWord(deferred.result)}` : `=${valueWord(deferred.result)}`;
    say(word);
  },
  get(name, property) {
    const value = get(name)[property.replace('-', '_')];
    const word = property === 'state' ? stateNick(value) : valueWord(value ?? undefined);
    say(`${name}.${property}=${word}`);
  },
  is_cancelled: name => say(`${name}.is_cancelled=${get(name).is_cancelled()}`),
  waiting_on(name) {
    const inner = get(name).get_waiting_on();
    const other = [...deferreds.keys()].find(key => deferreds.get(key) === inner);
    say(`${name}->${inner === null ? 'none' : other ?? 'another'}`);
  },

  connect(name, signal, func) {
    get(name).connect(signal, job(func));
  },
  connect_after(name, signal, func) {
    get(name).connect_after(signal, job(func));
  },
  notify(name, property) {
    get(name).connect(`notify::${property}`, () => steps.get(name, property));
  },

  loop() {
    for (let i = 0; i < 1000 && GLib.MainContext.default().iteration(false); i++)
      ;
  },

  links(name, n) {
    for (let i = 0; i < n; i++)
      get(name).add_callback(number => number + 1);
  },
  tower(name, other, n) {
    let below = get(other);
    for (let i = 0; i < n; i++) {
      const inner = below;
      below = Deferred.succeed().add_callback(() => inner);
    }
    put(name, below);
  },
  relay(name, other, n) {
    let source = get(name);
    for (let i = 0; i < n; i++) {
      const target = new Deferred();
      source.chain_deferred(target);
      source = target;
    }
    put(other, source);
  },
};

// An error of GLib's tells its kind; another one is what asking for something by mistake comes to.
function playStep(words) {
  const step = steps[words[0]];
  if (step === undefined)
    throw new Fault(`there is no step ${words[0]}`);
  try {
    step(...words.slice(1));
  } catch (error) {
    if (error instanceof Fault || error instanceof ReferenceError)
      throw error;
    say(error instanceof GLib.Error ? `refused:${errorWord(error)}` : 'refused');
  }
}

// --- the file ---

function printTrace() {
  print(trace.map(word => ` ${word}`).join(''));
  trace = [];
}

// What is left belongs to no case.
function endCase() {
  if (trace.length > 0)
    printTrace();
  deferreds = new Map();
  System.gc();
  steps.loop();
  trace = [];
  plans = new Map();
  things = new Map();
  ours = new Map();
  values = new Set();
}

function playLine(line) {
  const words = line.split(' ');
  if (words[0] === 'expect')
    printTrace();
  else if (words[0].endsWith(':'))
    plans.set(words[0].slice(0, -1), words.slice(1).join(' ').split('; '));
  else
    playStep(words);
}

GDeferred.set_unhandled_error_hook(error => say(`unhandled(${errorWord(error)})`));
const [, bytes] = GLib.file_get_contents(ARGV[0]);
for (const line of new TextDecoder().decode(bytes).split('\n').map(text => text.trim())) {
  if (line.startsWith('case ')) {
    endCase();
    print(line);
  } else if (line !== '' && !line.startsWith('#') && !line.startsWith('only ')) {
    playLine(line);
  }
}
endCase();
