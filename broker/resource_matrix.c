// SPDX-License-Identifier: Apache-2.0
/* /matrix and /can-i-deploy: reading the question. */
#include "broker/routes.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "broker/matrix.h"
#include "broker/matrix_view.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

enum { DEFAULT_LIMIT = 100, SELECTORS_MAX = 256 };

struct asking {
    struct call *call;
    struct matrix_query query;
    struct issues issues;
    bool hash;  /* errors as an object by field (can-i-deploy) instead of a list */
    bool names; /* ignore[]=NAME is a selector too (can-i-deploy) */
};

static void wrong(struct asking *asking, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void wrong(struct asking *asking, const char *fmt, ...)
{
    char text[2048];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    issues_add(asking->call, &asking->issues, asking->hash ? "" : NULL, "%s", text);
}

static int refuse(struct asking *asking)
{
    struct call *call = asking->call;
    if (asking->hash || call->problem)
        return call_issues(call, &asking->issues);
    struct json *body = json_new_object(call->arena), *list = json_new_array(call->arena);
    VEC_EACH(&asking->issues, const struct issue *, issue)
        json_append(call->arena, list, json_new_text(call->arena, issue->text));
    json_set(call->arena, body, "errors", list);
    return call_json(call, 400, body);
}

/* ---- selectors: q[][key]=value or q[]key=value, a new one begins when a key repeats ---- */

static const struct {
    const char *key;
    size_t offset;
    bool flag;
} members[] = {
    {"pacticipant", offsetof(struct matrix_selector, pacticipant), false},
    {"version", offsetof(struct matrix_selector, version), false},
    {"branch", offsetof(struct matrix_selector, branch), false},
    {"tag", offsetof(struct matrix_selector, tag), false},
    {"environment", offsetof(struct matrix_selector, environment), false},
    {"latest", offsetof(struct matrix_selector, latest), true},
    {"mainBranch", offsetof(struct matrix_selector, main_branch), true},
};

static bool is_true(struct asking *asking, const char *key, struct str value)
{
    if (!str_is(value, "true") && !str_is(value, "false"))
        wrong(asking, "%s must be true or false", key);
    return str_is(value, "true");
}

static void set_member(struct asking *asking, struct matrix_selector *selector, size_t i,
                       struct str value)
{
    void *slot = (char *)selector + members[i].offset;
    /* A selector that arrives empty would widen the question: refuse it. Without a name it is
     * refused by check_selectors(). */
    if (value.len == 0 && strcmp(members[i].key, "pacticipant") != 0)
        wrong(asking, "The selector %s must not be empty", members[i].key);
    else if (value.len == 0)
        return;
    else if (members[i].flag)
        *(bool *)slot = is_true(asking, members[i].key, value);
    else
        *(const char **)slot = str_cstr(asking->call->arena, value);
}

static long member_index(struct str key)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (str_is(key, members[i].key))
            return (long)i;
    }
    return -1;
}

/* "q" itself and all that begins with "q[": a part of the question that is not understood must be
 * refused, because without it the question is a wider one. */
static bool is_part_of(struct str param, const char *name)
{
    if (!str_starts(param, str_of(name)))
        return false;
    struct str rest = str_sub(param, strlen(name), param.len - strlen(name));
    return rest.len == 0 || rest.ptr[0] == '[';
}

/* The key in "q[][key]", or in "q[]key", which a Rack server reads alike. */
static struct str key_of(struct str param, size_t name_len)
{
    struct str key = str_sub(param, name_len, param.len - name_len);
    if (!str_starts(key, STR("[]")))
        return STR_NONE;
    key = str_sub(key, 2, key.len - 2);
    bool bracketed = key.len > 2 && key.ptr[0] == '[' && key.ptr[key.len - 1] == ']';
    return bracketed ? str_sub(key, 1, key.len - 2) : key;
}

