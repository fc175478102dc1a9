# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""What the override of GDeferred is made of, each module standing on those before it: errors, values, batches, homes,
deferred, futures, coroutines, threads, gio, lists, maps, clocks, loops, cooperators, groups, locks, rwlocks, filelocks,
queues, events, retries, caches, paces."""
