// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/xml.h"

#include <pthread.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"

struct open_element {
    struct xml_element *element;
    struct buf text; /* the runs so far */
    size_t run;      /* where the run under way starts in text */
    size_t declared; /* namespaces */
};
struct builder {
    struct arena *arena;
    const char *what;
    struct err *err;
    int rc; /* first failure */
    struct xml_element *root;
    struct open_element open[LIMIT_XML_DEPTH];
    size_t depth, nodes;
    size_t in_scope; /* namespaces; every element may search all of them */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static struct builder *builder_of(void *context)
{
    return ((xmlParserCtxtPtr)context)->_private;
}

static struct str text_of(const xmlChar *text)
{
    return str_of((const char *)text);
}

static void stop(void *context, enum err_code code, const char *why)
{
    struct builder *builder = builder_of(context);
    if (builder->rc == 0) {
        err_at(builder->err, code, builder->what, xmlSAX2GetLineNumber(context),
               xmlSAX2GetColumnNumber(context), "%s", why);
        builder->rc = code;
    }
    xmlStopParser(context);
}

/* ---- text ---- */

/* A run of text ends where any markup starts; the white space around it does not count. */
static void end_run(struct builder *builder)
{
    if (builder->depth == 0) {
        return;
    }
    struct open_element *open = &builder->open[builder->depth - 1];
    struct str run = str_sub(buf_view(&open->text), open->run, open->text.len);
    struct str trimmed = str_trim(run);
    if (trimmed.len < run.len) {
        memmove(open->text.ptr + open->run, trimmed.ptr, trimmed.len);
        open->text.len = open->run + trimmed.len;
    }
    open->run = open->text.len;
}

static void on_text(void *context, const xmlChar *text, int len)
{
    struct builder *builder = builder_of(context);
    if (builder->depth > 0) {
        buf_append(&builder->open[builder->depth - 1].text, text, (size_t)len);
    }
}

static void on_cdata(void *context, const xmlChar *text, int len)
{
    end_run(builder_of(context));
    on_text(context, text, len);
    end_run(builder_of(context));
}

static void on_comment(void *context, const xmlChar *text)
{
    (void)text;
    end_run(builder_of(context));
}

static void on_instruction(void *context, const xmlChar *target, const xmlChar *data)
{
    (void)target;
    (void)data;
    end_run(builder_of(context));
}

/* ---- elements ---- */

static struct str expanded(struct arena *arena, const xmlChar *uri, struct str local)
{
    return uri && *uri ? str_printf(arena, "%s:%.*s", (const char *)uri, STR_FMT(local)) : local;
}

/*
 * As long as entities are not to be replaced, an ampersand in a value arrives as "&#38;" and every
 * other reference decoded; so that is the only one to decode here.
 */
static struct str attribute_value(struct arena *arena, struct str raw)
{
    struct str value = str_dup(arena, raw);
    char *out = (char *)value.ptr;
    size_t len = 0;
    for (size_t i = 0; i < raw.len; i++) {
        out[len++] = raw.ptr[i];
        if (str_starts(str_sub(raw, i, raw.len), STR("&#38;"))) {
            i += 4;
        }
    }
    out[len] = '\0';
    value.len = len;
    return value;
}

/* libxml2 gives five pointers for each attribute: local, prefix, URI, value, end of the value. */
static void add_attribute(struct builder *builder, struct xml_element *element,
                          const xmlChar *const *given)
{
    struct xml_attribute *attribute = VEC_PUSH(builder->arena, &element->attributes);
    struct str raw = str_make((const char *)given[3], (size_t)(given[4] - given[3]));
    attribute->name =
        expanded(builder->arena, given[2], str_dup(builder->arena, text_of(given[0])));
    attribute->value = attribute_value(builder->arena, raw);
}

static void on_start(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
                     int namespaces, const xmlChar **namespace, int attributes, int defaulted,
                     const xmlChar **attribute)
{
    struct builder *builder = builder_of(context);
    (void)namespace;
    (void)defaulted;
    end_run(builder);
    builder->nodes += 1 + (size_t)attributes;
    builder->in_scope += (size_t)namespaces;
    if (builder->depth == LIMIT_XML_DEPTH || builder->nodes > LIMIT_XML_NODES ||
        builder->in_scope > LIMIT_XML_NAMESPACES) {
        stop(context, ERR_LIMIT, "more elements or namespaces, or nested deeper, than is read");
        return;
    }
    if (prefix && !uri) {
        stop(context, ERR_PARSE, "an element's namespace prefix is not declared");
        return;
    }
    struct xml_element *element = ARENA_NEW(builder->arena, struct xml_element);
    element->local = str_dup(builder->arena, text_of(local));
    element->name = expanded(builder->arena, uri, element->local);
    element->text = STR("");
    for (int i = 0; i < attributes; i++) {
        const xmlChar *const *given = attribute + 5 * (size_t)i;
        if (given[1] && !given[2]) {
            stop(context, ERR_PARSE, "an attribute's namespace prefix is not declared");
            return;
        }
        add_attribute(builder, element, given);
    }
    if (builder->depth > 0) {
        struct xml_element *parent = builder->open[builder->depth - 1].element;
        *VEC_PUSH(builder->arena, &parent->children) = element;
    } else {
        builder->root = element;
    }
    builder->open[builder->depth++] = (struct open_element){
        .element = element, .text = BUF_INIT(LIMIT_XML_TEXT), .declared = (size_t)namespaces};
}

static void on_end(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    struct builder *builder = builder_of(context);
    (void)local;
    (void)prefix;
    (void)uri;
    if (builder->depth == 0) {
        return;
    }
    end_run(builder);
    struct open_element *open = &builder->open[--builder->depth];
    builder->in_scope -= open->declared;
    if (open->text.len > 0) {
        open->element->text = str_dup(builder->arena, buf_view(&open->text));
    }
    buf_release(&open->text);
}

/* ---- what is refused ---- */

static const char entities[] = "the document has entities of its own, which are not looked up";
static const char declarations[] = "its document type has declarations, which are not looked up";

static void on_attribute_declaration(void *context, const xmlChar *element, const xmlChar *name,
                                     int type, int kind, const xmlChar *value,
                                     xmlEnumerationPtr values)
{
    (void)element;
    (void)name;
    (void)type;
    (void)kind;
    (void)value;
    xmlFreeEnumeration(values);
    stop(context, ERR_UNDECIDED, declarations);
}

static void on_element_declaration(void *context, const xmlChar *name, int type,
                                   xmlElementContentPtr content)
{
    (void)name;
    (void)type;
    (void)content; /* the parser frees it */
    stop(context, ERR_UNDECIDED, declarations);
}

static void on_notation(void *context, const xmlChar *name, const xmlChar *public,
                        const xmlChar *system)
{
    (void)name;
    (void)public;
    (void)system;
    stop(context, ERR_UNDECIDED, declarations);
}

static void on_entity(void *context, const xmlChar *name, int type, const xmlChar *public,
                      const xmlChar *system, xmlChar *content)
{
    (void)name;
    (void)type;
    (void)public;
    (void)system;
    (void)content;
    stop(context, ERR_UNDECIDED, entities);
}

static void on_unparsed_entity(void *context, const xmlChar *name, const xmlChar *public,
                               const xmlChar *system, const xmlChar *notation)
{
    (void)name;
    (void)public;
    (void)system;
    (void)notation;
    stop(context, ERR_UNDECIDED, entities);
}

/* Asked for every entity but the five predefined ones. */
static xmlEntityPtr on_get_entity(void *context, const xmlChar *name)
{
    (void)name;
    stop(context, ERR_UNDECIDED, entities);
    return NULL;
}

static xmlParserInputPtr on_resolve(void *context, const xmlChar *public, const xmlChar *system)
{
    (void)public;
    (void)system;
    stop(context, ERR_UNDECIDED, entities);
    return NULL;
}

static bool is_limit(int code)
{
    return code == XML_ERR_NO_MEMORY || code == XML_ERR_NAME_TOO_LONG ||
           code == XML_ERR_ENTITY_LOOP;
}

static void on_error(void *context, xmlErrorPtr error)
{
    struct builder *builder = builder_of(context);
    struct str text = str_trim(str_of(error->message ? error->message : "not well-formed"));
    if (builder->rc || error->level < XML_ERR_ERROR) {
        return;
    }
    enum err_code code = is_limit(error->code) ? ERR_LIMIT : ERR_PARSE;
    err_at(builder->err, code, builder->what, error->line, error->int2, "%.*s",
           STR_FMT(str_sub(text, 0, 200)));
    builder->rc = code;
}

static void set_handlers(xmlSAXHandler *sax)
{
    *sax = (xmlSAXHandler){.initialized = XML_SAX2_MAGIC,
                           .startElementNs = on_start,
                           .endElementNs = on_end,
                           .characters = on_text,
                           .ignorableWhitespace = on_text,
                           .cdataBlock = on_cdata,
                           .comment = on_comment,
                           .processingInstruction = on_instruction,
                           .attributeDecl = on_attribute_declaration,
                           .elementDecl = on_element_declaration,
                           .notationDecl = on_notation,
                           .entityDecl = on_entity,
                           .unparsedEntityDecl = on_unparsed_entity,
                           .getEntity = on_get_entity,
                           .getParameterEntity = on_get_entity,
                           .resolveEntity = on_resolve,
                           .serror = on_error};
}

static void free_context(xmlParserCtxtPtr *context)
{
    if ((*context)->myDoc) {
        xmlFreeDoc((*context)->myDoc); /* made by the parser itself for a document type */
    }
    xmlFreeParserCtxt(*context);
}

static int parse(struct builder *builder, struct str text)
{
    xmlParserCtxtPtr context __attribute__((cleanup(free_context))) = xmlNewParserCtxt();
    if (!context) {
        arena_exhausted(sizeof *context);
    }
    set_handlers(context->sax);
    context->_private = builder;
    int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    xmlDocPtr unused = xmlCtxtReadMemory(context, text.ptr, (int)text.len, NULL, NULL, options);
    if (unused) {
        xmlFreeDoc(unused);
    }
    while (builder->depth > 0) {
        buf_release(&builder->open[--builder->depth].text);
    }
    if (builder->rc == 0 && (!context->wellFormed || !context->nsWellFormed || !builder->root)) {
        builder->rc = ERR_PARSE;
        err_at(builder->err, ERR_PARSE, builder->what, 0, 0, "not well-formed");
    }
    return builder->rc;
}

/*
 * The parser compares every attribute of a tag with every other before it hands them out, so their
 * number is bounded beforehand. `<` stands in no attribute's value: it starts the count anew.
 */
static bool too_many_attributes(struct str text)
{
    size_t count = 0;
    char quote = 0;
    bool in_tag = false;
    for (size_t i = 0; i < text.len && count <= LIMIT_XML_ATTRIBUTES; i++) {
        char c = text.ptr[i];
        if (c == '<') {
            char next = i + 1 < text.len ? text.ptr[i + 1] : '!';
            in_tag = next != '!' && next != '?';
            quote = 0;
            count = 0;
        } else if (!in_tag) {
            continue;
        } else if (quote) {
            quote = c == quote ? 0 : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else {
            count += c == '=';
            in_tag = c != '>';
        }
    }
    return count > LIMIT_XML_ATTRIBUTES;
}

int xml_parse(struct str text, const char *what, struct arena *arena, struct xml_element **ret,
              struct err *err)
{
    pthread_once(&once, xmlInitParser);
    if (text.len > LIMIT_XML_TEXT) {
        return err_set(err, ERR_LIMIT, "XML of more than %u bytes", LIMIT_XML_TEXT);
    }
    if (too_many_attributes(text)) {
        return err_set(err, ERR_LIMIT, "an element of more than %d attributes",
                       LIMIT_XML_ATTRIBUTES);
    }
    struct builder *builder = ARENA_NEW(arena, struct builder);
    *builder = (struct builder){.arena = arena, .what = what, .err = err};
    int rc = parse(builder, text);
    if (rc == 0) {
        *ret = builder->root;
    }
    return rc;
}
