// SPDX-License-Identifier: Apache-2.0
/*
 * Cases as files: {match, comment, expected, actual}, rules inside `expected`. Our own lie in
 * tests/cases/match and may have `says`, which one of the differences must start with,
 * `differences`, which are all of them in their order ({kind, path, says}, each where the rule says
 * so), and null as `match` when the comparison cannot be made; those of the Pact specification and
 * more are run when TALLY_CASES leads to them. Right answers are counted apart for cases that match
 * and cases that do not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/contract/match.h"
#include "lib/contract/pact.h"
#include "lib/contract/rules.h"
#include "lib/json/json.h"

struct test_case {
    struct str path;   /* of the file */
    const char *spec;  /* "v3"; the case itself may say otherwise */
    const char *part;  /* "request" */
    const char *title; /* path below the root */
};

static size_t right[2], wrong[2], untold;

static struct arena *arena;

/* One side of a case as the only interaction of a file, so that one reader knows all versions. */
static struct pact *pact_around(const struct test_case *test, struct json *side, struct err *err)
{
    bool v4 = test->spec[1] == '4', message = strcmp(test->part, "message") == 0;
    struct json *interaction = json_new_object(arena);
    json_set(arena, interaction, "description", json_new_text(arena, "case"));
    if (v4)
        json_set(arena, interaction, "type",
                 json_new_text(arena, message ? "Asynchronous/Messages" : "Synchronous/HTTP"));
    if (message) {
        for (size_t i = 0; i < json_len(side); i++)
            json_set_str(arena, interaction, json_key(side, i), json_at(side, i));
    } else {
        json_set(arena, interaction, "request",
                 strcmp(test->part, "request") == 0 ? side : json_new_object(arena));
        json_set(arena, interaction, "response",
                 strcmp(test->part, "response") == 0 ? side : json_new_object(arena));
    }
    struct json *list = json_new_array(arena);
    json_append(arena, list, interaction);
    struct json *version = json_new_object(arena), *metadata = json_new_object(arena);
    json_set(arena, version, "version", json_new_text(arena, test->spec + 1));
    json_set(arena, metadata, "pactSpecification", version);
    struct json *root = json_new_object(arena);
    json_set(arena, root, message && !v4 ? "messages" : "interactions", list);
    json_set(arena, root, "metadata", metadata);
    struct str text = json_to_str(arena, root, JSON_PRETTY);
    struct pact *pact = NULL;
    if (pact_read(text, test->title, arena, &pact, err) != 0)
        return NULL;
    if (pact->interactions.len != 1) {
        err_set(err, ERR_PARSE, "the case was not read as one interaction");
        return NULL;
    }
    return pact;
}

static void add_headers(struct headers *to, const struct pact_headers *from)
{
    VEC_EACH(from, const struct pact_header *, header) {
        VEC_EACH(&header->values, const struct str *, value)
            headers_add(arena, to, header->name, *value);
        if (header->values.len == 0) /* no values: a field that says nothing */
            headers_add(arena, to, header->name, STR(""));
    }
}

static struct str sent_body(const struct pact_body *body)
{
    return body->state == PACT_BODY_PRESENT ? body->bytes : STR_NONE;
}

static void add_content_type(struct headers *headers, const struct pact_body *body)
{
    if (body->content_type.ptr && !headers_get(headers, "Content-Type").ptr)
        headers_add(arena, headers, STR("Content-Type"), body->content_type);
}

static int compare(const struct test_case *test, const struct pact *expected,
                   const struct pact *actual, struct match_result *ret, struct err *err)
{
    const struct pact_interaction *e = &expected->interactions.items[0];
    const struct pact_interaction *a = &actual->interactions.items[0];
    if (strcmp(test->part, "request") == 0) {
        struct actual_request request = {.method = a->request.method,
                                         .path = a->request.path,
                                         .body = sent_body(&a->request.body)};
        request.query = a->request.query.text.ptr
                            ? a->request.query.text
                            : url_query_write(arena, (const void *)&a->request.query.params);
        add_headers(&request.headers, &a->request.headers);
        add_content_type(&request.headers, &a->request.body);
        return match_request(expected, &e->request, &request, arena, ret, err);
    }
    if (strcmp(test->part, "response") == 0) {
        struct actual_response response = {.status = a->response.status,
                                           .body = sent_body(&a->response.body)};
        add_headers(&response.headers, &a->response.headers);
        add_content_type(&response.headers, &a->response.body);
        return match_response(expected, &e->response, &response, arena, ret, err);
    }
    struct actual_message message = {.body = sent_body(&a->message.body),
                                     .content_type = a->message.body.content_type,
                                     .metadata = a->message.metadata};
    return match_message(expected, &e->message, &message, arena, ret, err);
}

static void print_differences(const struct match_result *result)
{
    VEC_EACH(result, const struct mismatch *, m)
        print_error("    %s %.*s: %.*s\n", match_part_name(m->part), STR_FMT(m->path),
                    STR_FMT(m->text));
}

/* A V4 body of another type than the header beside it, as in one case of the specification. */
static bool contradicts(const struct pact_headers *headers, const struct pact_body *body)
{
    struct str header = pact_header_get(headers, "Content-Type"), type = body->content_type;
    return header.ptr && type.ptr &&
           !str_eq_nocase(str_trim(str_cut(&header, ';')), str_trim(str_cut(&type, ';')));
}

