// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// What the vapi makes of the plain API.

int main () {
  var loop = new MainLoop ();
  var deferred = new GDeferred.Deferred ();
  int seen = 0;

  deferred.add_callback ((self) => {
    seen = self.get_int ();
    throw new IOError.NOT_FOUND ("lost");
  });
  deferred.add_errback ((self) => {
    assert (self.get_error ().message == "lost");
    loop.quit ();
    return self.return_none ();
  });

  Idle.add (() => {
    try {
      deferred.callback_int (42);
    } catch (Error error) {
      assert_not_reached ();
    }
    return Source.REMOVE;
  });
  loop.run ();

  assert (seen == 42);
  return 0;
}
