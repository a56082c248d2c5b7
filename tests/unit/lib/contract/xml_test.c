// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/xml.h"

#include <pthread.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "tests/unit/lib/base/rows.h"

/* Elements are shown as name(@a=v child... "text"). */
static const struct read_row {
    const char *name, *text, *shown;
} read_rows[] = {
    {"empty element", "<a/>", "a()"},
    {"text", "<a> x </a>", "a(\"x\")"},
    {"runs are trimmed one by one", "<a> x <b/> y </a>", "a(b() \"xy\")"},
    {"comments end a run", "<a> x <!-- c --> y </a>", "a(\"xy\")"},
    {"instructions end a run", "<a> x <?p q?> y </a>", "a(\"xy\")"},
    {"CDATA", "<a><![CDATA[ <&> ]]></a>", "a(\"<&>\")"},
    {"references in text", "<a>&lt;&amp;&#65;&#x42; c</a>", "a(\"<&AB c\")"},
    {"references in attributes", "<a p='&lt;&amp;&quot;&#65;&amp;amp;'/>", "a(@p=<&\"A&amp;)"},
    {"line breaks in attributes are spaces", "<a p='x\ny'/>", "a(@p=x y)"},
    {"namespaces", "<x:a xmlns:x='u' xmlns='v' x:p='1' q='2'><b/></x:a>", "u:a(@u:p=1 @q=2 v:b())"},
    {"namespace taken back", "<a xmlns='u'><b xmlns=''/></a>", "u:a(b())"},
    {"declared encoding", "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>",
     "a(\"\xc3\xa4\")"},
    {"byte order mark", "\xef\xbb\xbf<a/>", "a()"},
    {"document type", "<!DOCTYPE a PUBLIC 'x' 'http://127.0.0.1:9/x'><a/>", "a()"},
    {"children in order", "<a><b/><c/><b/></a>", "a(b() c() b())"},
};

static void write_element(const struct xml_element *element, struct buf *out)
{
    const char *between = "";
    buf_str(out, element->name);
    buf_putc(out, '(');
    VEC_EACH(&element->attributes, const struct xml_attribute *, attribute) {
        buf_printf(out, "%s@%.*s=%.*s", between, STR_FMT(attribute->name),
                   STR_FMT(attribute->value));
        between = " ";
    }
    VEC_EACH(&element->children, struct xml_element **, child) {
        buf_puts(out, between);
        write_element(*child, out);
        between = " ";
    }
    if (element->text.len > 0)
        buf_printf(out, "%s\"%.*s\"", between, STR_FMT(element->text));
    buf_putc(out, ')');
}

static void test_read(void **state)
{
    const struct read_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf out BUF_AUTO = BUF_INIT(4096);
    struct xml_element *root = NULL;
    struct err err = ERR_INIT;
    if (xml_parse(str_of(row->text), "test", arena, &root, &err) != 0)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    write_element(root, &out);
    assert_str_is(buf_view(&out), row->shown);
}

static const struct refuse_row {
    const char *name, *text;
    int code, line;
} refuse_rows[] = {
    {"nothing", "", ERR_PARSE, 0},
    {"text", "hello", ERR_PARSE, 1},
    {"open element", "<a>\n<b>\n</a>", ERR_PARSE, 3},
    {"two roots", "<a/>\n<b/>", ERR_PARSE, 2},
    {"attribute twice", "<a p='1' p='2'/>", ERR_PARSE, 1},
    {"attribute twice by namespace", "<a xmlns:x='u' xmlns:y='u' x:p='1' y:p='2'/>", ERR_PARSE, 1},
    {"undeclared prefix", "<a>\n<x:b/></a>", ERR_PARSE, 2},
    {"undeclared prefix of an attribute", "<a x:p=''/>", ERR_PARSE, 1},
    {"undeclared entity", "<a>&e;</a>", ERR_UNDECIDED, 1},
    {"undeclared entity in an attribute", "<a p='&e;'/>", ERR_UNDECIDED, 1},
    {"declared entity", "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", ERR_UNDECIDED, 1},
    {"declared entity that is not used", "<!DOCTYPE a [<!ENTITY e 'x'>]><a/>", ERR_UNDECIDED, 1},
    {"parameter entity", "<!DOCTYPE a [<!ENTITY % e SYSTEM 'file:///etc/hostname'> %e;]><a/>",
     ERR_UNDECIDED, 1},
    {"entities within entities",
     "<!DOCTYPE a [<!ENTITY b 'xxxxxxxxxx'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>"
     "<!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'>]><a>&d;</a>",
     ERR_UNDECIDED, 1},
    {"predefined entity declared anew", "<!DOCTYPE a [<!ENTITY lt '&#38;#60;'>]><a>&lt;</a>",
     ERR_UNDECIDED, 1},
    {"declared attributes", "<!DOCTYPE a [<!ATTLIST a p (x|y) 'x'>]><a/>", ERR_UNDECIDED, 1},
    {"declared elements", "<!DOCTYPE a [<!ELEMENT a (b|c)*>]><a/>", ERR_UNDECIDED, 1},
    {"declared notation", "<!DOCTYPE a [<!NOTATION n SYSTEM 'n'>]><a/>", ERR_UNDECIDED, 1},
    {"not UTF-8", "<a>\xff</a>", ERR_PARSE, 1},
};

