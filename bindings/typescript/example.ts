// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Compiled and run by tests/test-typescript.py; docs/typescript.md shows parts of it.

import GDeferred from 'gi://GDeferred?version=1.0';
import Gio from 'gi://Gio?version=2.0';
import GLib from 'gi://GLib?version=2.0';
import GObject from 'gi://GObject?version=2.0';

interface Person {
    name: string;
    age: number;
}

function lookUp(name: string): GDeferred.Deferred<Person> {
    const found = new GDeferred.Deferred<Person>();
    GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
        if (name !== '')
            found.callback({name, age: 30 + name.length});
        else
            found.errback(new TypeError('nobody has no name'));
        return GLib.SOURCE_REMOVE;
    });
    return found;
}

async function greeting(person: Person): Promise<string> {
    const friend = await lookUp('Bob');
    return `${person.name}, this is ${friend.name}`;
}

async function main(name: string): Promise<number> {
    const {age} = await lookUp(name);
    print(name, 'is', age);

    const greeted: GDeferred.Deferred<string> = lookUp(name).add_callback(greeting);
    const length = greeted.add_callback((text, end) => `${text}${end}`.length, '!');
    print(await length, 'letters');

    const known = lookUp('').add_callback(person => person.age).add_errback((error: Error) => error.message);
    const ageOrMessage: number | string = await known;
    print(ageOrMessage);
    return age;
}

print('run:', GDeferred.run(main, 'Alice') + 1);

// Errors of one kind, cancellers, and what is thrown.
const stopped = new GDeferred.Deferred<string>(deferred => print('stop', deferred.get_name()));
stopped.set_name('work');
const afterwards = stopped
    .add_errback_for(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED, error => error.code)
    .add_errback_for(TypeError, error => error.message);
stopped.cancel();
const code: string | number = afterwards.wait();
print(code === Gio.IOErrorEnum.CANCELLED);

const once = GDeferred.Deferred.succeed(20);
try {
    once.callback(21);
} catch (error) {
    if (error instanceof GDeferred.AlreadyCalledError)
        print(error.message);
}
const pair = once.fork().add_callbacks((n, m, s) => `${n + m}${s}`, null, {callback_args: [1, '.']});
print(pair.wait().padStart(4), once.result, once.state === GDeferred.DeferredState.SUCCEEDED);

// Signals, properties, and what GLib has.
const quiet = new GDeferred.Deferred<void>({name: 'quiet'});
quiet.connect('fired', deferred => print('fired', deferred.name));
quiet.connect('notify::pending', (deferred, pspec) => print(pspec.get_name(), deferred.pending));
quiet.callback();

class Countdown extends GDeferred.Deferred<string> {
    static {
        GObject.registerClass(this);
    }

    #left = 2;

    tick() {
        if (this.#left-- === 0)
            this.callback('lift-off');
    }
}
const countdown = new Countdown();
for (let i = 0; i < 3; i++)
    countdown.tick();
print(countdown.add_callback(text => text.toUpperCase()).wait());

// Many at once, time, and taking turns.
async function together(): Promise<void> {
    const [text, person] = await GDeferred.gather([GDeferred.call_later(1, n => n.toFixed(1), 2), lookUp('Eve')]);
    print(text, person.name);
    const queue = new GDeferred.DeferredQueue<number>({size: 1});
    const squares = GDeferred.map(async n => n * n, queue, {limit: 2});
    for (const n of [1, 2, 3])
        await queue.put(n);
    queue.close();
    print(await squares);
    const lock = new GDeferred.DeferredLock();
    const ages = new GDeferred.DeferredCache((name: string) => lookUp(name).add_callback(({age}) => age));
    print(await lock.run(() => ages.get('Al')), lock.get_locked());
}
GDeferred.run(together);

GDeferred.set_unhandled_error_hook((error: Error) => print('nobody handled:', error.message));
GDeferred.maybe_deferred((n: number, m: number) => n * m, 6, 7).add_callback(print);