/* Without its rules, which the example of a case may break on purpose, an example is what it is. */
static void agrees_with_itself(const struct test_case *test, struct pact *expected)
{
    struct pact_interaction *it = &expected->interactions.items[0];
    struct match_result result = {0};
    struct err err = ERR_INIT;
    if (contradicts(&it->request.headers, &it->request.body) ||
        contradicts(&it->response.headers, &it->response.body))
        return;
    it->request.rules = it->response.rules = it->message.rules = rules_new(arena);
    if (compare(test, expected, expected, &result, &err) != 0)
        fail_msg("could not tell of its own example: %s", err.text);
    if (result.len > 0) {
        print_differences(&result);
        fail_msg("the example differs from itself");
    }
}

static bool is_said(struct str says, const struct match_result *result)
{
    VEC_EACH(result, const struct mismatch *, m) {
        if (str_starts(m->text, says))
            return true;
    }
    return false;
}

/* All differences, in their order; what the case leaves open may be anything. */
static bool are_these(const struct json *want, const struct match_result *result)
{
    bool same = json_len(want) == result->len;
    for (size_t i = 0; same && i < result->len; i++) {
        const struct mismatch *m = &result->items[i];
        const struct json *one = json_at(want, i);
        struct str path = json_get_text(one, "path"), says = json_get_text(one, "says");
        same = str_is(json_get_text(one, "kind"), match_part_name(m->part)) &&
               (!path.ptr || str_eq(path, m->path)) && (!says.ptr || str_starts(m->text, says));
    }
    return same;
}

static void run_case(void **state)
{
    const struct test_case *given = *state;
    arena = arena_new();
    struct str text;
    struct json *root = NULL;
    struct err err = ERR_INIT;
    if (fs_read(given->path.ptr, LIMIT_FILE, arena, &text, &err) != 0 ||
        json_parse(text, given->title, arena, &root, &err) != 0)
        fail_msg("%s", err.text);
    bool want = json_bool(json_get(root, "match"));
    struct test_case versioned = *given;
    const struct test_case *test = &versioned;
    struct str version = json_get_text(root, "version");
    versioned.spec = version.ptr ? str_cstr(arena, version) : given->spec;
    struct pact *expected = pact_around(test, json_get(root, "expected"), &err);
    struct pact *actual = expected ? pact_around(test, json_get(root, "actual"), &err) : NULL;
    if (!actual)
        fail_msg("%s", err.text);
    struct match_result result = {0};
    int rc = compare(test, expected, actual, &result, &err);
    if (json_is(json_get(root, "match"), JSON_NULL)) {
        untold++;
        assert_int_equal(rc, ERR_UNDECIDED);
        arena_free(arena);
        return;
    }
    if (rc)
        fail_msg("could not tell: %s", err.text);
    if (want != (result.len == 0)) {
        wrong[want]++;
        print_differences(&result);
        fail_msg("expected %s: %s", want ? "agreement" : "a difference",
                 json_get_text(root, "comment").ptr ? json_get_text(root, "comment").ptr : "");
    }
    struct str says = json_get_text(root, "says");
    if (says.ptr && !is_said(says, &result)) {
        wrong[want]++;
        print_differences(&result);
        fail_msg("expected a difference that starts: %.*s", STR_FMT(says));
    }
    const struct json *differences = json_get(root, "differences");
    if (differences && !are_these(differences, &result)) {
        wrong[want]++;
        print_differences(&result);
        fail_msg("expected these differences: %.*s",
                 STR_FMT(json_to_str(arena, differences, JSON_COMPACT)));
    }
    right[want]++;
    agrees_with_itself(test, expected);
    arena_free(arena);
}

struct tests {
    VEC_OF(struct CMUnitTest);
};

static void collect(struct arena *keep, struct tests *tests, const char *root, const char *spec)
{
    struct fs_list files = {0};
    if (!fs_is_dir(root) || fs_find(root, ".json", keep, &files, NULL) != 0)
        return;
    for (size_t i = 0; i < files.len; i++) {
        struct test_case *test = ARENA_NEW(keep, struct test_case);
        test->path = files.items[i];
        test->title = arena_strdup(keep, files.items[i].ptr + strlen(root) + 1);
        struct str rest = str_of(test->title), first = str_cut(&rest, '/');
        test->spec = spec ? spec : str_cstr(keep, first);
        struct str part = spec ? first : str_cut(&rest, '/');
        test->part = str_cstr(keep, part);
        *VEC_PUSH(keep, tests) =
            (struct CMUnitTest){.name = test->title, .test_func = run_case, .initial_state = test};
    }
}

int main(void)
{
    struct arena *keep = arena_new();
    const char *shared = getenv("TALLY_CASES");
    shared = shared && *shared ? shared : "../shared/cases";
    const struct {
        const char *name, *spec, *root;
    } folders[] = {
        {"own", "v4", "tests/cases/match"},
        {"pact-spec", NULL, fs_join(keep, shared, "pact-spec")},
        {"pact-extra", "v3", fs_join(keep, shared, "pact-extra")},
        {"pact-tally", "v3", fs_join(keep, shared, "pact-tally")},
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        struct tests tests = {0};
        collect(keep, &tests, folders[i].root, folders[i].spec);
        if (tests.len == 0) {
            printf("# %s: not there, not run\n", folders[i].name);
            continue;
        }
        memset(right, 0, sizeof right);
        memset(wrong, 0, sizeof wrong);
        untold = 0;
        failed += _cmocka_run_group_tests(folders[i].name, tests.items, tests.len, NULL, NULL);
        printf("# %s: %zu of %zu matching and %zu of %zu differing cases right, %zu undecided\n",
               folders[i].name, right[1], right[1] + wrong[1], right[0], right[0] + wrong[0],
               untold);
    }
    arena_free(keep);
    return failed > 0;
}
