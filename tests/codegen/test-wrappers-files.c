/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

/* GIO's wrappers, on real files. */

#include "gio-fixture.h"

#include <glib/gstdio.h>

static GFile *folder;

static GFile *
in_folder (const char *name)
{
  return g_file_get_child (folder, name);
}

static GFile *
file_with (const char *name, const char *text)
{
  GFile *file = in_folder (name);

  g_assert_true (g_file_replace_contents (file, text, strlen (text), NULL, FALSE, 0, NULL, NULL, NULL));
  return file;
}

static void
file_has (GFile *file, const char *text)
{
  g_autofree char *contents = NULL;

  g_assert_true (g_file_load_contents (file, NULL, &contents, NULL, NULL, NULL));
  g_assert_cmpstr (contents, ==, text);
}

/* --- contents ---------------------------------------------------------------------------------------------------- */

static void
load (void)
{
  g_autoptr (GFile) file = file_with ("load", "to load");
  g_autoptr (GFile) missing = in_folder ("missing");
  g_autoptr (GDeferredFileLoadContentsResult) contents
      = boxed_of (g_deferred_file_load_contents (file), G_TYPE_DEFERRED_FILE_LOAD_CONTENTS_RESULT);
  g_autoptr (GDeferredFileLoadBytesResult) bytes
      = boxed_of (g_deferred_file_load_bytes (file), G_TYPE_DEFERRED_FILE_LOAD_BYTES_RESULT);

  bytes_are (contents->contents, "to load");
  bytes_are (bytes->bytes, "to load");
  g_assert_nonnull (contents->etag);
  g_assert_cmpstr (contents->etag, ==, bytes->etag);

  fails (g_deferred_file_load_contents (missing), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  fails (g_deferred_file_load_contents (folder), G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  fails (g_deferred_file_load_bytes (missing), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  cancels (g_deferred_file_load_contents (file));
  cancels (g_deferred_file_load_bytes (file));
}

static void
replace_contents (void)
{
  g_autoptr (GFile) file = in_folder ("replaced");
  GBytes          *bytes = bytes_from ("replaced");
  GDeferred       *d = g_deferred_file_replace_contents (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE);
  g_autofree char *etag = NULL;

  g_bytes_unref (bytes);
  etag = string_of (d);
  g_assert_nonnull (etag);
  file_has (file, "replaced");

  bytes = bytes_from ("again");
  g_free (string_of (g_deferred_file_replace_contents_bytes (file, bytes, etag, TRUE, G_FILE_CREATE_NONE)));
  file_has (file, "again");
  fails (g_deferred_file_replace_contents (file, bytes, "wrong", FALSE, G_FILE_CREATE_NONE), G_IO_ERROR,
         G_IO_ERROR_WRONG_ETAG);
  cancels (g_deferred_file_replace_contents (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE));
  g_bytes_unref (bytes);

  bytes = g_bytes_new (NULL, 0);
  g_free (string_of (g_deferred_file_replace_contents (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE)));
  g_bytes_unref (bytes);
  file_has (file, "");
}

/* --- streams of files -------------------------------------------------------------------------------------------- */

static void
write_and_close (GFileOutputStream *stream, const char *text)
{
  g_autoptr (GBytes) bytes = bytes_from (text);
  g_autoptr (GFileInfo) info = NULL;

  g_assert_cmpint (number_of (g_deferred_output_stream_write_all (G_OUTPUT_STREAM (stream), bytes, 0)), ==,
                   strlen (text));
  info = object_of (g_deferred_file_output_stream_query_info (stream, "standard::size", 0));
  g_assert_cmpint (g_file_info_get_size (info), >=, (goffset) strlen (text));
  succeeds (g_deferred_output_stream_flush (G_OUTPUT_STREAM (stream), 0));
  succeeds (g_deferred_output_stream_close (G_OUTPUT_STREAM (stream), 0));
  g_object_unref (stream);
}

static void
output (void)
{
  g_autoptr (GFile) file = in_folder ("output");

  write_and_close (object_of (g_deferred_file_create (file, G_FILE_CREATE_NONE, 0)), "created");
  file_has (file, "created");
  write_and_close (object_of (g_deferred_file_append_to (file, G_FILE_CREATE_NONE, 0)), ", appended");
  file_has (file, "created, appended");
  write_and_close (object_of (g_deferred_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, 0)),
                   "replaced");
  file_has (file, "replaced");

  fails (g_deferred_file_create (file, G_FILE_CREATE_NONE, 0), G_IO_ERROR, G_IO_ERROR_EXISTS);
  fails (g_deferred_file_append_to (folder, G_FILE_CREATE_NONE, 0), G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  fails (g_deferred_file_replace (file, "wrong", FALSE, G_FILE_CREATE_NONE, 0), G_IO_ERROR,
         G_IO_ERROR_WRONG_ETAG);
  cancels (g_deferred_file_append_to (file, G_FILE_CREATE_NONE, 0));
}

static void
input (void)
{
  g_autoptr (GFile) file = file_with ("input", "to read");
  g_autoptr (GFile) missing = in_folder ("missing");
  g_autoptr (GFileInputStream) stream = object_of (g_deferred_file_read (file, 0));
  g_autoptr (GFileInfo) info
      = object_of (g_deferred_file_input_stream_query_info (stream, "standard::size", 0));
  g_autoptr (GBytes) bytes
      = boxed_of (g_deferred_input_stream_read_all (G_INPUT_STREAM (stream), 100, 0), G_TYPE_BYTES);

  g_assert_cmpint (g_file_info_get_size (info), ==, 7);
  bytes_are (bytes, "to read");
  succeeds (g_deferred_input_stream_close (G_INPUT_STREAM (stream), 0));
  fails (g_deferred_input_stream_read_bytes (G_INPUT_STREAM (stream), 1, 0), G_IO_ERROR, G_IO_ERROR_CLOSED);
  fails (g_deferred_file_read (missing, 0), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  cancels (g_deferred_file_read (file, 0));
}

static void
close_readwrite (GFileIOStream *stream)
{
  g_autoptr (GFileInfo) info = object_of (g_deferred_file_io_stream_query_info (stream, "standard::size", 0));

  g_assert_cmpint (g_file_info_get_size (info), <=, 4);
  succeeds (g_deferred_io_stream_close (G_IO_STREAM (stream), 0));
  g_object_unref (stream);
}

static void
readwrite (void)
{
  g_autoptr (GFile) file = in_folder ("readwrite");

  close_readwrite (object_of (g_deferred_file_create_readwrite (file, G_FILE_CREATE_NONE, 0)));
  close_readwrite (object_of (g_deferred_file_open_readwrite (file, 0)));
  close_readwrite (object_of (g_deferred_file_replace_readwrite (file, NULL, FALSE, G_FILE_CREATE_NONE, 0)));
  fails (g_deferred_file_create_readwrite (file, G_FILE_CREATE_NONE, 0), G_IO_ERROR, G_IO_ERROR_EXISTS);
  fails (g_deferred_file_open_readwrite (folder, 0), G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
}

static void
temporary (void)
{
  g_autoptr (GDeferredFileNewTmpResult) tmp
      = boxed_of (g_deferred_file_new_tmp ("gd-XXXXXX", 0), G_TYPE_DEFERRED_FILE_NEW_TMP_RESULT);
  g_autoptr (GFile) dir = object_of (g_deferred_file_new_tmp_dir (NULL, 0));

  g_assert_true (g_file_query_exists (tmp->file, NULL));
  g_assert_true (G_IS_FILE_IO_STREAM (tmp->iostream));
  succeeds (g_deferred_file_delete (tmp->file, 0));
  succeeds (g_deferred_file_delete (dir, 0));
  fails (g_deferred_file_new_tmp ("no-x", 0), G_IO_ERROR, G_IO_ERROR_FAILED);
  fails (g_deferred_file_new_tmp_dir ("no-x", 0), G_IO_ERROR, G_IO_ERROR_FAILED);
}

/* --- folders and attributes -------------------------------------------------------------------------------------- */

static int
compare_names (gconstpointer one, gconstpointer other)
{
  return strcmp (g_file_info_get_name (*(GFileInfo **) one), g_file_info_get_name (*(GFileInfo **) other));
}

static void
folders (void)
{
  g_autoptr (GFile) sub = in_folder ("sub");
  g_autoptr (GFile) first = NULL, second = NULL;
  g_autoptr (GFileEnumerator) children = NULL;
  g_autoptr (GPtrArray) infos = NULL, no_more = NULL;

  succeeds (g_deferred_file_make_directory (sub, 0));
  fails (g_deferred_file_make_directory (sub, 0), G_IO_ERROR, G_IO_ERROR_EXISTS);
  first = file_with ("sub/a", "1");
  second = file_with ("sub/b", "2");

  children = object_of (g_deferred_file_enumerate_children (sub, "standard::name", 0, 0));
  infos = boxed_of (g_deferred_file_enumerator_next_files (children, 10, 0), G_TYPE_PTR_ARRAY);
  no_more = boxed_of (g_deferred_file_enumerator_next_files (children, 10, 0), G_TYPE_PTR_ARRAY);
  g_ptr_array_sort (infos, compare_names);
  g_assert_cmpuint (infos->len, ==, 2);
  g_assert_cmpstr (g_file_info_get_name (infos->pdata[0]), ==, "a");
  g_assert_cmpstr (g_file_info_get_name (infos->pdata[1]), ==, "b");
  g_assert_cmpuint (no_more->len, ==, 0);
  succeeds (g_deferred_file_enumerator_close (children, 0));
  fails (g_deferred_file_enumerator_next_files (children, 1, 0), G_IO_ERROR, G_IO_ERROR_CLOSED);
  fails (g_deferred_file_enumerate_children (first, "standard::name", 0, 0), G_IO_ERROR,
         G_IO_ERROR_NOT_DIRECTORY);
  cancels (g_deferred_file_enumerate_children (sub, "standard::name", 0, 0));

  fails (g_deferred_file_delete (sub, 0), G_IO_ERROR, G_IO_ERROR_NOT_EMPTY);
  succeeds (g_deferred_file_delete (first, 0));
  fails (g_deferred_file_delete (first, 0), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  fails (g_deferred_file_trash (first, 0), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
attributes (void)
{
  g_autoptr (GFile) file = file_with ("attributes", "12345");
  g_autoptr (GFile) link = in_folder ("link");
  g_autoptr (GFile) renamed = NULL;
  g_autoptr (GFileInfo) info = NULL, set = NULL, system = NULL, of_link = NULL;
  g_autoptr (GFileInfo) change = g_file_info_new ();

  info = object_of (g_deferred_file_query_info (file, "standard::size", 0, 0));
  g_assert_cmpint (g_file_info_get_size (info), ==, 5);
  system = object_of (g_deferred_file_query_filesystem_info (file, "filesystem::size", 0));
  g_assert_true (g_file_info_has_attribute (system, "filesystem::size"));

  g_file_info_set_attribute_uint32 (change, "unix::mode", 0600);
  set = object_of (g_deferred_file_set_attributes (file, change, 0, 0));
  g_assert_cmpuint (g_file_info_get_attribute_status (set, "unix::mode"), ==, G_FILE_ATTRIBUTE_STATUS_SET);

  /* GIO leaves something here although it fails. */
  fails (g_deferred_file_set_attributes (file, info, 0, 0), G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);

  succeeds (g_deferred_file_make_symbolic_link (link, "attributes", 0));
  of_link = object_of (g_deferred_file_query_info (link, "standard::size", 0, 0));
  g_assert_cmpint (g_file_info_get_size (of_link), ==, 5);
  fails (g_deferred_file_make_symbolic_link (link, "attributes", 0), G_IO_ERROR, G_IO_ERROR_EXISTS);

  renamed = object_of (g_deferred_file_set_display_name (file, "renamed", 0));
  file_has (renamed, "12345");
  fails (g_deferred_file_set_display_name (file, "other", 0), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  fails (g_deferred_file_query_info (file, "standard::size", 0, 0), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  cancels (g_deferred_file_query_info (renamed, "standard::size", 0, 0));
}

static void
disk_usage (void)
{
  g_autoptr (GFile) sub = in_folder ("measured");
  g_autoptr (GFile) file = NULL;
  g_autoptr (GDeferredFileMeasureDiskUsageResult) usage = NULL;

  g_assert_true (g_file_make_directory (sub, NULL, NULL));
  file = file_with ("measured/file", "12345");
  usage = boxed_of (g_deferred_file_measure_disk_usage (sub, G_FILE_MEASURE_APPARENT_SIZE, 0),
                    G_TYPE_DEFERRED_FILE_MEASURE_DISK_USAGE_RESULT);
  g_assert_cmpuint (usage->disk_usage, >=, 5);
  g_assert_cmpuint (usage->num_dirs, ==, 1);
  g_assert_cmpuint (usage->num_files, ==, 1);
  cancels (g_deferred_file_measure_disk_usage (sub, 0, 0));
}

/* --- copies ------------------------------------------------------------------------------------------------------ */

static void
on_progress (GObject *d, GParamSpec *pspec G_GNUC_UNUSED, gpointer last)
{
  double fraction = g_deferred_get_progress (G_DEFERRED (d));

  g_assert_cmpfloat (fraction, >=, *(double *) last);
  g_assert_cmpfloat (fraction, <=, 1);
  *(double *) last = fraction;
}

static void
copy_and_move (void)
{
  g_autoptr (GFile) from = in_folder ("from");
  g_autoptr (GFile) to = in_folder ("to");
  g_autoptr (GFile) moved = in_folder ("moved");
  g_autofree char *much = g_strnfill (3 * 1024 * 1024, 'x');
  double           last = 0;
  GDeferred       *d;

  g_object_unref (file_with ("from", much));
  d = g_deferred_file_copy (from, to, G_FILE_COPY_NONE, 0);
  g_signal_connect (d, "notify::progress", G_CALLBACK (on_progress), &last);
  succeeds (d);
  g_assert_cmpfloat (last, ==, 1);
  file_has (to, much);

  fails (g_deferred_file_copy (from, to, G_FILE_COPY_NONE, 0), G_IO_ERROR, G_IO_ERROR_EXISTS);
  succeeds (g_deferred_file_move (to, moved, G_FILE_COPY_NONE, 0));
  file_has (moved, much);
  fails (g_deferred_file_move (to, moved, G_FILE_COPY_NONE, 0), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  cancels (g_deferred_file_copy (from, to, G_FILE_COPY_OVERWRITE, 0));
}

/* --- what local files do not do ---------------------------------------------------------------------------------- */

static void
not_supported (GDeferred *d)
{
  fails (d, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static void
mountables (void)
{
  g_autoptr (GFile) file = file_with ("mountable", "");

  ends (g_deferred_file_find_enclosing_mount (file, 0));
  not_supported (g_deferred_file_eject_mountable_with_operation (file, 0, NULL));
  not_supported (g_deferred_file_mount_enclosing_volume (file, 0, NULL));
  not_supported (g_deferred_file_mount_mountable (file, 0, NULL));
  not_supported (g_deferred_file_poll_mountable (file));
  not_supported (g_deferred_file_start_mountable (file, 0, NULL));
  not_supported (g_deferred_file_stop_mountable (file, 0, NULL));
  not_supported (g_deferred_file_unmount_mountable_with_operation (file, 0, NULL));
}

/* --- icons and applications -------------------------------------------------------------------------------------- */

static void
icons (void)
{
  g_autoptr (GFile) file = file_with ("icon.png", "no picture");
  g_autoptr (GIcon) icon = g_file_icon_new (file);
  g_autoptr (GDeferredLoadableIconLoadResult) loaded
      = boxed_of (g_deferred_loadable_icon_load (G_LOADABLE_ICON (icon), 16),
                  G_TYPE_DEFERRED_LOADABLE_ICON_LOAD_RESULT);
  g_autoptr (GBytes) bytes
      = boxed_of (g_deferred_input_stream_read_bytes (loaded->input_stream, 100, 0), G_TYPE_BYTES);

  bytes_are (bytes, "no picture");
}

static void
applications (void)
{
  g_autoptr (GFile) file = file_with ("started.txt", "");
  g_autoptr (GFile) started = in_folder ("started");
  g_autofree char *path = g_file_get_path (started);
  g_autofree char *line = g_strdup_printf ("touch %s", path);
  g_autofree char *uri = g_file_get_uri (file);
  GList            uris = { uri, NULL, NULL };
  g_autoptr (GAppInfo) app = g_app_info_create_from_commandline (line, "touch", G_APP_INFO_CREATE_NONE, NULL);

  succeeds (g_deferred_app_info_launch_uris (app, &uris, NULL));
  while (!g_file_query_exists (started, NULL))
    g_usleep (1000);

  fails (g_deferred_app_info_get_default_for_type ("x-none/x-none", FALSE), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  fails (g_deferred_app_info_get_default_for_uri_scheme ("x-no-such-scheme"), G_IO_ERROR,
         G_IO_ERROR_NOT_FOUND);
  fails (g_deferred_app_info_launch_default_for_uri ("x-no-such-scheme:x", NULL), G_IO_ERROR,
         G_IO_ERROR_NOT_SUPPORTED);
  ends (g_deferred_file_query_default_handler (file, 0));
}

static const Case cases[] = {
  { "/gio/files/load", load },
  { "/gio/files/replace-contents", replace_contents },
  { "/gio/files/output", output },
  { "/gio/files/input", input },
  { "/gio/files/readwrite", readwrite },
  { "/gio/files/temporary", temporary },
  { "/gio/files/folders", folders },
  { "/gio/files/attributes", attributes },
  { "/gio/files/disk-usage", disk_usage },
  { "/gio/files/copy-and-move", copy_and_move },
  { "/gio/files/mountables", mountables },
  { "/gio/files/icons", icons },
  { "/gio/files/applications", applications },
};

static void
remove_folder (GFile *file)
{
  g_autoptr (GFileEnumerator) children
      = g_file_enumerate_children (file, "standard::name", G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);
  GFile *child;

  while (children != NULL && g_file_enumerator_iterate (children, NULL, &child, NULL, NULL) && child != NULL)
    remove_folder (child);
  g_assert_true (g_file_delete (file, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_autofree char *path = g_dir_make_tmp ("gdeferred-XXXXXX", NULL);
  int              status;

  folder = g_file_new_for_path (path);
  status = run_cases (argc, argv, cases, G_N_ELEMENTS (cases));
  remove_folder (folder);
  g_object_unref (folder);
  return status;
}
