// SPDX-License-Identifier: Apache-2.0
/* Generators in forms, and those that the variants of arrayContains carry. */
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/re.h"
#include "lib/contract/generate.h"
#include "tests/unit/lib/base/rows.h"

static struct arena *arena;

static uint64_t no_random(void *context)
{
    (void)context;
    return 0;
}

static struct generate_context context_of(enum generate_mode mode)
{
    return (struct generate_context){.mode = mode, .random = no_random};
}

/* JSON with ' for ". */
static const char *quoted(const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    return copy;
}

static struct json *parse(const char *text)
{
    struct json *value = NULL;
    struct err err = ERR_INIT;
    if (json_parse(str_of(quoted(text)), "test", arena, &value, &err))
        fail_msg("%s in %s", err.text, text);
    return value;
}

/* Fields of a form; 7 is what is made. */
static const struct form_row {
    const char *name, *form, *made;
    size_t warnings;
} form_rows[] = {
    {"$.a", "a=1&b=2&a=3", "a=7&b=2&a=7", 0},
    {"$.a[1]", "a=1&b=2&a=3", "a=1&b=2&a=7", 0},
    {"$.a[*]", "a=1&b=2&a=3", "a=7&b=2&a=7", 0},
    {"$['a b']", "a+b=1&c", "a%20b=7&c", 0},
    {"$.*", "a=1&b", "a=7&b=7", 0},
    {"$.x", "a=1+2", "a=1+2", 0},
    {"$.a[2]", "a=1+2", "a=1+2", 0},
    {"$.a.b", "a=1+2", "a=1+2", 0},
    {"$.a[0].b", "a=1+2", "a=1+2", 0},
    {"$[0]", "a=1+2", "a=1+2", 0},
    {"$", "a=1+2", "7", 0},
    {"$.a", "a=%zz", "a=%zz", 1},
};

static void test_form(void **state)
{
    const struct form_row *row = *state;
    struct generate_context context = context_of(GENERATE_PROVIDER);
    struct json *at = json_new_object(arena), *all = json_new_object(arena);
    json_set(arena, at, row->name, parse("{'type':'RandomInt','min':7,'max':7}"));
    json_set(arena, all, "body", at);
    struct pact_request request = {.generators = generators_new(arena)}, made = request;
    assert_int_equal(generators_read(all, false, arena, request.generators, NULL), 0);
    assert_int_equal(pact_body_set(arena, &request.body, str_of(row->form),
                                   STR("application/x-www-form-urlencoded"), NULL),
                     0);
    struct generate_warnings warnings = {0};
    assert_int_equal(generate_request(&request, &context, arena, &made, &warnings, NULL), 0);
    assert_str_is(made.body.bytes, row->made);
    assert_str_is(request.body.bytes, row->form); /* the contract is as it was */
    assert_int_equal(warnings.len, row->warnings);
}

/* Variants of an arrayContains rule at $.v. */
static const struct variant_row {
    const char *name, *variants, *body, *made;
    size_t warnings;
} variant_rows[] = {
    {"its own example",
     "[{'index':1,'rules':{},'generators':{'$.n':{'type':'RandomInt','min':7,'max':7}}}]",
     "{'v':[{'n':1},{'n':2}],'n':3}", "{'v':[{'n':1},{'n':7}],'n':3}", 0},
    {"every item that fits",
     "[{'index':0,'rules':{'$.n':{'matchers':[{'match':'integer'}]}},"
     "'generators':{'$.n':{'type':'RandomInt','min':7,'max':7}}}]",
     "{'v':[{'n':1,'a':'x'},{'n':2,'a':'x'},{'n':3,'a':'y'},{'n':'4','a':'x'}]}",
     "{'v':[{'n':7,'a':'x'},{'n':7,'a':'x'},{'n':3,'a':'y'},{'n':'4','a':'x'}]}", 0},
    {"two variants",
     "[{'index':0,'rules':{},'generators':{'$':{'type':'RandomInt','min':7,'max':7}}},"
     "{'index':1,'rules':{},'generators':{'$':{'type':'RandomInt','min':8,'max':8}}}]",
     "{'v':[1,2,2,3]}", "{'v':[7,8,8,3]}", 0},
    {"under its category",
     "[{'index':0,'rules':{},'generators':{'body':{'$.n':{'type':'RandomInt','min':7,'max':7}}}}]",
     "{'v':[{'n':1}]}", "{'v':[{'n':7}]}", 0},
    {"an index beyond the example",
     "[{'index':5,'rules':{},'generators':{'$.n':{'type':'RandomInt','min':7,'max':7}}}]",
     "{'v':[{'n':1}]}", "{'v':[{'n':1}]}", 0},
    {"no generators", "[{'index':0,'rules':{},'generators':{}}]", "{'v':[1]}", "{'v':[1]}", 0},
    {"of the other mode",
     "[{'index':0,'rules':{},'generators':{'$':{'type':'ProviderState','expression':'n'}}}]",
     "{'v':[1]}", "{'v':[1]}", 0},
    {"no list there", "[{'index':0,'rules':{},'generators':{'$':{'type':'RandomInt'}}}]",
     "{'v':{'n':1}}", "{'v':{'n':1}}", 0},
    {"generators that cannot be read",
     "[{'index':0,'rules':{},'generators':{'.n':{'type':'RandomInt'}}}]", "{'v':[1]}", "{'v':[1]}",
     1},
    {"a generator that fails", "[{'index':0,'rules':{},'generators':{'$':{'type':'Lottery'}}}]",
     "{'v':[1]}", "{'v':[1]}", 1},
};

