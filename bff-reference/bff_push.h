// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_BFF_PUSH_H
#define TALLY_BFF_REFERENCE_BFF_PUSH_H
/*
 * Push messages in FCM v1's form. They name a notification and tell nothing of it: the push service
 * and the lock screen are not ours, so the app fetches the content from the BFF.
 */
#include "bff-reference/problem.h"

struct arena;
struct bff;
struct json;

/* The message for a notification as the notification service has it. */
struct json *bff_push_message(const struct bff *bff, const struct json *notification,
                              struct arena *arena);

/* One push: looked up, built, and sent unless there is no endpoint. */
struct bff_push {
    struct bff *bff;
    struct arena *arena;
    const char *endpoint; /* NULL: only build the message */
    struct str notification_id;
    void (*done)(struct bff_push *push);
    void *context;

    /* when done */
    struct problem problem;
    struct json *message;
};
/* done() may run before this returns. The push lives at least until then. */
void bff_push_start(struct bff_push *push);

#endif
