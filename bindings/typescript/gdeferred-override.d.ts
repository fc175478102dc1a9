// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// What the types that are generated from the GIR cannot know: what bindings/gjs/overrides/GDeferred.js
// makes of the namespace. merge-override.mjs puts it into them, and relies on the indentation here. What has
// no comment here gets that of the GIR.

declare module 'gi://GDeferred?version=1.0' {

import type GLib from 'gi://GLib?version=2.0';
import type GObject from 'gi://GObject?version=2.0';

export namespace GDeferred {

    /**
     * A result that is not there yet, and the chain of callbacks that will see it.
     *
     * A function that cannot answer at once returns a Deferred. Who gets it adds callbacks, or awaits it. Who
     * has made it fires it, once, with {@link Deferred.callback} or {@link Deferred.errback}.
     *
     * `T` is what the chain holds where the Deferred was got. A function that adds a callback returns the
     * same Deferred, and gives it the type of what it will hold after that callback: use what is returned,
     * and not the variable from before.
     *
     * ```ts
     * const text = new GDeferred.Deferred<string>();
     * const length = text.add_callback(value => value.length);
     * text.callback('four');
     * print(await length);
     * ```
     */
    class Deferred<T = any> extends GObject.Object implements PromiseLike<T> {

        /**
         * Whether it was fired.
         */
        readonly called: boolean;

        /**
         * Whether it holds a failure now; inside a callback, whether this was called for one.
         */
        readonly failed: boolean;

        /**
         * What it holds now: a `T`, or what was thrown, or `undefined` as long as there is nothing. Inside a
         * callback, what this was called with.
         */
        readonly result: any;

        /**
         * Makes a Deferred that nobody has fired.
         * @param canceller is called when it is cancelled before it has fired: to stop the work
         * @param properties such as `name`
         */
        constructor(
            canceller?: ((deferred: Deferred<T>) => void) | null,
            properties?: Partial<Deferred.ConstructorProps>,
        );

        constructor(properties: Partial<Deferred.ConstructorProps>);

        _init(
            canceller?: ((deferred: Deferred<T>) => void) | null,
            properties?: Partial<Deferred.ConstructorProps>,
        ): void;

        _init(properties: Partial<Deferred.ConstructorProps>): void;

        /**
         * Makes a Deferred that nobody has fired.
         */
        static new<T = any>(): Deferred<T>;

        /**
         * As `new GDeferred.Deferred(canceller)`.
         */
        static new_with_canceller<T = any>(canceller: ((deferred: Deferred<T>) => void) | null): Deferred<T>;

        /**
         * Makes one that has fired, with a value.
         */
        static succeed(): Deferred<void>;

        static succeed<T>(value: T): Deferred<T>;

        /**
         * Makes one that has failed.
         * @param thrown an Error, or whatever can be thrown
         */
        static fail<T = never>(thrown: unknown): Deferred<T>;

        /**
         * Makes one that fires as the Promise does.
         */
        static from_promise<T>(promise: PromiseLike<T>): Deferred<T>;

        /**
         * Fires it with a value, or with nothing.
         * @throws GDeferred.AlreadyCalledError if it was fired before
         * @throws TypeError if the value is a Deferred or a Promise: return that from a callback instead
         */
        callback(value: T): void;

        /**
         * Fails it.
         * @param thrown an Error, or whatever can be thrown; the errbacks get just that
         * @throws GDeferred.AlreadyCalledError if it was fired before
         */
        errback(thrown: unknown): void;

        /**
         * Adds a function for success. What it returns is the next value, after a wait if that is a Deferred
         * or a Promise; what it throws is the next failure.
         * @param callback is called with the value and the rest of the arguments; it can be an async function
         */
        add_callback<U, A extends unknown[]>(
            callback: (value: T, ...args: A) => U | PromiseLike<U>,
            ...args: A
        ): Deferred<U>;

        /**
         * Adds a function for failure. If it returns, all is well again.
         * @param errback is called with what was thrown and the rest of the arguments; it can be an async
         * function
         */
        add_errback<U, A extends unknown[]>(
            errback: (error: any, ...args: A) => U | PromiseLike<U>,
            ...args: A
        ): Deferred<T | U>;

