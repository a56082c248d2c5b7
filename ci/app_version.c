// SPDX-License-Identifier: Apache-2.0
#include "ci/app_version.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/hal/hal.h"
#include "lib/wire/url.h"

/* Percent-encoded, the last dot too: the broker would take ".json" for a wish about the format. */
static struct str encode_number(struct arena *arena, const char *version)
{
    struct str number = str_of(version);
    const char *dot = strrchr(version, '.');
    if (!dot)
        return url_encode(arena, number);
    struct str before = {number.ptr, (size_t)(dot - number.ptr)}, after = str_of(dot + 1);
    return str_printf(arena, "%.*s%%2E%.*s", STR_FMT(url_encode(arena, before)),
                      STR_FMT(url_encode(arena, after)));
}

int app_version_get(struct hal *hal, const char *pacticipant, const char *version,
                    struct arena *arena, struct json **ret, struct err *err)
{
    struct json *body = NULL;
    const char *url = arena_printf(arena, "/pacticipants/%.*s/versions/%.*s",
                                   STR_FMT(url_encode(arena, str_of(pacticipant))),
                                   STR_FMT(encode_number(arena, version)));
    int code = hal_get(hal, url, arena, &body, err);
    if (code < 0)
        return code;
    struct str number = json_get_text(body, "number");
    if (!number.ptr)
        return err_set(err, ERR_NOT_FOUND, "the broker's answer for version %s has no number",
                       version);
    if (!str_is(number, version))
        return err_set(err, ERR_NOT_FOUND, "the broker answered for version %.*s instead of %s",
                       STR_FMT(number), version);
    *ret = body;
    return 0;
}
