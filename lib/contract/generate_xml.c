// SPDX-License-Identifier: Apache-2.0
/* Generated values in XML bodies. */
#include <libxml/parser.h>
#include <libxml/xmlsave.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/body.h"
#include "lib/contract/generate_value.h"
#include "lib/contract/select.h"
#include "lib/contract/xml.h"

static struct str name_of(struct arena *arena, const char *prefix, const xmlNs *ns,
                          const xmlChar *local)
{
    return ns && ns->href && *ns->href
               ? str_printf(arena, "%s%s:%s", prefix, (const char *)ns->href, (const char *)local)
               : str_printf(arena, "%s%s", prefix, (const char *)local);
}

static bool fits(const struct path_token *token, struct str name)
{
    struct path_token at = {.kind = PATH_NAME, .name = name};
    return path_token_score(token, &at) > 0;
}

static bool is_text(const xmlNode *node)
{
    return node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
}

static void set_text(xmlNodePtr element, struct str text)
{
    for (xmlNodePtr child = element->children, next; child; child = next) {
        next = child->next;
        if (is_text(child)) {
            xmlUnlinkNode(child);
            xmlFreeNode(child);
        }
    }
    xmlNodePtr made = xmlNewTextLen((const xmlChar *)text.ptr, (int)text.len);
    if (element->children) {
        xmlAddPrevSibling(element->children, made);
    } else {
        xmlAddChild(element, made);
    }
}

static struct str text_of(struct arena *arena, const xmlNode *element)
{
    struct buf text BUF_AUTO = BUF_INIT(LIMIT_XML_TEXT);
    for (const xmlNode *child = element->children; child; child = child->next) {
        if (is_text(child) && child->content) {
            buf_str(&text, str_trim(str_of((const char *)child->content)));
        }
    }
    return str_dup(arena, buf_view(&text));
}

static int replace_text(struct generating *generating, const struct generator *generator,
                        xmlNodePtr element)
{
    struct str made = STR_NONE;
    struct str old = text_of(generating->arena, element);
    int rc = generate_text(generating, generator, old, false, &made);
    if (rc == 1) {
        set_text(element, made);
    }
    return rc;
}

static int replace_attributes(struct generating *generating, const struct generator *generator,
                              const struct path_token *token, xmlNodePtr element)
{
    int changed = 0;
    for (xmlAttrPtr attribute = element->properties; attribute; attribute = attribute->next) {
        if (!fits(token, name_of(generating->arena, "@", attribute->ns, attribute->name))) {
            continue;
        }
        xmlChar *old = xmlNodeListGetString(element->doc, attribute->children, 1);
        struct str example = str_dup(generating->arena, str_of(old ? (const char *)old : ""));
        struct str made = STR_NONE;
        xmlFree(old);
        int rc = generate_text(generating, generator, example, false, &made);
        if (rc < 0) {
            return rc;
        }
        if (rc == 1) {
            const char *value = str_cstr(generating->arena, made);
            xmlSetNsProp(element, attribute->ns, attribute->name, (const xmlChar *)value);
            changed = 1;
        }
    }
    return changed;
}

static bool has_children(const xmlNode *element)
{
    return xmlChildElementCount((xmlNodePtr)element) > 0;
}

/* The element has been found by the tokens before `depth`. */
static int replace_in(struct generating *generating, const struct generator *generator,
                      size_t depth, xmlNodePtr element)
{
    const struct path *path = &generator->path;
    int rc = generate_spend(generating, 1), changed = 0;
    if (rc < 0) {
        return rc;
    }
    if (depth == path->len) { /* an element stands for its text unless it holds others */
        return has_children(element) ? 0 : replace_text(generating, generator, element);
    }
    const struct path_token *token = &path->items[depth];
    if (depth + 1 == path->len) {
        changed = replace_attributes(generating, generator, token, element);
        if (changed >= 0 && token->kind == PATH_NAME && fits(token, STR("#text"))) {
            changed = replace_text(generating, generator, element);
        }
    }
    for (xmlNodePtr child = element->children; changed >= 0 && child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE &&
            fits(token, name_of(generating->arena, "", child->ns, child->name))) {
            rc = replace_in(generating, generator, depth + 1, child);
            changed = rc < 0 ? rc : changed | rc;
        }
    }
    return changed;
}

static void free_document(xmlDocPtr *document)
{
    if (*document) {
        xmlFreeDoc(*document);
    }
}

static void free_buffer(xmlBufferPtr *buffer)
{
    xmlBufferFree(*buffer);
}

static struct str written(struct arena *arena, xmlDocPtr document, bool declared)
{
    xmlBufferPtr buffer __attribute__((cleanup(free_buffer))) = xmlBufferCreate();
    xmlSaveCtxtPtr save =
        buffer ? xmlSaveToBuffer(buffer, declared ? NULL : "UTF-8", declared ? 0 : XML_SAVE_NO_DECL)
               : NULL;
    if (!save) {
        arena_exhausted(sizeof *buffer);
    }
    xmlSaveDoc(save, document);
    xmlSaveClose(save);
    return str_dup(
        arena, str_make((const char *)xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer)));
}

static int generate_xml(struct generating *generating, const struct generator *generator,
                        struct str text, struct str *ret)
{
    struct xml_element *unused = NULL;
    struct err bad = ERR_INIT;
    /* What this accepts is small, and has nothing that the library would expand or fetch. */
    if (xml_parse(text, "the example", generating->arena, &unused, &bad) != 0) {
        return generate_warn(generating, generator, "the body is no XML document: %s", bad.text);
    }
    int rc = generate_spend(generating, text.len);
    if (rc < 0) {
        return rc;
    }
    int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    xmlDocPtr document __attribute__((cleanup(free_document))) =
        xmlReadMemory(text.ptr, (int)text.len, NULL, NULL, options);
    xmlNodePtr root = document ? xmlDocGetRootElement(document) : NULL;
    if (!root) {
        return generate_warn(generating, generator, "the body is no XML document");
    }
    if (generator->path.len == 0 ||
        !fits(&generator->path.items[0], name_of(generating->arena, "", root->ns, root->name))) {
        return 0;
    }
    rc = replace_in(generating, generator, 1, root);
    if (rc == 1) {
        *ret = written(generating->arena, document, str_starts(text, STR("<?xml")));
    }
    return rc;
}

int generate_xml_body(struct generating *generating, const struct generator *generator,
                      struct pact_body *body)
{
    struct str made = STR_NONE;
    int rc = generate_xml(generating, generator, body->bytes, &made);
    if (rc == 1) {
        body->bytes = made;
    }
    return rc;
}
