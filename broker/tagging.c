// SPDX-License-Identifier: Apache-2.0
#include "broker/tagging.h"

#include "broker/access.h"
#include "broker/call.h"
#include "broker/roles.h"
#include "broker/store.h"
#include "lib/base/err.h"

int tagging_add(struct call *call, const struct version *version, const char *name,
                bool *ret_created, struct err *err)
{
    struct environment environment = {0};
    struct tag old = {0};
    int code = 0;
    if (call->store->rules->deploys_by_tag && call->caller &&
        !roles_suffice(call->caller->roles, ROLE_DEPLOY)) {
        code = store_tag_find(call->store, version->id, name, call->arena, &old, err);
        if (code == 0)
            code = store_environment_by_name(call->store, name, call->arena, &environment, err);
        else if (code > 0)
            code = 0; /* there already: nothing is deployed */
    }
    if (code > 0) {
        call_error(call, 403,
                   "The tag '%s' would record a deployment to the environment of that name. Needed "
                   "is one of: %s",
                   name, roles_text(ROLE_DEPLOY | ROLE_ADMIN, call->arena));
        return 0;
    }
    if (code == 0)
        code = store_tag_add(call->store, version, name, call->arena, ret_created, err);
    return code < 0 ? code : 1;
}
