/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#pragma once

/* The interface of a job on D-Bus: dbusjob.c is behind it, dbusfollow.c in front of it. */
#define GD_JOB_INTERFACE "io.gdeferred.Job1"
#define GD_JOB_FINISHED  "Finished"
#define GD_JOB_CANCEL    "Cancel"
#define GD_JOB_PROGRESS  "Progress"
#define GD_JOB_TEXT      "Text"
#define GD_JOB_STATE     "State"
#define GD_JOB_NAME      "Name"

/* Whether it succeeded; the one thing that it came to, or none; the name and the message of its error. */
#define GD_JOB_OUTCOME "(bavss)"
