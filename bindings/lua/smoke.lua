-- SPDX-License-Identifier: LGPL-2.1-or-later
-- SPDX-FileCopyrightText: The GDeferred authors

-- Usage: smoke.lua FILE: the typelib as lgi has it. All languages print the same lines.

local lgi = require 'lgi'
local GDeferred = lgi.require ('GDeferred', '1.0')
local GLib, Gio = lgi.GLib, lgi.Gio
local Deferred = GDeferred.Deferred

local loop = GLib.MainLoop ()

local d = Deferred.new ()
d:add_callback (function (self)
  return self:return_int (self:get_int () / 2)
end)
d:callback_int (42)
print (string.format ('fired: %d', d:get_int ()))

local ok, err = d:callback_int (43)
if not ok and err:matches (GDeferred.DeferredError, 'ALREADY_CALLED') then
  print 'fired once only'
end

-- A callback that returns a Deferred makes the chain wait.
local inner = Deferred.new ()
local outer = Deferred.succeed ()
outer:add_callback (function (self)
  return self:return_deferred (inner)
end)
outer:add_callback (function (self)
  print ('waited: ' .. self:get_string ())
  loop:quit ()
  return true
end)
GLib.idle_add (GLib.PRIORITY_DEFAULT, function ()
  inner:callback_string ('it came later')
  return false
end)
loop:run ()

local function word (length)
  local self = Deferred.new ()
  self:add_callback (function () return length > 0 end)
  self:callback_int (length)
  return self
end

ok, err = word (0):wait ()
print ('failed: ' .. err.code)

local mended = word (0)
mended:add_errback (function (self)
  return self:return_string ('mended ' .. self:get_error ().code)
end)
print (mended:get_string ())

local made = Deferred.new ()
made:errback_literal (GDeferred.deferred_error_quark (), 4, 'an error of ours')
ok, err = made:wait ()
print ('made: ' .. err.message)

local stopped = Deferred.new_with_canceller (function () print 'stop' end)
stopped:cancel ()
ok, err = stopped:wait ()
print (err.message)

-- Several at once, a lock, and a clock that is told what time it is.
local one, other = Deferred.new (), Deferred.new ()
local both = Deferred.gather ({ one, other }, 0)
other:callback_int (2)
one:callback_int (1)
local results = both:get_results ()
print (string.format ('gathered: %d %d', results:get_int (0), results:get_int (1)))

local lock = GDeferred.DeferredLock.new ()
local mine, yours = lock:acquire (), lock:acquire ()
lock:release ()
if mine:is_finished () and yours:is_finished () then
  print 'locked in turn'
end

local clock = GDeferred.DeferredClock.new_virtual ()
local soon = Deferred.delay (1000000, clock)
clock:advance (1000000)
if soon:is_finished () then
  print 'a second later'
end

-- GIO reads in a thread of its own.
local function load (name)
  local self = Deferred.new ()
  local file = Gio.File.new_for_path (name)
  file:load_contents_async (self:get_cancellable (), function (_, result)
    self:callback_string (tostring ((file:load_contents_finish (result))))
  end)
  return self
end

-- Inside lgi's own coroutines one can wait for a Deferred as for any function of GIO.
Gio.Async.start (function ()
  print ('loaded: ' .. load (arg[1]):async_wait ().value)
  loop:quit ()
end) ()
loop:run ()

-- lgi lets one thread at a time run Lua.
local job = Deferred.run_in_thread (function (self)
  return self:return_int (6 * 7)
end)
job:wait ()
print (string.format ('from a thread: %d', job:get_int ()))