static void test_variant(void **state)
{
    const struct variant_row *row = *state;
    struct generate_context context = context_of(GENERATE_CONSUMER);
    struct pact_response response = {.generators = generators_new(arena),
                                     .rules = rules_new(arena)};
    struct pact_response made = response;
    struct matcher matcher = {0};
    const char *rule =
        arena_printf(arena, "{'match':'arrayContains','variants':%s}", row->variants);
    assert_int_equal(matcher_read(parse(rule), arena, &matcher, NULL), 0);
    assert_int_equal(rules_add(response.rules, RULES_BODY, STR("$.v"), &matcher, arena, NULL), 0);
    pact_body_set_json(arena, &response.body, parse(row->body), STR_NONE);
    struct generate_warnings warnings = {0};
    assert_int_equal(generate_response(&response, &context, arena, &made, &warnings, NULL), 0);
    assert_str_is(made.body.bytes, quoted(row->made));
    assert_str_is(json_to_str(arena, response.body.json, JSON_COMPACT), quoted(row->body));
    assert_int_equal(warnings.len, row->warnings);
}

/* A rule at $.v with a generator of its own. */
static const struct each_row {
    const char *name, *rule, *body, *made;
    size_t warnings;
    enum generate_mode mode;
} each_rows[] = {
    {"each value of an object",
     "{'match':'eachValue','rules':[],'generator':{'type':'RandomInt','min':7,'max':7}}",
     "{'v':{'a':1,'b':2},'w':3}", "{'v':{'a':7,'b':7},'w':3}", 0, GENERATE_CONSUMER},
    {"each item of an array",
     "{'match':'eachValue','rules':[],'generator':{'type':'RandomInt','min':7,'max':7}}",
     "{'v':[1,'2']}", "{'v':[7,'7']}", 0, GENERATE_CONSUMER},
    {"each key", "{'match':'eachKey','rules':[],'generator':{'type':'Regex','regex':'k7'}}",
     "{'v':{'a':1},'w':{'a':2}}", "{'v':{'k7':1},'w':{'a':2}}", 0, GENERATE_CONSUMER},
    {"keys that would be the same",
     "{'match':'eachKey','rules':[],'generator':{'type':'Regex','regex':'k7'}}",
     "{'v':{'a':1,'b':2}}", "{'v':{'k7':1,'b':2}}", 0, GENERATE_CONSUMER},
    {"a key that is there already",
     "{'match':'eachKey','rules':[],'generator':{'type':'Regex','regex':'b'}}",
     "{'v':{'a':1,'b':2}}", "{'v':{'a':1,'b':2}}", 0, GENERATE_CONSUMER},
    {"keys of an array", "{'match':'eachKey','rules':[],'generator':{'type':'Uuid'}}", "{'v':[1]}",
     "{'v':[1]}", 0, GENERATE_CONSUMER},
    {"values of a text", "{'match':'eachValue','rules':[],'generator':{'type':'Uuid'}}",
     "{'v':'x'}", "{'v':'x'}", 0, GENERATE_CONSUMER},
    {"state values for a provider",
     "{'match':'eachValue','rules':[],'generator':{'type':'ProviderState','expression':'n'}}",
     "{'v':[1]}", "{'v':['seven']}", 0, GENERATE_PROVIDER},
    {"state values are no business of a consumer",
     "{'match':'eachValue','rules':[],'generator':{'type':'ProviderState','expression':'n'}}",
     "{'v':[1]}", "{'v':[1]}", 0, GENERATE_CONSUMER},
    {"one that fails", "{'match':'eachValue','rules':[],'generator':{'type':'Lottery'}}",
     "{'v':[1,2]}", "{'v':[1,2]}", 1, GENERATE_CONSUMER},
    {"a rule without one", "{'match':'eachValue','rules':[]}", "{'v':[1]}", "{'v':[1]}", 0,
     GENERATE_CONSUMER},
};

static void test_each(void **state)
{
    const struct each_row *row = *state;
    struct generate_context context = context_of(row->mode);
    context.values = parse("{'n':'seven'}");
    struct pact_message message = {.generators = generators_new(arena), .rules = rules_new(arena)};
    struct pact_message made = message;
    struct matcher matcher = {0};
    assert_int_equal(matcher_read(parse(row->rule), arena, &matcher, NULL), 0);
    assert_int_equal(rules_add(message.rules, RULES_BODY, STR("$.v"), &matcher, arena, NULL), 0);
    pact_body_set_json(arena, &message.body, parse(row->body), STR_NONE);
    struct generate_warnings warnings = {0};
    assert_int_equal(generate_message(&message, &context, arena, &made, &warnings, NULL), 0);
    assert_str_is(made.body.bytes, quoted(row->made));
    assert_str_is(json_to_str(arena, message.body.json, JSON_COMPACT), quoted(row->body));
    assert_int_equal(warnings.len, row->warnings);
}

int main(void)
{
    struct rows tests = {0};
    arena = arena_new();
    ROWS_ADD(&tests, form_rows, test_form);
    ROWS_ADD(&tests, variant_rows, test_variant);
    ROWS_ADD(&tests, each_rows, test_each);
    int failed = rows_run(&tests, "generate_body");
    re_cache_clear();
    arena_free(arena);
    return failed;
}
