// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Never run. Each line below an @ts-expect-error is an error, and what stands behind that is part of what tsc
// says of it: tests/test-typescript.py sees to both.

import GDeferred from 'gi://GDeferred?version=1.0';
import Gio from 'gi://Gio?version=2.0';

declare const number: GDeferred.Deferred<number>;
declare const pool: GDeferred.DeferredThreadPool;

// Making one.
// @ts-expect-error Argument of type 'string' is not assignable to parameter of type '(deferred:
new GDeferred.Deferred('stop');
// @ts-expect-error 'nick' does not exist in type 'Partial<ConstructorProps>'
new GDeferred.Deferred({nick: 'work'});
// @ts-expect-error Type 'Deferred<string>' is not assignable to type 'Deferred<number>'
export const made: GDeferred.Deferred<number> = GDeferred.Deferred.succeed('five');
// @ts-expect-error Argument of type 'number' is not assignable to parameter of type 'PromiseLike<
GDeferred.Deferred.from_promise(5);

// Firing it.
// @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'number'
number.callback('five');
// @ts-expect-error Expected 1 arguments, but got 0
number.callback();
// @ts-expect-error Expected 1 arguments, but got 0
number.errback();
// @ts-expect-error Argument of type 'Deferred<number>' is not assignable to parameter of type 'number'
number.callback(GDeferred.Deferred.succeed(5));
// @ts-expect-error Argument of type 'Promise<number>' is not assignable to parameter of type 'number'
number.callback(Promise.resolve(5));
// @ts-expect-error Cannot assign to 'called' because it is a read-only property
number.called = true;

// Adding what cannot be called, or not with that.
// @ts-expect-error Argument of type 'null' is not assignable to parameter of type '(value: number) =>
number.add_callback(null);
// @ts-expect-error Argument of type 'number' is not assignable to parameter of type '(error: any) =>
number.add_errback(5);
// @ts-expect-error Argument of type 'string' is not assignable to parameter of type '(result: any) =>
number.add_both('both');
// @ts-expect-error Argument of type 'string' is not assignable to parameter of type '(error: any) =>
number.add_callbacks(null, 'errback');
// @ts-expect-error Types of parameters 'text' and 'value' are incompatible
number.add_callback((text: string) => text.length);
// @ts-expect-error Property 'length' does not exist on type 'number'
number.add_callback(value => value.length);
// @ts-expect-error Argument of type 'number' is not assignable to parameter of type 'string'
number.add_callback((value, unit: string) => `${value} ${unit}`, 5);
// @ts-expect-error Expected 2 arguments, but got 1
number.add_callback((value, unit: string) => `${value} ${unit}`);
// @ts-expect-error Type 'number' is not assignable to type 'string'
number.add_callbacks((value, unit: string) => `${value} ${unit}`, null, {callback_args: [5]});
// @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'abstract new
number.add_errback_for('TypeError', () => 0);
// @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'number'
number.add_errback_for(Gio.IOErrorEnum, 'CANCELLED', () => 0);
// @ts-expect-error Property 'code' does not exist on type 'Error'
number.add_errback_for(TypeError, error => error.code);
// @ts-expect-error 'Deferred<string>' is not assignable to parameter of type 'Deferred<number>'
number.chain_deferred(new GDeferred.Deferred<string>());
// @ts-expect-error Property 'addCallback' does not exist
number.addCallback((value: number) => value);
// @ts-expect-error Argument of type '"finished"' is not assignable
number.connect('finished', () => 0);

// Taking what comes out for something else.
export async function uses() {
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    const awaited: string = await number;
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    const next: number = await number.add_callback(value => `${value}`);
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    const later: number = await number.add_callback(async value => `${value}`);
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    const inner: number = await number.add_callback(() => GDeferred.Deferred.succeed('five'));
    // @ts-expect-error Type 'void' is not assignable to type 'number'
    const none: number = await number.add_callback(() => {});
    // @ts-expect-error Type 'string | number' is not assignable to type 'number'
    const mended: number = await number.add_errback(() => 'none');
    // @ts-expect-error Type 'string | boolean' is not assignable to type 'number'
    const either: number = await number.add_callbacks(value => `${value}`, () => false);
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    const forked: string = number.fork().wait();
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    const then: number = await number.then(value => `${value}`);
    // @ts-expect-error Type 'string | number' is not assignable to type 'number'
    const caught: number = await number.catch(() => 'none');
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    const passed: string = await number.finally(() => {});
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    const maybe: string = await GDeferred.maybe_deferred(() => number);
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    const from: string = await GDeferred.Deferred.from_promise(Promise.resolve(5));
    return [awaited, next, later, inner, none, mended, either, forked, then, caught, passed, maybe, from];
}

// The functions of the namespace.
// @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'number'
GDeferred.maybe_deferred((value: number) => value, 'five');
// @ts-expect-error Argument of type 'Promise<number>' is not assignable to parameter of type '() =>
GDeferred.run(Promise.resolve(5));
// @ts-expect-error Argument of type 'string' is not assignable to parameter of type '(error: any) => void'
GDeferred.set_unhandled_error_hook('print');

// Threads.
// @ts-expect-error Argument of type '() => number' is not assignable to parameter of type 'never'
GDeferred.Deferred.run_in_thread(() => 5);
// @ts-expect-error Argument of type 'null' is not assignable to parameter of type 'never'
GDeferred.Deferred.blocking_call(null, () => true);
// @ts-expect-error Argument of type '() => boolean' is not assignable to parameter of type 'never'
pool.run(() => true);

// What stands on Deferreds.
declare const queue: GDeferred.DeferredQueue<number>;
declare const lock: GDeferred.DeferredLock;
declare const clock: GDeferred.DeferredClock;

async function many() {
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    const gathered: string = (await GDeferred.gather([number]))[0];
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    const raced: string = (await GDeferred.race([number]))[1];
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    const first: string = await GDeferred.any([number]);
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    const mapped: number = (await GDeferred.map(n => `${n}`, [1]))[0];
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    const item: string = await queue.get();
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    const ran: number = await lock.run(async () => 'five');
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    const later: string = await clock.call_later(1, n => n, 5);
    return [gathered, raced, first, mapped, item, ran, later];
}
// @ts-expect-error Type 'number' is not assignable to type 'PromiseLike<unknown>'
GDeferred.gather([5]);
// @ts-expect-error 'cancel_others' does not exist in type
GDeferred.gather([number], {cancel_others: true});
// @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'number'
queue.put('five');
// @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'number'
GDeferred.delay('soon');
// @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'number'
number.add_timeout('soon');
// @ts-expect-error Type 'string' is not assignable to type 'number'
new GDeferred.DeferredRetry({max_attempts: 'many'});
// @ts-expect-error Argument of type '(key: string) => string' is not assignable
new GDeferred.DeferredCache<number, string>((key: string) => key);
