// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Right as it stands. With each of the symbols defined (valac -D) the line after its #if is wrong, and valac has to say
// so. With --enable-experimental-non-null.

using GDeferred;

public void callbacks (Deferred deferred) {
#if NULL_CALLBACK
  deferred.add_callback (null);
#else
  deferred.add_callbacks (null, null);
#endif

#if WRONG_SIGNATURE
  deferred.add_callback ((self, number) => { return true; });
#else
  deferred.add_callback ((self) => { return true; });
#endif

#if FORGETS_TO_RETURN
  deferred.add_both ((self) => { print ("done\n"); });
#else
  deferred.add_both ((self) => { print ("done\n"); return true; });
#endif
}

public void errors (Deferred deferred) throws Error {
  try {
    deferred.callback_int (1);
#if UNKNOWN_CODE
  } catch (DeferredError.TOO_LATE error) {
#else
  } catch (DeferredError.ALREADY_CALLED error) {
#endif
    print ("%s\n", error.message);
  }
}

public void fire (Deferred deferred) {
#if FORGETS_TO_CATCH
  deferred.callback_int (1);
#else
  try {
    deferred.callback_int (1);
  } catch (DeferredError error) {
    print ("%s\n", error.message);
  }
#endif
}

public async int nullable_result (Deferred deferred) throws Error {
#if RESULT_MAY_BE_NULL
  Value value = yield deferred.wait_async ();
#else
  Value? value = yield deferred.wait_async ();
#endif
  return value != null ? ((!) value).get_int () : 0;
}

public int nullable_text (Deferred deferred) {
#if TEXT_MAY_BE_NULL
  string text = deferred.get_string ();
#else
  string text = deferred.get_string () ?? "";
#endif
  return text.length;
}

public string nullable_error (Deferred deferred) {
  unowned Error? error = deferred.get_error ();
#if ERROR_MAY_BE_NULL
  return error.message;
#else
  return error != null ? ((!) error).message : "";
#endif
}

public void arguments (Deferred deferred, Object owner) {
#if NULL_OWNER
  deferred.bind_owner (null);
#else
  deferred.bind_owner (owner);
#endif

#if NOT_TO_BE_WRITTEN
  deferred.progress = 0.5;
#else
  deferred.set_progress (0.5, null);
#endif
}
