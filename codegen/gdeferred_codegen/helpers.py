# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Functions in C that several wrappers of a file use. Those that none uses are left away."""

# In the order in which they stand in the file.
HELPERS = {
    "IS_A": """
#define IS_A(object, type) (G_TYPE_CHECK_INSTANCE_TYPE ((object), type##_get_type ()))
""",
    "CopyElement": """
typedef gpointer (*CopyElement) (gpointer element);
""",
    "fail": """
static void
fail (GDeferred *deferred, GError *error, const char *function)
{
  if (error == NULL)
    error = g_error_new (G_DEFERRED_ERROR, G_DEFERRED_ERROR_FAILED, "%s() failed and set no error", function);
  g_deferred_errback_take (deferred, error, NULL);
}
""",
    "report_progress": """
static void
report_progress (gint64 current, gint64 total, gpointer deferred)
{
  g_deferred_set_progress (deferred, total > 0 ? (double) current / (double) total : 0, NULL);
}
""",
    "keep_bytes": """
/* What has no bytes has no address either, which not every function likes. */
static GBytes *
keep_bytes (GBytes *bytes)
{
  if (bytes != NULL && g_bytes_get_size (bytes) == 0)
    return g_bytes_new_static ("", 0);
  return bytes != NULL ? g_bytes_ref (bytes) : NULL;
}
""",
    "take_buffer": """
static GBytes *
take_buffer (gpointer *buffer, gsize size)
{
  return g_bytes_new_take (g_realloc (g_steal_pointer (buffer), size), size);
}
""",
    "copy_object": """
static gpointer
copy_object (gpointer object)
{
  return object != NULL ? g_object_ref (object) : NULL;
}
""",
    "copy_boxed": """
static gpointer
copy_boxed (GType type, gconstpointer boxed)
{
  return boxed != NULL ? g_boxed_copy (type, boxed) : NULL;
}
""",
    "free_boxed": """
static void
free_boxed (GType type, gpointer boxed)
{
  if (boxed != NULL)
    g_boxed_free (type, boxed);
}
""",
    "copy_variant": """
static GVariant *
copy_variant (GVariant *variant)
{
  return variant != NULL ? g_variant_ref_sink (variant) : NULL;
}
""",
    "take_variant": """
static GVariant *
take_variant (GVariant *variant)
{
  return variant != NULL ? g_variant_take_ref (variant) : NULL;
}
""",
    "copy_string": """
static gpointer
copy_string (gpointer string)
{
  return g_strdup (string);
}
""",
    "copy_element_variant": """
static gpointer
copy_element_variant (gpointer variant)
{
  return g_variant_ref_sink (variant);
}
""",
    "free_element_variant": """
static void
free_element_variant (gpointer variant)
{
  g_variant_unref (variant);
}
""",
    "ptr_array_from_list": """
/* Takes the elements, or copies them if there is a function for it. */
static GPtrArray *
ptr_array_from_list (GList *list, CopyElement copy, GDestroyNotify destroy)
{
  GPtrArray *array = g_ptr_array_new_with_free_func (destroy);

  for (; list != NULL; list = list->next)
    g_ptr_array_add (array, copy != NULL ? copy (list->data) : list->data);
  return array;
}
""",
    "ptr_array_from_slist": """
/* Takes the elements, or copies them if there is a function for it. */
static GPtrArray *
ptr_array_from_slist (GSList *list, CopyElement copy, GDestroyNotify destroy)
{
  GPtrArray *array = g_ptr_array_new_with_free_func (destroy);

  for (; list != NULL; list = list->next)
    g_ptr_array_add (array, copy != NULL ? copy (list->data) : list->data);
  return array;
}
""",
    "ptr_array_from_array": """
/* Takes the elements, or copies them if there is a function for it. */
static GPtrArray *
ptr_array_from_array (gpointer elements, CopyElement copy, GDestroyNotify destroy)
{
  GPtrArray *array = g_ptr_array_new_with_free_func (destroy);

  for (gpointer *element = elements; element != NULL && *element != NULL; element++)
    g_ptr_array_add (array, copy != NULL ? copy (*element) : *element);
  return array;
}
""",
}

ELEMENTS = {
    "copy": """
static gpointer
copy_{stem} (gpointer element)
{{
  return g_boxed_copy ({stem}_get_type (), element);
}}
""",
    "free": """
static void
free_{stem} (gpointer element)
{{
  g_boxed_free ({stem}_get_type (), element);
}}
""",
}


def text_of(names):
    """The text of the helpers named; "copy:g_file_info" and "free:g_file_info" are for elements of that boxed type."""
    elements = [name.split(":") for name in sorted(names) if ":" in name]
    return "".join([*(text for name, text in HELPERS.items() if name in names),
                    *(ELEMENTS[what].format(stem=stem) for what, stem in elements)])
