// SPDX-License-Identifier: Apache-2.0
/*
 * What a file holds survives being read and written: what nobody here reads, and what is read. The
 * cases that lie as files here and where TALLY_CASES leads are each the only interaction of a file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/contract/loss.h"
#include "lib/contract/merge.h"
#include "lib/contract/pact.h"
#include "tests/unit/lib/base/rows.h"

static struct arena *arena;

/* Rows are written with ' for ". */
static struct str quoted(const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    return str_of(copy);
}

static struct pact *read_ok(struct str text)
{
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    if (pact_read(text, "file.json", arena, &pact, &err) != 0)
        fail_msg("%d:%d: %s\n%.*s", err.line, err.column, err.text, STR_FMT(text));
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

static struct json *parsed(struct str text)
{
    struct json *tree = NULL;
    struct err err = ERR_INIT;
    if (json_parse(text, NULL, arena, &tree, &err) != 0)
        fail_msg("%s: %.*s", err.text, STR_FMT(text));
    return tree;
}

static enum pact_spec own_spec(const struct pact *pact)
{
    return pact->spec < PACT_V2 ? PACT_V2 : pact->spec;
}

/* Read and written: the tree is `want`, and the next time the same bytes come. */
static void comes_back(const struct pact *pact, enum pact_spec spec, const struct json *want)
{
    struct str once = written(pact, spec);
    if (!json_equal(parsed(once), want))
        fail_msg("expected %.*s\nsaw %.*s", STR_FMT(json_to_str(arena, want, JSON_PRETTY)),
                 STR_FMT(once));
    assert_str_is(written(read_ok(once), spec), once.ptr);
}

/* ---- trees that stay as they are ---- */

#define PAIR         "'consumer':{'name':'c'},'provider':{'name':'p'}"
#define V2           "'metadata':{'pactSpecification':{'version':'2.0.0'}}"
#define V3           "'metadata':{'pactSpecification':{'version':'3.0.0'}}"
#define V4           "'metadata':{'pactSpecification':{'version':'4.0'}}"
#define ASK          "'request':{'method':'GET','path':'/'}"
#define GET          "'response':{'status':200}"
#define HTTP         "'type':'Synchronous/HTTP','description':'d','pending':false"
#define ONE(members) "{" PAIR ",'interactions':[{" HTTP "," members "}]," V4 "}"

static const struct same_row {
    const char *name, *document;
} same_rows[] = {
    {"members of the file, as a broker adds them, too",
     "{" PAIR ",'interactions':[]," V4
     ",'x':{'a':[1.0,1,1e2,'\\u0000']},'createdAt':'2020','_links':"
     "{'self':{'href':'h'}}}"},
    {"members of consumer and provider", "{'consumer':{'name':'c','x':1},'provider':{'name':'p','_"
                                         "links':{'a':[]}},'interactions':[]," V4 "}"},
    {"members of the metadata and of the version",
     "{" PAIR ",'interactions':[],'metadata':{'pactSpecification':{'version':'4.0.0','x':1},"
     "'plugins':[{'name':'p','version':'1','configuration':{'a':null}}],'pactRust':{'ffi':'1'}}}"},
    {"a version in fewer numbers", "{" PAIR ",'interactions':[],'metadata':{'pactSpecification':"
                                   "{'version':'3'}}}"},
    {"members of an interaction and its broker's id",
     ONE("'_id':'5','x':[],'pluginConfiguration':{'p':{'k':1.50}},'interactionMarkup':{'markup':'m'"
         ","
         "'markupType':'HTML'}," ASK "," GET)},
    {"members that belong to other kinds of interactions",
     ONE("'contents':{'content':'a'},'metadata':{'a':1},'matchingRules':{'body':{}},'generators':"
         "{'x':{}}," ASK "," GET)},
    {"members of request and response",
     ONE("'request':{'method':'GET','path':'/','x':{'b':1},'status':3},'response':{'status':200,"
         "'x':null,'query':''}")},
    {"names of a query without values",
     ONE("'request':{'method':'GET','path':'/','query':{'a':[],'b':['1',null,'']}}," GET)},
    {"a message whose metadata names its type otherwise",
     "{" PAIR
     ",'messages':[{'description':'d','contents':'{ \\'a\\' :1}','metaData':{'Content-Type':"
     "'application/json'}}]," V3 "}"},
    {"members of provider states",
     ONE("'providerStates':[{'name':'s','x':[1]},{'name':'t','params':{'a':1.0},'y':null}]," ASK
         "," GET)},
    {"another spelling beside the one that counts",
     ONE("'providerStates':[{'name':'s'}],'providerState':'t','request':{'method':'GET','path':'/',"
         "'matchingRules':{'path':{'combine':'AND','matchers':[{'match':'type'}]}},"
         "'requestMatchingRules':{'$.path':{'match':'regex','regex':'a'}}}," GET)},
    {"comments and what others wrote there",
     ONE("'comments':{'text':'one line','testname':'t','references':{'a':{'b':'c'}},'x':[1.0]}," ASK
         "," GET)},
    {"a hint and members of a body object",
     ONE(ASK ",'response':{'status':200,'body':{'content':'abc','contentType':'text/plain',"
             "'contentTypeHint':'TEXT','x':{'a':1}}}")},
    {"a body whose encoding is not known",
     ONE(ASK ",'response':{'status':200,'body':{'content':'abc','contentType':'application/x',"
             "'encoded':'rot13'}}")},
    {"a body as JSON text with its spaces",
     ONE(ASK ",'response':{'status':200,'body':{'content':'[ 1.0, {} ]','contentType':"
             "'application/json','encoded':'JSON'}}")},
    {"a body object without content",
     ONE(ASK ",'response':{'status':200,'body':{'contentType':'application/json'}}")},
    {"a body that is no body object", ONE(ASK ",'response':{'status':200,'body':{'a':[1.0]}}")},
    {"a body of null", ONE(ASK ",'response':{'status':200,'body':null}")},
    {"base64 without padding and with a type that is text",
     ONE(ASK ",'response':{'status':200,'body':{'content':'YQ==','contentType':'text/plain',"
             "'encoded':'base64'}}")},
    {"numbers, strings and the order of keys of a body",
     ONE(ASK ",'response':{'status':200,'body':{'content':{'z':1.10,'a':-0,'m':1E+2,'k':"
             "123456789012345678901234567890,'s':'\\u0000\\ud83d\\ude00/\\u007f'},'contentType':"
             "'application/json','encoded':false}}")},
    {"unknown categories, matchers and members of rules",
     ONE(ASK ",'response':{'status':200,'matchingRules':{'trailer':{'X':{'matchers':[1]}},'body':"
             "{'$.a':{'combine':'AND','matchers':[{'match':'paint','hue':3},{'match':'type','min':"
             "'2','x':null}],'x':1},'$.b':{'combine':'XOR','matchers':[{'match':'type'}]},'$.c':"
             "{'combine':'OR','matchers':[]}}}}")},
    {"members of matchers within matchers",
     ONE(ASK ",'response':{'status':200,'matchingRules':{'body':{'$':{'combine':'AND','matchers':"
             "[{'match':'eachKey','rules':[{'match':'regex','regex':'a','x':1}],'value':'v'},"
             "{'match':'arrayContains','variants':[{'index':0,'rules':{'$.a':{'combine':'AND',"
             "'matchers':[{'match':'future'}],'y':2}},'generators':{'$.a':{'type':'New'}},"
             "'z':1}]}]}}}}")},
    {"unknown categories, types and members of generators",
     ONE(ASK ",'response':{'status':200,'generators':{'trailer':{'X':{'type':'Uuid'}},'status':"
             "{'type':'Odd'},'body':{'$.a':{'type':'Future','x':[1.0]}}}}")},
    {"a message", "{" PAIR ",'interactions':[{'type':'Asynchronous/Messages','description':'d',"
                  "'pending':true,'x':1,'request':{'a':1},'contents':{'content':'a','y':2},"
                  "'metadata':{'k':[1.0]},'matchingRules':{'future':{}}}]," V4 "}"},
    {"a synchronous message",
     "{" PAIR ",'interactions':[{'type':'Synchronous/Messages','description':'d','pending':false,"
     "'x':1,'request':{'contents':{'content':'a'},'x':{'a':1}},'response':[{'y':[]},{'metadata':"
     "{'a':1},'z':null}]}]," V4 "}"},
    {"interactions of unknown type, and none",
     "{" PAIR ",'interactions':[{'type':'A/B','description':'a','pending':0,'comments':'c',"
     "'response':7},{" HTTP "," ASK "," GET "},{'type':'A/B','description':'d','key':{}},"
     "{'description':'x','providerStates':3}]," V4 "}"},
    {"a description that is none",
     "{" PAIR ",'interactions':[{'type':'A/B','description':{'a':1}}]," V4 "}"},
    {"what V3 does not know",
     "{" PAIR ",'interactions':[{'description':'d','comments':{'text':[]},'pending':true,'key':1,"
     "'transport':'t','pluginConfiguration':{'a':1},'interactionMarkup':{},'type':'x'," ASK "," GET
     "}]," V3 "}"},
    {"what would be wrong in V4",
     "{" PAIR ",'interactions':[{'description':'d','comments':'c','pending':{},'key':[1],"
     "'transport':{}," ASK "," GET "}]," V3 "}"},
    {"bodies of V3 as they are written",
     "{" PAIR ",'interactions':[{'description':'d',"
     "'request':{'method':'GET','path':'/','headers':{'Content-Type':'application/json'},'body':"
     "'{ \\'a\\' : 1.0 }'},'response':{'status':200,'headers':{'Content-Type':'image/png'},'body':"
     "'iVBORwAB'}}]," V3 "}"},
    {"a message of V3", "{" PAIR ",'messages':[{'description':'d','contents':{'content':1},"
                        "'metaData':{'a':{}},'x':2,'generators':{'y':{'a':1}}}]," V3 "}"},
    {"what V2 does not know",
     "{" PAIR ",'interactions':[{'description':'d','providerState':'s','x':1,'pending':true,"
     "'request':{'method':'GET','path':'/','query':'b=2&a=%20','x':2},'response':{'status':200,"
     "'generators':{'body':{'$.a':{'type':'Uuid'}}},'matchingRules':{'$.body.a':{'match':'paint',"
     "'x':[1.0]}}}}]," V2 "}"},
    {"states of V3 in V2",
     "{" PAIR ",'interactions':[{'description':'d','providerStates':[{'name':'s','params':{'a':1}},"
     "{'name':'t'}]," ASK "," GET "}]," V2 "}"},
};

static void test_same(void **state)
{
    const struct same_row *row = *state;
    arena = arena_new();
    struct str text = quoted(row->document);
    const struct pact *pact = read_ok(text);
    comes_back(pact, pact->spec, parsed(text));
    arena_free(arena);
}

/* ---- trees that say the same otherwise ---- */

static const struct other_row {
    const char *name, *document, *want;
} other_rows[] = {
    {"defaults are said", "{'interactions':[{'type':'Synchronous/HTTP'}]," V4 "}",
     "{'consumer':{'name':'consumer'},'provider':{'name':'provider'},'interactions':[{'type':"
     "'Synchronous/HTTP','description':'Interaction 0','pending':false," ASK "," GET "}]," V4 "}"},
    {"old spellings",
     "{" PAIR ",'interactions':[{'description':'d','provider_state':'s','requestMatchingRules':"
     "{'$.path':{'match':'type'}},'request':{'method':'get','path':'/'},'response':{'status':'200',"
     "'headers':{'A':1},'responseMatchingRules':{'$.header.A':{'match':'type'}}}}],'metadata':"
     "{'pact-specification':{'version':'2.0','x':1}}}",
     "{" PAIR ",'interactions':[{'description':'d','providerState':'s','request':{'method':'GET',"
     "'path':'/','matchingRules':{'$.path':{'match':'type'}}},'response':{'status':200,'headers':"
     "{'A':'1'},'matchingRules':{'$.headers.A':{'match':'type'}}}}],'metadata':{'pactSpecification'"
     ":"
     "{'version':'2.0','x':1}}}"},
    {"rules beside the parts, by category",
     "{" PAIR ",'interactions':[{'description':'d','requestMatchingRules':{'path':{'matchers':"
     "[{'match':'type'}]}}," ASK "," GET "}]," V3 "}",
     "{" PAIR ",'interactions':[{'description':'d','request':{'method':'GET','path':'/',"
     "'matchingRules':{'path':{'combine':'AND','matchers':[{'match':'type'}]}}}," GET "}]," V3 "}"},
    {"states that have no name and say nothing",
     ONE("'providerStates':[{'name':''},{},null,''],"
         "'x':1," ASK "," GET),
     ONE("'x':1," ASK "," GET)},
    {"a state that has no name and says something",
     ONE("'providerStates':[{'params':{'a':1}}]," ASK "," GET),
     ONE("'providerStates':[{'name':'','params':{'a':1}}]," ASK "," GET)},
    {"categories of bodies, a state without an array, headers without",
     ONE("'providerStates':'s','request':{'method':'GET','path':'/','headers':{'A':'x'},'query':"
         "'a=1&b&a=%202'}," GET ",'x':1"),
     ONE("'providerStates':[{'name':'s'}],'request':{'method':'GET','path':'/"
         "','headers':{'A':['x']},"
         "'query':{'a':['1',' 2'],'b':[null]}}," GET ",'x':1")},
    {"rules of contents",
     "{" PAIR ",'interactions':[{'type':'Asynchronous/Messages','description':'d','pending':false,"
     "'metaData':{'a':1},'content':{'content':1},'matchingRules':{'contents':{'$':{'matchers':"
     "[{'match':'min-type','min':1}]}}}}]," V4 "}",
     "{" PAIR ",'interactions':[{'type':'Asynchronous/Messages','description':'d','pending':false,"
     "'metadata':{'a':1},'contents':{'content':1},'matchingRules':{'body':{'$':{'combine':'AND',"
     "'matchers':[{'match':'type','min':1}]}}}}]," V4 "}"},
    {"members that say nothing",
     ONE("'comments':{'text':[],'testname':null,'references':{},'x':'','y':false},'providerStates':"
         "[],'transport':null,'request':{'method':'GET','path':'/','headers':{},'matchingRules':"
         "{'body':{}},'generators':{}},'response':{'status':200,'matchingRules':null}"),
     ONE("'comments':{'y':false}," ASK "," GET)},
    {"comments of which nothing is left", ONE("'comments':{'text':[]}," ASK "," GET),
     ONE(ASK "," GET)},
    {"a spelling that is null gives way",
     "{" PAIR ",'messages':[{'description':'d','metadata':null,'metaData':{'a':1},'contents':null,"
     "'content':'x'}]," V3 "}",
     "{" PAIR ",'messages':[{'description':'d','metaData':{'a':1},'contents':'x'}]," V3 "}"},
};

static void test_other(void **state)
{
    const struct other_row *row = *state;
    arena = arena_new();
    const struct pact *pact = read_ok(quoted(row->document));
    comes_back(pact, pact->spec, parsed(quoted(row->want)));
    arena_free(arena);
}

/* ---- to other versions ---- */

static const struct version_row {
    const char *name, *document;
    enum pact_spec spec;
    const char *want; /* NULL: all that is lost is in `loss` */
    const char *loss; /* part of the first that changes the promise; NULL if none does */
} version_rows[] = {
    {"comments of V3 become those of V4",
     "{" PAIR ",'interactions':[{'description':'d','x':1,'comments':{'text':['a']},'pending':true,"
     "'request':{'x':2},'response':{'x':3}}]," V3 "}",
     PACT_V4,
     ONE("'x':1,'comments':{'text':['a']},'request':{'method':'GET','path':'/','x':2},'response':"
         "{'status':200,'x':3}"),
     NULL},
    {"what V4 knows and V2 does not, empty, is nothing in V4",
     "{" PAIR ",'interactions':[{'description':'d','comments':{'text':[]},'key':null,"
     "'providerStates':[],'request':{'generators':{}},'response':{'generators':null}}]," V2 "}",
     PACT_V4, ONE(ASK "," GET), NULL},
    {"a body of V3 that looks like a body object is none",
     "{" PAIR ",'interactions':[{'description':'d'," ASK ",'response':{'status':200,'headers':"
     "{'Content-Type':'application/json'},'body':{'content':'x'}}}]," V3 "}",
     PACT_V4,
     ONE(ASK ",'response':{'status':200,'headers':{'Content-Type':['application/json']},'body':"
             "{'content':{'content':'x'},'contentType':'application/json','encoded':false}}"),
     NULL},
    {"a body of V4 that is no body object becomes one",
     ONE(ASK ",'response':{'status':200,'body':{'a':1}}"), PACT_V3,
     "{" PAIR ",'interactions':[{'description':'d'," ASK
     ",'response':{'status':200,'body':{'a':1}}}"
     "]," V3 "}",
     NULL},
    {"foreign members stay in older versions",
     ONE("'x':1,'providerStates':[{'name':'s','y':2}],'request':{'method':'GET','path':'/','x':1,"
         "'matchingRules':{'future':{'a':1}}}," GET),
     PACT_V3,
     "{" PAIR ",'interactions':[{'description':'d','x':1,'providerStates':[{'name':'s','y':2}],"
     "'request':{'method':'GET','path':'/','x':1,'matchingRules':{'future':{'a':1}}}," GET "}]," V3
     "}",
     NULL},
    {"no room for a member of a state", ONE("'providerStates':[{'name':'s','y':2}]," ASK "," GET),
     PACT_V2, NULL, "'y' of provider state 's'"},
    {"no room for an unknown category", ONE("'request':{'matchingRules':{'future':{'a':1}}}," GET),
     PACT_V2, NULL, "the rules for 'future' of its request"},
    {"no room for a member of a rule",
     ONE(ASK ",'response':{'matchingRules':{'status':{'matchers':[{'match':'equality'}],'x':1}}}"),
     PACT_V2, NULL, "'x' of response rule $.status"},
    {"no room for a member of a body object", ONE(ASK ",'response':{'body':{'content':'a','x':1}}"),
     PACT_V3, NULL, "'x' of the response body"},
    {"a hint is a remark",
     ONE(ASK ",'response':{'status':200,'body':{'content':'a',"
             "'contentTypeHint':'TEXT'}}"),
     PACT_V3,
     "{" PAIR ",'interactions':[{'description':'d'," ASK ",'response':{'status':200,'body':"
     "'a'}}]," V3 "}",
     NULL},
    {"no room for an interaction of unknown type",
     "{" PAIR ",'interactions':[{'type':'A/B','description':'odd'},{" HTTP "," ASK "," GET "}]," V4
     "}",
     PACT_V3, "{" PAIR ",'interactions':[{'description':'d'," ASK "," GET "}]," V3 "}",
     "V3 has no interactions of type 'A/B'"},
    {"V2 with a list of matchers against the rules",
     "{" PAIR ",'interactions':[{'description':'d'," ASK
     ",'response':{'status':200,'matchingRules':"
     "{'body':{'$.a':{'matchers':[{'match':'type'},{'match':'regex','regex':'a'}]}}}}}]," V2 "}",
     PACT_V2, NULL, "all but the first of the 2 matchers"},
};

static void test_version(void **state)
{
    const struct version_row *row = *state;
    struct pact_losses losses = {0};
    struct str first = STR_NONE;
    arena = arena_new();
    const struct pact *pact = read_ok(quoted(row->document));
    pact_losses(pact, row->spec, arena, &losses);
    VEC_EACH(&losses, const struct pact_loss *, loss) {
        first = loss->meaning && !first.ptr ? loss->text : first;
    }
    if (row->loss ? !first.ptr || str_find(first, str_of(row->loss)) < 0 : first.ptr != NULL)
        fail_msg("expected a loss of: %s\nsaw: %.*s", row->loss ? row->loss : "(nothing)",
                 STR_FMT(first));
    if (row->want)
        comes_back(pact, row->spec, parsed(quoted(row->want)));
    arena_free(arena);
}

/* ---- merging ---- */

#define FILE_OF(list, more) "{" PAIR ",'interactions':[" list "]," more "}"
#define ODD(more)           "{'type':'A/B','description':'odd'" more "}"
#define PLUGINS(list)       "'metadata':{'pactSpecification':{'version':'4.0'},'plugins':[" list "]}"

static const struct merge_row {
    const char *name, *older, *newer, *want;
} merge_rows[] = {
    {"of unknown type, one kept and one new", FILE_OF(ODD(",'x':1"), V4),
     FILE_OF("{'type':'A/C','description':'odd'}", V4),
     FILE_OF(ODD(",'x':1") ",{'type':'A/C','description':'odd'}", V4)},
    {"of unknown type, told anew", FILE_OF(ODD(",'x':1"), V4), FILE_OF(ODD(",'x':2"), V4),
     FILE_OF(ODD(",'x':2"), V4)},
    {"of unknown type, in another state", FILE_OF(ODD(",'x':1"), V4),
     FILE_OF(ODD(",'providerStates':[{'name':'s'}]"), V4),
     FILE_OF(ODD(",'x':1") "," ODD(",'providerStates':[{'name':'s'}]"), V4)},
    {"of unknown type, the parameters of its state aside",
     FILE_OF(ODD(",'providerStates':[{'name':'s','params':{'a':1}}]"), V4),
     FILE_OF(ODD(",'providerStates':[{'name':'s','params':{'a':2}}]"), V4),
     FILE_OF(ODD(",'providerStates':[{'name':'s','params':{'a':2}}]"), V4)},
    {"of unknown type, by key", FILE_OF(ODD(",'key':'k'"), V4),
     FILE_OF("{'type':'A/C','description':'renamed','key':'k'}", V4),
     FILE_OF("{'type':'A/C','description':'renamed','key':'k'}", V4)},
    {"of unknown type, keys that differ", FILE_OF(ODD(",'key':'k'"), V4),
     FILE_OF(ODD(",'key':'l'"), V4), FILE_OF(ODD(",'key':'k'") "," ODD(",'key':'l'"), V4)},
    {"of unknown type, without description",
     FILE_OF("{'type':'A/B','a':1},{'type':'A/B','a':2}", V4), FILE_OF("{'type':'A/B','a':2}", V4),
     FILE_OF("{'type':'A/B','a':1},{'type':'A/B','a':2}", V4)},
    {"a V3 file with one of unknown type", FILE_OF("{'description':'d'," ASK "," GET ",'x':1}", V3),
     FILE_OF(ODD(""), V4), FILE_OF("{" HTTP "," ASK "," GET ",'x':1}," ODD(""), V4)},
    {"a V4 file with a V3 one is V4 and says so", FILE_OF(ODD(""), V4),
     FILE_OF("{'description':'d'," ASK "," GET "}", V3),
     FILE_OF("{" HTTP "," ASK "," GET "}," ODD(""), V4)},
    {"foreign members of both files",
     "{'consumer':{'name':'c','x':1,'y':1},'provider':{'name':'p'},'interactions':[]," V4
     ",'a':1,'b':1}",
     "{'consumer':{'name':'c','y':2},'provider':{'name':'p','z':3},'interactions':[]," V4 ",'b':2}",
     "{'consumer':{'name':'c','x':1,'y':2},'provider':{'name':'p','z':3},'interactions':[]," V4
     ",'a':1,'b':2}"},
    {"plugins of both files",
     FILE_OF("", PLUGINS("{'name':'a','version':'1','x':1},{'name':'b','version':'1'}")),
     FILE_OF("", PLUGINS("{'name':'a','version':'2'},{'name':'b','version':'1','y':2}")),
     FILE_OF("", PLUGINS("{'name':'a','version':'2'},{'name':'b','version':'1','y':2},{'name':'a',"
                         "'version':'1','x':1}"))},
    {"the one with the same parameters is replaced first",
     FILE_OF("{" HTTP ",'providerStates':[{'name':'s','params':{'n':1}}],'x':1," ASK "," GET "},"
             "{" HTTP ",'providerStates':[{'name':'s','params':{'n':2}}],'x':2," ASK "," GET "}",
             V4),
     FILE_OF("{" HTTP ",'providerStates':[{'name':'s','params':{'n':2}}],'x':3," ASK "," GET "}",
             V4),
     FILE_OF("{" HTTP ",'providerStates':[{'name':'s','params':{'n':1}}],'x':1," ASK "," GET "},"
             "{" HTTP ",'providerStates':[{'name':'s','params':{'n':2}}],'x':3," ASK "," GET "}",
             V4)},
};

static void test_merge(void **state)
{
    const struct merge_row *row = *state;
    struct merge_conflicts conflicts = {0};
    struct pact *merged = NULL;
    struct err err = ERR_INIT;
    arena = arena_new();
    if (pact_merge(read_ok(quoted(row->older)), read_ok(quoted(row->newer)), arena, &merged,
                   &conflicts, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(merged->skipped, merged->unknown.len);
    comes_back(merged, merged->spec, parsed(quoted(row->want)));
    arena_free(arena);
}

/* ---- files ---- */

static size_t seen;

static bool says_nothing(const struct json *value)
{
    return !value || json_is(value, JSON_NULL) ||
           ((json_is(value, JSON_OBJECT) || json_is(value, JSON_ARRAY)) && !json_len(value));
}

/* Members that the writer must not touch, where the input has them under these names. */
static void check_members(const struct json *before, const struct json *after, const char *file)
{
    static const char *const exact[] = {"body", "contents", "metadata", "generators", "x"};
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
        const struct json *a = json_get(before, exact[i]), *b = json_get(after, exact[i]);
        bool body = i < 2;
        if (body ? (a != NULL) != (b != NULL) || (a && !json_equal(a, b))
                 : b && !says_nothing(a) && !json_equal(a, b))
            fail_msg("%s: '%s' became another", file, exact[i]);
    }
}

/* Through a file of its own version the model stays what it was, and the file what it became. */
static void check_file(struct str text, const char *file)
{
    static const char *const parts[] = {"request", "response"};
    struct pact *pact = NULL;
    struct pact_losses losses = {0};
    if (pact_read(text, file, arena, &pact, NULL) != 0)
        return;
    enum pact_spec spec = own_spec(pact);
    pact_losses(pact, spec, arena, &losses);
    VEC_EACH(&losses, const struct pact_loss *, loss) {
        if (loss->meaning)
            return;
    }
    struct str once = STR_NONE;
    int rc = pact_write(pact, spec, arena, &once, NULL);
    if (rc == ERR_CONFLICT) /* kinds of interactions that only V4 holds together */
        return;
    assert_int_equal(rc, 0);
    const struct pact *again = read_ok(once);
    if (!str_eq(written(again, spec), once))
        fail_msg("%s: written otherwise the next time: %.*s", file, STR_FMT(once));
    if (!str_eq(written(pact, PACT_V4), written(again, PACT_V4)) && spec >= PACT_V3)
        fail_msg("%s: through %s it became another: %.*s", file, pact_spec_name(spec),
                 STR_FMT(once));
    const char *list =
        json_get(parsed(text), "messages") && spec < PACT_V4 ? "messages" : "interactions";
    const struct json *before = json_get(parsed(text), list), *after = json_get(parsed(once), list);
    for (size_t i = 0; json_len(before) == 1 && i < 2; i++) {
        const struct json *a = json_at(before, 0), *b = json_at(after, 0);
        check_members(i ? a : json_get(a, parts[0]), i ? b : json_get(b, parts[0]), file);
        check_members(json_get(a, parts[i]), json_get(b, parts[i]), file);
    }
    seen++;
}

/* One side of a case as the only interaction of a file of one version. */
static struct str file_around(const struct json *side, const char *part, const char *version)
{
    struct json *interaction = json_new_object(arena), *list = json_new_array(arena);
    bool v4 = version[0] == '4', message = strcmp(part, "message") == 0;
    json_set(arena, interaction, "description", json_new_text(arena, "case"));
    if (v4)
        json_set(arena, interaction, "type",
                 json_new_text(arena, message ? "Asynchronous/Messages" : "Synchronous/HTTP"));
    for (size_t i = 0; message && i < json_len(side); i++)
        json_set_str(arena, interaction, json_key(side, i), json_at(side, i));
    if (!message)
        json_set(arena, interaction, part, json_copy(arena, side));
    json_append(arena, list, interaction);
    struct json *root = parsed(quoted(
        arena_printf(arena, "{'metadata':{'pactSpecification':{'version':'%s'}}}", version)));
    json_set(arena, root, message && !v4 ? "messages" : "interactions", list);
    return json_to_str(arena, root, JSON_PRETTY);
}

static void check_case(struct str path, const char *part)
{
    static const char *const versions[] = {"1.0.0", "1.1.0", "2.0.0", "3.0.0", "4.0"};
    static const char *const sides[] = {"expected", "actual"};
    struct arena *outer ARENA_AUTO = arena = arena_new();
    struct json *root = NULL;
    struct str text = STR_NONE;
    (void)outer;
    if (fs_read(path.ptr, LIMIT_FILE, arena, &text, NULL) != 0 ||
        json_parse(text, path.ptr, arena, &root, NULL) != 0)
        return;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        for (size_t k = 0; k < 2; k++) {
            const struct json *side = json_get(root, sides[k]);
            if (json_is(side, JSON_OBJECT))
                check_file(file_around(side, part, versions[i]), path.ptr);
        }
    }
}

static void check_folder(const char *folder)
{
    static const char *const parts[] = {"request", "response", "message"};
    struct arena *own ARENA_AUTO = arena_new();
    struct fs_list files = {0};
    if (!fs_is_dir(folder) || fs_find(folder, ".json", own, &files, NULL) != 0)
        return;
    VEC_EACH(&files, const struct str *, path) {
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            if (str_find(*path, str_printf(own, "/%s/", parts[i])) >= 0)
                check_case(*path, parts[i]);
        }
    }
}

