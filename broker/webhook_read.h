// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_WEBHOOK_READ_H
#define TALLY_BROKER_WEBHOOK_READ_H
/* A webhook from the body of a request, with the API's validation texts. */
struct call;
struct err;
struct issues;
struct json;
struct webhook;
struct webhook_request;

/*
 * Fills *row (all but id, uuid, times, request and summary) and *request. `old` is the request to
 * take starred secrets from, NULL = none. What is wrong goes into *issues; negative only when the
 * store cannot tell.
 */
int webhook_read(struct call *call, const struct json *body, const struct webhook_request *old,
                 struct webhook *row, struct webhook_request *request, struct issues *issues,
                 struct err *err);

#endif
