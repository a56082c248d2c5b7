// SPDX-License-Identifier: Apache-2.0
#include "broker/audit.h"

#include <pwd.h>
#include <unistd.h>

#include "broker/access.h"
#include "broker/call.h"
#include "broker/store.h"
#include "broker/store_access.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"

static const char *const kinds[] = {
    [CALLER_ANONYMOUS] = "anonymous", [CALLER_ACCOUNT] = "account", [CALLER_TOKEN] = "token"};

int audit_note(struct store *store, const struct call *call, struct err *err)
{
    const struct caller *caller = call->caller;
    const struct audit row = {
        .kind = kinds[caller->kind],
        .actor = caller->name,
        .token_id = caller->token_id,
        .address = caller->address,
        .method = str_cstr(call->arena, call->method),
        .path = str_cstr(call->arena, str_sub(call->path, 0, LIMIT_HTTP_LINE)),
        .subject = call->subject,
        .status = call->status,
    };
    int code = store_audit_add(store, &row, call->arena, err);
    return code < 0 ? err_wrap(err, "the audit log") : 0;
}

int audit_note_local(struct store *store, const char *command, const char *subject,
                     struct arena *arena, struct err *err)
{
    const struct passwd *user = getpwuid(getuid());
    const struct audit row = {
        .kind = "local",
        .actor = user ? user->pw_name : arena_printf(arena, "uid %u", (unsigned)getuid()),
        .address = "local",
        .method = "COMMAND",
        .path = command,
        .subject = subject,
        .status = 0,
    };
    int code = store_audit_add(store, &row, arena, err);
    return code < 0 ? err_wrap(err, "the audit log") : 0;
}