static void read_selectors(struct asking *asking, const char *name, struct matrix_selectors *ret)
{
    struct call *call = asking->call;
    struct str plain = asking->names ? str_printf(call->arena, "%s[]", name) : STR_NONE;
    unsigned seen = 0;
    VEC_EACH(&call->query, const struct url_param *, param) {
        if (!is_part_of(param->name, name) || (plain.ptr && str_eq(param->name, plain)))
            continue;
        long i = member_index(key_of(param->name, strlen(name)));
        if (i < 0) {
            wrong(asking, "The selector parameter %.*s is not known", STR_FMT(param->name));
            continue;
        }
        if (ret->len == 0 || (seen & 1u << i)) {
            if (ret->len == SELECTORS_MAX) {
                wrong(asking, "There are more than %d selectors", SELECTORS_MAX);
                return;
            }
            (void)VEC_PUSH(call->arena, ret);
            seen = 0;
        }
        seen |= 1u << i;
        set_member(asking, &ret->items[ret->len - 1], (size_t)i, param->value);
    }
}

/* ---- checks, in the original's order ---- */

static void check_selectors(struct asking *asking, const struct matrix_selectors *list,
                            const char *suffix)
{
    VEC_EACH(list, const struct matrix_selector *, s) {
        if (!s->pacticipant)
            wrong(asking, "Please specify the pacticipant name%s", suffix);
        else if (s->version && s->latest)
            wrong(asking, "A version number and latest flag cannot both be specified for %s%s",
                  s->pacticipant, suffix);
    }
}

static int check_environment(struct asking *asking, const char *name, struct err *err)
{
    struct environment row = {0};
    if (!name)
        return 0;
    int code = store_environment_by_name(asking->call->store, name, asking->call->arena, &row, err);
    if (code == 0)
        wrong(asking, "Environment with name '%s' does not exist", name);
    return code < 0 ? code : 0;
}

static int check(struct asking *asking, struct err *err)
{
    const struct matrix_query *query = &asking->query;
    int code = 0;
    check_selectors(asking, &query->selectors, "");
    VEC_EACH(&query->selectors, const struct matrix_selector *, s) {
        struct pacticipant row;
        if (code < 0 || !s->pacticipant)
            continue;
        code = store_pacticipant_find(asking->call->store, s->pacticipant, asking->call->arena,
                                      &row, err);
        if (code == 0)
            wrong(asking, "Pacticipant %s not found", s->pacticipant);
        if (code >= 0)
            code = check_environment(asking, s->environment, err);
    }
    if (query->selectors.len == 0)
        wrong(asking, "Please provide 1 or more version selectors.");
    check_selectors(asking, &query->ignores, " to ignore");
    if ((query->tag != NULL) + (query->environment != NULL) + query->main_branch > 1)
        wrong(asking, "Cannot specify more than one of tag, environment and mainBranch.");
    if (query->latest && query->environment)
        wrong(asking, "Cannot specify both latest=true and an environment.");
    return code < 0 ? code : check_environment(asking, query->environment, err);
}

static int answer(struct asking *asking, struct err *err)
{
    struct matrix matrix = {0};
    if (asking->issues.len > 0)
        return refuse(asking);
    int code = matrix_ask(asking->call->store, &asking->query, asking->call->arena, &matrix, err);
    return code < 0 ? code : matrix_view(asking->call, &matrix, err);
}

/* ---- /matrix ---- */

static const struct {
    const char *name;
    enum latest_by value;
} groupings[] = {{"cvpv", BY_CVPV}, {"cvp", BY_CVP}, {"cp", BY_CP}};

static void read_latest_by(struct asking *asking)
{
    const char *text = call_query(asking->call, "latestby");
    for (size_t i = 0; text && i < sizeof groupings / sizeof *groupings; i++) {
        if (strcmp(text, groupings[i].name) == 0) {
            asking->query.latest_by = groupings[i].value;
            return;
        }
    }
    if (text)
        wrong(asking, "latestby must be one of: cvpv, cvp, cp");
}

static void read_success(struct asking *asking)
{
    VEC_EACH(&asking->call->query, const struct url_param *, param) {
        if (!str_is(param->name, "success[]") && !str_is(param->name, "success"))
            continue;
        if (str_is(param->value, "true"))
            asking->query.success |= SUCCESS_TRUE;
        else if (str_is(param->value, "false"))
            asking->query.success |= SUCCESS_FALSE;
        else if (param->value.len == 0 || str_is(param->value, "null"))
            asking->query.success |= SUCCESS_NULL;
        else
            wrong(asking, "success must be one of: true, false, null");
    }
}

