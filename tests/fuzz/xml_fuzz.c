// SPDX-License-Identifier: Apache-2.0
/* XML bodies on both sides, split at the first NUL: what is read agrees with itself. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/match.h"
#include "lib/contract/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t differences(struct pact *pact, struct str expected, struct str actual,
                          struct arena *arena)
{
    struct pact_interaction *it = pact_add(arena, pact, PACT_HTTP, STR("fuzz"));
    struct actual_response response = {.status = 200, .body = actual};
    struct match_result result = {0};
    struct err err = ERR_INIT;

    headers_add(arena, &response.headers, STR("Content-Type"), STR("text/xml"));
    it->response.body = (struct pact_body){
        .state = PACT_BODY_PRESENT, .bytes = expected, .content_type = STR("text/xml")};
    if (match_response(pact, &it->response, &response, arena, &result, &err) != 0)
        return SIZE_MAX;
    return result.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct str rest = str_make((const char *)data, size);
    struct str expected = str_cut(&rest, '\0');
    struct xml_element *root = NULL;
    struct err err = ERR_INIT;
    struct pact *pact = pact_new(arena, STR("a"), STR("b"));

    int rc = xml_parse(expected, "fuzz", arena, &root, &err);
    if (rc == 0 && (root->name.len == 0 || !root->text.ptr))
        abort();
    if (rc != 0 && (root || err.code != (enum err_code)rc))
        abort();
    if (expected.len == 0)
        return 0;
    size_t own = differences(pact, expected, expected, arena);
    if ((rc == 0) != (own == 0))
        abort();
    if (rest.len > 0)
        differences(pact, expected, rest, arena);
    return 0;
}
