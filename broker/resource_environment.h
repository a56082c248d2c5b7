// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_RESOURCE_ENVIRONMENT_H
#define TALLY_BROKER_RESOURCE_ENVIRONMENT_H
/* An environment on the wire, embedded in deployments too. */
struct call;
struct environment;
struct err;
struct json;

struct json *environment_body(struct call *call, const struct environment *row);
const char *environment_url(struct call *call, const char *uuid);
/* By the path's uuid: 1 found, 0 answered with 404, or a negative err_code. */
int environment_find(struct call *call, struct environment *ret, struct err *err);

#endif
