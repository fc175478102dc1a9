/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "checksum-item.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define BLOCK_SIZE (256 * 1024)

typedef struct
{
  char   *name;
  guint64 size;
} Job;

struct _ChecksumItem
{
  GObject parent_instance;

  char      *name;
  char      *result; /* the checksum, or what went wrong; NULL so far */
  GDeferred *deferred;
  Job       *job; /* until it is started */
};

typedef enum
{
  PROP_NAME = 1,
  PROP_RESULT,
  PROP_DEFERRED,
  N_PROPS
} Prop;

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (ChecksumItem, checksum_item, G_TYPE_OBJECT)

/* --- the job, in a thread ------------------------------------------------------------------------------------ */

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->name);
  g_free (job);
}

static gboolean
fail (GError **error)
{
  int saved = errno;

  g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (saved), g_strerror (saved));
  return FALSE;
}

/* It asks now and then whether anybody still wants the result, and tells how far it got: both cost next to nothing. */
static gboolean
hash (GDeferred *self, gpointer data, GError **error)
{
  Job *job = data;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guchar *block = g_malloc (BLOCK_SIZE);
  guint64            done = 0;
  gssize             n = 0;
  int                fd = open (job->name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

  if (fd < 0)
    return fail (error);

  while (!g_deferred_is_cancelled (self) && (n = read (fd, block, BLOCK_SIZE)) > 0)
    {
      g_checksum_update (sum, block, n);
      done += (guint64) n;
      if (done < job->size)
        g_deferred_set_progress (self, (double) done / (double) job->size, NULL);
    }
  if (n < 0)
    fail (error);
  close (fd);
  return n >= 0 && g_deferred_return_string (self, g_checksum_get_string (sum));
}

/* --- the row ------------------------------------------------------------------------------------------------- */

static void
set_result (ChecksumItem *self, const char *result)
{
  g_free (self->result);
  self->result = g_strdup (result);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_RESULT]);
}

static gboolean
start_job (GDeferred *deferred, gpointer data, GError **error)
{
  ChecksumItem        *self = data;
  GDeferredThreadPool *pool = g_deferred_get_object (deferred);
  GDeferred           *job = g_deferred_thread_pool_run (pool, hash, g_steal_pointer (&self->job), job_free);

  g_deferred_add_part (deferred, job, 1);
  return g_deferred_return_deferred (deferred, job);
}

static gboolean
show_sum (GDeferred *deferred, gpointer self, GError **error)
{
  set_result (self, g_deferred_get_string (deferred));
  return TRUE;
}

/* The error stays in the Deferred: whoever waits for all files wants to count it. */
static gboolean
show_error (GDeferred *deferred, gpointer self, GError **error)
{
  set_result (self, g_deferred_get_error (deferred)->message);
  return TRUE;
}

static void
checksum_item_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  ChecksumItem *self = CHECKSUM_ITEM (object);

  switch ((Prop) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_RESULT:
      g_value_set_string (value, self->result);
      break;
    case PROP_DEFERRED:
      g_value_set_object (value, self->deferred);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
checksum_item_finalize (GObject *object)
{
  ChecksumItem *self = CHECKSUM_ITEM (object);

  g_clear_object (&self->deferred);
  g_clear_pointer (&self->job, job_free);
  g_free (self->name);
  g_free (self->result);

  G_OBJECT_CLASS (checksum_item_parent_class)->finalize (object);
}

static void
checksum_item_class_init (ChecksumItemClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = checksum_item_finalize;
  object_class->get_property = checksum_item_get_property;

  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  props[PROP_RESULT] = g_param_spec_string ("result", NULL, NULL, NULL, flags);
  props[PROP_DEFERRED] = g_param_spec_object ("deferred", NULL, NULL, G_TYPE_DEFERRED, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
checksum_item_init (ChecksumItem *self)
{
}

/* It waits until it is started, and may be cancelled before. The callbacks end with the item, so they need no reference
 * on it. */
ChecksumItem *
checksum_item_new (const char *name, guint64 size)
{
  ChecksumItem *self = g_object_new (CHECKSUM_TYPE_ITEM, NULL);

  self->name = g_filename_display_name (name);
  self->job = g_new (Job, 1);
  *self->job = (Job){ g_strdup (name), size };
  self->deferred = g_deferred_new ();
  g_deferred_bind_owner (self->deferred, G_OBJECT (self));
  g_deferred_add_callback (self->deferred, start_job, self, NULL);
  g_deferred_add_callbacks (self->deferred, show_sum, self, NULL, show_error, self, NULL);
  return self;
}

/* One that was cancelled meanwhile has its end already. */
void
checksum_item_start (ChecksumItem *self, GDeferredThreadPool *pool)
{
  if (g_deferred_get_pending (self->deferred))
    g_deferred_callback_object (self->deferred, G_OBJECT (pool), NULL);
}

GDeferred *
checksum_item_get_deferred (ChecksumItem *self)
{
  return self->deferred;
}