        /**
         * Adds a function for one kind of failure; others pass by.
         * @param kind the class of what was thrown
         */
        add_errback_for<E, U, A extends unknown[]>(
            kind: abstract new (...args: any) => E,
            errback: (error: E, ...args: A) => U | PromiseLike<U>,
            ...args: A
        ): Deferred<T | U>;

        /**
         * Adds a function for the GLib.Errors with this domain and code; others pass by.
         */
        add_errback_for<U, A extends unknown[]>(
            domain: (abstract new (...args: any) => GLib.Error) | GLib.Quark,
            code: number,
            errback: (error: GLib.Error, ...args: A) => U | PromiseLike<U>,
            ...args: A
        ): Deferred<T | U>;

        /**
         * Adds a function for success and for failure alike. Inside it, `failed` tells which it is.
         */
        add_both<U, A extends unknown[]>(
            both: (result: any, ...args: A) => U | PromiseLike<U>,
            ...args: A
        ): Deferred<U>;

        /**
         * Adds a pair: one of them is called. An error in the callback is not for the errback beside it.
         * @param callback for success; without one the value passes by
         * @param errback for failure; without one the failure passes by
         * @param more `callback_args` and `errback_args` are passed on, after the value or the error
         */
        add_callbacks<U = T, V = never, A extends unknown[] = [], B extends unknown[] = []>(
            callback: ((value: T, ...args: A) => U | PromiseLike<U>) | null | undefined,
            errback?: ((error: any, ...args: B) => V | PromiseLike<V>) | null,
            more?: { callback_args?: [...A]; errback_args?: [...B] },
        ): Deferred<U | V>;

        /**
         * As the method of a Promise; a failure counts as handled. The Deferred keeps its result, so it can
         * be awaited again.
         */
        then<U = T, V = never>(
            on_fulfilled?: ((value: T) => U | PromiseLike<U>) | null,
            on_rejected?: ((error: any) => V | PromiseLike<V>) | null,
        ): Promise<U | V>;

        catch<V = never>(on_rejected?: ((error: any) => V | PromiseLike<V>) | null): Promise<T | V>;

        finally(on_finally?: (() => void) | null): Promise<T>;

        /**
         * Has it fail with a time-out if there is no result after so many milliseconds.
         */
        add_timeout(milliseconds: number, clock?: DeferredClock | null): Deferred<T>;

        /**
         * The same, at a time of the clock.
         */
        add_deadline(time: number, clock?: DeferredClock | null): Deferred<T>;

        chain_deferred(other: Deferred<T>): Deferred<void>;

        fork(): Deferred<T>;

        set_progress(fraction: number, text?: string | null): void;

        hand_over(context: GLib.MainContext | null): void;

        /**
         * Undoes one {@link Deferred.pause}.
         * @throws Error if there was none
         */
        unpause(): void;

        /**
         * Runs the main loop until there is a result, and returns it, or throws it. For scripts and tests.
         */
        wait(): T;

        /**
         * As {@link GDeferred.maybe_deferred}.
         */
        static maybe<U, A extends unknown[]>(
            func: (...args: A) => U | PromiseLike<U>,
            ...args: A
        ): Deferred<U>;

        /**
         * As {@link GDeferred.map}.
         */
        static map(func: (...args: any[]) => any, items: any, options?: object): Deferred<any[]>;

        /**
         * As {@link GDeferred.set_unhandled_error_hook}.
         */
        static set_unhandled_hook(hook: ((error: any) => void) | null): void;

        /**
         * @deprecated It throws: JavaScript runs in one thread only. Use an asynchronous function of GIO, or
         * a function in C that runs its work in a thread and returns a Deferred.
         */
        static run_in_thread(func: never): never;

        /**
         * @deprecated It throws: JavaScript runs in one thread only.
         */
        static run_all_in_thread(jobs: never): never;

        /**
         * @deprecated It throws: JavaScript runs in one thread only.
         */
        static blocking_call(context: never, func: never): never;
    }

    class DeferredThreadPool extends GObject.Object {

        /**
         * @deprecated It throws: JavaScript runs in one thread only. A function in C can run its work in the
         * pool.
         */
        run(func: never): never;
    }

    /**
     * What {@link Deferred.callback} and {@link Deferred.errback} throw for one that was fired before.
     */
    class AlreadyCalledError extends GLib.Error {
        constructor(message?: string);
    }