static void test_cases(void **state)
{
    struct arena *own ARENA_AUTO = arena_new();
    const char *shared = getenv("TALLY_CASES");
    (void)state;
    shared = shared && *shared ? shared : "../shared/cases";
    seen = 0;
    check_folder("tests/cases/match");
    assert_true(seen > 100);
    check_folder(fs_join(own, shared, "pact-spec"));
    check_folder(fs_join(own, shared, "pact-extra"));
    check_folder(fs_join(own, shared, "pact-tally"));
    print_message("%zu files of one case went through their own version\n", seen);
}

static void test_corpus(void **state)
{
    struct arena *own ARENA_AUTO = arena_new();
    struct fs_list files = {0};
    (void)state;
    seen = 0;
    assert_int_equal(fs_find("tests/fuzz/corpus/pact", "", own, &files, NULL), 0);
    VEC_EACH(&files, const struct str *, path) {
        struct arena *one ARENA_AUTO = arena = arena_new();
        struct str text = STR_NONE;
        (void)one;
        if (fs_read(path->ptr, LIMIT_FILE, arena, &text, NULL) == 0)
            check_file(text, path->ptr);
    }
    assert_true(seen >= 3);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, same_rows, test_same);
    ROWS_ADD(&tests, other_rows, test_other);
    ROWS_ADD(&tests, version_rows, test_version);
    ROWS_ADD(&tests, merge_rows, test_merge);
    rows_add_test(&tests, "cases, each as a file of every version", test_cases);
    rows_add_test(&tests, "files that fuzzing starts from", test_corpus);
    return rows_run(&tests, "what survives");
}
