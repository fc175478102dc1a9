/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "checksum-window.h"

#include "checksum-files.h"
#include "checksum-item.h"

/* Rows are made so many at a time. What is done for many files ends a turn of the loop after the budget: what is left of
 * a frame is the window's. */
#define BATCH     8
#define BUDGET_US 4000
#define AT_ONCE   32

struct _ChecksumWindow
{
  GtkApplicationWindow parent_instance;

  GtkListView         *list;
  GListStore          *items;
  GDeferredThreadPool *pool;
  GDeferredCooperator *cooperator;

  GDeferred                *whole; /* what is under way; window.ui follows its properties */
  GDeferredCooperativeTask *task;  /* what is done for many rows, as a part of that */
  GDeferredLatch           *left;  /* opens when every file is done */
  GDeferredSemaphore       *slots; /* of the files that are in the hands of the threads */
  GPtrArray                *found; /* of FoundFile: what rows are made of now */

  guint n_stepped; /* rows that the task is done with */
  guint n_done;
  guint n_failed;
};

typedef enum
{
  PROP_WHOLE = 1,
  PROP_SUMMARY,
  N_PROPS
} Prop;

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (ChecksumWindow, checksum_window, GTK_TYPE_APPLICATION_WINDOW)

static void
set_whole (ChecksumWindow *self, GDeferred *whole)
{
  g_set_object (&self->whole, whole);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_WHOLE]);
}

static void
summary_changed (ChecksumWindow *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SUMMARY]);
}

static char *
get_summary (ChecksumWindow *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  if (self->whole == NULL)
    return g_strdup ("Drop folders here");
  if (self->n_failed == 0)
    return g_strdup_printf ("%u of %u files", self->n_done, n);
  return g_strdup_printf ("%u of %u files, %u without a checksum", self->n_done, n, self->n_failed);
}

/* --- one run ------------------------------------------------------------------------------------------------- */

/* Has something done for many rows, one after the other, in the time that drawing leaves. It ends with the window. */
static void
step_by_step (ChecksumWindow *self, GDeferredStepFunc step)
{
  if (self->task != NULL)
    g_deferred_cooperative_task_stop (self->task);
  g_clear_object (&self->task);

  self->n_stepped = 0;
  self->task = g_deferred_cooperator_cooperate (self->cooperator, step, self, NULL);
  g_deferred_cooperative_task_bind_owner (self->task, G_OBJECT (self));
}

static ChecksumItem *
next_item (ChecksumWindow *self)
{
  return g_list_model_get_item (G_LIST_MODEL (self->items), self->n_stepped++);
}

static guint
n_items (ChecksumWindow *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->items));
}

/* A row has its end, well or not, started or not. */
static gboolean
count (GDeferred *file, gpointer data, GError **error)
{
  ChecksumWindow *self = data;

  self->n_done++;
  if (g_deferred_get_error (file) != NULL)
    self->n_failed++;
  if (self->left != NULL)
    g_deferred_latch_count_down (self->left);
  summary_changed (self);
  return TRUE;
}

static void
add_item (ChecksumWindow *self, FoundFile *file, GPtrArray *batch)
{
  ChecksumItem *item = checksum_item_new (file->name, file->size);
  GDeferred    *deferred = checksum_item_get_deferred (item);

  g_deferred_bind_owner (deferred, G_OBJECT (self));
  g_deferred_add_both (deferred, count, self, NULL);
  g_deferred_add_part (self->whole, deferred, (double) (1 + file->size));
  g_ptr_array_add (batch, item);
}

static gboolean
add_rows (GDeferredCooperativeTask *task, gpointer data, GError **error)
{
  ChecksumWindow *self = data;
  g_autoptr (GPtrArray) batch = g_ptr_array_new_with_free_func (g_object_unref);
  guint end = MIN (self->n_stepped + BATCH, self->found->len);

  for (; self->n_stepped < end; self->n_stepped++)
    add_item (self, g_ptr_array_index (self->found, self->n_stepped), batch);
  g_list_store_splice (self->items, n_items (self), 0, batch->pdata, batch->len);
  summary_changed (self);
  return self->n_stepped < self->found->len;
}

