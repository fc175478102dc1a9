/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "play-private.h"

#include <string.h>

GMutex      play_lock;
GString    *play_trace;
GHashTable *play_plans;
GHashTable *play_deferreds;
GHashTable *play_things;
GHashTable *play_gates;

static void
free_gate (gpointer data)
{
  Gate *it = data;

  g_mutex_clear (&it->lock);
  g_cond_clear (&it->cond);
  g_free (it);
}

void
play_world_init (void)
{
  play_trace = g_string_new (NULL);
  play_plans = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  play_deferreds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  play_things = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  play_gates = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_gate);
}

/* --- what is there -------------------------------------------------------------------------------------- */

void
play_say (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_mutex_lock (&play_lock);
  g_string_append_c (play_trace, ' ');
  g_string_append_vprintf (play_trace, format, args);
  g_mutex_unlock (&play_lock);
  va_end (args);
}

gpointer
play_find (GHashTable *table, const char *name)
{
  gpointer found;

  g_mutex_lock (&play_lock);
  found = g_hash_table_lookup (table, name);
  g_mutex_unlock (&play_lock);
  return found;
}

void
play_put (GHashTable *table, const char *name, gpointer what)
{
  g_mutex_lock (&play_lock);
  g_hash_table_insert (table, g_strdup (name), what);
  g_mutex_unlock (&play_lock);
}

GDeferred *
play_deferred (const char *name)
{
  GDeferred *d = play_find (play_deferreds, name);

  if (d == NULL)
    g_error ("there is no Deferred %s", name);
  return d;
}

const char *
play_name_of (GDeferred *d)
{
  GHashTableIter iter;
  gpointer       name, other;

  g_hash_table_iter_init (&iter, play_deferreds);
  while (g_hash_table_iter_next (&iter, &name, &other))
    if (other == d)
      return name;
  return "another";
}

/* What is not there when it is named for the first time is made. */
gpointer
play_thing (const char *name, GType type)
{
  GObject *object = play_find (play_things, name);

  if (object != NULL)
    return object;

  object = g_object_new (type, NULL);
  g_object_set_data_full (object, "name", g_strdup (name), g_free);
  play_put (play_things, name, object);
  return object;
}

/* A job and the case may both name it for the first time: it is found and made under one lock. */
Gate *
play_gate (const char *name)
{
  Gate *it;

  g_mutex_lock (&play_lock);
  it = g_hash_table_lookup (play_gates, name);
  if (it == NULL)
    g_hash_table_insert (play_gates, g_strdup (name), it = g_new0 (Gate, 1));
  g_mutex_unlock (&play_lock);
  return it;
}

/* --- values and errors as words ------------------------------------------------------------------------- */

char *
play_nick (GType type, int code)
{
  GEnumClass *klass = g_type_class_ref (type);
  char       *nick = g_strdup (g_enum_get_value (klass, code)->value_nick);

  g_type_class_unref (klass);
  return nick;
}

/* Of errors that have a name, it; of others the message. */
char *
play_error_word (const GError *error)
{
  char *word;

  if (error->domain == G_DEFERRED_ERROR)
    word = play_nick (G_TYPE_DEFERRED_ERROR, error->code);
  else if (error->domain == G_IO_ERROR && error->code != G_IO_ERROR_FAILED)
    word = play_nick (G_TYPE_IO_ERROR_ENUM, error->code);
  else
    return g_strdup (error->message);

  for (char *c = word; *c != 0; c++)
    *c = *c == '-' ? '_' : g_ascii_toupper (*c);
  return word;
}

int
play_error_code (const char *word)
{
  GEnumClass      *klass = g_type_class_ref (G_TYPE_IO_ERROR_ENUM);
  g_autofree char *nick = g_strdelimit (g_ascii_strdown (word, -1), "_", '-');
  GEnumValue      *found = g_enum_get_value_by_nick (klass, nick);

  if (found == NULL)
    g_error ("there is no error %s", word);
  g_type_class_unref (klass);
  return found->value;
}

GError *
play_make_error (const char *word)
{
  return g_error_new_literal (G_IO_ERROR,
                              g_ascii_isupper (*word) ? play_error_code (word) : G_IO_ERROR_FAILED, word);
}

static void
make_number (const char *word, GValue *value)
{
  char  *end;
  gint64 number = g_ascii_strtoll (word, &end, 10);

  if (*end == '.')
    {
      g_value_init (value, G_TYPE_DOUBLE);
      g_value_set_double (value, g_ascii_strtod (word, &end));
    }
  else
    {
      g_value_init (value, G_TYPE_INT64);
      g_value_set_int64 (value, number);
    }
  if (*end != 0)
    g_error ("there is no value %s", word);
}

void
play_make_value (const char *word, GValue *value)
{
  g_autofree char *inside = strlen (word) > 1 ? g_strndup (word + 1, strlen (word) - 2) : NULL;

  if (strcmp (word, "none") == 0)
    return;

  if (*word == '@' || *word == '<')
    {
      g_value_init (value, G_TYPE_OBJECT);
      g_value_set_object (value,
                          *word == '@' ? play_deferred (word + 1) : play_thing (inside, G_TYPE_OBJECT));
    }
  else if (*word == '\'')
    {
      g_value_init (value, G_TYPE_STRING);
      g_value_set_string (value, inside);
    }
  else if (*word == '^')
    {
      g_value_init (value, G_TYPE_ERROR);
      g_value_take_boxed (value, play_make_error (word + 1));
    }
  else if (strcmp (word, "true") == 0 || strcmp (word, "false") == 0)
    {
      g_value_init (value, G_TYPE_BOOLEAN);
      g_value_set_boolean (value, *word == 't');
    }
  else
    make_number (word, value);
}

char *
play_value_word (const GValue *value)
{
  g_autofree char *name = NULL;

  if (value == NULL || G_VALUE_TYPE (value) == 0)
    return g_strdup ("none");
  if (G_VALUE_HOLDS_INT64 (value))
    return g_strdup_printf ("%" G_GINT64_FORMAT, g_value_get_int64 (value));
  if (G_VALUE_HOLDS_DOUBLE (value))
    return g_strdup_printf ("%g", g_value_get_double (value));
  if (G_VALUE_HOLDS_BOOLEAN (value))
    return g_strdup (g_value_get_boolean (value) ? "true" : "false");
  if (G_VALUE_HOLDS_STRING (value) && g_value_get_string (value) == NULL)
    return g_strdup ("none");
  if (G_VALUE_HOLDS_STRING (value))
    return g_strdup_printf ("'%s'", g_value_get_string (value));
  if (G_VALUE_HOLDS_ENUM (value))
    return play_nick (G_VALUE_TYPE (value), g_value_get_enum (value));
  if (G_VALUE_HOLDS_OBJECT (value))
    return g_strdup_printf ("<%s>", (char *) g_object_get_data (g_value_get_object (value), "name"));

  name = play_error_word (g_value_get_boxed (value));
  return g_strdup_printf ("^%s", name);
}

char *
play_outcome_word (GDeferred *d)
{
  g_autofree char *word = NULL;

  if (g_deferred_get_error (d) == NULL)
    return play_value_word (g_deferred_get_result (d));

  word = play_error_word (g_deferred_get_error (d));
  return g_strdup_printf ("!%s", word);
}
