// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// What Vala has of the library. Usage: example FILE

using GDeferred;

// A closure: the source that will fire the Deferred holds it, and the text.
Deferred later (string text) {
  var deferred = new Deferred ();
  Idle.add (() => {
    try {
      deferred.callback_string (text);
    } catch (DeferredError.ALREADY_CALLED error) {
      // It was cancelled meanwhile.
    } catch (DeferredError error) {
      assert_not_reached ();
    }
    return Source.REMOVE;
  });
  return deferred;
}

void chain () throws DeferredError {
  var deferred = new Deferred ();
  int calls = 0;

  deferred.add_callback ((self) => {
    calls++;
    return self.return_int (self.get_int () / 2);
  });
  deferred.add_callbacks ((self) => {
    calls++;
    throw new IOError.INVALID_DATA ("too long: %d", self.get_int ());
  }, (self) => {
    assert_not_reached ();
  });
  deferred.add_errback_for (IOError.quark (), IOError.INVALID_DATA, (self) => {
    unowned Error? error = self.get_error ();
    print ("handled: %s\n", error.message);
    return self.return_none ();
  });

  deferred.callback (42);
  print ("%d calls, then %s\n", calls, deferred.get_result () == null ? "nothing" : "something");
}

void fire_twice () {
  var deferred = Deferred.succeed (1);
  try {
    deferred.callback (2);
  } catch (DeferredError.ALREADY_CALLED error) {
    print ("fired once only\n");
  } catch (DeferredError.INVALID_RESULT error) {
    assert_not_reached ();
  } catch (DeferredError error) {
    assert_not_reached ();
  }
}

async string join (string first, string second) throws Error {
  Value? head = yield later (first).wait_async ();
  Value? tail = yield later (second).wait_async ();
  return "%s %s".printf (head.get_string (), tail.get_string ());
}

// The job runs in a thread; it sees what the closure holds.
async string load (string name) throws Error {
  var job = Deferred.run_in_thread ((self) => {
    string text;
    FileUtils.get_contents (name, out text);
    return self.return_string (text);
  });
  Value? text = yield job.wait_async ();
  return text.get_string ();
}

async void load_missing (string name) {
  try {
    yield load (name);
    assert_not_reached ();
  } catch (FileError.NOENT error) {
    print ("there is no such file\n");
  } catch (Error error) {
    assert_not_reached ();
  }
}

async void stop () throws Error {
  bool stopped = false;
  var work = new Deferred.with_canceller ((self) => { stopped = true; });

  // This ends the wait only.
  var patience = new Cancellable ();
  Idle.add (() => {
    patience.cancel ();
    return Source.REMOVE;
  });
  try {
    yield work.wait_async (patience);
    assert_not_reached ();
  } catch (IOError.CANCELLED error) {
    print ("no longer waiting, %s\n", stopped ? "nor working" : "still working");
  }

  work.cancel ();
  try {
    yield work.wait_async ();
    assert_not_reached ();
  } catch (IOError.CANCELLED error) {
    print ("%s\n", stopped ? "stopped" : "still working");
  }
}

// Several at once, a lock, and a clock that is told what time it is.
async void together () throws Error {
  var both = Deferred.gather ({later ("one"), later ("two")}, DeferredListFlags.CANCEL_REST);
  yield both.wait_async ();
  unowned DeferredResults? results = both.get_results ();
  print ("gathered: %s %s\n", results.get_string (0), results.get_string (1));

  var turns = new DeferredLock ();
  var mine = turns.acquire ();
  var yours = turns.acquire ();
  turns.release ();
  print (mine.is_finished () && yours.is_finished () ? "locked in turn\n" : "");

  var clock = new DeferredClock.virtual ();
  var soon = Deferred.delay (TimeSpan.SECOND, clock);
  clock.advance (TimeSpan.SECOND);
  print (soon.is_finished () ? "a second later\n" : "");

  var queue = new DeferredQueue (1, -1);
  var got = queue.get ();
  yield queue.put ("through a queue").wait_async ();
  print ("%s\n", got.get_string ());
}

async void run (string name) throws Error {
  print ("joined: %s\n", yield join ("one", "two"));
  print ("loaded: %s\n", yield load (name));
  yield load_missing (name + ".missing");
  yield stop ();
  yield together ();
}

int main (string[] args) {
  if (args.length != 2) {
    printerr ("Usage: %s FILE\n", args[0]);
    return 2;
  }

  var loop = new MainLoop ();
  int status = 1;

  fire_twice ();
  try {
    chain ();
  } catch (DeferredError error) {
    assert_not_reached ();
  }

  run.begin (args[1], (source, result) => {
    try {
      run.end (result);
      status = 0;
    } catch (Error error) {
      printerr ("%s\n", error.message);
    }
    loop.quit ();
  });
  loop.run ();
  return status;
}