static gboolean
make_rows (GDeferred *whole, gpointer data, GError **error)
{
  ChecksumWindow *self = data;

  g_clear_pointer (&self->found, g_ptr_array_unref);
  self->found = g_ptr_array_ref (g_deferred_get_boxed (whole, G_TYPE_PTR_ARRAY));
  step_by_step (self, add_rows);
  return g_deferred_return_deferred (whole, g_deferred_cooperative_task_when_done (self->task));
}

/* As many as keep the threads busy, and no more. Results that come from threads go before drawing, and starting the
 * next comes after it, so a frame waits for these at most. */
static void
wait_for_room (ChecksumWindow *self, GDeferredCooperativeTask *task)
{
  g_autoptr (GDeferred) room = g_deferred_semaphore_acquire (self->slots);

  g_deferred_cooperative_task_wait_for (task, room);
}

static gboolean
make_room (GDeferred *file, gpointer slots, GError **error)
{
  g_deferred_semaphore_release (slots);
  return TRUE;
}

static gboolean
start_file (GDeferredCooperativeTask *task, gpointer data, GError **error)
{
  ChecksumWindow *self = data;
  g_autoptr (ChecksumItem) item = next_item (self);

  checksum_item_start (item, self->pool);
  g_deferred_add_both (checksum_item_get_deferred (item), make_room, g_object_ref (self->slots),
                       g_object_unref);
  if (self->n_stepped == n_items (self))
    return FALSE;
  wait_for_room (self, task);
  return TRUE;
}

static gboolean
hash_files (GDeferred *whole, gpointer data, GError **error)
{
  ChecksumWindow *self = data;
  guint           n = n_items (self);

  if (n == 0)
    return TRUE;
  self->left = g_deferred_latch_new (n - self->n_done);
  self->slots = g_deferred_semaphore_new (AT_ONCE);
  g_deferred_semaphore_try_acquire (self->slots); /* for the first */
  step_by_step (self, start_file);
  return g_deferred_return_deferred (whole, g_deferred_latch_wait (self->left));
}

static gboolean
cancel_row (GDeferredCooperativeTask *task, gpointer data, GError **error)
{
  g_autoptr (ChecksumItem) item = next_item (data);

  if (item != NULL)
    g_deferred_cancel (checksum_item_get_deferred (item));
  return item != NULL;
}

/* The whole was cancelled, wherever it was. */
static gboolean
cancel_rows (GDeferred *whole, gpointer data, GError **error)
{
  ChecksumWindow *self = data;

  step_by_step (self, cancel_row);
  return g_deferred_return_deferred (whole, g_deferred_cooperative_task_when_done (self->task));
}

/* Its outcomes are in the rows already. */
static gboolean
forget (GDeferred *whole, gpointer data, GError **error)
{
  summary_changed (data);
  return g_deferred_return_none (whole);
}

static gboolean
look_for_files (GDeferred *whole, gpointer names, GError **error)
{
  GDeferred *found = g_deferred_run_in_thread (find_files, g_strdupv (names), (GDestroyNotify) g_strfreev);

  return g_deferred_return_deferred (whole, found);
}

/* One run at a time: a new one takes the place of the one that is under way. */
void
checksum_window_add (ChecksumWindow *self, const char *const *names)
{
  g_autoptr (GDeferred) whole = g_deferred_new ();

  if (self->whole != NULL)
    g_deferred_cancel (self->whole);
  g_list_store_remove_all (self->items);
  g_clear_object (&self->left);
  g_clear_object (&self->slots);
  self->n_done = self->n_failed = 0;

  g_deferred_bind_owner (whole, G_OBJECT (self));
  g_deferred_add_callback (whole, look_for_files, g_strdupv ((char **) names), (GDestroyNotify) g_strfreev);
  g_deferred_add_callback (whole, make_rows, self, NULL);
  g_deferred_add_callback (whole, hash_files, self, NULL);
  g_deferred_add_errback (whole, cancel_rows, self, NULL);
  g_deferred_add_both (whole, forget, self, NULL);
  set_whole (self, whole);
  g_deferred_callback (whole, NULL, NULL);
}

/* --- what the user does -------------------------------------------------------------------------------------- */

/* Named in row.ui. */
G_MODULE_EXPORT void checksum_cancel_row (GtkListItem *row);