static size_t times_given(const struct call *call, const char *name)
{
    size_t n = 0;
    VEC_EACH(&call->query, const struct url_param *, param)
        n += str_is(param->name, name);
    return n;
}

/* "environment[]=x" asks for something, and is not the option. */
static bool given_as_list(const struct call *call, const char *name)
{
    VEC_EACH(&call->query, const struct url_param *, param) {
        if (is_part_of(param->name, name) && !str_is(param->name, name))
            return true;
    }
    return false;
}

/* A text option; given but empty, or twice, is an error, because dropping one would widen the
 * question. */
static const char *option(struct asking *asking, const char *name)
{
    struct str value = url_query_get(&asking->call->query, name);
    size_t given = times_given(asking->call, name);
    if (given > 1)
        wrong(asking, "The option %s must be given once", name);
    if (given > 0 && value.len == 0)
        wrong(asking, "The option %s must not be empty", name);
    if (given_as_list(asking->call, name))
        wrong(asking, "The option %s must be a text", name);
    return value.len > 0 ? str_cstr(asking->call->arena, value) : NULL;
}

static void read_options(struct asking *asking)
{
    struct matrix_query *query = &asking->query;
    const char *latest = option(asking, "latest"), *main_branch = option(asking, "mainBranch"),
               *limit = call_query(asking->call, "limit");
    query->tag = option(asking, "tag");
    query->environment = option(asking, "environment");
    query->latest = latest && is_true(asking, "latest", str_of(latest));
    query->main_branch = main_branch && is_true(asking, "mainBranch", str_of(main_branch));
    query->limit = DEFAULT_LIMIT;
    read_latest_by(asking);
    read_success(asking);
    if (limit && !str_to_i64(str_of(limit), 1, INT32_MAX, &query->limit))
        wrong(asking, "The limit must be 1 or greater.");
}

int matrix_get(struct call *call, struct err *err)
{
    struct asking asking = {.call = call};
    read_selectors(&asking, "q", &asking.query.selectors);
    read_selectors(&asking, "ignore", &asking.query.ignores);
    struct asking options = asking;
    options.issues = (struct issues){0};
    read_options(&options);
    asking.query = options.query;
    int code = check(&asking, err);
    if (code < 0)
        return code;
    VEC_EACH(&options.issues, const struct issue *, issue)
        wrong(&asking, "%s", issue->text);
    return answer(&asking, err);
}

int matrix_pair_get(struct call *call, struct err *err)
{
    struct asking asking = {.call = call};
    struct pacticipant consumer = {0}, provider = {0};
    int code = pact_pair(call, &consumer, &provider, err);
    if (code <= 0)
        return code;
    *VEC_PUSH(call->arena, &asking.query.selectors) =
        (struct matrix_selector){.pacticipant = consumer.name};
    *VEC_PUSH(call->arena, &asking.query.selectors) =
        (struct matrix_selector){.pacticipant = provider.name};
    asking.query.latest_by = BY_CVPV;
    asking.query.limit = DEFAULT_LIMIT;
    return answer(&asking, err);
}

/* ---- /can-i-deploy ---- */

static void field(struct asking *asking, const char *key, const char *text)
{
    issues_add(asking->call, &asking->issues, key, "%s", text);
}

static const char *absent(const struct call *call, const char *name)
{
    return times_given(call, name) > 0 ? "must be filled" : "is missing";
}

static int check_can_i_deploy(struct asking *asking, const char *pacticipant, const char *version,
                              const char *to, struct err *err)
{
    struct call *call = asking->call;
    struct pacticipant row = {0};
    struct environment environment = {0};
    const char *name = asking->query.environment;
    int code = 0;
    if (!pacticipant) {
        field(asking, "pacticipant", absent(call, "pacticipant"));
    } else {
        code = store_pacticipant_find(call->store, pacticipant, call->arena, &row, err);
        if (code == 0)
            field(asking, "pacticipant", "does not match an existing pacticipant");
    }
    if (!version)
        field(asking, "version", absent(call, "version"));
    if (code >= 0 && name) {
        code = store_environment_by_name(call->store, name, call->arena, &environment, err);
        if (code == 0)
            field(asking, "environment",
                  arena_printf(call->arena, "with name '%s' does not exist", name));
    }
    if (to && name)
        field(asking, "", "Cannot specify both a 'to' tag and an environment.");
    else if (!to && !name)
        field(asking, "", "Must specify either an environment or a 'to' tag.");
    return code < 0 ? code : 0;
}