    /**
     * What one that was cancelled fails with: any GLib.Error that is a `Gio.IOErrorEnum.CANCELLED`.
     */
    class CancelledError extends GLib.Error {
        constructor(message?: string);
    }

    /**
     * What comes too late fails with: any GLib.Error that is a `Gio.IOErrorEnum.TIMED_OUT`.
     */
    class TimeoutError extends GLib.Error {
        constructor(message?: string);
    }

    /**
     * The first failure of many: `error` is the failure itself, `index` the place of the Deferred that failed.
     */
    class FirstError extends Error {
        error: any;
        index: number;
        constructor(error: any, index: number);
    }

    /**
     * A queue holds as much as it may.
     */
    class QueueOverflow extends Error {
        constructor(message?: string);
    }

    /**
     * As many wait for a queue as may.
     */
    class QueueUnderflow extends Error {
        constructor(message?: string);
    }

    /**
     * A queue was closed.
     */
    class QueueClosed extends Error {
        constructor(message?: string);
    }

    /** For the results of all, in their order; fails with the first failure. */
    function gather(
        deferreds: Iterable<any>,
        options?: { cancel_rest?: boolean; consume_errors?: boolean },
    ): Deferred<any[]>;

    /** For the first that fires: its place and its value; the others are cancelled. */
    function race(deferreds: Iterable<any>): Deferred<[number, any]>;

    /** For the first success; the others are cancelled. */
    function any(deferreds: Iterable<any>): Deferred<any>;

    /** For how each of them ended, in their order. */
    function settled(deferreds: Iterable<any>): Deferred<any[]>;

    /** Calls a function for each item, so many at a time. */
    function map(func: (...args: any[]) => any, items: any, options?: object): Deferred<any[]>;

    /** Fires after so many milliseconds. */
    function delay(milliseconds: number, clock?: DeferredClock | null): Deferred<void>;

    /** Fires at a time of the clock, in milliseconds. */
    function delay_until(time: number, clock?: DeferredClock | null): Deferred<void>;

    /** Calls a function after so many milliseconds. */
    function call_later(milliseconds: number, func: (...args: any[]) => any, ...args: any[]): Deferred<any>;

    /** Calls a function until it succeeds, with growing delays. */
    function retry(func: (...args: any[]) => any, ...more: any[]): Deferred<any>;

    /** Does the steps of an iterator in slices, between other things. */
    function cooperate(iterator: any): any;

    /**
     * @deprecated It throws: JavaScript runs in one thread only.
     */
    function run_in_thread(func: never): never;

    /**
     * @deprecated It throws: JavaScript runs in one thread only.
     */
    function blocking_call_from_thread(func: never): never;

    /**
     * Calls a function, and gives a Deferred whatever it does: with what it returns or throws, or as the
     * Deferred or Promise does that it returns.
     */
    function maybe_deferred<U, A extends unknown[]>(
        func: (...args: A) => U | PromiseLike<U>,
        ...args: A
    ): Deferred<U>;

    /**
     * Calls a function, usually an async one, and runs the main loop until it is done: for scripts.
     */
    function run<U, A extends unknown[]>(main: (...args: A) => U | PromiseLike<U>, ...args: A): U;

    /**
     * Sets a function that is told of each failure that nobody has handled, instead of the warning that is
     * logged.
     */
    function set_unhandled_error_hook(hook: ((error: any) => void) | null): void;

    /**
     * Makes a function that returns a Deferred of an asynchronous one in GIO's manner: it takes the same
     * arguments, but the cancellable and the callback. The finish function is found by its name.
     *
     * ```ts
     * const load = GDeferred.wrap(file, 'load_contents_async');
     * const [contents, etag] = await load();
     * ```
     * @param object what has the function; the one that is returned is bound to it
     * @param name the name of the function
     * @param finish the name of its finish function, if that cannot be found
     */
    function wrap<T extends object>(
        object: T,
        name: keyof T & string,
        finish?: (keyof T & string) | null,
    ): (...args: any[]) => Deferred;

    /**
     * The same for a function by itself: what is returned is a method, for the object that it is called on.
     */
    function wrap<S>(
        func: (this: S, ...args: any[]) => unknown,
        name?: null,
        finish?: string | null,
    ): (this: S, ...args: any[]) => Deferred;
}

export default GDeferred;

}
