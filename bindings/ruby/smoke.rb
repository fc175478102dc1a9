# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

# Usage: smoke.rb FILE: the typelib as ruby-gobject-introspection has it. All languages print the same lines.

require 'gio2'

module GDeferred
  GObjectIntrospection::Loader.new(self).load('GDeferred')
end

Deferred = GDeferred::Deferred

main_loop = GLib::MainLoop.new

d = Deferred.new
d.add_callback { |deferred| deferred.return_int(deferred.int / 2) }
d.callback_int(42)
puts "fired: #{d.int}"

begin
  d.callback_int(43)
rescue GDeferred::DeferredError::AlreadyCalled
  puts 'fired once only'
end

# A callback that returns a Deferred makes the chain wait.
inner = Deferred.new
outer = Deferred.succeed(nil)
outer.add_callback { |deferred| deferred.return_deferred(inner) }
outer.add_callback do |deferred|
  puts "waited: #{deferred.string}"
  main_loop.quit
  true
end
GLib::Idle.add do
  inner.callback_string('it came later')
  false
end
main_loop.run

def word(length)
  deferred = Deferred.new
  deferred.add_callback { length > 0 }
  deferred.callback_int(length)
  deferred
end

# The error of a chain is an exception of wait, which is the only safe place to see it.
begin
  word(0).wait
rescue GDeferred::DeferredError => error
  puts "failed: #{error.class.name.split('::').last.upcase}"
end

mended = word(0)
mended.add_errback { |deferred| deferred.return_string('mended FAILED') }
puts mended.string

made = Deferred.new
made.errback_literal(GDeferred.deferred_error_quark, 4, 'an error of ours')
begin
  made.wait
rescue GDeferred::DeferredError => error
  puts "made: #{error.message}"
end

# There is no way to a constructor with a canceller.
stopped = Deferred.new
stopped.cancellable.signal_connect('cancelled') { puts 'stop' }
stopped.cancel
begin
  stopped.wait
rescue Gio::IOError::Cancelled => error
  puts error.message
end

# Several at once, a lock, and a clock that is told what time it is.
one = Deferred.new
other = Deferred.new
both = Deferred.gather([one, other], 0)
other.callback_int(2)
one.callback_int(1)
puts "gathered: #{both.results.get_int(0)} #{both.results.get_int(1)}"

lock = GDeferred::DeferredLock.new
mine = lock.acquire
yours = lock.acquire
lock.release
puts 'locked in turn' if mine.finished? && yours.finished?

clock = GDeferred::DeferredClock.new
soon = Deferred.delay(1_000_000, clock)
clock.advance(1_000_000)
puts 'a second later' if soon.finished?

# GIO reads in a thread of its own.
def load_file(name)
  deferred = Deferred.new
  Gio::File.open(path: name).load_contents_async(deferred.cancellable) do |file, result|
    deferred.callback_string(file.load_contents_finish(result)[1].pack('C*'))
  end
  deferred
end

text = load_file(ARGV[0])
text.wait
puts "loaded: #{text.string}"

# Ruby's own threads may fire a Deferred.
job = Deferred.new
Thread.new { job.callback_int(6 * 7) }
job.wait
puts "from a thread: #{job.int}"
