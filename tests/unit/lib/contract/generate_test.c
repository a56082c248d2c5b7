// SPDX-License-Identifier: Apache-2.0
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/re.h"
#include "lib/contract/generate.h"
#include "tests/unit/lib/base/rows.h"

static struct arena *arena;

/* splitmix64: the same numbers in every run. */
static uint64_t next_random(void *state)
{
    uint64_t *at = state, z = (*at += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static struct json *parse(const char *text)
{
    struct json *value = NULL;
    struct err err = ERR_INIT;
    if (json_parse(str_of(text), "test", arena, &value, &err))
        fail_msg("%s in %s", err.text, text);
    return value;
}

static struct generators *read_generators(const char *text)
{
    struct generators *generators = generators_new(arena);
    struct err err = ERR_INIT;
    if (generators_read(parse(text), false, arena, generators, &err))
        fail_msg("%s in %s", err.text, text);
    return generators;
}

static uint64_t seed;
static int64_t now_us = 1709164800123456; /* 2024-02-29 */
static struct clock clock_then;

static struct generate_context context_of(enum generate_mode mode, const char *values)
{
    clock_then = clock_fixed(&now_us);
    return (struct generate_context){.mode = mode,
                                     .random = next_random,
                                     .random_context = &seed,
                                     .clock = &clock_then,
                                     .values = values ? parse(values) : NULL,
                                     .mock_server_url = STR("http://127.0.0.1:8080/")};
}

static struct str first(const struct generate_warnings *warnings)
{
    return warnings->len ? warnings->items[0] : STR("");
}

static bool whole(const char *pattern, struct str text)
{
    const struct re *re = NULL;
    assert_int_equal(re_get(str_of(pattern), RE_WHOLE, &re, NULL), 0);
    return re_test(re, text, NULL) == 1;
}

/* One generator at the root of a body: the JSON text made, or the warning. */
static const struct value_row {
    const char *name, *generator, *example;
    const char *json;    /* expression for the JSON text; NULL = the example stays */
    const char *warning; /* part of it; NULL = none */
} value_rows[] = {
    {"int in its default range", "{'type':'RandomInt'}", "1", "10|\\d", NULL},
    {"int within limits", "{'type':'RandomInt','min':-3,'max':-1}", "1", "-[123]", NULL},
    {"int of one value", "{'type':'RandomInt','min':7,'max':7}", "1", "7", NULL},
    {"int over all integers",
     "{'type':'RandomInt','min':-9223372036854775808,'max':9223372036854775807}", "1", "-?\\d+",
     NULL},
    {"int as text", "{'type':'RandomInt','min':10,'max':99}", "'1'", "\"\\d\\d\"", NULL},
    {"int with limits crossed", "{'type':'RandomInt','min':2,'max':1}", "1", NULL, "greater"},
    {"int with a text limit", "{'type':'RandomInt','min':'x'}", "1", NULL, "integer"},
    {"decimal", "{'type':'RandomDecimal'}", "1.5", "(0|[1-9]\\d*)\\.\\d+", NULL},
    {"decimal of two digits", "{'type':'RandomDecimal','digits':2}", "1.5", "\\d\\.\\d", NULL},
    {"decimal as text", "{'type':'RandomDecimal','digits':6}", "'1.5'", "\"[\\d.]{7}\"", NULL},
    {"decimal of one digit", "{'type':'RandomDecimal','digits':1}", "1.5", NULL, "at least 2"},
    {"decimal too long", "{'type':'RandomDecimal','digits':9999}", "1.5", NULL, "below"},
    {"hexadecimal", "{'type':'RandomHexadecimal','digits':40}", "'a'", "\"[0-9A-F]{40}\"", NULL},
    {"string", "{'type':'RandomString'}", "'a'", "\"[A-Za-z0-9]{10}\"", NULL},
    {"string of no length", "{'type':'RandomString','size':0}", "'a'", "\"\"", NULL},
    {"string of negative length", "{'type':'RandomString','size':-1}", "'a'", NULL, "at least"},
    {"boolean", "{'type':'RandomBoolean'}", "true", "true|false", NULL},
    {"uuid", "{'type':'Uuid'}", "''",
     "\"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\"", NULL},
    {"uuid lower", "{'type':'Uuid','format':'lower-case-hyphenated'}", "''",
     "\"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\"", NULL},
    {"uuid simple", "{'type':'Uuid','format':'simple'}", "''", "\"[0-9a-f]{32}\"", NULL},
    {"uuid upper", "{'type':'Uuid','format':'upper-case-hyphenated'}", "''",
     "\"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\"", NULL},
    {"uuid urn", "{'type':'Uuid','format':'URN'}", "''", "\"urn:uuid:[0-9a-f]{8}-.{27}\"", NULL},
    {"uuid of another format", "{'type':'Uuid','format':'braces'}", "''", NULL, "not known"},
    {"date", "{'type':'Date'}", "''", "\"2024-02-29\"", NULL},
    {"date in a format", "{'type':'Date','format':'d MMM yy'}", "''", "\"29 Feb 24\"", NULL},
    {"time", "{'type':'Time'}", "''", "\"00:00:00\"", NULL},
    {"datetime", "{'type':'DateTime'}", "''", "\"2024-02-29T00:00:00\\.123\\+0000\"", NULL},
    {"date with a bad format", "{'type':'Date','format':'yyyyT'}", "''", NULL, "Date"},
    {"date expression", "{'type':'Date','expression':'+1 day'}", "''", "\"2024-03-01\"", NULL},
    {"date expression in a format",
     "{'type':'Date','expression':'next monday','format':'EEE d.M.'}", "''", "\"Mon 4\\.3\\.\"",
     NULL},
    {"date with an expression of time", "{'type':'Date','expression':'noon'}", "''", NULL, "noon"},
    {"time expression", "{'type':'Time','expression':'noon + 5 minutes'}", "''", "\"12:05:00\"",
     NULL},
    {"time with an expression of both", "{'type':'Time','expression':'now @ noon'}", "''", NULL,
     "found '@'"},
    {"datetime expression",
     "{'type':'DateTime','format':'yyyy-MM-dd HH:mm','expression':'yesterday @ 12 o~clock pm'}",
     "''", "\"2024-02-28 12:00\"", NULL},
    {"datetime with a bad expression", "{'type':'DateTime','expression':'whenever'}", "''", NULL,
     "whenever"},
    {"regex", "{'type':'Regex','regex':'^[A-C]{2}-(x|y\\\\d+)?$'}", "''", "\"[A-C]{2}-(x|y\\d+)?\"",
     NULL},
    {"regex with hexadecimal digits", "{'type':'Regex','regex':'\\\\h{4}[\\\\H]'}", "''",
     "\"[0-9A-Fa-f]{4}[^0-9A-Fa-f]+\"", NULL},
    {"regex missing", "{'type':'Regex'}", "''", NULL, "missing"},
    {"regex invalid", "{'type':'Regex','regex':'('}", "''", NULL, "Regex"},
    {"regex with lookahead", "{'type':'Regex','regex':'(?=a)a'}", "'a'", "\"a\"", NULL},
    {"regex that cannot be met", "{'type':'Regex','regex':'a$b'}", "'a'", NULL,
     "cannot make a text for 'a$b': none of many tries matched"},
    {"regex that nothing can follow", "{'type':'Regex','regex':'a*+a'}", "'a'", NULL,
     "cannot make a text for 'a*+a': none of many tries matched"},
    {"regex that calls a group", "{'type':'Regex','regex':'(a)(?1)'}", "'a'", NULL,
     "cannot make a text for '(a)(?1)': a group that calls another, or a condition"},
    {"regex with a condition", "{'type':'Regex','regex':'(a)?(?(1)b|c)'}", "'a'", NULL,
     "a condition"},
    {"regex too long to hold", "{'type':'Regex','regex':'(a{60000}){2}'}", "'a'", NULL,
     "the text becomes too long"},
    {"regex too long", "{'type':'Regex','regex':'((a{60000}){60000}){60000}'}", "'a'", NULL, ""},
    {"state keeps its type", "{'type':'ProviderState','expression':'${n}'}", "1", "42", NULL},
    {"state by a plain name", "{'type':'ProviderState','expression':'o'}", "1", "\\{\"a\":\\[1]}",
     NULL},
    {"state in a text", "{'type':'ProviderState','expression':'/a/${n}/${s}!'}", "1",
     "\"/a/42/x y!\"", NULL},
    {"state with an empty name", "{'type':'ProviderState','expression':'a${}b'}", "1", "\"ab\"",
     NULL},
    {"state unknown", "{'type':'ProviderState','expression':'${zz}'}", "1", NULL, "'zz'"},
    {"state without brace", "{'type':'ProviderState','expression':'${n'}", "1", NULL, "lacks"},
    {"state as string", "{'type':'ProviderState','expression':'${n}','dataType':'STRING'}", "1",
     "\"42\"", NULL},
    {"state as integer", "{'type':'ProviderState','expression':'${t}','dataType':'INTEGER'}", "1",
     "17", NULL},
    {"state as decimal", "{'type':'ProviderState','expression':'${n}','dataType':'DECIMAL'}", "1",
     "42\\.0", NULL},
    {"state as boolean", "{'type':'ProviderState','expression':'${b}','dataType':'BOOLEAN'}", "1",
     "true", NULL},
    {"state as integer of a text with zeros",
     "{'type':'ProviderState','expression':'${z}','dataType':'INTEGER'}", "1", "7", NULL},
    {"state as integer of a text with a plus",
     "{'type':'ProviderState','expression':'${plus}','dataType':'INTEGER'}", "1", "7", NULL},
    {"state as integer of zeros",
     "{'type':'ProviderState','expression':'${zeros}','dataType':'INTEGER'}", "1", "0", NULL},
    {"state as integer of a sign",
     "{'type':'ProviderState','expression':'${sign}','dataType':'INTEGER'}", "1", NULL, "INTEGER"},
    {"state as decimal of a text with zeros",
     "{'type':'ProviderState','expression':'${z}','dataType':'DECIMAL'}", "1", "7\\.0", NULL},
    {"state as decimal of a text with a point first",
     "{'type':'ProviderState','expression':'${point}','dataType':'DECIMAL'}", "1", "-0\\.5", NULL},
    {"state not an integer", "{'type':'ProviderState','expression':'${s}','dataType':'INTEGER'}",
     "1", NULL, "INTEGER"},
    {"state of an unknown type", "{'type':'ProviderState','expression':'${s}','dataType':'X'}", "1",
     NULL, "dataType"},
    {"unknown generator", "{'type':'Lottery'}", "1", NULL, "not known"},
};

/* Rows are written with ' for ", as JSON has it, and ~ for '. */
static const char *quoted(const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c == '~' ? '\'' : *c;
    return copy;
}

static void test_value(void **state)
{
    const struct value_row *row = *state;
    const char *values =
        "{\"n\":42,\"s\":\"x y\",\"t\":\"17\",\"z\":\"007\",\"plus\":\"+7\","
        "\"zeros\":\"00\",\"sign\":\"-\",\"point\":\"-.5\",\"b\":\"true\",\"o\":{\"a\":[1]}}";
    struct generate_context context = context_of(GENERATE_PROVIDER, values);
    char *text = arena_printf(arena, "{'body':{'$':%s}}", row->generator);
    struct pact_request request = {.generators = read_generators(quoted(text))};
    struct pact_request made = request;
    pact_body_set_json(arena, &request.body, parse(quoted(row->example)), STR_NONE);
    for (seed = 0; seed < 200; seed++) {
        struct generate_warnings warnings = {0};
        struct err err = ERR_INIT;
        assert_int_equal(generate_request(&request, &context, arena, &made, &warnings, &err), 0);
        struct str saw = made.body.bytes;
        if (row->json ? !whole(row->json, saw) : !str_eq(saw, request.body.bytes))
            fail_msg("saw %.*s, expected %s; %.*s", STR_FMT(saw),
                     row->json ? row->json : row->example, STR_FMT(first(&warnings)));
        if (warnings.len != (row->warning ? 1u : 0u))
            fail_msg("saw %zu warnings: %.*s", warnings.len, STR_FMT(first(&warnings)));
        if (row->warning && str_find(warnings.items[0], str_of(row->warning)) < 0)
            fail_msg("saw warning '%.*s', expected '%s' in it", STR_FMT(warnings.items[0]),
                     row->warning);
    }
}

/* Expressions that a text must come out of, which PCRE then agrees to. */
static const struct regex_row {
    const char *name;
} regex_rows[] = {
    {"\\d{3}-\\d{4}"},
    {"[^a-z]+"},
    {"a|b|"},
    {"^(?:foo|bar)(?<n>x)*$"},
    {"(^a$|^b$)"},
    {"\\w+@\\w+\\.(com|org)"},
    {"[\\d\\-x]{2,5}?"},
    {"[]a]"},
    {"[a-]"},
    {".*"},
    {"\\S\\s\\D\\W"},
    {"x{,3}"},
    {"x{,a}y{}"},
    {"\\/api\\/v[12]\\/.+"},
    {"é+"},
    {"a{0}b"},
    {"(((a)?b)?c)?"},
    {"[0-9a-f]{8}-[0-9a-f]{4}"},
    {"(?=.*\\d)(?=.*[A-Z])[A-Za-z\\d]{8,12}"},
    {"foo(?=bar)\\w+"},
    {"(?!000|666)\\d{3}-(?!00)\\d\\d"},
    {"\\w+(?<=_x)\\.(?<!y\\.)z"},
    {"([ab])\\1-(?<q>['\"])x\\k<q>(?P=q)\\g{-1}\\g{1}"},
    {"(a|b)+\\1"},
    {"\\p{Lu}\\p{L}+ \\P{L}\\pN"},
    {"\\p{Greek}{3}[\\p{Han}]\\p{Sc}"},
    {"[а-я]+[^\\x00-\\x7f]"},
    {"\\bfoo\\b \\Bx?\\B"},
    {"[[:alpha:]][[:^digit:]][[:upper:][:punct:]]{2}[[:xdigit:]]"},
    {"a*+b++c?+d{2}+e*?f+?g??h{1,3}?"},
    {"(?>ab|a)c"},
    {"(?<year>\\d{4})-(?'m'\\d\\d)-(?P<d>\\d)"},
    {"(?i)abc(?-i:DEF)[g-i]"},
    {"(?x) a b # letters\n [ ] \\  c +"},
    {"(?s:a.b)(?m:^|x)c"},
    {"\\u00e9\\u{1F600}\\ud83d\\ude00\\x41\\x{e9}\\101\\cA"},
    {"[\\u4e00-\\u4e05][\\x{1F600}-\\x{1F64F}]"},
    {"\\h\\H\\v\\V\\N\\R\\t"},
    {"[\\t\\n]+"},
    {"\\Qa.b*\\E+\\Q\\u00e9\\E"},
    {"(?#nothing)a(?:b|c)?"},
    {"(?|(a)|(b))\\1"},
    {"\\A\\d+\\z"},
    {"^(a)$|^b$"},
    {"(x+)+(y*)*"},
    {"((a*)+)+((b*)+)+"},
    {"(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d)?"},
    {"(19|20)\\d\\d-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])"},
};

static void test_regex(void **state)
{
    const struct regex_row *row = *state;
    struct generate_context context = context_of(GENERATE_CONSUMER, NULL);
    struct json *raw = json_new_object(arena), *body = json_new_object(arena);
    json_set(arena, raw, "type", json_new_text(arena, "Regex"));
    json_set(arena, raw, "regex", json_new_text(arena, row->name));
    json_set(arena, body, "body", raw);
    struct pact_response response = {.generators = generators_new(arena)}, made = response;
    assert_int_equal(generators_read(body, false, arena, response.generators, NULL), 0);
    pact_body_set_json(arena, &response.body, parse("null"), STR_NONE);
    for (seed = 0; seed < 300; seed++) {
        struct generate_warnings warnings = {0};
        assert_int_equal(generate_response(&response, &context, arena, &made, &warnings, NULL), 0);
        if (warnings.len > 0)
            fail_msg("saw warning '%.*s'", STR_FMT(warnings.items[0]));
        assert_true(json_is(made.body.json, JSON_STRING));
        if (!whole(row->name, json_text(made.body.json)))
            fail_msg("saw '%.*s'", STR_FMT(json_text(made.body.json)));
    }
}

/* Paths in a body: where the generated 7 goes. */
static const struct path_row {
    const char *name, *paths, *body, *made;
} path_rows[] = {
    {"a member", "$.a", "{'a':1,'b':2}", "{'a':7,'b':2}"},
    {"an item", "$.a[1]", "{'a':[1,2,3]}", "{'a':[1,7,3]}"},
    {"all items", "$.a[*].id", "{'a':[{'id':1},{'x':1},{'id':3}]}",
     "{'a':[{'id':7},{'x':1},{'id':7}]}"},
    {"all members", "$.*", "{'a':1,'b':2}", "{'a':7,'b':7}"},
    {"star over items", "$.a.*", "{'a':[1,2]}", "{'a':[7,7]}"},
    {"the root", "$", "{'a':1}", "7"},
    {"nothing there", "$.x.y", "{'a':1}", "{'a':1}"},
    {"index beyond the end", "$.a[5]", "{'a':[1]}", "{'a':[1]}"},
    {"items of an object", "$[*]", "{'a':1}", "{'a':1}"},
    {"a text stays a text", "$.a", "{'a':'1'}", "{'a':'7'}"},
    {"a name that needs quotes", "$['x y']", "{'x y':1}", "{'x y':7}"},
    {"a path without its root", "a", "{'a':1}", "{'a':7}"},
};

static void test_path(void **state)
{
    const struct path_row *row = *state;
    struct generate_context context = context_of(GENERATE_CONSUMER, NULL);
    struct json *at = json_new_object(arena), *all = json_new_object(arena);
    json_set(arena, at, row->paths, parse("{\"type\":\"RandomInt\",\"min\":7,\"max\":7}"));
    json_set(arena, all, "body", at);
    struct pact_response response = {.generators = generators_new(arena)}, made = response;
    assert_int_equal(generators_read(all, false, arena, response.generators, NULL), 0);
    pact_body_set_json(arena, &response.body, parse(quoted(row->body)), STR_NONE);
    struct generate_warnings warnings = {0};
    assert_int_equal(generate_response(&response, &context, arena, &made, &warnings, NULL), 0);
    assert_str_is(made.body.bytes, quoted(row->made));
    assert_str_is(json_to_str(arena, made.body.json, JSON_COMPACT), quoted(row->made));
    assert_str_is(response.body.bytes, quoted(row->body)); /* the contract is as it was */
    assert_str_is(json_to_str(arena, response.body.json, JSON_COMPACT), quoted(row->body));
    assert_int_equal(warnings.len, 0);
}

/* The same in bodies of other kinds; NULL = the example stays, with the warning. */
static const struct document_row {
    const char *name, *type, *paths, *body, *made, *warning;
} document_rows[] = {
    {"form field", "application/x-www-form-urlencoded", "$.a", "a=1&b=2&a=3", "a=7&b=2&a=7", NULL},
    {"form field by place", "application/x-www-form-urlencoded", "$.a[1]", "a=1&a=3", "a=1&a=7",
     NULL},
    {"form field not there", "application/x-www-form-urlencoded", "$.x", "a=1", NULL, NULL},
    {"form that is none", "application/x-www-form-urlencoded", "$.a", "a=%", NULL, "form"},
    {"xml text", "text/xml", "$.a.b.#text", "<a><b>1</b><c>2</c><b p=\"3\">4</b></a>",
     "<a><b>7</b><c>2</c><b p=\"3\">7</b></a>\n", NULL},
    {"xml text of an element", "text/xml", "$.a.b", "<a><b>1</b></a>", "<a><b>7</b></a>\n", NULL},
    {"xml attribute", "text/xml", "$.a['@p']", "<a p=\"1\" q=\"&lt;&amp;\"/>",
     "<a p=\"7\" q=\"&lt;&amp;\"/>\n", NULL},
    {"xml by namespace", "text/xml", "$['u:a']['@u:p']", "<x:a xmlns:x=\"u\" p=\"1\" x:p=\"1\"/>",
     "<x:a xmlns:x=\"u\" p=\"1\" x:p=\"7\"/>\n", NULL},
    {"xml any element", "text/xml", "$.a.*", "<a><b>1</b><c>2</c></a>", "<a><b>7</b><c>7</c></a>\n",
     NULL},
    {"xml text around elements", "text/xml", "$.a.#text", "<a>1<b/>2</a>", "<a>7<b/></a>\n", NULL},
    {"xml declaration is kept", "text/xml", "$.a", "<?xml version=\"1.0\"?><a>\xc3\xa4</a>",
     "<?xml version=\"1.0\"?>\n<a>7</a>\n", NULL},
    {"xml characters stay", "text/xml", "$.a['@p']", "<a p=\"1\">\xc3\xa4</a>",
     "<a p=\"7\">\xc3\xa4</a>\n", NULL},
    {"xml element that holds others", "text/xml", "$.a", "<a><b/></a>", NULL, NULL},
    {"xml not there", "text/xml", "$.a.x", "<a><b/></a>", NULL, NULL},
    {"xml of another root", "text/xml", "$.b", "<a/>", NULL, NULL},
    {"xml that is none", "text/xml", "$.a", "<a>", NULL, "no XML"},
    {"xml with entities", "text/xml", "$.a", "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", NULL,
     "no XML"},
    {"text", "text/plain", "$.a", "a", NULL, "no JSON, XML or form"},
};

static void test_document(void **state)
{
    const struct document_row *row = *state;
    struct generate_context context = context_of(GENERATE_CONSUMER, NULL);
    struct json *at = json_new_object(arena), *all = json_new_object(arena);
    json_set(arena, at, row->paths, parse("{\"type\":\"RandomInt\",\"min\":7,\"max\":7}"));
    json_set(arena, all, "body", at);
    struct pact_response response = {.generators = generators_new(arena)}, made = response;
    assert_int_equal(generators_read(all, false, arena, response.generators, NULL), 0);
    assert_int_equal(
        pact_body_set(arena, &response.body, str_of(row->body), str_of(row->type), NULL), 0);
    struct generate_warnings warnings = {0};
    assert_int_equal(generate_response(&response, &context, arena, &made, &warnings, NULL), 0);
    assert_str_is(made.body.bytes, row->made ? row->made : row->body);
    assert_str_is(response.body.bytes, row->body); /* the contract is as it was */
    assert_int_equal(warnings.len, row->warning ? 1 : 0);
    if (row->warning && str_find(first(&warnings), str_of(row->warning)) < 0)
        fail_msg("saw warning '%.*s'", STR_FMT(first(&warnings)));
}

static struct pact_request a_request(const char *generators)
{
    struct pact_request request = {
        .method = STR("GET"), .path = STR("/a"), .generators = read_generators(quoted(generators))};
    pact_header_add(arena, &request.headers, STR("X-Id"), STR("1"));
    pact_header_add(arena, &request.headers, STR("X-Id"), STR("2"));
    *VEC_PUSH(arena, &request.query.params) = (struct url_param){STR("q"), STR("1")};
    *VEC_PUSH(arena, &request.query.params) = (struct url_param){STR("r"), STR("2")};
    *VEC_PUSH(arena, &request.query.params) = (struct url_param){STR("q"), STR("3")};
    request.query.text = STR("q=1&r=2&q=3");
    return request;
}

static struct pact_request generated(const struct pact_request *request, enum generate_mode mode,
                                     const char *values, size_t warnings_expected)
{
    struct generate_context context = context_of(mode, values);
    struct pact_request made = {0};
    struct generate_warnings warnings = {0};
    assert_int_equal(generate_request(request, &context, arena, &made, &warnings, NULL), 0);
    if (warnings.len != warnings_expected)
        fail_msg("saw %zu warnings, expected %zu: %.*s", warnings.len, warnings_expected,
                 STR_FMT(first(&warnings)));
    return made;
}

static void test_places(void **state)
{
    (void)state;
    struct pact_request request =
        a_request("{'method':{'type':'ProviderState','expression':'m'},"
                  "'path':{'type':'ProviderState','expression':'/u/${s}?#%41'},"
                  "'query':{'q':{'type':'ProviderState','expression':'n'},"
                  "'new':{'type':'ProviderState','expression':'s'}},"
                  "'header':{'x-id':{'type':'ProviderState','expression':'n'},"
                  "'X-New':{'type':'ProviderState','expression':'b'}}}");
    struct pact_request made = generated(&request, GENERATE_PROVIDER,
                                         "{\"m\":\"put\",\"s\":\"x y\",\"n\":42,\"b\":true}", 0);
    assert_str_is(made.method, "PUT");
    assert_str_is(made.path, "/u/x%20y%3F%23%41");
    assert_str_is(url_query_write(arena, (const struct url_params *)&made.query.params),
                  "q=42&r=2&q=42&new=x%20y");
    assert_str_is(made.query.text, NULL);
    assert_int_equal(made.headers.len, 2);
    assert_str_is(made.headers.items[0].name, "X-Id");
    assert_int_equal(made.headers.items[0].values.len, 2);
    assert_str_is(made.headers.items[0].values.items[1], "42");
    assert_str_is(pact_header_get(&made.headers, "x-new"), "true");
    /* and the contract is as it was */
    assert_str_is(request.query.params.items[0].value, "1");
    assert_int_equal(request.query.params.len, 3);
    assert_int_equal(request.headers.len, 1);
    assert_str_is(pact_header_get(&request.headers, "x-id"), "1");
    assert_str_is(request.query.text, "q=1&r=2&q=3");
}

static void test_refused(void **state)
{
    (void)state;
    struct pact_request request =
        a_request("{'method':{'type':'ProviderState','expression':'s'},"
                  "'path':{'type':'ProviderState','expression':'s'},"
                  "'header':{'X-Id':{'type':'ProviderState','expression':'crlf'}},"
                  "'query':{'q':{'type':'ProviderState','expression':'none'}}}");
    struct pact_request made = generated(&request, GENERATE_PROVIDER,
                                         "{\"s\":\"x y\",\"crlf\":\"a\\r\\nSet-Cookie: b\"}", 4);
    assert_str_is(made.method, "GET");
    assert_str_is(made.path, "/a");
    assert_str_is(pact_header_get(&made.headers, "X-Id"), "1");
    assert_str_is(made.query.params.items[0].value, "1");
    assert_str_is(made.query.text, "q=1&r=2&q=3");
}

static void test_modes(void **state)
{
    (void)state;
    const char *generators = "{'path':{'type':'ProviderState','expression':'p'},"
                             "'query':{'r':{'type':'MockServerURL','example':'http://x:1/o/"
                             "1?z','regex':'http.*?(/o/1)'}}}";
    struct pact_request request = a_request(generators);
    struct pact_request made = generated(&request, GENERATE_CONSUMER, NULL, 0);
    assert_str_is(made.path, "/a");
    assert_str_is(made.query.params.items[1].value, "http://127.0.0.1:8080/o/1?z");
    made = generated(&request, GENERATE_PROVIDER, "{\"p\":\"/b\"}", 0);
    assert_str_is(made.path, "/b");
    assert_str_is(made.query.params.items[1].value, "2");
    request = a_request("{'path':{'type':'ProviderState','expression':'p'}}");
    made = generated(&request, GENERATE_CONSUMER, NULL, 0);
    assert_memory_equal(&made, &request, sizeof made); /* a plain copy */
    made = generated(&request, GENERATE_PROVIDER, NULL, 1);
    assert_str_is(made.path, "/a");
}

static void test_mock_url_without_match(void **state)
{
    (void)state;
    struct pact_request request =
        a_request("{'query':{'r':{'type':'MockServerURL','example':'http://x','regex':'/o'}}}");
    struct pact_request made = generated(&request, GENERATE_CONSUMER, NULL, 1);
    assert_str_is(made.query.params.items[1].value, "2");
}

static const struct status_row {
    const char *name;
    int min, status;
} status_rows[] = {
    {"status", 404, 404}, {"status too low", 99, 200}, {"status too high", 600, 200}};

static void test_status(void **state)
{
    const struct status_row *row = *state;
    struct generate_context context = context_of(GENERATE_CONSUMER, NULL);
    const char *text = arena_printf(arena, "{'status':{'type':'RandomInt','min':%d,'max':%d}}",
                                    row->min, row->min);
    struct pact_response response = {.status = 200, .generators = read_generators(quoted(text))};
    struct pact_response made = {0};
    struct generate_warnings warnings = {0};
    assert_int_equal(generate_response(&response, &context, arena, &made, &warnings, NULL), 0);
    assert_int_equal(made.status, row->status);
    assert_int_equal(warnings.len, row->status == 200);
}

static void test_message(void **state)
{
    (void)state;
    struct generate_context context = context_of(GENERATE_PROVIDER, "{\"n\":42}");
    struct pact_message made = {0}, message = {.metadata = parse("{\"key\":1,\"b\":2}")};
    message.generators =
        read_generators(quoted("{'metadata':{'key':{'type':'ProviderState','expression':'n'},"
                               "'new':{'type':'RandomInt','min':3,'max':3}},"
                               "'body':{'$.id':{'type':'ProviderState','expression':'n'}}}"));
    pact_body_set_json(arena, &message.body, parse("{\"id\":1}"), STR_NONE);
    struct generate_warnings warnings = {0};
    assert_int_equal(generate_message(&message, &context, arena, &made, &warnings, NULL), 0);
    assert_str_is(json_to_str(arena, made.metadata, 0), "{\"key\":42,\"b\":2,\"new\":3}");
    assert_str_is(json_to_str(arena, message.metadata, 0), "{\"key\":1,\"b\":2}");
    assert_str_is(made.body.bytes, "{\"id\":42}");
    assert_int_equal(warnings.len, 0);
}

static void test_bodies_left_alone(void **state)
{
    (void)state;
    struct generate_context context = context_of(GENERATE_CONSUMER, NULL);
    struct pact_response made = {0}, response = {.generators = read_generators(quoted(
                                                     "{'body':{'$.a':{'type':'RandomInt'}}}"))};
    struct generate_warnings warnings = {0};
    for (int at = PACT_BODY_MISSING; at <= PACT_BODY_EMPTY; at++) {
        response.body = (struct pact_body){.state = (enum pact_body_state)at};
        assert_int_equal(generate_response(&response, &context, arena, &made, &warnings, NULL), 0);
        assert_int_equal(made.body.state, at);
        assert_int_equal(warnings.len, 0);
    }
    assert_int_equal(pact_body_set(arena, &response.body, STR("a=1"), STR("text/plain"), NULL), 0);
    assert_int_equal(generate_response(&response, &context, arena, &made, &warnings, NULL), 0);
    assert_str_is(made.body.bytes, "a=1");
    assert_int_equal(warnings.len, 1);
}

/* Small contracts that ask for more than fits. */
static void test_limit(void **state)
{
    (void)state;
    struct generate_context context = context_of(GENERATE_CONSUMER, NULL);
    struct json *items = json_new_array(arena);
    for (int i = 0; i < 1000; i++)
        json_append(arena, items, json_new_text(arena, "x"));
    struct pact_response made = {.status = 1}, response = {.status = 200};
    struct generate_warnings warnings = {0};
    struct err err = ERR_INIT;
    response.generators =
        read_generators(quoted("{'body':{'$[*]':{'type':'RandomString','size':100000}}}"));
    pact_body_set_json(arena, &response.body, items, STR_NONE);
    assert_int_equal(generate_response(&response, &context, arena, &made, &warnings, &err),
                     ERR_LIMIT);
    assert_int_equal(made.status, 1); /* untouched */
    response.generators =
        read_generators(quoted("{'body':{'$':{'type':'RandomString','size':99999999999}}}"));
    assert_int_equal(generate_response(&response, &context, arena, &made, &warnings, NULL),
                     ERR_LIMIT);
    response.generators = read_generators(quoted("{'body':{'$[*]':{'type':'Lottery'}}}"));
    assert_int_equal(generate_response(&response, &context, arena, &made, &warnings, NULL), 0);
    assert_int_equal(warnings.len, 1); /* not a thousand */
}

/* What Date, Time and DateTime start from. */
static const struct base_row {
    const char *name, *generator, *date, *time, *datetime;
    const char *made; /* NULL = a warning */
} base_rows[] = {
    {"date from a base", "{'type':'Date'}", "2000-01-31", NULL, NULL, "2000-01-31"},
    {"date with an expression from a base", "{'type':'Date','expression':'+ 1 month'}",
     "2000-01-31T10:00:00Z", NULL, NULL, "2000-02-29"},
    {"date leaves the others", "{'type':'Date'}", NULL, "10:00", "2000-01-31T10:00Z", "2024-02-29"},
    {"time from a base", "{'type':'Time'}", "2000-01-31", "10:15:30", NULL, "10:15:30"},
    {"time with an expression from a base", "{'type':'Time','expression':'10 o~clock'}", NULL,
     "10:15:30+01:00", NULL, "10:00:00"},
    {"datetime from a base", "{'type':'DateTime','expression':'tomorrow @ + 1 hour'}", NULL, NULL,
     "1999-12-30T23:30:00", "2000-01-01T00:30:00.000+0000"},
    {"base that is none", "{'type':'Date'}", "soon", NULL, NULL, NULL},
};

static struct str base_of(const char *text)
{
    return text ? str_of(text) : STR_NONE;
}

static void test_base(void **state)
{
    const struct base_row *row = *state;
    struct generate_context context = context_of(GENERATE_CONSUMER, NULL);
    context.base_date = base_of(row->date);
    context.base_time = base_of(row->time);
    context.base_datetime = base_of(row->datetime);
    char *text = arena_printf(arena, "{'body':{'$':%s}}", row->generator);
    struct pact_response made = {0}, response = {.generators = read_generators(quoted(text))};
    struct generate_warnings warnings = {0};
    pact_body_set_json(arena, &response.body, parse("\"as it was\""), STR_NONE);
    assert_int_equal(generate_response(&response, &context, arena, &made, &warnings, NULL), 0);
    assert_str_is(json_text(made.body.json), row->made ? row->made : "as it was");
    assert_int_equal(warnings.len, row->made ? 0 : 1);
}

/* Keys that name one of several values; S stands for a generator of 7. */
static const struct index_row {
    const char *name, *generators, *query, *header;
    size_t warnings;
} index_rows[] = {
    {"first value", "{'query':{'q[0]':S},'header':{'X-Id[0]':S}}", "q=7&r=2&q=3", "7,2", 0},
    {"second value", "{'query':{'q[1]':S},'header':{'x-id[1]':S}}", "q=1&r=2&q=7", "1,7", 0},
    {"value that is not there", "{'query':{'q[2]':S},'header':{'X-Id[2]':S}}", "q=1&r=2&q=3", "1,2",
     2},
    {"name that is not there", "{'query':{'new[0]':S},'header':{'New[0]':S}}",
     "q=1&r=2&q=3&new%5B0%5D=7", "1,2", 1},
    {"no number", "{'query':{'q[]':S},'header':{'X-Id':S}}", "q=1&r=2&q=3&q%5B%5D=7", "7,7", 0},
};

static void test_index(void **state)
{
    const struct index_row *row = *state;
    struct buf text BUF_AUTO = BUF_INIT(10000);
    for (const char *c = row->generators; *c; c++) {
        if (*c == 'S')
            buf_puts(&text, "{'type':'ProviderState','expression':'n'}");
        else
            buf_putc(&text, *c);
    }
    struct pact_request request = a_request(text.ptr);
    struct pact_request made = generated(&request, GENERATE_PROVIDER, "{\"n\":7}", row->warnings);
    assert_str_is(url_query_write(arena, (const struct url_params *)&made.query.params),
                  row->query);
    assert_str_is(str_printf(arena, "%.*s,%.*s", STR_FMT(made.headers.items[0].values.items[0]),
                             STR_FMT(made.headers.items[0].values.items[1])),
                  row->header);
    assert_int_equal(made.headers.len, 1);
}

static void test_index_of_a_literal_name(void **state)
{
    (void)state;
    struct pact_request request =
        a_request("{'query':{'q[0]':{'type':'ProviderState','expression':'n'}}}");
    *VEC_PUSH(arena, &request.query.params) = (struct url_param){STR("q[0]"), STR("5")};
    struct pact_request made = generated(&request, GENERATE_PROVIDER, "{\"n\":7}", 0);
    assert_str_is(url_query_write(arena, (const struct url_params *)&made.query.params),
                  "q=1&r=2&q=3&q%5B0%5D=7");
}

int main(void)
{
    struct rows tests = {0};
    arena = arena_new();
    ROWS_ADD(&tests, value_rows, test_value);
    ROWS_ADD(&tests, regex_rows, test_regex);
    ROWS_ADD(&tests, path_rows, test_path);
    ROWS_ADD(&tests, document_rows, test_document);
    ROWS_ADD(&tests, status_rows, test_status);
    rows_add_test(&tests, "values in every place of a request", test_places);
    rows_add_test(&tests, "values that a place cannot hold", test_refused);
    rows_add_test(&tests, "consumer and provider mode", test_modes);
    rows_add_test(&tests, "mock server url without match", test_mock_url_without_match);
    rows_add_test(&tests, "messages", test_message);
    rows_add_test(&tests, "bodies left alone", test_bodies_left_alone);
    rows_add_test(&tests, "limits", test_limit);
    ROWS_ADD(&tests, base_rows, test_base);
    ROWS_ADD(&tests, index_rows, test_index);
    rows_add_test(&tests, "index of a literal name", test_index_of_a_literal_name);
    int failed = rows_run(&tests, "generate");
    re_cache_clear();
    arena_free(arena);
    return failed;
}
