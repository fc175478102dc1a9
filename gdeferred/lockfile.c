/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "lockfile-private.h"

#ifdef G_OS_UNIX

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is replaced each time that it was opened: whoever does that cannot mean to lock it. */
#define MAX_REPLACED 16

static void
set_error (GError **error, int number, const char *path, const char *what)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number), "Cannot %s the lock file %s: %s",
               what, name, g_strerror (number));
}

/* That of another user may be for reading only, which is enough to lock it. Neither a FIFO nor a terminal is to have an
 * effect on us. */
static int
open_file (const char *path)
{
  const int flags = O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  int       fd;

  do
    fd = open (path, O_RDWR | flags, 0666);
  while (fd < 0 && errno == EINTR);
  if (fd >= 0 || (errno != EACCES && errno != EROFS))
    return fd;

  do
    fd = open (path, O_RDONLY | (flags & ~O_CREAT));
  while (fd < 0 && errno == EINTR);
  return fd;
}

typedef enum
{
  LOCKED,
  BUSY,
  REPLACED,
  FAILED
} Result;

/* Once it is locked, it has to be the one that others would find. */
static Result
lock (int fd, const char *path, GError **error)
{
  struct stat ours;
  struct stat named;
  int         status;

  if (fstat (fd, &ours) == 0 && !S_ISREG (ours.st_mode))
    {
      set_error (error, S_ISDIR (ours.st_mode) ? EISDIR : EINVAL, path, "lock");
      return FAILED;
    }

  do
    status = flock (fd, LOCK_EX | LOCK_NB);
  while (status != 0 && errno == EINTR);
  if (status != 0 && errno == EWOULDBLOCK)
    return BUSY;
  if (status != 0)
    {
      set_error (error, errno, path, "lock");
      return FAILED;
    }

  if (fstat (fd, &ours) != 0 || stat (path, &named) != 0 || ours.st_dev != named.st_dev
      || ours.st_ino != named.st_ino)
    return REPLACED;
  return LOCKED;
}

/* Nobody loses what is in the file, should it be a file for something else. */
static gboolean
is_for_locks (int fd)
{
  char    text[32];
  ssize_t length = pread (fd, text, sizeof text, 0);

  for (ssize_t i = 0; i < length; i++)
    if (!g_ascii_isdigit (text[i]) && text[i] != '\n')
      return FALSE;
  return length >= 0 && length < (ssize_t) sizeof text;
}

/* For people to read. That it can be written is not necessary. */
static void
write_pid (int fd)
{
  char    text[32];
  int     length = snprintf (text, sizeof text, "%ld\n", (long) getpid ());
  ssize_t written;

  if (!is_for_locks (fd) || ftruncate (fd, 0) != 0)
    return;

  written = pwrite (fd, text, (size_t) length, 0);
  if (written != length && ftruncate (fd, 0) != 0)
    return;
}

int
gd_lock_file_open (const char *path, GError **error)
{
  Result result = REPLACED;
  int    fd;

  if (path == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, "The file lock has no path");
      return -1;
    }

  for (guint i = 0; result == REPLACED && i < MAX_REPLACED; i++)
    {
      fd = open_file (path);
      if (fd < 0)
        {
          set_error (error, errno, path, "open");
          return -1;
        }

      result = lock (fd, path, error);
      if (result != LOCKED)
        close (fd);
    }
  if (result != LOCKED)
    return -1;

  write_pid (fd);
  return fd;
}

void
gd_lock_file_close (int fd)
{
  if (is_for_locks (fd) && ftruncate (fd, 0) != 0)
    errno = 0;
  close (fd);
}

#else

int
gd_lock_file_open (const char *path, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "There are no file locks on this system");
  return -1;
}

void
gd_lock_file_close (int fd)
{
}

#endif
