// SPDX-License-Identifier: Apache-2.0
#include "broker/live.h"

#include "broker/call.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"

int live_allows_delete(struct call *call, const struct live_filter *filter, const char *what,
                       struct err *err)
{
    struct placement row = {0};
    int code = store_live_find(call->store, filter, call->arena, &row, err);
    if (code <= 0)
        return code < 0 ? code : 1;
    const char *instance =
        row.instance ? arena_printf(call->arena, " (application instance %s)", row.instance) : "";
    return call_error(
        call, 409,
        "Cannot delete %s: version %s of %s is currently %s environment %s%s. When it "
        "is gone from there, say so with %s, then delete.",
        what, row.number, row.pacticipant, row.released ? "released in" : "deployed to",
        row.environment, instance, row.released ? "record-support-ended" : "record-undeployment");
}
