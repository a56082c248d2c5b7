// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/integration.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/re.h"
#include "lib/contract/match.h"
#include "tests/unit/lib/base/rows.h"

static struct arena *arena;

/* JSON with ' for ", and ~ for '. */
static const char *quoted(const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c == '~' ? '\'' : *c;
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

static struct integration fresh(void)
{
    return (struct integration){rules_new(arena), generators_new(arena), arena};
}

/* As parse(), "-" = none. */
static void assert_json(const struct json *saw, const char *want)
{
    bool same = strcmp(want, "-") == 0 ? !saw : saw && json_equal(saw, parse(want));
    if (!same)
        fail_msg("saw %.*s, expected %s", STR_FMT(saw ? json_to_str(arena, saw, 0) : STR("-")),
                 quoted(want));
}

#define RULE(match)       "{'combine':'AND','matchers':[" match "]}"
#define NAMED(name)       "{'match':'" name "'}"
#define TYPED(name, rest) "{'pact:matcher:type':'" name "'" rest "}"
#define BODY(rules)       "{'body':{" rules "}}"

static const struct body_row {
    const char *name, *tree, *example, *rules, *generators;
} body_rows[] = {
    {"no matcher", "{'a':[1,{'b':null}]}", "{'a':[1,{'b':null}]}", "-", "-"},
    {"pact: members are dropped", "{'pact:x':1,'a':2}", "{'a':2}", "-", "-"},
    {"a scalar", "7", "7", "-", "-"},
    {"at the root", TYPED("type", ",'value':1"), "1", BODY("'$':" RULE(NAMED("type"))), "-"},
    {"at a member", "{'a':" TYPED("integer", ",'value':1") "}", "{'a':1}",
     BODY("'$.a':" RULE(NAMED("integer"))), "-"},
    {"at an item", "[0," TYPED("integer", ",'value':1") "]", "[0,1]",
     BODY("'$[1]':" RULE(NAMED("integer"))), "-"},
    {"a name that needs quotes", "{'a b':" TYPED("type", ",'value':1") "}", "{'a b':1}",
     BODY("'$[~a b~]':" RULE(NAMED("type"))), "-"},
    {"an old spelling", TYPED("not-empty", ",'value':'x'"), "'x'",
     BODY("'$':" RULE(NAMED("notEmpty"))), "-"},
    {"attributes", TYPED("regex", ",'regex':'a+','value':'a','min':1"), "'a'",
     BODY("'$':" RULE("{'match':'regex','regex':'a+'}")), "-"},
    {"include takes its value", TYPED("include", ",'value':'b'"), "'b'",
     BODY("'$':" RULE("{'match':'include','value':'b'}")), "-"},
    {"no example", TYPED("null", ""), "null", BODY("'$':" RULE(NAMED("null"))), "-"},
    {"each-like",
     "{'a':" TYPED("type", ",'min':2,'value':[{'id':" TYPED("integer", ",'value':1") "}]") "}",
     "{'a':[{'id':1}]}",
     BODY("'$.a':" RULE("{'match':'type','min':2}") ",'$.a[*].id':" RULE(NAMED("integer"))), "-"},
    {"items that say the same",
     TYPED("type",
           ",'value':[" TYPED("integer", ",'value':1") "," TYPED("integer", ",'value':2") "]"),
     "[1,2]", BODY("'$':" RULE(NAMED("type")) ",'$[*]':" RULE(NAMED("integer"))), "-"},
    {"an object as value", TYPED("type", ",'value':{'b':" TYPED("integer", ",'value':1") "}"),
     "{'b':1}", BODY("'$':" RULE(NAMED("type")) ",'$.b':" RULE(NAMED("integer"))), "-"},
    {"a matcher as value", TYPED("notEmpty", ",'value':" TYPED("integer", ",'value':1")), "1",
     BODY("'$':" RULE(NAMED("notEmpty") "," NAMED("integer"))), "-"},
    {"values", TYPED("values", ",'value':{'k':" TYPED("integer", ",'value':1") "}"), "{'k':1}",
     BODY("'$':" RULE(NAMED("values")) ",'$.*':" RULE(NAMED("integer"))), "-"},
    {"eachKey",
     TYPED("eachKey", ",'value':{'k':1},'rules':[" TYPED("regex", ",'regex':'k+','value':'k'") "]"),
     "{'k':1}", BODY("'$':" RULE("{'match':'eachKey','rules':[{'match':'regex','regex':'k+'}]}")),
     "-"},
    {"eachValue with a rule of a file",
     TYPED("eachValue", ",'value':{'k':1},'rules':[{'match':'integer'}]"), "{'k':1}",
     BODY("'$':" RULE("{'match':'eachValue','rules':[{'match':'integer'}]}")), "-"},
    {"arrayContains",
     TYPED("arrayContains", ",'variants':[{'t':'a'},{'n':" TYPED(
                                "integer", ",'value':1,'pact:generator:type':'RandomInt'") "}]"),
     "[{'t':'a'},{'n':1}]",
     BODY("'$':" RULE("{'match':'arrayContains','variants':[{'index':0,'rules':{}},{'index':1,"
                      "'rules':{'$.n':" RULE(
                          NAMED("integer")) "},'generators':{'$.n':{'type':'RandomInt'}}}]}")),
     "-"},
    {"a definition", TYPED("matching(integer, 7)", ""), "7", BODY("'$':" RULE(NAMED("integer"))),
     "-"},
    {"a definition with a value", TYPED("atLeast(2)", ",'value':[1]"), "[1]",
     BODY("'$':" RULE("{'match':'type','min':2}")), "-"},
    {"a definition with a generator", TYPED("matching(date, ~yyyy~, ~2024~)", ""), "'2024'",
     BODY("'$':" RULE("{'match':'date','format':'yyyy'}")),
     BODY("'$':{'type':'Date','format':'yyyy'}")},
    {"a definition of keys",
     TYPED("eachKey(matching(regex, ~k+~, ~k~))",
           ",'value':{'k':" TYPED("integer", ",'value':1") "}"),
     "{'k':1}",
     BODY("'$':" RULE("{'match':'eachKey','rules':[{'match':'regex','regex':'k+'}],'value':'k'"
                      "}") ",'$.*':" RULE(NAMED("integer"))),
     "-"},
    {"a definition of values from a provider state",
     TYPED("eachValue(matching(type, fromProviderState(~${n}~, 1)))", ",'value':[1]"), "[1]",
     BODY("'$':" RULE("{'match':'eachValue','rules':[{'match':'type'}],'value':'1','generator':{"
                      "'type':'ProviderState','expression':'${n}','dataType':'INTEGER'}}")),
     "-"},
    {"each value, with a generator of its own",
     "{'pact:matcher:type':'eachValue','rules':[],'generator':{'type':'Uuid'},'value':['x']}",
     "['x']", BODY("'$':" RULE("{'match':'eachValue','generator':{'type':'Uuid'},'rules':[]}")),
     "-"},
    {"a definition of a value from a provider state",
     TYPED("matching(integer, fromProviderState(~${n}~, 1))", ""), "1",
     BODY("'$':" RULE(NAMED("integer"))),
     BODY("'$':{'type':'ProviderState','expression':'${n}','dataType':'INTEGER'}")},
    {"several, with a value",
     "{'pact:matcher:type':[" TYPED("type", ",'min':1") "," TYPED("notEmpty", "") "],'value':[1]}",
     "[1]", BODY("'$':" RULE("{'match':'type','min':1}," NAMED("notEmpty"))), "-"},
    {"several, with other members",
     "{'pact:matcher:type':[{'match':'eachValue','rules':[]}],'k':" TYPED("integer",
                                                                          ",'value':1") "}",
     "{'k':1}",
     BODY("'$':" RULE("{'match':'eachValue','rules':[]}") ",'$.*':" RULE(NAMED("integer"))), "-"},
    {"several by name", "{'pact:matcher:type':['type','atMost(2)'],'value':[1]}", "[1]",
     BODY("'$':" RULE(NAMED("type") ",{'match':'type','max':2}")), "-"},
    {"a generator",
     "{'a':" TYPED("integer", ",'value':1,'pact:generator:type':'RandomInt','min':2,'max':3") "}",
     "{'a':1}", BODY("'$.a':" RULE(NAMED("integer"))),
     BODY("'$.a':{'type':'RandomInt','min':2,'max':3}")},
    {"a generator alone", "{'pact:generator:type':'Uuid','format':'simple','value':'x'}", "'x'",
     "-", BODY("'$':{'type':'Uuid','format':'simple'}")},
    {"a name without a path and without a rule", "{'a~]b':1}", "{'a~]b':1}", "-", "-"},
};

static void test_body(void **state)
{
    const struct body_row *row = *state;
    struct integration to = fresh();
    struct json *example = NULL;
    struct err err = ERR_INIT;
    if (integration_body(&to, parse(row->tree), &example, &err))
        fail_msg("saw %s", err.text);
    assert_json(example, row->example);
    assert_json(rules_write(to.rules, arena), row->rules);
    assert_json(generators_write(to.generators, arena), row->generators);
}

static const struct bad_row {
    const char *name, *tree, *text;
} bad_rows[] = {
    {"unknown matcher", "{'a':" TYPED("lottery", "") "}",
     "body $.a: there is no matcher 'lottery'"},
    {"attribute missing", "{'a':" TYPED("regex", ",'value':'x'") "}",
     "needs the attribute 'regex'"},
    {"wrong definition", "{'a':" TYPED("matching(integer, 1.5)", "") "}",
     "body $.a: expected an integer, found 1.5"},
    {"reference", TYPED("matching($~person~)", ""), "can resolve"},
    {"type of another kind", "{'pact:matcher:type':7}", "must be a text or an array"},
    {"array of another kind", "{'pact:matcher:type':[7]}", "without its name"},
    {"inner rules of another kind", TYPED("eachKey", ",'rules':{}"), "'rules' must be an array"},
    {"inner rule without name", TYPED("eachKey", ",'rules':[{}]"), "without its name"},
    {"no variants", TYPED("arrayContains", ""), "array of 'variants'"},
    {"bad variant", TYPED("arrayContains", ",'variants':[" TYPED("lottery", "") "]"),
     "variant 0: body $: there is no matcher"},
    {"unknown generator", "{'pact:generator:type':'Lottery'}", "there is no generator"},
    {"generator of another kind", "{'pact:generator:type':7}", "there is no generator '7'"},
    {"limit of another kind", TYPED("type", ",'min':'x'"), "must be a count"},
    {"a name that no path holds", "{'a~]b':" TYPED("type", ",'value':1") "}", "no rule path"},
    {"a name without letters", "{'':" TYPED("type", ",'value':1") "}", "no rule path"},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct integration to = fresh();
    struct json *example = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(integration_body(&to, parse(row->tree), &example, &err), ERR_PARSE);
    if (!strstr(err.text, row->text))
        fail_msg("saw '%s', expected '%s' in it", err.text, row->text);
    assert_null(example);
}

#define ROOT(rest) "{'root':{'name':'a'" rest "}}"
#define HEAD       "<?xml version='1.0' encoding='UTF-8'?>"
#define ITEM(rest) "{'name':'item'" rest "}"

/* `xml` stands behind HEAD, single quotes for double ones. */
static const struct xml_row {
    const char *name, *tree, *xml, *rules, *generators;
} xml_rows[] = {
    {"XML: an element", ROOT(""), "<a/>", "-", "-"},
    {"XML: attributes and text",
     ROOT(",'attributes':{'x':'1','y':2,'z':true},'children':[{'content':'t'}]"),
     "<a x='1' y='2' z='true'>t</a>", "-", "-"},
    {"XML: order of children",
     ROOT(",'children':[{'name':'b'},{'content':1.50},{'name':'c'},{'content':null}]"),
     "<a><b/>1.50<c/></a>", "-", "-"},
    {"XML: a matcher of an attribute",
     ROOT(",'attributes':{'x':" TYPED("integer", ",'value':7") "}"), "<a x='7'/>",
     BODY("'$.a.@x':" RULE(NAMED("integer"))), "-"},
    {"XML: a matcher of a text",
     ROOT(",'children':[{'content':'42','matcher':" TYPED("regex", ",'regex':'^\\\\d+$'") "}]"),
     "<a>42</a>", BODY("'$.a.#text':" RULE("{'match':'regex','regex':'^\\\\d+$'}")), "-"},
    {"XML: content that is a matcher",
     ROOT(",'children':[{'content':" TYPED("matching(regex, ~[a-z]~, ~q~)", "") "}]"), "<a>q</a>",
     BODY("'$.a.#text':" RULE("{'match':'regex','regex':'[a-z]'}")), "-"},
    {"XML: a generator of a text",
     ROOT(",'children':[{'content':'7','matcher':" TYPED(
         "integer", "") ",'pact:generator:type':'RandomInt','min':1}]"),
     "<a>7</a>", BODY("'$.a.#text':" RULE(NAMED("integer"))),
     BODY("'$.a.#text':{'type':'RandomInt','min':1}")},
    {"XML: a generator of an attribute",
     ROOT(",'attributes':{'x':" TYPED("type", ",'value':'u','pact:generator:type':'Uuid'") "}"),
     "<a x='u'/>", BODY("'$.a.@x':" RULE(NAMED("type"))), BODY("'$.a.@x':{'type':'Uuid'}")},
    {"XML: an element that may be repeated",
     ROOT(",'children':[" TYPED("type", ",'examples':2,'value':" ITEM(",'attributes':{'n':" TYPED(
                                            "integer", ",'value':1") "}")) "]"),
     "<a><item n='1'/><item n='1'/></a>",
     BODY("'$.a.item.@n':" RULE(NAMED("integer")) ",'$.a.item':" RULE(NAMED("type"))), "-"},
    {"XML: repeated within repeated",
     ROOT(",'children':[" TYPED("type", ",'examples':2,'value':{'name':'b','children':[" TYPED(
                                            "type", ",'examples':2,'value':" ITEM("")) "]}") "]"),
     "<a><b><item/><item/></b><b><item/><item/></b></a>",
     BODY("'$.a.b.item':" RULE(NAMED("type")) ",'$.a.b':" RULE(NAMED("type"))), "-"},
    {"XML: a root by its type", "{'root':" TYPED("type", ",'value':{'name':'a'}") "}", "<a/>",
     BODY("'$.a':" RULE(NAMED("type"))), "-"},
    {"XML: siblings that agree",
     ROOT(",'children':[" ITEM(",'children':[{'content':'1','matcher':" TYPED(
         "integer",
         "") "}]") "," ITEM(",'children':[{'content':'2','matcher':" TYPED("integer",
                                                                           "") "}]") "]"),
     "<a><item>1</item><item>2</item></a>", BODY("'$.a.item.#text':" RULE(NAMED("integer"))), "-"},
    {"XML: escapes",
     ROOT(",'attributes':{'x':'<&>\\\"\\n\\t~'},'children':[{'content':'<&>]]>\\\"~'}]"),
     "<a x='&lt;&amp;&gt;&quot;&#10;&#9;~'>&lt;&amp;&gt;]]&gt;\"~</a>", "-", "-"},
    {"XML: namespaces",
     "{'root':{'name':'p:a','attributes':{'xmlns:p':'urn:x','xmlns':'urn:d','p:id':" TYPED(
         "type",
         ",'value':'1'") ",'n':" TYPED("type",
                                       ",'value':'2'") "},'children':[" ITEM(",'children':[{'"
                                                                             "content':'t','"
                                                                             "matcher':" TYPED(
                                                                                 "typ"
                                                                                 "e",
                                                                                 "") "}]") "]}}",
     "<p:a xmlns:p='urn:x' xmlns='urn:d' p:id='1' n='2'><item>t</item></p:a>",
     BODY("'$.urn:x:a.@urn:x:id':" RULE(NAMED("type")) ",'$.urn:x:a.@n':" RULE(
         NAMED("type")) ",'$.urn:x:a.urn:d:item.#text':" RULE(NAMED("type"))),
     "-"},
    {"XML: a namespace that is left again",
     "{'root':{'name':'a','attributes':{'xmlns':'http://x/'},'children':[{'name':'b','attributes':"
     "{'xmlns':''},'children':[{'content':'t','matcher':" TYPED("type", "") "}]}]}}",
     "<a xmlns='http://x/'><b xmlns=''>t</b></a>",
     BODY("'$[~http://x/:a~].b.#text':" RULE(NAMED("type"))), "-"},
    {"XML: letters beyond ASCII", ROOT(",'children':[{'content':'\xc3\xa9'},{'name':'\xc3\xa9'}]"),
     "<a>\xc3\xa9<\xc3\xa9/></a>", "-", "-"},
};

/* What was built keeps its own rules, read back by the reader of the comparison. */
static void keeps_its_rules(const struct integration *to, struct str xml)
{
    struct pact pact = {.spec = PACT_V4, .text = STR("")};
    struct pact_message message = {.metadata = json_new_object(arena), .rules = to->rules};
    struct actual_message actual = {.body = xml, .content_type = STR("application/xml")};
    struct match_result result = {0};
    assert_int_equal(pact_body_set(arena, &message.body, xml, STR("application/xml"), NULL), 0);
    assert_int_equal(match_message(&pact, &message, &actual, arena, &result, NULL), 0);
    assert_int_equal(result.len, 0);
    assert_int_equal(result.warnings.len, 0); /* each rule governs something */
}

static void test_xml(void **state)
{
    const struct xml_row *row = *state;
    struct integration to = fresh();
    struct str xml = STR_NONE;
    struct err err = ERR_INIT;
    if (integration_xml(&to, parse(row->tree), &xml, &err))
        fail_msg("saw %s", err.text);
    assert_str_is(xml, quoted(arena_printf(arena, HEAD "%s", row->xml)));
    assert_json(rules_write(to.rules, arena), row->rules);
    assert_json(generators_write(to.generators, arena), row->generators);
    keeps_its_rules(&to, xml);
}

static const struct bad_row bad_xml_rows[] = {
    {"XML: no root", "{}", "body $: an XML body needs an element as its 'root'"},
    {"XML: a text as root", "{'root':{'content':'x'}}", "an element as its 'root'"},
    {"XML: no name", "{'root':{}}", "body $: an element needs a 'name'"},
    {"XML: markup as a name", "{'root':{'name':'a x'}}", "body $: this is no XML name: 'a x'"},
    {"XML: a digit begins a name", "{'root':{'name':'1a'}}", "this is no XML name"},
    {"XML: markup as an attribute's name", ROOT(",'attributes':{'x=~1~ y':'1'}"),
     "body $.a: this is no XML name"},
    {"XML: a prefix that nobody declares", "{'root':{'name':'p:a'}}", "declares the prefix"},
    {"XML: attributes that are none", ROOT(",'attributes':[]"), "'attributes' must be an object"},
    {"XML: children that are none", ROOT(",'children':{}"), "'children' an array"},
    {"XML: a child that is none", ROOT(",'children':['x']"), "body $.a: a child must be an object"},
    {"XML: an object as a text", ROOT(",'attributes':{'x':{}}"),
     "body $.a.@x: expected a text, a number or a boolean"},
    {"XML: a namespace that is a matcher", ROOT(",'attributes':{'xmlns':" TYPED("type", "") "}"),
     "a namespace must be a text"},
    {"XML: a matcher without an element", ROOT(",'children':[" TYPED("type", "") "]"),
     "body $.a: a matcher of elements needs one as its 'value'"},
    {"XML: no examples", ROOT(",'children':[" TYPED("type", ",'examples':0,'value':" ITEM("")) "]"),
     "'examples' must be a number above 0"},
    {"XML: a matcher that is not known",
     ROOT(",'children':[{'content':'x','matcher':" TYPED("lottery", "") "}]"),
     "body $.a.#text: there is no matcher 'lottery'"},
    {"XML: a matcher that is none", ROOT(",'children':[{'content':'x','matcher':'type'}]"),
     "'matcher' must be an object"},
    {"XML: an example against its rule",
     ROOT(",'children':[{'content':'x','matcher':" TYPED("integer", "") "}]"),
     "breaks its own rule (integer)"},
    {"XML: siblings that disagree",
     ROOT(",'children':[" ITEM(",'children':[{'content':'1','matcher':" TYPED(
         "integer", "") "}]") "," ITEM(",'children':[{'content':'x'}]") "]"),
     "breaks its own rule (integer)"},
    {"XML: a character that XML cannot hold", ROOT(",'attributes':{'x':'\\u0001'}"),
     "invalid character in attribute value"},
};

static void test_bad_xml(void **state)
{
    const struct bad_row *row = *state;
    struct integration to = fresh();
    struct str xml = STR_NONE;
    struct err err = ERR_INIT;
    assert_int_equal(integration_xml(&to, parse(row->tree), &xml, &err), ERR_PARSE);
    if (!strstr(err.text, row->text))
        fail_msg("saw '%s', expected '%s' in it", err.text, row->text);
    assert_null(xml.ptr);
}

/* A few bytes must not stand for gigabytes. */
static void test_xml_size(void **state)
{
    (void)state;
    struct integration to = fresh();
    struct str xml = STR_NONE;
    struct err err = ERR_INIT;
    const char *inner = ITEM("");
    for (int i = 0; i < 5; i++)
        inner = arena_printf(arena,
                             "{'name':'b','children':[{'pact:matcher:type':'type','examples':1000,"
                             "'value':%s}]}",
                             inner);
    struct json *tree = parse(arena_printf(arena, "{'root':%s}", inner));
    assert_int_equal(integration_xml(&to, tree, &xml, &err), ERR_LIMIT);
    assert_string_equal(err.text, "body: the XML example becomes too large");
}

/* Values joined with "|". */
static const struct values_row {
    const char *name;
    enum rules_part part;
    const char *value, *texts, *rules, *generators; /* texts NULL = an error */
} values_rows[] = {
    {"a text", RULES_QUERY, "'x'", "x", "-", "-"},
    {"a number", RULES_HEADER, "7", "7", "-", "-"},
    {"texts", RULES_QUERY, "['x','y']", "x|y", "-", "-"},
    {"no values", RULES_QUERY, "[]", "", "-", "-"},
    {"a matcher", RULES_QUERY, TYPED("regex", ",'regex':'a+','value':'a'"), "a",
     "{'query':{'n':" RULE("{'match':'regex','regex':'a+'}") "}}", "-"},
    {"a matcher of many values", RULES_HEADER, TYPED("type", ",'value':['a','b']"), "a|b",
     "{'header':{'n':" RULE(NAMED("type")) "}}", "-"},
    {"a matcher on the only value", RULES_QUERY, "[" TYPED("type", ",'value':1") "]", "1",
     "{'query':{'n':" RULE(NAMED("type")) "}}", "-"},
    {"a matcher on the first value", RULES_QUERY, "[" TYPED("type", ",'value':1") ",'y']", "1|y",
     "{'query':{'n':" RULE(NAMED("type")) "}}", "-"},
    {"a matcher on the second value", RULES_QUERY, "['x'," TYPED("integer", ",'value':1") "]",
     "x|1", "{'query':{'n[1]':" RULE(NAMED("integer")) "}}", "-"},
    {"matchers on both values", RULES_HEADER,
     "[" TYPED("type", ",'value':'x'") "," TYPED("integer", ",'value':1") "]", "x|1",
     "{'header':{'n[0]':" RULE(NAMED("type")) ",'n[1]':" RULE(NAMED("integer")) "}}", "-"},
    {"a generator on the second value", RULES_QUERY,
     "['x'," TYPED("integer", ",'value':1,'pact:generator:type':'RandomInt'") "]", "x|1",
     "{'query':{'n[1]':" RULE(NAMED("integer")) "}}", "{'query':{'n[1]':{'type':'RandomInt'}}}"},
    {"a definition", RULES_QUERY, TYPED("matching(date, ~yyyy~, ~2024~)", ""), "2024",
     "{'query':{'n':" RULE("{'match':'date','format':'yyyy'}") "}}",
     "{'query':{'n':{'type':'Date','format':'yyyy'}}}"},
    {"an object", RULES_QUERY, "{'a':1}", NULL, NULL, NULL},
    {"a list in a list", RULES_QUERY, "[" TYPED("type", ",'value':[['x']]") "]", NULL, NULL, NULL},
    {"an unknown matcher", RULES_HEADER, TYPED("lottery", ""), NULL, NULL, NULL},
};

static void test_values(void **state)
{
    const struct values_row *row = *state;
    struct integration to = fresh();
    struct integration_values values = {0};
    struct buf texts BUF_AUTO = BUF_INIT(1000);
    struct err err = ERR_INIT;
    int rc = integration_values(&to, row->part, STR("n"), parse(row->value), &values, &err);
    if (!row->texts) {
        assert_int_equal(rc, ERR_PARSE);
        assert_true(strstr(err.text, " n: ") != NULL);
        return;
    }
    if (rc)
        fail_msg("saw %s", err.text);
    for (size_t i = 0; i < values.len; i++) {
        buf_puts(&texts, i ? "|" : "");
        buf_str(&texts, values.items[i]);
    }
    assert_str_is(buf_view(&texts), row->texts);
    assert_json(rules_write(to.rules, arena), row->rules);
    assert_json(generators_write(to.generators, arena), row->generators);
}

static const struct single_row {
    const char *name, *value, *made, *rules; /* made NULL = an error */
    bool status;
} single_rows[] = {
    {"path", "'/a'", "/a", "-", false},
    {"path by a rule", TYPED("regex", ",'regex':'/a/\\\\d','value':'/a/1'"), "/a/1",
     "{'path':" RULE("{'match':'regex','regex':'/a/\\\\d'}") "}", false},
    {"path without slash", "'a'", NULL, NULL, false},
    {"two paths", "['/a','/b']", NULL, NULL, false},
    {"status", "204", "204", "-", true},
    {"status as text", "'204'", "204", "-", true},
    {"status by a rule", TYPED("statusCode", ",'status':'success','value':200"), "200",
     "{'status':" RULE("{'match':'statusCode','status':'success'}") "}", true},
    {"status too high", "600", NULL, NULL, true},
    {"status that is no number", "'ok'", NULL, NULL, true},
    {"no status", "null", NULL, NULL, true},
};

static void test_single(void **state)
{
    const struct single_row *row = *state;
    struct integration to = fresh();
    struct str path = STR_NONE;
    int status = 0;
    int rc = row->status ? integration_status(&to, parse(row->value), &status, NULL)
                         : integration_path(&to, parse(row->value), &path, NULL);
    if (!row->made) {
        assert_int_equal(rc, ERR_PARSE);
        assert_true(!path.ptr && status == 0);
        return;
    }
    assert_int_equal(rc, 0);
    assert_str_is(row->status ? str_printf(arena, "%d", status) : path, row->made);
    assert_json(rules_write(to.rules, arena), row->rules);
}

/* The rules mean for the engine what they say: the example matches, another value only if it may.
 */
static void test_matching(void **state)
{
    (void)state;
    struct integration to = fresh();
    struct json *tree = parse("{'id':" TYPED("integer", ",'value':1") ",'tags':" TYPED(
        "type", ",'min':1,'value':[" TYPED("matching(regex, ~[a-z]+~, ~ab~)", "") "]") "}");
    struct pact pact = {.spec = PACT_V4, .text = STR("")};
    struct pact_message message = {.metadata = json_new_object(arena), .rules = to.rules};
    struct json *example = NULL;
    assert_int_equal(integration_body(&to, tree, &example, NULL), 0);
    pact_body_set_json(arena, &message.body, example, STR("application/json"));
    const struct {
        const char *body;
        size_t differences;
    } tries[] = {{"{'id':1,'tags':['ab']}", 0},
                 {"{'id':9,'tags':['x','y']}", 0},
                 {"{'id':9.5,'tags':['x','7']}", 2},
                 {"{'id':9,'tags':[]}", 1}};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct actual_message actual = {.body = str_of(quoted(tries[i].body)),
                                        .content_type = STR("application/json")};
        struct match_result result = {0};
        assert_int_equal(match_message(&pact, &message, &actual, arena, &result, NULL), 0);
        assert_int_equal(result.len, tries[i].differences);
    }
}

int main(void)
{
    struct rows tests = {0};
    arena = arena_new();
    ROWS_ADD(&tests, body_rows, test_body);
    ROWS_ADD(&tests, bad_rows, test_bad);
    ROWS_ADD(&tests, xml_rows, test_xml);
    ROWS_ADD(&tests, bad_xml_rows, test_bad_xml);
    rows_add_test(&tests, "XML: sizes", test_xml_size);
    ROWS_ADD(&tests, values_rows, test_values);
    ROWS_ADD(&tests, single_rows, test_single);
    rows_add_test(&tests, "as the engine reads it", test_matching);
    int failed = rows_run(&tests, "integration");
    re_cache_clear();
    arena_free(arena);
    return failed;
}
