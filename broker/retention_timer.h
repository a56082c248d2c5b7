// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_RETENTION_TIMER_H
#define TALLY_BROKER_RETENTION_TIMER_H
/*
 * Retention by itself: soon after the start and then every interval, one run in small writes with
 * pauses between them. What a run removed is one line of the log.
 */
struct loop;
struct retention_config;
struct retention_timer;
struct store;
struct writer;

/* The arguments are borrowed; the store's clock tells the time. */
struct retention_timer *retention_timer_new(struct loop *loop, struct writer *writer,
                                            struct store *store,
                                            const struct retention_config *config);
/* No further write. NULL is fine. */
void retention_timer_stop(struct retention_timer *timer);
/* After the writer. NULL is fine. */
void retention_timer_free(struct retention_timer *timer);

#endif
