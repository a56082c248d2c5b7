// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_WEBHOOK_QUEUE_H
#define TALLY_BROKER_WEBHOOK_QUEUE_H
/*
 * Sends what is due, on the server's loop. The queue is in the database, so it survives any end of
 * the process; a webhook may arrive twice when that end comes between the sending and the writing
 * down, and never not at all.
 *
 * A row is claimed before it is sent: of several processes on one database only one sends it.
 */
struct client_request;
struct client_response;
struct err;
struct loop;
struct store;
struct webhook_policy;
struct webhook_queue;
struct writer;

/* Begins with what an earlier process left. The arguments are borrowed; the store is
 * read on the loop, the writer writes. */
struct webhook_queue *webhook_queue_new(struct loop *loop, struct writer *writer,
                                        struct store *store, const struct webhook_policy *policy);
/* Cancels what is in flight: rows stay due, tests of webhooks are answered. NULL is fine. */
void webhook_queue_stop(struct webhook_queue *queue);
/* When nothing that the queue has to write is under way any more. */
void webhook_queue_free(struct webhook_queue *queue);
/* After a commit that added rows. */
void webhook_queue_wake(struct webhook_queue *queue);
/* Send something beside the queue, as client_pool_call(). */
void webhook_queue_send(struct webhook_queue *queue, const struct client_request *request,
                        void (*done)(void *arg, const struct client_response *response,
                                     const struct err *err),
                        void *arg);

#endif
