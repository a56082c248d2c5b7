// SPDX-License-Identifier: Apache-2.0
/* Pact files written as other versions, merged, and compared with what they were before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/change.h"
#include "lib/contract/loss.h"
#include "lib/contract/merge.h"
#include "lib/contract/pact.h"

static struct arena *arena;

/* Rows are written with ' for ". */
static struct str quoted(const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    return str_of(copy);
}

static struct pact *file(const char *version, const char *list, const char *interactions)
{
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    struct str text = quoted(arena_printf(
        arena,
        "{'consumer':{'name':'c'},'provider':{'name':'p'},'%s':[%s],"
        "'metadata':{'pactSpecification':{'version':'%s'},'x':{'y':1}},'foreign':[1.0]}",
        list, interactions, version));
    if (pact_read(text, "file.json", arena, &pact, &err) != 0)
        fail_msg("%s", err.text);
    return pact;
}

static struct str written(const struct pact *pact, enum pact_spec spec)
{
    struct str text = STR_NONE;
    struct err err = ERR_INIT;
    if (pact_write(pact, spec, arena, &text, &err) != 0)
        fail_msg("%s", err.text);
    return text;
}

static struct pact *again(const struct pact *pact, enum pact_spec spec)
{
    struct pact *ret = NULL;
    struct err err = ERR_INIT;
    if (pact_read(written(pact, spec), "again.json", arena, &ret, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(ret->spec, spec);
    return ret;
}

static void assert_same(struct str a, struct str b)
{
    if (!str_eq(a, b))
        fail_msg("expected %.*s\nsaw %.*s", STR_FMT(a), STR_FMT(b));
}

#define TYPED        "'type':'Synchronous/HTTP','description':'d','pending':false"
#define JSON_HEADERS "'headers':{'Content-Type':['application/json']}"

/* What V3 can hold comes back from it as it was. */
static const struct kept_row {
    const char *name, *interaction;
} kept_rows[] = {
    {"nothing but the defaults", "{" TYPED ",'request':{},'response':{}}"},
    {"states with parameters",
     "{" TYPED ",'providerStates':[{'name':'a','params':{'n':1.0}},{'name':'b'}],"
     "'request':{},'response':{}}"},
    {"a query with repeated, empty and bare names",
     "{" TYPED ",'request':{'query':{'a':['1','2'],'b':[''],'c':[null]}},'response':{}}"},
    {"a JSON body, numbers as written",
     "{" TYPED ",'request':{},'response':{" JSON_HEADERS ",'body':{'content':{'a':1.0,'b':"
     "12345678901234567890},'contentType':'application/json','encoded':false}}}"},
    {"a JSON string as body", "{" TYPED ",'request':{},'response':{" JSON_HEADERS
                              ",'body':{'content':'text','contentType':'application/json',"
                              "'encoded':false}}}"},
    {"a JSON string that holds an object",
     "{" TYPED ",'request':{},'response':{" JSON_HEADERS
     ",'body':{'content':'{\\'a\\':1}','contentType':'application/json','encoded':false}}}"},
    {"a text body", "{" TYPED ",'request':{},'response':{'headers':{'Content-Type':['text/plain']},"
                    "'body':{'content':'true','contentType':'text/plain','encoded':false}}}"},
    {"bytes", "{" TYPED ",'request':{},'response':{'headers':{'Content-Type':['image/png']},"
              "'body':{'content':'iVBORwAB','contentType':'image/png','encoded':'base64'}}}"},
    {"an empty body", "{" TYPED ",'request':{},'response':{'body':{'content':''}}}"},
    {"a null body", "{" TYPED ",'request':{},'response':{'body':{'content':null}}}"},
    {"rules and generators",
     "{" TYPED ",'request':{'matchingRules':{'path':{'combine':'AND','matchers':[{'match':"
     "'regex','regex':'/\\\\d+'}]},'header':{'X':{'combine':'OR','matchers':[{'match':'type'},"
     "{'match':'null'}]}}},'generators':{'body':{'$.a':{'type':'Uuid'}}}},'response':{}}"},
    {"a foreign member", "{" TYPED ",'request':{'zz':1},'response':{},'zzz':{'b':1,'a':2}}"},
};

static void test_kept(void **state)
{
    const struct kept_row *row = *state;
    arena = arena_new();
    const struct pact *pact = file("4.0", "interactions", row->interaction);
    assert_same(written(pact, PACT_V4), written(again(pact, PACT_V4), PACT_V4));
    assert_same(written(pact, PACT_V4), written(again(pact, PACT_V3), PACT_V4));
    struct pact_losses losses = {0};
    pact_losses(pact, PACT_V3, arena, &losses);
    if (losses.len > 0)
        fail_msg("saw a loss: %.*s", STR_FMT(losses.items[0].text));
    arena_free(arena);
}

static void test_messages_kept(void **state)
{
    (void)state;
    arena = arena_new();
    const struct pact *pact =
        file("4.0", "interactions",
             "{'type':'Asynchronous/Messages','description':'m','pending':false,'contents':"
             "{'content':{'a':[1]},'contentType':'application/json','encoded':false},'metadata':"
             "{'contentType':'application/json','k':2},'matchingRules':{'body':{'$.a':{'combine':"
             "'AND','matchers':[{'match':'type'}]}}}}");
    assert_same(written(pact, PACT_V4), written(again(pact, PACT_V3), PACT_V4));
    arena_free(arena);
}

static void test_v2_kept(void **state)
{
    (void)state;
    arena = arena_new();
    const struct pact *pact = file(
        "2.0.0", "interactions",
        "{'description':'d','providerState':'s','request':{'method':'POST','path':'/a','query':"
        "'b=1&a=%20','headers':{'X-Y':'z'},'body':{'a':1},'matchingRules':{'$.path':{'match':"
        "'regex','regex':'/.'},'$.query.b':{'match':'type'},'$.headers.X-Y':{'match':'type'},"
        "'$.body.a':{'match':'type','min':1},'$.headers[\\'A b\\']':{'match':'type'}}},'response':"
        "{'status':404}}");
    assert_same(written(pact, PACT_V2), written(again(pact, PACT_V2), PACT_V2));
    struct str v4 = written(pact, PACT_V4);
    assert_same(v4, written(again(again(pact, PACT_V2), PACT_V4), PACT_V4));
    assert_true(str_find(written(pact, PACT_V2), STR("\"$.body.a\": {")) > 0);
    assert_true(str_find(written(pact, PACT_V2), STR("\"query\": \"b=1&a=%20\"")) > 0);
    assert_true(str_find(v4, STR("\"/a\"")) > 0);
    arena_free(arena);
}

/* What an older version has no room for: text of the loss, whether it changes the promise. */
static const struct loss_row {
    const char *name;
    enum pact_spec to;
    const char *members, *loss;
    bool meaning;
} loss_rows[] = {
    {"comments", PACT_V3, "'comments':{'text':['a']}", "its comments", false},
    {"key", PACT_V3, "'key':'k'", "its key 'k'", false},
    {"transport", PACT_V3, "'transport':'http'", "its transport 'http'", false},
    {"pending", PACT_V3, "'pending':true", "that it is pending", true},
    {"plugins", PACT_V3, "'pluginConfiguration':{'a':{}}", "the configuration of its plugins",
     true},
    {"values of one header", PACT_V3, "'response':{'headers':{'Set-Cookie':['a=1','b=2']}}",
     "header 'Set-Cookie' has 2 values", true},
    {"type of a body", PACT_V3,
     "'response':{'body':{'content':'a','contentType':'image/svg','encoded':false}}",
     "the content type 'image/svg'", true},
    {"states", PACT_V2, "'providerStates':[{'name':'a'},{'name':'b'}]",
     "all but the first of its 2", true},
    {"parameters", PACT_V2, "'providerStates':[{'name':'a','params':{'b':1}}]",
     "the parameters of provider state 'a'", true},
    {"matchers", PACT_V2,
     "'response':{'matchingRules':{'body':{'$.a':{'matchers':[{'match':'type'},{'match':'null'}]"
     "}}}}",
     "all but the first of the 2 matchers of response rule $.body.a", true},
    {"generators", PACT_V2, "'request':{'generators':{'path':{'type':'Uuid'}}}",
     "the generators of its request", true},
};

static void test_loss(void **state)
{
    const struct loss_row *row = *state;
    arena = arena_new();
    const struct pact *pact =
        file("4.0", "interactions",
             arena_printf(arena, "{'type':'Synchronous/HTTP','description':'d',%s}", row->members));
    struct pact_losses losses = {0};
    pact_losses(pact, row->to, arena, &losses);
    if (losses.len != 1)
        fail_msg("saw %zu losses", losses.len);
    if (str_find(losses.items[0].text, str_of(row->loss)) < 0)
        fail_msg("expected '%s', saw '%.*s'", row->loss, STR_FMT(losses.items[0].text));
    assert_int_equal(losses.items[0].meaning, row->meaning);
    pact_losses(pact, PACT_V4, arena, &losses);
    assert_int_equal(losses.len, 1);
    arena_free(arena);
}

/* ---- merging ---- */

#define HTTP2(description, path, more)                                                             \
    "{'description':'" description "','request':{'method':'GET','path':'" path "'},'response':{"   \
    "'status':200" more "}}"

static const struct merge_row {
    const char *name, *version, *list, *first, *second;
    const char *conflict; /* NULL: merges */
    size_t len;           /* interactions afterwards */
} merge_rows[] = {
    {"others are added", "2.0.0", "interactions", HTTP2("a", "/a", ""), HTTP2("b", "/b", ""), NULL,
     2},
    {"the newest replaces", "2.0.0", "interactions", HTTP2("a", "/a", ""),
     HTTP2("a", "/a", ",'body':1"), NULL, 1},
    {"another path", "3.0.0", "interactions", HTTP2("a", "/a", ""), HTTP2("a", "/b", ""),
     "path /a in one, /b in the other", 0},
    {"another method", "3.0.0", "interactions", "{'description':'a','request':{'method':'PUT'}}",
     "{'description':'a'}", "method PUT in one, GET in the other", 0},
    {"another query", "2.0.0", "interactions", "{'description':'a','request':{'query':'a=1'}}",
     "{'description':'a'}", "query a=1 in one, none in the other", 0},
    {"names of a query in another order", "2.0.0", "interactions",
     "{'description':'a','request':{'query':'a=1&b=2'}}",
     "{'description':'a','request':{'query':'b=2&a=1'}}", NULL, 1},
    {"another status", "2.0.0", "interactions", "{'description':'a','response':{'status':404}}",
     "{'description':'a'}", "status 404 in one, 200 in the other", 0},
    {"other states", "3.0.0", "interactions",
     "{'description':'a','providerStates':[{'name':'s'}],'request':{'path':'/x'}}",
     "{'description':'a'}", NULL, 2},
    {"V4 replaces by key", "4.0", "interactions",
     "{'type':'Synchronous/HTTP','key':'k','description':'a','request':{'path':'/x'}}",
     "{'type':'Synchronous/HTTP','key':'k','description':'b'}", NULL, 1},
    {"V4 has no conflicts", "4.0", "interactions",
     "{'type':'Synchronous/HTTP','description':'a','request':{'path':'/x'}}",
     "{'type':'Synchronous/HTTP','description':'a'}", NULL, 1},
    {"V4 tells kinds apart", "4.0", "interactions", "{'type':'Synchronous/HTTP','description':'a'}",
     "{'type':'Asynchronous/Messages','description':'a'}", NULL, 2},
    {"messages", "3.0.0", "messages", "{'description':'a','contents':1}",
     "{'description':'a','contents':2}", NULL, 1},
};

static void test_merge(void **state)
{
    const struct merge_row *row = *state;
    arena = arena_new();
    const struct pact *a = file(row->version, row->list, row->first);
    const struct pact *b = file(row->version, row->list, row->second);
    struct merge_conflicts conflicts = {0};
    struct pact *merged = NULL;
    struct err err = ERR_INIT;
    int rc = pact_merge(a, b, arena, &merged, &conflicts, &err);
    if (row->conflict) {
        assert_int_equal(rc, ERR_CONFLICT);
        assert_null(merged);
        assert_int_equal(conflicts.len, 1);
        assert_same(str_of(row->conflict), conflicts.items[0].text);
    } else {
        assert_int_equal(rc, 0);
        assert_int_equal(merged->interactions.len, row->len);
        assert_int_equal(merged->spec, a->spec);
        struct pact *twice = NULL;
        assert_int_equal(pact_merge(merged, b, arena, &twice, &conflicts, &err), 0);
        assert_same(written(merged, merged->spec), written(twice, twice->spec));
    }
    /* a file with itself is itself */
    assert_int_equal(pact_merge(a, a, arena, &merged, &conflicts, NULL), 0);
    assert_same(written(a, a->spec), written(merged, merged->spec));
    arena_free(arena);
}

static void test_merge_upgrades(void **state)
{
    (void)state;
    arena = arena_new();
    const struct pact *http = file("2.0.0", "interactions", HTTP2("a", "/a", ""));
    const struct pact *message = file("3.0.0", "messages", "{'description':'m','contents':1}");
    struct merge_conflicts conflicts = {0};
    struct pact *merged = NULL;
    struct str text;
    assert_int_equal(pact_merge(http, message, arena, &merged, &conflicts, NULL), 0);
    assert_int_equal(merged->spec, PACT_V4);
    assert_int_equal(pact_write(merged, PACT_V3, arena, &text, NULL), ERR_CONFLICT);
    struct pact other = *message;
    other.consumer = STR("else");
    assert_int_equal(pact_merge(http, &other, arena, &merged, &conflicts, NULL), ERR_CONFLICT);
    arena_free(arena);
}

/* ---- changes ---- */

#define REPLY(body, rules)                                                                         \
    "{'type':'Synchronous/HTTP','description':'d','response':{" JSON_HEADERS                       \
    ",'body':{'content':" body ",'contentType':'application/json','encoded':false},"               \
    "'matchingRules':{'body':{" rules "}}}}"
#define RULE(path, rule) "'" path "':{'matchers':[{" rule "}]}"

static const struct change_row {
    const char *name, *first, *second;
    const char *forwards, *backwards; /* "kind where" of all changes, comma after each */
} change_rows[] = {
    {"nothing", REPLY("{'a':1}", ""), REPLY("{'a':1}", ""), "", ""},
    {"another example under the same rule", REPLY("{'a':1}", RULE("$.a", "'match':'integer'")),
     REPLY("{'a':2}", RULE("$.a", "'match':'integer'")), "", ""},
    {"a field more", REPLY("{'a':1}", ""), REPLY("{'a':1,'b':2}", ""),
     "tightened response body $.b,", "loosened response body $.b,"},
    {"any of the type", REPLY("{'a':1}", ""), REPLY("{'a':1}", RULE("$.a", "'match':'type'")),
     "loosened response body $.a,", "tightened response body $.a,"},
    {"null as well", REPLY("{'a':'x'}", RULE("$.a", "'match':'type'")),
     REPLY("{'a':'x'}", "'$.a':{'combine':'OR','matchers':[{'match':'type'},{'match':'null'}]}"),
     "loosened response body $.a,", "tightened response body $.a,"},
    {"a wider expression", REPLY("{'a':'1'}", RULE("$.a", "'match':'regex','regex':'[0-4]'")),
     REPLY("{'a':'1'}", RULE("$.a", "'match':'regex','regex':'[0-9]'")),
     "loosened response body $.a,", "tightened response body $.a,"},
    {"an expression written otherwise",
     REPLY("{'a':'1'}", RULE("$.a", "'match':'regex','regex':'[0-9]'")),
     REPLY("{'a':'1'}", RULE("$.a", "'match':'regex','regex':'[0-9]{1}'")),
     "changed response body rule $.a,", "changed response body rule $.a,"},
    {"any length", REPLY("{'a':[1,2]}", ""), REPLY("{'a':[1,2]}", RULE("$.a", "'match':'type'")),
     "loosened response body $.a,loosened response body $.a[0],loosened response body $.a[1],",
     "tightened response body $.a,tightened response body $.a[0],tightened response body $.a[1],"},
    {"another value", REPLY("{'a':1}", ""), REPLY("{'a':2}", ""),
     "tightened response body $.a,loosened response body $.a,",
     "tightened response body $.a,loosened response body $.a,"},
    {"a status", "{'type':'Synchronous/HTTP','description':'d','response':{'status':200}}",
     "{'type':'Synchronous/HTTP','description':'d','response':{'status':204}}",
     "tightened response status,loosened response status,",
     "tightened response status,loosened response status,"},
    {"a header", "{'type':'Synchronous/HTTP','description':'d'}",
     "{'type':'Synchronous/HTTP','description':'d','response':{'headers':{'X':['1']}}}",
     "tightened response header X,", "loosened response header X,"},
    {"a request", "{'type':'Synchronous/HTTP','description':'d','request':{'path':'/a'}}",
     "{'type':'Synchronous/HTTP','description':'d','request':{'path':'/b'}}",
     "request request path,", "request request path,"},
    {"another interaction", "{'type':'Synchronous/HTTP','description':'d'}",
     "{'type':'Synchronous/HTTP','description':'e'}", "added ,removed ,", "added ,removed ,"},
    {"metadata of a message",
     "{'type':'Asynchronous/Messages','description':'d','metadata':{'k':1}}",
     "{'type':'Asynchronous/Messages','description':'d','metadata':{}}",
     "loosened message metadata k,", "tightened message metadata k,"},
};

static struct str kinds_and_places(const struct pact *a, const struct pact *b)
{
    struct changes changes = {0};
    struct str all = STR("");
    pact_changes(a, b, arena, &changes);
    VEC_EACH(&changes, const struct change *, change) {
        assert_true(change->text.len > 0);
        all = str_printf(arena, "%.*s%s %.*s,", STR_FMT(all), change_kind_name(change->kind),
                         STR_FMT(change->where));
    }
    return all;
}

/* The same changes in whatever order of directions. */
static void assert_changes(const char *expected, struct str saw)
{
    struct str rest = str_of(expected);
    size_t len = 0;
    while (rest.len > 0) {
        struct str one = str_cut(&rest, ',');
        len += one.len + 1;
        if (str_find(saw, str_printf(arena, "%.*s,", STR_FMT(one))) < 0)
            fail_msg("expected '%s', saw '%.*s'", expected, STR_FMT(saw));
    }
    if (len != saw.len)
        fail_msg("expected '%s', saw '%.*s'", expected, STR_FMT(saw));
}

static void test_change(void **state)
{
    const struct change_row *row = *state;
    arena = arena_new();
    const struct pact *a = file("4.0", "interactions", row->first);
    const struct pact *b = file("4.0", "interactions", row->second);
    assert_changes(row->forwards, kinds_and_places(a, b));
    assert_changes(row->backwards, kinds_and_places(b, a));
    assert_changes("", kinds_and_places(a, a));
    assert_changes("", kinds_and_places(b, b));
    arena_free(arena);
}

#define ADD(rows, test)                                                                            \
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)                                        \
        tests[len++] = (struct CMUnitTest)                                                         \
        {                                                                                          \
            rows[i].name, test, NULL, NULL, (void *)&rows[i]                                       \
        }

int main(void)
{
    struct CMUnitTest tests[100] = {
        cmocka_unit_test(test_messages_kept),
        cmocka_unit_test(test_v2_kept),
        cmocka_unit_test(test_merge_upgrades),
    };
    size_t len = 3;
    ADD(kept_rows, test_kept);
    ADD(loss_rows, test_loss);
    ADD(merge_rows, test_merge);
    ADD(change_rows, test_change);
    return _cmocka_run_group_tests("files", tests, len, NULL, NULL);
}
