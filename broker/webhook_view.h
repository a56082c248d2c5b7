// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_WEBHOOK_VIEW_H
#define TALLY_BROKER_WEBHOOK_VIEW_H
/* Webhooks, lists of them, and what they were triggered by, as HAL bodies. */
struct call;
struct json;
struct triggered;
struct triggereds;
struct webhook;
struct webhook_delivery;
struct webhook_request;
struct webhooks;

const char *webhook_url(struct call *call, const char *uuid);
const char *webhook_logs_url(struct call *call, const struct triggered *row);
/* Secrets are stars. */
struct json *webhook_view(struct call *call, const struct webhook *row,
                          const struct webhook_request *request);
struct json *webhook_list_view(struct call *call, const char *title, const struct webhooks *rows);
struct json *triggered_view(struct call *call, const struct triggered *row);
struct json *triggered_list_view(struct call *call, const char *title,
                                 const struct triggereds *rows);
/* What came of a test; uuid NULL for a webhook that is not stored. */
struct json *webhook_execution_view(struct call *call, const struct webhook_delivery *delivery,
                                    const char *uuid);

#endif