/* Two values for one parameter are two questions; a target that arrives empty is none. */
static void check_once(struct asking *asking)
{
    static const char *const names[] = {"pacticipant", "version", "environment", "to"};
    const struct call *call = asking->call;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t given = times_given(call, names[i]);
        if (given > 1)
            field(asking, names[i], "must be given once");
        else if (given_as_list(call, names[i]))
            field(asking, names[i], "must be a string");
        else if (given == 1 && i >= 2 && !call_query(call, names[i]))
            field(asking, names[i], "must be filled");
    }
}

static void read_ignores(struct asking *asking)
{
    struct call *call = asking->call;
    read_selectors(asking, "ignore", &asking->query.ignores);
    VEC_EACH(&call->query, const struct url_param *, param) {
        if (str_is(param->name, "ignore[]") && asking->query.ignores.len == SELECTORS_MAX)
            wrong(asking, "There are more than %d selectors", SELECTORS_MAX);
        else if (str_is(param->name, "ignore[]") && param->value.len > 0)
            *VEC_PUSH(call->arena, &asking->query.ignores) =
                (struct matrix_selector){.pacticipant = str_cstr(call->arena, param->value)};
    }
    check_selectors(asking, &asking->query.ignores, " to ignore");
}

static void set_target(struct matrix_query *query, const char *to, const char *environment)
{
    query->tag = to;
    query->environment = environment;
    query->latest = to != NULL;
    query->latest_by = environment ? BY_CVPV : BY_CVP;
}

int can_i_deploy_get(struct call *call, struct err *err)
{
    struct asking asking = {.call = call, .hash = true, .names = true};
    const char *pacticipant = call_query(call, "pacticipant"),
               *version = call_query(call, "version"), *to = call_query(call, "to");
    set_target(&asking.query, to, call_query(call, "environment"));
    int code = check_can_i_deploy(&asking, pacticipant, version, to, err);
    if (code < 0)
        return code;
    check_once(&asking);
    read_ignores(&asking);
    *VEC_PUSH(call->arena, &asking.query.selectors) =
        (struct matrix_selector){.pacticipant = pacticipant, .version = version};
    return answer(&asking, err);
}

/* Asks for the version that the path names: not found is 404 here, as in the original. */
static int answer_for(struct asking *asking, const struct pacticipant *pacticipant,
                      const struct matrix_selector *selector, struct err *err)
{
    struct call *call = asking->call;
    struct found_versions found = {0};
    int code =
        store_matrix_versions(call->store, pacticipant->id, selector, call->arena, &found, err);
    if (code < 0)
        return code;
    if (found.len == 0)
        return call_not_found(call);
    *VEC_PUSH(call->arena, &asking->query.selectors) = *selector;
    return answer(asking, err);
}

int can_i_deploy_to_tag_get(struct call *call, struct err *err)
{
    struct asking asking = {.call = call, .hash = true};
    struct pacticipant pacticipant = {0};
    int code = call_pacticipant(call, "pacticipant", "pacticipant", &pacticipant, err);
    if (code <= 0)
        return code;
    struct matrix_selector selector = {
        .pacticipant = pacticipant.name, .tag = call_param(call, "tag"), .latest = true};
    set_target(&asking.query, call_param(call, "to"), NULL);
    return answer_for(&asking, &pacticipant, &selector, err);
}

int can_i_deploy_branch_get(struct call *call, struct err *err)
{
    struct asking asking = {.call = call, .hash = true};
    struct pacticipant pacticipant = {0};
    struct environment environment = {0};
    int code = call_pacticipant(call, "pacticipant", "pacticipant", &pacticipant, err);
    if (code <= 0)
        return code;
    code = store_environment_by_name(call->store, call_param(call, "environment"), call->arena,
                                     &environment, err);
    if (code == 0)
        return call_not_found(call);
    if (code < 0)
        return code;
    struct matrix_selector selector = {
        .pacticipant = pacticipant.name, .branch = call_param(call, "branch"), .latest = true};
    set_target(&asking.query, NULL, environment.name);
    return answer_for(&asking, &pacticipant, &selector, err);
}
