/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* For tests of one task of a cooperator. Each step of it takes a whole slice. */

#include "cooperator-fixture.h"

static Work                      work; /* of the case */
static GDeferredCooperativeTask *task; /* that does it; owned */

static inline void
begin (const Work *what)
{
  work = *what;
  work.name = "a";
  work.takes = SECOND;
  if (work.n == 0)
    work.n = 4;
  task = add (&work);
}

#define BEGIN(...) begin (&(Work){ __VA_ARGS__ })

static inline void
finish (void)
{
  g_assert_finalize_object (task);
}
