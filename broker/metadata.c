// SPDX-License-Identifier: Apache-2.0
#include "broker/metadata.h"

#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "lib/wire/url.h"

const char *metadata_encode(struct arena *arena, const struct metadata *metadata)
{
    struct url_params params = {0};
    VEC_EACH(&metadata->consumer_version_ids, const int64_t *, id)
        *VEC_PUSH(arena, &params) =
            (struct url_param){STR("s[][cv]"), str_printf(arena, "%lld", (long long)*id)};
    if (metadata->number)
        *VEC_PUSH(arena, &params) = (struct url_param){STR("cvn"), str_of(metadata->number)};
    else if (metadata->wip)
        *VEC_PUSH(arena, &params) = (struct url_param){STR("w"), STR("true")};
    else
        *VEC_PUSH(arena, &params) =
            (struct url_param){STR("p"), metadata->pending ? STR("true") : STR("false")};
    return hash_base64url(arena, url_query_write(arena, &params)).ptr;
}

void metadata_decode(struct arena *arena, const char *text, struct metadata *ret)
{
    struct str form;
    struct url_params params = {0};
    *ret = (struct metadata){0};
    if (!hash_unbase64url(arena, str_of(text), &form) ||
        url_query_parse(form, arena, &params, NULL) < 0)
        return;
    VEC_EACH(&params, const struct url_param *, param) {
        int64_t id = 0;
        if (str_is(param->name, "w"))
            ret->wip = str_is(param->value, "true");
        else if (str_is(param->name, "p"))
            ret->pending = str_is(param->value, "true");
        else if (str_is(param->name, "cvn") && param->value.len > 0)
            ret->number = str_cstr(arena, param->value);
        else if (str_is(param->name, "s[][cv]") && str_to_i64(param->value, 1, INT64_MAX, &id))
            *VEC_PUSH(arena, &ret->consumer_version_ids) = id;
    }
}
