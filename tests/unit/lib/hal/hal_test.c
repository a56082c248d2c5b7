// SPDX-License-Identifier: Apache-2.0
/* The broker's client against a server that answers what brokers answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/hal/hal.h"
#include "tests/unit/lib/hal/fake_server.h"

static struct fake *fake;
static int busy_left;
static char seen_authorization[128];

static const struct {
    const char *target;
    int status;
    const char *type, *body;
} answers[] = {
    {"/", 200, "application/hal+json",
     "{\"_links\":{\"pb:x\":{\"href\":\"http://other.example/pacts/{provider}/v/{version}\"}}}"},
    {"/missing", 404, "application/hal+json", "{\"error\":\"No pacticipant with name 'X' found\"}"},
    {"/denied", 401, "text/plain", ""},
    {"/forbidden", 403, "text/plain", ""},
    {"/conflict", 409, "application/json",
     "{\"notices\":[{\"type\":\"info\",\"text\":\"hello\"},"
     "{\"type\":\"error\",\"text\":\"content has changed\"}]}"},
    {"/fields", 400, "application/hal+json",
     "{\"errors\":{\"name\":[\"is missing\",\"must be a string\"],\"b\":[\"c\"]}}"},
    {"/list", 400, "application/hal+json", "{\"errors\":[\"one\",\"two\"]}"},
    {"/problem", 400, "application/problem+json",
     "{\"title\":\"Validation errors\",\"errors\":[{\"detail\":\"is in invalid format\"}]}"},
    {"/reference", 500, "application/hal+json",
     "{\"error\":{\"message\":\"An error has occurred\",\"reference\":\"abc\"}}"},
    {"/page", 502, "text/html", "<html>Bad gateway</html>"},
    {"/broken", 200, "application/json", "{\"a\":"},
    {"/text", 200, "text/plain", "hello"},
    {"/deep/x", 200, "application/json", "{\"deep\":true}"},
};

static void handle(struct exchange *exchange)
{
    struct str authorization = headers_get(&exchange->request.headers, "authorization");
    snprintf(seen_authorization, sizeof seen_authorization, "%.*s", STR_FMT(authorization));
    if (str_is(exchange->request.target, "/busy")) {
        fake_json(exchange, busy_left-- > 0 ? 503 : 200, "{\"ok\":true}");
        return;
    }
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        if (str_is(exchange->request.target, answers[i].target)) {
            server_respond_text(exchange, answers[i].status, answers[i].type,
                                str_of(answers[i].body));
            return;
        }
    }
    fake_json(exchange, 200, "{\"fine\":true}");
}

static struct hal *connect_with(const char *credentials, const char *path, int retries)
{
    char url[200];
    struct hal *hal = NULL;
    struct err err = ERR_INIT;
    snprintf(url, sizeof url, "http://%s%s%s", credentials, fake_url(fake) + 7, path);
    const struct hal_config config = {.base_url = url, .retries = retries};
    assert_int_equal(hal_new(&config, &hal, &err), 0);
    return hal;
}

static const struct row {
    const char *url;
    enum err_code code;
    const char *says;
} refusals[] = {
    {"/missing", ERR_NOT_FOUND, "404 Not Found: No pacticipant with name 'X' found"},
    {"/denied", ERR_AUTH, "401 Unauthorized; check the credentials"},
    {"/forbidden", ERR_AUTH, "403"},
    {"/conflict", ERR_CONFLICT, "409 Conflict: content has changed"},
    {"/fields", ERR_USAGE, "name is missing; name must be a string; b c"},
    {"/list", ERR_USAGE, "400 Bad Request: one; two"},
    {"/problem", ERR_USAGE, "is in invalid format"},
    {"/reference", ERR_NET, "500 Internal Server Error: An error has occurred"},
    {"/page", ERR_NET, "502 Bad Gateway"},
    {"/broken", ERR_NET, "not the JSON it says it is"},
    {"/text", ERR_NET, "without a JSON document"},
};

static void a_refusal_is_told_in_the_brokers_words(void **state)
{
    ARENA_AUTO struct arena *arena = arena_new();
    struct hal *hal = connect_with("", "", 0);
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct err err = ERR_INIT;
        struct json *body = NULL;
        int rc = hal_get(hal, refusals[i].url, arena, &body, &err);
        if (rc != (int)refusals[i].code || !strstr(err.text, refusals[i].says))
            fail_msg("%s: expected %d '%s', saw %d '%s'", refusals[i].url, refusals[i].code,
                     refusals[i].says, rc, err.text);
        if (!strstr(err.text, fake_url(fake)) || strstr(err.text, "<html>"))
            fail_msg("%s: '%s' does not name the URL, or shows a page", refusals[i].url, err.text);
    }
    hal_free(hal);
}

static void links_go_to_the_brokers_own_host(void **state)
{
    ARENA_AUTO struct arena *arena = arena_new();
    struct hal *hal = connect_with("", "", 0);
    struct err err = ERR_INIT;
    const struct hal_var vars[] = {{"provider", "a/b c"}, {"version", "1"}, {NULL, NULL}};
    const char *url = NULL;
    struct json *body = NULL;
    (void)state;
    fake_clear(fake);
    assert_int_equal(hal_index_link(hal, "pb:x", vars, arena, &url, &err), 0);
    assert_string_equal(url, "http://other.example/pacts/a%2Fb%20c/v/1");
    assert_int_equal(hal_index_link(hal, "pb:x", vars, arena, &url, &err), 0);
    assert_int_equal(fake_count(fake, "GET / "), 1);
    assert_int_equal(hal_get(hal, url, arena, &body, &err), 0);
    assert_int_equal(fake_count(fake, "GET /pacts/a%2Fb%20c/v/1 "), 1);
    assert_int_equal(hal_index_link(hal, "pb:y", vars, arena, &url, &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "pb:y"));
    hal_free(hal);
}

static void a_prefix_of_the_base_url_is_kept(void **state)
{
    ARENA_AUTO struct arena *arena = arena_new();
    struct hal *hal = connect_with("", "/deep/", 0);
    struct json *body = NULL;
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(hal_get(hal, "/x", arena, &body, &err), 0);
    assert_true(json_bool(json_get(body, "deep")));
    assert_int_equal(hal_get(hal, "http://elsewhere/deep/x", arena, &body, &err), 0);
    assert_true(json_bool(json_get(body, "deep")));
    hal_free(hal);
}

static void credentials_in_the_url_are_used_and_not_shown(void **state)
{
    ARENA_AUTO struct arena *arena = arena_new();
    struct hal *hal = connect_with("me:s%40cret@", "", 0);
    struct json *body = NULL;
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(hal_get(hal, "/x", arena, &body, &err), 0);
    assert_string_equal(seen_authorization, "Basic bWU6c0BjcmV0");
    assert_string_equal(hal_base_url(hal), fake_url(fake));
    assert_int_equal(hal_get(hal, "/denied", arena, &body, &err), ERR_AUTH);
    assert_null(strstr(err.text, "cret"));
    hal_free(hal);
}

static void a_busy_broker_is_asked_again(void **state)
{
    ARENA_AUTO struct arena *arena = arena_new();
    struct json *body = NULL;
    struct err err = ERR_INIT;
    (void)state;
    struct hal *patient = connect_with("", "", 1);
    busy_left = 1;
    fake_clear(fake);
    assert_int_equal(hal_get(patient, "/busy", arena, &body, &err), 0);
    assert_int_equal(fake_count(fake, "GET /busy"), 2);
    hal_free(patient);
    struct hal *hasty = connect_with("", "", 0);
    busy_left = 1;
    assert_int_equal(hal_get(hasty, "/busy", arena, &body, &err), ERR_NET);
    hal_free(hasty);
}

static void urls_that_are_none_are_refused(void **state)
{
    static const char *const urls[] = {NULL,      "",          "localhost:1", "ftp://x",
                                       "http://", "http:///x", "http://x?y"};
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct hal *hal = NULL;
        struct err err = ERR_INIT;
        const struct hal_config config = {.base_url = urls[i]};
        if (hal_new(&config, &hal, &err) != ERR_USAGE)
            fail_msg("'%s' was taken for a broker's URL", urls[i] ? urls[i] : "(null)");
    }
}

static int start(void **state)
{
    (void)state;
    fake = fake_start(handle);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    fake_stop(fake);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_is_told_in_the_brokers_words),
        cmocka_unit_test(links_go_to_the_brokers_own_host),
        cmocka_unit_test(a_prefix_of_the_base_url_is_kept),
        cmocka_unit_test(credentials_in_the_url_are_used_and_not_shown),
        cmocka_unit_test(a_busy_broker_is_asked_again),
        cmocka_unit_test(urls_that_are_none_are_refused),
    };
    return cmocka_run_group_tests_name("hal", tests, start, finish);
}
