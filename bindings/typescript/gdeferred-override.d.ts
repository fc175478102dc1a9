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

        chain_deferred(other: Deferred<T>): Deferred<void>;

        fork(): Deferred<T>;

        /**
         * Answers the call of a D-Bus method: a `GLib.Variant` is the whole answer, a tuple, or its only value; an array of
         * strings an array; other values go as C knows them.
         */
        answer_invocation(invocation: Gio.DBusMethodInvocation): void;

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
         * Cancels it, if it has no result in so many milliseconds. It fails with {@link TimeoutError} then, unless
         * its canceller gave it a result.
         */
        add_timeout(milliseconds: number, clock?: DeferredClock | null): this;

        /**
         * As {@link Deferred.add_timeout}, at a time, in milliseconds, as the clock counts.
         */
        add_deadline(time: number, clock?: DeferredClock | null): this;

        static gather: typeof gather;

        static race: typeof race;

        static any: typeof any;

        static settled: typeof settled;

        static map: typeof map;

        static delay: typeof delay;

        static delay_until: typeof delay_until;

        static call_later: typeof call_later;

        /**
         * As {@link GDeferred.maybe_deferred}.
         */
        static maybe<U, A extends unknown[]>(
            func: (...args: A) => U | PromiseLike<U>,
            ...args: A
        ): Deferred<U>;

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
    class QueueOverflow extends GLib.Error {
        constructor(message?: string);
    }

    /**
     * As many wait for a queue as may.
     */
    class QueueUnderflow extends GLib.Error {
        constructor(message?: string);
    }

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

    // --- many at once ---

    /**
     * Waits for all, and gives the array of their values, in the order in which they were given.
     *
     * The first that fails fails it, with a {@link FirstError}.
     * @param deferreds Deferreds and Promises
     * @param options with `cancel_rest` the others are cancelled when one fails; with `consume_errors` a part that
     * fails later is not told as a failure that nobody handled
     */
    function gather<T extends readonly PromiseLike<unknown>[] | []>(
        deferreds: T,
        options?: { cancel_rest?: boolean; consume_errors?: boolean },
    ): DeferredList<{ -readonly [K in keyof T]: Awaited<T[K]> }>;

    function gather<T>(
        deferreds: Iterable<PromiseLike<T>>,
        options?: { cancel_rest?: boolean; consume_errors?: boolean },
    ): DeferredList<T[]>;

    /**
     * Waits for the first that fires, and gives its place and its value, or fails with a {@link FirstError}. The
     * others are cancelled.
     */
    function race<T>(deferreds: Iterable<PromiseLike<T>>): DeferredList<[number, T]>;

    /**
     * Waits for the first that succeeds, and gives its value; the others are cancelled. When all have failed it
     * fails with an AggregateError.
     */
    function any<T>(deferreds: Iterable<PromiseLike<T>>): DeferredList<T>;

    /**
     * Waits for all, however they end, and gives what `Promise.allSettled()` gives.
     */
    function settled<T>(deferreds: Iterable<PromiseLike<T>>): DeferredList<PromiseSettledResult<T>[]>;

    /**
     * Calls a function for each item, so many at a time, and gives the array of the values, in the order of the
     * items.
     *
     * An item is taken when there is room for it and not before. The first failure, a {@link FirstError}, ends
     * it.
     * @param func may be an async function, or return a Deferred
     * @param items may be asynchronous, and without an end
     * @param options `limit` is how many at a time; with `cancel_rest` a failure cancels what runs; with `settle`
     * no failure ends it, and the array is that of `Promise.allSettled()`
     */
    function map<T, U>(
        func: (item: T, index: number) => U | PromiseLike<U>,
        items: Iterable<T> | AsyncIterable<T>,
        options: { limit?: number | null; cancel_rest?: boolean; settle: true },
    ): Deferred<PromiseSettledResult<U>[]>;

    function map<T, U>(
        func: (item: T, index: number) => U | PromiseLike<U>,
        items: Iterable<T> | AsyncIterable<T>,
        options?: { limit?: number | null; cancel_rest?: boolean; settle?: false },
    ): Deferred<U[]>;

    class DeferredList<T = any> extends Deferred<T> {

        /**
         * Waits for all of several, as Twisted's list does; {@link GDeferred.gather} and its like are simpler.
         */
        constructor(
            deferreds: Iterable<PromiseLike<unknown>>,
            options?: {
                fire_on_one_callback?: boolean;
                fire_on_one_errback?: boolean;
                consume_errors?: boolean;
                cancel_rest?: boolean;
            },
        );

        _init(...args: any[]): void;

        static new<T = any>(
            deferreds?: Iterable<PromiseLike<unknown>>,
            options?: {
                fire_on_one_callback?: boolean;
                fire_on_one_errback?: boolean;
                consume_errors?: boolean;
                cancel_rest?: boolean;
            },
        ): DeferredList<T>;
    }

    class DeferredTaskGroup extends GObject.Object {

        /**
         * Starts a task: calls a function, now, and gives a Deferred for what it comes to. To cancel that cancels
         * this task alone. An async function cannot be interrupted: the group waits for it.
         */
        spawn<U, A extends unknown[]>(func: (...args: A) => U | PromiseLike<U>, ...args: A): Deferred<U>;

        /**
         * Calls a function with a new group, and gives what it returns, once all that was started in the group has
         * ended.
         */
        static run<U, A extends unknown[]>(
            func: (group: DeferredTaskGroup, ...args: A) => U | PromiseLike<U>,
            ...args: A
        ): Deferred<U>;
    }

    // --- time, in milliseconds ---

    /**
     * Fires in so many milliseconds.
     */
    function delay(milliseconds: number, clock?: DeferredClock | null): Deferred<void>;

    /**
     * Fires at a time, in milliseconds, as the clock counts.
     */
    function delay_until(time: number, clock?: DeferredClock | null): Deferred<void>;

    /**
     * Calls a function in so many milliseconds, and gives a Deferred for what it comes to.
     */
    function call_later<U, A extends unknown[]>(
        milliseconds: number,
        func: (...args: A) => U | PromiseLike<U>,
        ...args: A
    ): Deferred<U>;

    /**
     * Does long work in the main loop, some milliseconds in each turn: each step of a generator is one of the work.
     * Where it yields a Deferred or a Promise, the next step waits for that.
     */
    function cooperate<U>(iterable: Iterable<unknown> & { [Symbol.iterator](): Iterator<unknown, U> }): DeferredCooperativeTask<U>;

    class DeferredClock extends GObject.Object {

        /**
         * What time it is, in milliseconds since it does not matter when.
         */
        get_time(): number;

        /**
         * Lets so many milliseconds pass, and makes the calls that become due. For virtual clocks.
         */
        advance(milliseconds: number): void;

        /**
         * Advances by one time after the other.
         */
        pump(times: Iterable<number>): void;

        /**
         * Lets so many milliseconds pass without making a call, as if the main loop had been held up.
         */
        jump(milliseconds: number): void;

        call_later<U, A extends unknown[]>(
            milliseconds: number,
            func: (...args: A) => U | PromiseLike<U>,
            ...args: A
        ): Deferred<U>;

        call_at<U, A extends unknown[]>(
            time: number,
            func: (...args: A) => U | PromiseLike<U>,
            ...args: A
        ): Deferred<U>;

        /**
         * Makes this the current clock while a function runs.
         */
        use<U, A extends unknown[]>(func: (...args: A) => U, ...args: A): U;
    }

    class DeferredDelayedCall {

        /**
         * When it is due, in milliseconds.
         */
        get_time(): number;

        /**
         * Has it made in so many milliseconds from now.
         * @returns whether it was still to be made
         */
        reset(milliseconds: number): boolean;
    }

    class DeferredLoopingCall extends GObject.Object {

        /**
         * Whether it was started, and neither stopped nor failed since.
         */
        readonly running: boolean;

        /**
         * The interval that it was started with last, in milliseconds.
         */
        readonly interval: number;

        /**
         * Calls a function again and again, once it is started.
         */
        constructor(func: (...args: any[]) => unknown, ...args: any[]);

        _init(...args: any[]): void;

        static new(func: (...args: any[]) => unknown, ...args: any[]): DeferredLoopingCall;

        /**
         * One whose function is told for how many moments each call stands: 1 if none was skipped.
         */
        static with_count(func: (count: number, ...args: any[]) => unknown, ...args: any[]): DeferredLoopingCall;

        /**
         * Calls the function now, or after the interval, and then once in each.
         * @param interval in milliseconds
         */
        start(interval: number, now?: boolean): Deferred<this>;

        set_clock(clock: DeferredClock | null): void;

        get_interval(): number;

        stop(): void;

        reset(): void;

        get_running(): boolean;

        get_n_ticks(): number;

        get_n_skipped(): number;
    }

    class DeferredCooperator extends GObject.Object {

        /**
         * @param options `budget` is for how many milliseconds it takes steps in each turn of the loop
         */
        constructor(options?: { budget?: number; priority?: number });

        _init(options?: { budget?: number; priority?: number }): void;

        static new(budget?: number, priority?: number): DeferredCooperator;

        cooperate<U>(iterable: Iterable<unknown> & { [Symbol.iterator](): Iterator<unknown, U> }): DeferredCooperativeTask<U>;

        get_budget(): number;
    }

    class DeferredCooperativeTask<T = any> extends GObject.Object {

        pause(): void;

        resume(): void;

        /**
         * Ends the task; the generator's `finally` runs.
         */
        stop(): void;

        /**
         * Gives a Deferred for what the generator returns. To cancel it only ends the wait.
         */
        when_done(): Deferred<T>;
    }

    // --- coordination ---

    class DeferredLock extends GObject.Object {

        /**
         * @throws Error if nobody has acquired it
         */
        release(): boolean;

        /**
         * Acquires it, calls a function, waits for what comes of that, and releases it, whatever that was.
         */
        run<U, A extends unknown[]>(func: (...args: A) => U | PromiseLike<U>, ...args: A): Deferred<U>;
    }

    class DeferredSemaphore extends GObject.Object {

        /**
         * @throws Error if nobody has acquired any of it
         */
        release(): boolean;

        /**
         * Acquires a token, calls a function, waits for what comes of that, and releases it, whatever that was.
         */
        run<U, A extends unknown[]>(func: (...args: A) => U | PromiseLike<U>, ...args: A): Deferred<U>;
    }

    class DeferredRWLock extends GObject.Object {

        /**
         * @throws Error if nobody reads
         */
        release_read(): boolean;

        /**
         * @throws Error if nobody writes
         */
        release_write(): boolean;

        run_read<U, A extends unknown[]>(func: (...args: A) => U | PromiseLike<U>, ...args: A): Deferred<U>;

        run_write<U, A extends unknown[]>(func: (...args: A) => U | PromiseLike<U>, ...args: A): Deferred<U>;
    }

    class DeferredFileLock extends GObject.Object {

        /**
         * @throws Error if it is not ours
         */
        release(): boolean;

        /**
         * Acquires it, calls a function, waits for what comes of that, and releases it, whatever that was.
         */
        run<U, A extends unknown[]>(func: (...args: A) => U | PromiseLike<U>, ...args: A): Deferred<U>;
    }

    class DeferredLatch extends GObject.Object {

        /**
         * @throws Error if it is open
         */
        count_down(): boolean;
    }

    class DeferredQueue<T = any> extends GObject.Object implements AsyncIterable<T> {

        /**
         * Puts a value at the end; what is returned fires when there was room for it.
         */
        put(value: T): Deferred<void>;

        /**
         * @throws GDeferred.QueueOverflow
         * @throws GDeferred.QueueClosed
         */
        put_nowait(value: T): void;

        /**
         * Puts a value back to where it was, at the head.
         */
        unget(value: T): void;

        get(): Deferred<T>;

        /**
         * @throws GDeferred.QueueUnderflow if there is nothing in it
         * @throws GDeferred.QueueClosed if there will be nothing
         */
        get_nowait(): T;

        [Symbol.asyncIterator](): AsyncIterableIterator<T>;
    }

    /**
     * A queue was closed.
     */
    class QueueClosed extends GLib.Error {
        constructor(message?: string);
    }

    // --- patterns, in milliseconds ---

    class DeferredRetry extends GObject.Object {

        /**
         * In milliseconds.
         */
        initial_delay: number;

        /**
         * In milliseconds.
         */
        max_delay: number;

        /**
         * In milliseconds.
         */
        deadline: number;

        /**
         * @param options times are in milliseconds; `when` tells which failures are worth another attempt
         */
        constructor(options?: {
            max_attempts?: number;
            initial_delay?: number;
            max_delay?: number;
            factor?: number;
            jitter?: number;
            deadline?: number;
            clock?: DeferredClock | null;
            when?: ((error: any, attempt: number) => boolean) | null;
        });

        _init(options?: object): void;

        /**
         * Calls a function, again if it fails, and gives a Deferred for what it comes to at last.
         */
        run<U, A extends unknown[]>(func: (...args: A) => U | PromiseLike<U>, ...args: A): Deferred<U>;

        set_delays(initial_delay: number, max_delay: number, factor: number, jitter: number): void;

        set_deadline(milliseconds: number): void;

        get_deadline(): number;

        set_filter(when: ((error: any, attempt: number) => boolean) | null): void;

        /**
         * How many milliseconds to wait after this attempt, or null to give up.
         */
        next_delay(error: unknown, attempt: number, elapsed: number): number | null;
    }

    /**
     * As {@link DeferredRetry.run}, with a policy of these options.
     */
    function retry<U>(
        func: () => U | PromiseLike<U>,
        options?: ConstructorParameters<typeof DeferredRetry>[0],
    ): Deferred<U>;

    class DeferredCache<K = any, V = any> extends GObject.Object {

        /**
         * Keeps what a function gives for each key, and calls it once for all who ask at the same time.
         * @param options at most `max_size` values are kept, for `max_age` milliseconds; null is no limit
         */
        constructor(
            func: (key: K) => V | PromiseLike<V>,
            options?: { max_size?: number | null; max_age?: number | null; clock?: DeferredClock | null },
        );

        _init(...args: any[]): void;

        static new<K = any, V = any>(
            func: (key: K) => V | PromiseLike<V>,
            options?: { max_size?: number | null; max_age?: number | null; clock?: DeferredClock | null },
        ): DeferredCache<K, V>;

        get(key: K): Deferred<V>;

        peek(key: K): V | undefined;

        contains(key: K): boolean;

        remove(key: K): boolean;

        clear(): void;

        get_size(): number;

        get_n_in_flight(): number;

        set_max_size(size: number | null): void;

        /**
         * @param age in milliseconds
         */
        set_max_age(age: number | null): void;
    }

    class DeferredDebounce extends GObject.Object {

        /**
         * In milliseconds.
         */
        quiet: number;

        /**
         * @param quiet in milliseconds
         */
        constructor(quiet: number, options?: { clock?: DeferredClock | null });

        _init(quiet: number, options?: object): void;

        run<U, A extends unknown[]>(func: (...args: A) => U | PromiseLike<U>, ...args: A): Deferred<U>;

        get_quiet(): number;

        set_quiet(milliseconds: number): void;
    }

    class DeferredThrottle extends GObject.Object {

        /**
         * In milliseconds.
         */
        interval: number;

        /**
         * @param interval in milliseconds
         */
        constructor(interval: number, options?: { clock?: DeferredClock | null });

        _init(interval: number, options?: object): void;

        run<U, A extends unknown[]>(func: (...args: A) => U | PromiseLike<U>, ...args: A): Deferred<U>;

        get_interval(): number;

        set_interval(milliseconds: number): void;
    }
}

export default GDeferred;

}
