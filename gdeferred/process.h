/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/deferred.h>

G_BEGIN_DECLS

/**
 * GDeferredProcessOutput: (ref-func g_deferred_process_output_ref) (unref-func g_deferred_process_output_unref)
 *
 * What a child process has left: what it wrote, and how it ended. Nothing changes it.
 *
 * Since: 1.0
 */
typedef struct _GDeferredProcessOutput GDeferredProcessOutput;

#define G_TYPE_DEFERRED_PROCESS_OUTPUT (g_deferred_process_output_get_type ())
GD_EXTERN GType                   g_deferred_process_output_get_type (void) G_GNUC_CONST;
GD_EXTERN GDeferredProcessOutput *g_deferred_process_output_ref (GDeferredProcessOutput *self);
GD_EXTERN void                    g_deferred_process_output_unref (GDeferredProcessOutput *self);
GD_EXTERN GBytes                 *g_deferred_process_output_get_stdout (GDeferredProcessOutput *self);
GD_EXTERN GBytes                 *g_deferred_process_output_get_stderr (GDeferredProcessOutput *self);
GD_EXTERN char                   *g_deferred_process_output_dup_text (GDeferredProcessOutput *self);
GD_EXTERN int                     g_deferred_process_output_get_exit_status (GDeferredProcessOutput *self);
GD_EXTERN int                     g_deferred_process_output_get_term_signal (GDeferredProcessOutput *self);

GD_EXTERN GDeferred              *g_deferred_run_process (const char *const *argv, GBytes *input);
GD_EXTERN GDeferred              *g_deferred_new_for_process (GSubprocess *process, GBytes *input);
GD_EXTERN GDeferredProcessOutput *g_deferred_get_process_output (GDeferred *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GDeferredProcessOutput, g_deferred_process_output_unref)

G_END_DECLS
