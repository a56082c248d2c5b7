// SPDX-License-Identifier: Apache-2.0
#include "ci/contracts.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"

int contracts_read(const char *path, struct arena *arena, struct pact **ret, struct err *err)
{
    struct str text;
    struct pact *pact = NULL;
    const char *source = strcmp(path, "-") == 0 ? "standard input" : path;
    int rc = fs_read(path, LIMIT_FILE, arena, &text, err);
    rc = rc ? rc : pact_read(text, source, arena, &pact, err);
    if (rc)
        return rc;
    VEC_EACH(&pact->warnings, const struct pact_warning *, warning) {
        fprintf(stderr, "tally: warning: %s:%d:%d: %.*s\n", source, warning->line, warning->column,
                STR_FMT(warning->text));
    }
    *ret = pact;
    return 0;
}

int contracts_one_stdin(const char *const *paths, size_t len, struct err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += paths[i] && strcmp(paths[i], "-") == 0;
    return n > 1 ? err_set(err, ERR_USAGE, "standard input ('-') can be read once only") : 0;
}

void contracts_print(const struct json *value)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_FILE);
    json_write(value, JSON_PRETTY, &out);
    printf("%.*s\n", STR_FMT(buf_view(&out)));
}

void contracts_set(struct arena *arena, struct json *object, const char *key, struct str value)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_FILE);
    size_t bad;
    if (!value.ptr) {
        json_set(arena, object, key, json_new_null(arena));
        return;
    }
    while (!str_is_utf8(value, &bad)) {
        buf_str(&out, str_sub(value, 0, bad));
        buf_puts(&out, "\xEF\xBF\xBD");
        value = str_sub(value, bad + 1, value.len);
    }
    buf_str(&out, value);
    json_set(arena, object, key, json_new_str(arena, str_dup(arena, buf_view(&out))));
}

struct str contracts_title(const struct pact_interaction *interaction, struct arena *arena)
{
    struct str states = STR("");
    VEC_EACH(&interaction->states, const struct pact_state *, state) {
        states = str_printf(arena, "%.*s%s%.*s", STR_FMT(states), states.len ? ", " : "",
                            STR_FMT(state->name));
    }
    return states.len ? str_printf(arena, "%.*s [%.*s]", STR_FMT(interaction->description),
                                   STR_FMT(states))
                      : interaction->description;
}

struct str contracts_unknown_title(const struct pact_unknown *unknown, struct arena *arena)
{
    struct str title = contracts_title(&unknown->said, arena);
    return str_printf(arena, "%.*s (type '%.*s')",
                      STR_FMT(title.ptr ? title : STR("without description")),
                      STR_FMT(unknown->type.ptr ? unknown->type : STR("")));
}
