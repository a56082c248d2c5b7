// SPDX-License-Identifier: Apache-2.0
#include "broker/pact_diff.h"

#include <stdlib.h>

#include "broker/text_diff.h"
#include "lib/base/arena.h"
#include "lib/json/json.h"

struct element {
    struct str name; /* description and states */
    size_t at;
};

static int by_name(const void *a, const void *b)
{
    const struct element *x = a, *y = b;
    int order = str_cmp(x->name, y->name);
    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

static struct str name_of(struct arena *arena, const struct json *interaction)
{
    static const char *const keys[] = {"description", "providerState", "providerStates"};
    struct str text = STR("");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct json *value = json_get(interaction, keys[i]);
        struct str part = value ? json_to_str(arena, value, JSON_SORTED) : STR("");
        text = str_printf(arena, "%.*s %.*s", STR_FMT(text), STR_FMT(part));
    }
    return text;
}

static void sort_interactions(struct arena *arena, struct json *pact, const char *key)
{
    struct json *array = json_get(pact, key), *sorted = json_new_array(arena);
    size_t n = json_len(array);
    if (!json_is(array, JSON_ARRAY))
        return;
    struct element *elements = ARENA_ARRAY(arena, struct element, n);
    for (size_t i = 0; i < n; i++) {
        if (json_is(json_at(array, i), JSON_OBJECT))
            json_remove(json_at(array, i), "_id");
        elements[i] = (struct element){name_of(arena, json_at(array, i)), i};
    }
    if (n > 1)
        qsort(elements, n, sizeof *elements, by_name);
    for (size_t i = 0; i < n; i++)
        json_append(arena, sorted, json_at(array, elements[i].at));
    json_set(arena, pact, key, sorted);
}

static int comparable(struct arena *arena, struct str content, struct str *ret, struct err *err)
{
    struct json *pact = NULL;
    int code = json_parse(content, "stored contract", arena, &pact, err);
    if (code < 0)
        return code;
    sort_interactions(arena, pact, "interactions");
    sort_interactions(arena, pact, "messages");
    *ret = json_to_str(arena, pact, JSON_SORTED | JSON_PRETTY);
    return 0;
}

int pact_diff(struct arena *arena, struct str old_content, struct str new_content, struct str *ret,
              struct err *err)
{
    struct str old_text = STR_NONE, new_text = STR_NONE;
    int code = comparable(arena, old_content, &old_text, err);
    if (code == 0)
        code = comparable(arena, new_content, &new_text, err);
    if (code == 0)
        *ret = text_diff(arena, old_text, new_text);
    return code;
}
