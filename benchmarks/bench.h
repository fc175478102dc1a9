/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

#include <gdeferred/gdeferred.h>

G_BEGIN_DECLS

/* What is measured beside each other in one row. */
typedef enum
{
  BENCH_FLOOR,
  BENCH_GTASK,
  BENCH_GDEFERRED,
  BENCH_LIBDEX,
  BENCH_N_SIDES,
} BenchSide;

typedef enum
{
  BENCH_DEFAULT = 0,
  BENCH_THREADS = 1 << 0, /* it takes more than one thread */
  BENCH_ONE_CPU = 1 << 1, /* all of them on one CPU: otherwise one measures where the scheduler puts them */
  BENCH_MINIMUM = 1 << 2, /* compare the best of the rounds, not the medians */
  BENCH_BYTES = 1 << 3,   /* bytes, not nanoseconds; the budget is a number of bytes, not a ratio */
  BENCH_SLOW = 1 << 4,    /* one run takes long: fewer rounds */
} BenchFlags;

/* Does @n items, which are timed from outside. */
typedef void (*BenchRun) (guint n);

/* Does @n items and says itself what one of them took. */
typedef double (*BenchMeasure) (guint n);

typedef struct
{
  const char  *id;       /* what --row takes */
  const char  *what;     /* the first column */
  const char  *floor_is; /* what the floor is; NULL where GTask is the yardstick */
  guint        n;        /* items a run */
  guint        n_quick;  /* the same with --quick */
  BenchFlags   flags;
  double       budget; /* 0: none */
  BenchRun     run[BENCH_N_SIDES];
  BenchMeasure measure[BENCH_N_SIDES]; /* in place of run */
} BenchRow;

/* One table a group of rows; the last row of each has no id. */
extern const BenchRow bench_chain_rows[];
extern const BenchRow bench_life_rows[];
extern const BenchRow bench_coord_rows[];
extern const BenchRow bench_gio_rows[];
extern const BenchRow bench_time_rows[];
extern const BenchRow bench_thread_rows[];
extern const BenchRow bench_memory_rows[];
extern const BenchRow bench_growth_rows[];
extern const BenchRow bench_many_rows[];
extern const BenchRow bench_patterns_rows[];

typedef struct
{
  const BenchRow *row;
  double          value[BENCH_N_SIDES]; /* 0: not measured */
  double          ratio;                /* 0: not measured */
} BenchResult;

/* bench-measure.c */
void bench_measure (BenchResult *result, guint rounds, gboolean quick, guint sides);

/* bench-table.c */
void bench_print_table (GPtrArray *results, guint rounds, gboolean quick);
void bench_print_markdown (GPtrArray *results, guint rounds, gboolean quick);

/* bench-util.c: what the rows share */

/* Counts the callbacks that ran, in the thread that runs the benchmark and nowhere else. */
extern volatile guint bench_seen;

gint64   bench_now (void);
void     bench_choose_clock (BenchFlags flags);
void     bench_expect (const char *what, guint64 got, guint64 wanted);
gboolean bench_all_right (void);
void     bench_iterate_until (guint seen);
void     bench_pin (gboolean one_cpu);
GType    bench_bare_type (void);

gboolean bench_count (GDeferred *self, gpointer user_data, GError **error);
gboolean bench_count_seven (GDeferred *self, gpointer user_data, GError **error);
gboolean bench_return_inner (GDeferred *self, gpointer inner, GError **error);
void     bench_fire_seven (GDeferred *self);

/* What any list of callbacks costs: @n links kept in a GArray, and called. */
void bench_array_chain (guint n);

/* Runs that more than one group uses. */
void bench_bare_gobject (guint n);
void bench_array_links (guint n);
void bench_links (guint n);
void bench_life (guint n);

/* bench-memory.c: the part that runs in a process of its own */
int bench_memory_child (const char *side, guint n);

/* bench-libdex.c */
#ifdef HAVE_LIBDEX
#define BENCH_DEX(run) (run)
void   bench_dex_init (void);
void   bench_dex_links (guint n);
void   bench_dex_life (guint n);
void   bench_dex_ten (guint n);
void   bench_dex_error (guint n);
void   bench_dex_wait (guint n);
void   bench_dex_late (guint n);
void   bench_dex_fork (guint n);
void   bench_dex_observers (guint n);
double bench_dex_fire (guint n);
void   bench_dex_offload (guint n);
void   bench_dex_offload_one (guint n);
void   bench_dex_hold (gpointer *items, guint n);
#else
#define BENCH_DEX(run) NULL
#endif

G_END_DECLS