void
checksum_cancel_row (GtkListItem *row)
{
  g_deferred_cancel (checksum_item_get_deferred (gtk_list_item_get_item (row)));
}

static void
cancel_all (GtkWidget *widget, const char *action, GVariant *parameter)
{
  ChecksumWindow *self = CHECKSUM_WINDOW (widget);

  if (self->whole != NULL)
    g_deferred_cancel (self->whole);
}

static void
add_files (ChecksumWindow *self, GSList *files)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;

  for (GSList *l = files; l != NULL; l = l->next)
    {
      g_autofree char *name = g_file_get_path (l->data);

      if (name != NULL)
        g_strv_builder_add (names, name);
    }

  all = g_strv_builder_end (names);
  if (all[0] != NULL)
    checksum_window_add (self, (const char *const *) all);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, gpointer self)
{
  add_files (self, g_value_get_boxed (value));
  return TRUE;
}

G_GNUC_BEGIN_IGNORE_DEPRECATIONS /* what came in its place is newer than our oldest GTK */
    static void
    on_chosen (GtkNativeDialog *dialog, int response, gpointer self)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      add_files (self, &(GSList){ file, NULL });
    }
  g_object_unref (dialog);
}

static void
choose (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkFileChooserNative *dialog
      = gtk_file_chooser_native_new ("Open a Folder", GTK_WINDOW (widget),
                                     GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, "_Open", "_Cancel");

  g_signal_connect_object (dialog, "response", G_CALLBACK (on_chosen), widget, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}
G_GNUC_END_IGNORE_DEPRECATIONS

/* --- the class ----------------------------------------------------------------------------------------------- */

static void
checksum_window_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  ChecksumWindow *self = CHECKSUM_WINDOW (object);

  switch ((Prop) prop_id)
    {
    case PROP_WHOLE:
      g_value_set_object (value, self->whole);
      break;
    case PROP_SUMMARY:
      g_value_take_string (value, get_summary (self));
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

/* What is under way ends with the window: every Deferred is bound to it. */
static void
checksum_window_dispose (GObject *object)
{
  ChecksumWindow *self = CHECKSUM_WINDOW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), CHECKSUM_TYPE_WINDOW);
  G_OBJECT_CLASS (checksum_window_parent_class)->dispose (object);
}

static void
checksum_window_finalize (GObject *object)
{
  ChecksumWindow *self = CHECKSUM_WINDOW (object);

  g_clear_object (&self->whole);
  g_clear_object (&self->task);
  g_clear_object (&self->left);
  g_clear_object (&self->slots);
  g_clear_object (&self->items);
  g_clear_object (&self->pool);
  g_clear_object (&self->cooperator);
  g_clear_pointer (&self->found, g_ptr_array_unref);
  G_OBJECT_CLASS (checksum_window_parent_class)->finalize (object);
}

static void
checksum_window_class_init (ChecksumWindowClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass   *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = checksum_window_dispose;
  object_class->finalize = checksum_window_finalize;
  object_class->get_property = checksum_window_get_property;

  props[PROP_WHOLE] = g_param_spec_object ("whole", NULL, NULL, G_TYPE_DEFERRED, flags);
  props[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (CHECKSUM_TYPE_ITEM);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/gdeferred/checksum/window.ui");
  gtk_widget_class_bind_template_child (widget_class, ChecksumWindow, list);
  gtk_widget_class_install_action (widget_class, "win.open", NULL, choose);
  gtk_widget_class_install_action (widget_class, "win.cancel-all", NULL, cancel_all);
}

static void
checksum_window_init (ChecksumWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  self->items = g_list_store_new (CHECKSUM_TYPE_ITEM);
  self->pool = g_deferred_thread_pool_new ("checksum", g_get_num_processors ());
  self->cooperator = g_deferred_cooperator_new (BUDGET_US, G_PRIORITY_DEFAULT_IDLE);
  gtk_widget_init_template (GTK_WIDGET (self));

  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (
                                           gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->items)))));
  g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

ChecksumWindow *
checksum_window_new (GtkApplication *app)
{
  return g_object_new (CHECKSUM_TYPE_WINDOW, "application", app, NULL);
}
