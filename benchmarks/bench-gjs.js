// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// What a Deferred costs in JavaScript, beside the native Promise, in one run: rows of a Markdown table.
//
// The floor is the calls into C by themselves, without a line of the override: GJS's own cost.

imports.gi.versions.GDeferred = '1.0';
const {GDeferred, GLib} = imports.gi;
const System = imports.system;

const ROUNDS = Number(ARGV[0] ?? 11);
const CALLS = Number(ARGV[1] ?? 5000);
const Deferred = GDeferred.Deferred;
const nothing = Deferred.register_dispatcher(() => true);
const same = value => value;

function ours(nCallbacks) {
  for (let i = 0; i < CALLS; i++) {
    const deferred = new Deferred();
    for (let k = 0; k < nCallbacks; k++)
      deferred.add_callback(same);
    deferred.callback(5);
  }
}

function promises(nCallbacks) {
  for (let i = 0; i < CALLS; i++) {
    let resolve;
    let promise = new Promise(resolver => {
      resolve = resolver;
    });
    for (let k = 0; k < nCallbacks; k++)
      promise = promise.then(same);
    resolve(5);
  }
}

function floor(nCallbacks) {
  for (let i = 0; i < CALLS; i++) {
    const deferred = Deferred.new();
    for (let k = 0; k < nCallbacks; k++)
      deferred.add_dispatched(nothing, true);
    deferred.callback_kept(nothing);
  }
}

const fired = Deferred.succeed(5);
const resolved = Promise.resolve(5);

async function awaitOurs() {
  for (let i = 0; i < CALLS; i++)
    await fired;
}

async function awaitPromises() {
  for (let i = 0; i < CALLS; i++)
    await resolved;
}

function awaitFloor() {
  for (let i = 0; i < CALLS; i++)
    fired.is_finished();
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}

// The medians over rounds in which each had its turn, in nanoseconds a call. What is left in the queue of jobs is part of
// the work: a job that comes behind ends the round.
async function measure(functions, ...args) {
  const times = functions.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, measured] of functions.entries()) {
      System.gc();
      const start = GLib.get_monotonic_time();
      await measured(...args);
      times[i].push((GLib.get_monotonic_time() - start) * 1000 / CALLS);
    }
  }
  return times.map(median);
}

function printRow(what, [lowest, peer, mine], budget = 0) {
  const met = budget === 0 ? '' : mine <= budget * peer ? 'yes' : 'no';
  print(`| ${what} | ${lowest.toFixed(0)} | ${peer.toFixed(0)} | ${mine.toFixed(0)} | ${(mine / peer).toFixed(2)} | ` +
        `${budget === 0 ? '' : budget.toFixed(2)} | ${met} | ${(lowest / peer).toFixed(2)} |`);
}

async function main() {
  const one = await measure([floor, promises, ours], 1);
  const eleven = await measure([floor, promises, ours], 11);
  const version = imports.system.version;
  print(`gjs ${version / 10000 | 0}.${(version / 100 | 0) % 100}, ` +
        `GLib ${GLib.MAJOR_VERSION}.${GLib.MINOR_VERSION}; median of ${ROUNDS} rounds, ns\n`);
  print('| in JavaScript | calls into C | peer | GDeferred | ratio | budget | met | calls into C : peer |');
  print('|---|---:|---:|---:|---:|---:|:-:|---:|');
  printRow('new, add_callback, callback (peer: Promise)', one, 2);
  printRow('ten more callbacks (peer: Promise)', eleven.map((time, i) => time - one[i]));
  printRow('await a fired one (peer: Promise)', await measure([awaitFloor, awaitPromises, awaitOurs]));
}

const loop = GLib.MainLoop.new(null, false);
main().catch(logError).finally(() => loop.quit());
loop.run();