static void test_refuse(void **state)
{
    const struct refuse_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct xml_element *root = NULL;
    struct err err = ERR_INIT;
    int rc = xml_parse(str_of(row->text), "test", arena, &root, &err);
    if (rc != row->code || (row->line && err.line != row->line))
        fail_msg("saw %d on line %d (%s), expected %d on line %d", rc, err.line, err.text,
                 row->code, row->line);
    assert_null(root);
    assert_true(err.text[0] != '\0' && !strchr(err.text, '\n'));
}

static int parse_nested(struct arena *arena, int depth)
{
    struct buf text BUF_AUTO = BUF_INIT(1024 * 1024);
    struct xml_element *root = NULL;
    struct err err = ERR_INIT;
    for (int i = 0; i < depth; i++)
        buf_puts(&text, "<a>");
    for (int i = 0; i < depth; i++)
        buf_puts(&text, "</a>");
    return xml_parse(buf_view(&text), "test", arena, &root, &err);
}

static int parse_attributes(struct arena *arena, int count)
{
    struct buf text BUF_AUTO = BUF_INIT(1024 * 1024);
    struct xml_element *root = NULL;
    struct err err = ERR_INIT;
    buf_puts(&text, "<a");
    for (int i = 0; i < count; i++)
        buf_printf(&text, " a%d = '='", i);
    buf_puts(&text, "/>");
    return xml_parse(buf_view(&text), "test", arena, &root, &err);
}

/* Namespaces on each of two elements within one another. */
static int parse_namespaces(struct arena *arena, int count)
{
    struct buf text BUF_AUTO = BUF_INIT(1024 * 1024);
    struct xml_element *root = NULL;
    struct err err = ERR_INIT;
    for (int level = 0; level < 2; level++) {
        buf_puts(&text, level ? "><a" : "<a");
        for (int i = 0; i < count; i++)
            buf_printf(&text, " xmlns:n%d_%d='u'", level, i);
    }
    buf_puts(&text, "/></a>");
    return xml_parse(buf_view(&text), "test", arena, &root, &err);
}

static void test_limits(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    (void)state;
    assert_int_equal(parse_nested(arena, LIMIT_XML_DEPTH), 0);
    assert_int_equal(parse_nested(arena, LIMIT_XML_DEPTH + 1), ERR_LIMIT);
    assert_int_equal(parse_nested(arena, 100000), ERR_LIMIT);
    assert_int_equal(parse_namespaces(arena, LIMIT_XML_NAMESPACES / 2), 0);
    assert_int_equal(parse_namespaces(arena, LIMIT_XML_NAMESPACES / 2 + 1), ERR_LIMIT);
    assert_int_equal(parse_attributes(arena, LIMIT_XML_ATTRIBUTES), 0);
    assert_int_equal(parse_attributes(arena, LIMIT_XML_ATTRIBUTES + 1), ERR_LIMIT);
}

static void *parse_much(void *wrong)
{
    for (size_t i = 0; i < 200; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct xml_element *root = NULL;
        struct err err = ERR_INIT;
        bool good = i % 2;
        int rc =
            xml_parse(good ? STR("<a p='1'>x</a>") : STR("<a><b></a>"), "test", arena, &root, &err);
        if (rc != (good ? 0 : ERR_PARSE) || (good && !str_is(root->text, "x")))
            return wrong;
    }
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[4];
    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, parse_much, threads), 0);
    for (size_t i = 0; i < 4; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, read_rows, test_read);
    ROWS_ADD(&tests, refuse_rows, test_refuse);
    rows_add_test(&tests, "limits", test_limits);
    rows_add_test(&tests, "threads", test_threads);
    return rows_run(&tests, "xml");
}
