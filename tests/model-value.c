/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* Between the results of scripts and what the library takes and gives. */

#include "model-value.h"

#include <stdlib.h>
#include <string.h>

static int n_tokens;

GQuark
model_error_quark (void)
{
  static GQuark quark;

  if (quark == 0)
    quark = g_quark_from_static_string ("model-test-error");
  return quark;
}

/* A value whose copies are counted, as an int that is not one. */
typedef int Token;

static Token *
token_copy (Token *token)
{
  n_tokens++;
  return g_memdup2 (token, sizeof *token);
}

static void
token_free (Token *token)
{
  n_tokens--;
  g_free (token);
}

#define TYPE_TOKEN (token_get_type ())
static GType token_get_type (void);
G_DEFINE_BOXED_TYPE (Token, token, token_copy, token_free)

static Token *
token_new (int number)
{
  return token_copy (&number);
}

static void
result_to_value (Result result, GValue *value)
{
  if (result.kind == RESULT_INT)
    {
      g_value_init (value, G_TYPE_INT);
      g_value_set_int (value, result.number);
    }
  else if (result.kind == RESULT_STRING)
    {
      g_value_init (value, G_TYPE_STRING);
      g_value_take_string (value, g_strdup_printf ("%d", result.number));
    }
  else if (result.kind == RESULT_TOKEN)
    {
      g_value_init (value, TYPE_TOKEN);
      g_value_take_boxed (value, token_new (result.number));
    }
}

GError *
value_error (Result result)
{
  return g_error_new (model_error_quark (), result.number, "model test %d", result.number);
}

static void
payload_to_value (Result result, GValue *value)
{
  g_value_init (value, TYPE_TOKEN);
  g_value_take_boxed (value, token_new (result.payload));
}

static Result
value_to_result (const GValue *value)
{
  if (value == NULL)
    return result_nothing;
  if (G_VALUE_HOLDS_INT (value))
    return (Result){ RESULT_INT, g_value_get_int (value), 0 };
  if (G_VALUE_HOLDS_STRING (value))
    return (Result){ RESULT_STRING, atoi (g_value_get_string (value)), 0 };
  if (G_VALUE_HOLDS (value, TYPE_TOKEN))
    return (Result){ RESULT_TOKEN, *(int *) g_value_get_boxed (value), 0 };
  return (Result){ RESULT_STRANGE, 0, 0 };
}

Result
value_from_error (GQuark domain, int code)
{
  if (domain == model_error_quark ())
    return (Result){ RESULT_ERROR, code, 0 };
  if (domain == G_DEFERRED_ERROR)
    return (Result){ RESULT_DEFERRED_ERROR, code, 0 };
  if (domain == G_IO_ERROR && code == G_IO_ERROR_CANCELLED)
    return (Result){ RESULT_CANCELLED, 0, 0 };
  return (Result){ RESULT_STRANGE, code, 0 };
}

Result
value_look (GDeferred *d)
{
  const GError *error = g_deferred_get_error (d);
  const GValue *payload = g_deferred_get_payload (d);
  Result        result;

  if (error == NULL)
    return value_to_result (g_deferred_get_result (d));

  result = value_from_error (error->domain, error->code);
  if (payload != NULL)
    result.payload = value_to_result (payload).number;
  return result;
}

int
value_outcome (gboolean won, GError **error)
{
  int code = -1;

  g_assert_true (won == (*error == NULL));
  if (*error != NULL)
    {
      g_assert_true ((*error)->domain == G_DEFERRED_ERROR);
      code = (*error)->code;
      g_clear_error (error);
    }
  return code;
}

/* Numbers choose among the ways to say the same. */
int
value_fire (GDeferred *d, Result result)
{
  GError  *error = NULL;
  GValue   value = G_VALUE_INIT;
  gboolean won = FALSE;
  int      way = result.number % 3;

  if (result.kind == RESULT_ERROR)
    {
      GError *failure = value_error (result);

      if (result.payload == 0 && way == 0)
        won = g_deferred_errback_take (d, g_steal_pointer (&failure), &error);
      else if (result.payload == 0)
        won = g_deferred_errback (d, failure, &error);
      else
        {
          payload_to_value (result, &value);
          won = g_deferred_errback_full (d, failure, &value, &error);
          g_value_unset (&value);
        }
      g_clear_error (&failure);
      return value_outcome (won, &error);
    }

  if (result.kind == RESULT_NOTHING)
    return value_outcome (g_deferred_callback (d, NULL, &error), &error);
  if (way == 0 && result.kind == RESULT_INT)
    return value_outcome (g_deferred_callback_int (d, result.number, &error), &error);
  if (way == 0 && result.kind == RESULT_TOKEN)
    return value_outcome (g_deferred_callback_take_boxed (d, TYPE_TOKEN, token_new (result.number), &error),
                          &error);

  result_to_value (result, &value);
  won = way == 1 ? g_deferred_callback_take_value (d, &value, &error)
                 : g_deferred_callback (d, &value, &error);
  if (G_IS_VALUE (&value))
    g_value_unset (&value);
  return value_outcome (won, &error);
}

gboolean
value_return (GDeferred *self, Result result)
{
  GValue   value = G_VALUE_INIT;
  gboolean ok;

  if (result.number % 3 == 0 && result.kind == RESULT_INT)
    return g_deferred_return_int (self, result.number);
  if (result.number % 3 == 0 && result.kind == RESULT_TOKEN)
    return g_deferred_return_take_boxed (self, TYPE_TOKEN, token_new (result.number));

  result_to_value (result, &value);
  if (result.number % 3 == 1)
    return g_deferred_return_take_value (self, &value);
  ok = g_deferred_return_value (self, &value);
  g_value_unset (&value);
  return ok;
}

gboolean
value_return_error (GDeferred *self, Result result)
{
  GError  *error = value_error (result);
  GValue   payload = G_VALUE_INIT;
  gboolean ok;

  if (result.payload != 0)
    {
      payload_to_value (result, &payload);
      ok = g_deferred_return_error_full (self, error, &payload);
      g_value_unset (&payload);
    }
  else if (result.number == 1)
    return g_deferred_return_take_error (self, error);
  else if (result.number == 2)
    ok = g_deferred_return_new_error (self, error->domain, error->code, "%s", error->message);
  else
    ok = g_deferred_return_error (self, error);

  g_error_free (error);
  return ok;
}

GDeferred *
value_made (Result result)
{
  GValue     value = G_VALUE_INIT;
  GError    *error = NULL;
  GDeferred *d;

  if (result.kind == RESULT_ERROR)
    {
      error = value_error (result);
      if (result.payload != 0)
        {
          d = g_deferred_new ();
          payload_to_value (result, &value);
          g_deferred_errback_full (d, error, &value, NULL);
          g_value_unset (&value);
        }
      else
        d = g_deferred_fail (error);
      g_error_free (error);
      return d;
    }

  result_to_value (result, &value);
  d = g_deferred_succeed (result.kind == RESULT_NOTHING ? NULL : &value);
  if (G_IS_VALUE (&value))
    g_value_unset (&value);
  return d;
}

/* How many tokens are alive; a script that left some starts anew. */
int
value_tokens (void)
{
  return n_tokens;
}

void
value_forget_tokens (void)
{
  n_tokens = 0;
}
