/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "checksum-window.h"

#include "checksum-files.h"
#include "checksum-item.h"

/* So many rows are made at a time, and what is left of a frame is the window's. */
#define BATCH     32
#define BUDGET_US 4000

struct _ChecksumWindow
{
  GtkApplicationWindow parent_instance;

  GtkListView         *list;
  GListStore          *items;
  GDeferredThreadPool *pool;
  GDeferredCooperator *cooperator;

  GDeferred *whole; /* what is under way; window.ui follows its properties */
  GPtrArray *found; /* of FoundFile: what rows are made of now */
  guint      n_added;

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

static gboolean
count (GDeferred *file, gpointer data, GError **error)
{
  ChecksumWindow *self = data;

  self->n_done++;
  if (g_deferred_get_error (file) != NULL)
    self->n_failed++;
  summary_changed (self);
  return TRUE;
}

static void
add_item (ChecksumWindow *self, FoundFile *file, GPtrArray *batch)
{
  ChecksumItem *item = checksum_item_new (file->name, file->size, self->pool);
  GDeferred    *deferred = checksum_item_get_deferred (item);

  g_deferred_bind_owner (deferred, G_OBJECT (self));
  g_deferred_add_both (deferred, count, self, NULL);
  g_ptr_array_add (batch, item);
}

/* A step of the cooperator: a few more rows. */
static gboolean
add_rows (GDeferredCooperativeTask *task, gpointer data, GError **error)
{
  ChecksumWindow *self = data;
  g_autoptr (GPtrArray) batch = g_ptr_array_new_with_free_func (g_object_unref);
  guint end = MIN (self->n_added + BATCH, self->found->len);

  for (; self->n_added < end; self->n_added++)
    add_item (self, g_ptr_array_index (self->found, self->n_added), batch);
  g_list_store_splice (self->items, g_list_model_get_n_items (G_LIST_MODEL (self->items)), 0, batch->pdata,
                       batch->len);
  summary_changed (self);
  return self->n_added < self->found->len && !g_deferred_is_cancelled (self->whole);
}

static gboolean
make_rows (GDeferred *whole, gpointer data, GError **error)
{
  ChecksumWindow *self = data;
  g_autoptr (GDeferredCooperativeTask) task = NULL;

  g_clear_pointer (&self->found, g_ptr_array_unref);
  self->found = g_ptr_array_ref (g_deferred_get_boxed (whole, G_TYPE_PTR_ARRAY));
  self->n_added = 0;
  task = g_deferred_cooperator_cooperate (self->cooperator, add_rows, g_object_ref (self), g_object_unref);
  return g_deferred_return_deferred (whole, g_deferred_cooperative_task_when_done (task));
}

/* All of them, whatever comes of each; the whole is as far as they are, by their sizes. */
static gboolean
wait_for_rows (GDeferred *whole, gpointer data, GError **error)
{
  ChecksumWindow *self = data;
  guint           n = g_list_model_get_n_items (G_LIST_MODEL (self->items));
  g_autoptr (GPtrArray) deferreds = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ChecksumItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);
      GDeferred *deferred = checksum_item_get_deferred (item);

      g_ptr_array_add (deferreds, g_object_ref (deferred));
      g_deferred_add_part (whole, deferred, (double) (1 + checksum_item_get_size (item)));
    }
  return g_deferred_return_deferred (whole, g_deferred_settled ((GDeferred **) deferreds->pdata, n));
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
  self->n_done = self->n_failed = 0;

  g_deferred_bind_owner (whole, G_OBJECT (self));
  g_deferred_add_callback (whole, look_for_files, g_strdupv ((char **) names), (GDestroyNotify) g_strfreev);
  g_deferred_add_callback (whole, make_rows, self, NULL);
  g_deferred_add_callback (whole, wait_for_rows, self, NULL);
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
