// SPDX-License-Identifier: Apache-2.0
/*
 * Connections of a GraphQL schema. Source: adr-checks, INT-005-CONNECTION; Relay's cursor
 * connections specification, with startCursor and endCursor nullable or not.
 */
#include "lib/adr/adr.h"

#include "lib/adr/adr_parts.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/graphql/ast.h"
#include "lib/graphql/schema.h"

static const char RULE[] = "INT-005-CONNECTION";

struct check {
    const struct gql_schema *schema;
    struct arena *arena;
    struct adr_findings *findings;
    size_t said;
};

static struct str type_text(struct check *check, const struct gql_type *type)
{
    struct buf text BUF_AUTO = BUF_INIT(4096);
    gql_print_type(type, &text);
    return str_dup(check->arena, buf_view(&text));
}

static const struct gql_type *strip(const struct gql_type *type)
{
    return type->kind == GQL_NON_NULL ? type->of : type;
}

static bool is_list(const struct gql_type *type)
{
    return strip(type)->kind == GQL_LIST_OF;
}

static void add(struct check *check, enum adr_verdict verdict, struct str subject, struct str text)
{
    check->said++;
    adr_add(check->arena, check->findings, RULE, verdict, ADR_STATIC, subject, "%.*s",
            STR_FMT(text));
}

static struct str coordinate(struct check *check, const struct gql_definition *type,
                             const struct gql_field_def *field)
{
    return str_printf(check->arena, "%.*s.%.*s", STR_FMT(type->name), STR_FMT(field->name));
}

/* "@tallyUnpaged(reason: ...)" on a field: a small closed list. Absent if not there. */
static struct str unpaged_reason(const struct gql_field_def *field)
{
    VEC_EACH(&field->directives, struct gql_directive **, directive) {
        if (!str_is((*directive)->name, "tallyUnpaged"))
            continue;
        VEC_EACH(&(*directive)->arguments, struct gql_argument **, argument) {
            if (str_is((*argument)->name, "reason") && (*argument)->value->kind == GQL_STRING)
                return (*argument)->value->text;
        }
    }
    return STR_NONE;
}

/* ---- the shape of a connection ---- */

/* Append ", text" or "text". */
static void fault(struct check *check, struct str *faults, struct str text)
{
    *faults = faults->len > 0
                  ? str_printf(check->arena, "%.*s; %.*s", STR_FMT(*faults), STR_FMT(text))
                  : text;
}

/* A type whose values are written as strings: String, ID, or a scalar of the schema's own. */
static bool is_text(struct check *check, const struct gql_type *type)
{
    if (is_list(type))
        return false;
    struct str name = gql_type_name(type);
    const struct gql_definition *own = gql_schema_type(check->schema, name);
    bool number = str_is(name, "Int") || str_is(name, "Float") || str_is(name, "Boolean");
    return own && own->kind == GQL_SCALAR_TYPE && !number;
}

static void check_page_info(struct check *check, const struct gql_definition *info,
                            struct str *faults)
{
    static const struct page_info_row {
        const char *name;
        bool flag;
    } rows[] = {
        {"hasNextPage", true},
        {"hasPreviousPage", true},
        {"startCursor", false},
        {"endCursor", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct gql_field_def *field = gql_type_field(info, str_of(rows[i].name));
        bool good = field != NULL;
        if (good && rows[i].flag)
            good = field->type->kind == GQL_NON_NULL &&
                   str_is(gql_type_name(field->type), "Boolean") && !is_list(field->type);
        else if (good)
            good = is_text(check, field->type);
        if (!good)
            fault(check, faults,
                  str_printf(check->arena, "PageInfo needs %s: %s", rows[i].name,
                             rows[i].flag ? "Boolean!" : "String"));
    }
}

static void check_edge(struct check *check, const struct gql_definition *edge, struct str *faults)
{
    const struct gql_field_def *node = gql_type_field(edge, STR("node"));
    const struct gql_field_def *cursor = gql_type_field(edge, STR("cursor"));
    if (!node || is_list(node->type))
        fault(check, faults,
              str_printf(check->arena, "%.*s needs a node that is no list", STR_FMT(edge->name)));
    if (!cursor || !is_text(check, cursor->type))
        fault(check, faults,
              str_printf(check->arena, "%.*s needs cursor: String", STR_FMT(edge->name)));
}

/* Empty when the type is a Relay connection. */
static struct str connection_faults(struct check *check, const struct gql_definition *type)
{
    struct str faults = STR("");
    if (type->kind != GQL_OBJECT_TYPE) {
        fault(check, &faults, STR("a connection must be an object type"));
        return faults;
    }
    const struct gql_field_def *edges = gql_type_field(type, STR("edges"));
    const struct gql_field_def *info = gql_type_field(type, STR("pageInfo"));
    const struct gql_definition *edge =
        edges && is_list(edges->type) ? gql_schema_type(check->schema, gql_type_name(edges->type))
                                      : NULL;
    if (!edge || edge->kind != GQL_OBJECT_TYPE)
        fault(check, &faults, STR("it needs edges: a list of edge objects"));
    else
        check_edge(check, edge, &faults);
    if (!info || info->type->kind != GQL_NON_NULL || is_list(info->type) ||
        !str_is(gql_type_name(info->type), "PageInfo")) {
        fault(check, &faults, STR("it needs pageInfo: PageInfo!"));
        return faults;
    }
    const struct gql_definition *page_info = gql_schema_type(check->schema, STR("PageInfo"));
    if (page_info)
        check_page_info(check, page_info, &faults);
    return faults;
}

/* ---- fields ---- */

static const struct gql_field_def *argument(const struct gql_field_def *field, const char *name)
{
    VEC_EACH(&field->arguments, struct gql_field_def **, item) {
        if (str_is((*item)->name, name))
            return *item;
    }
    return NULL;
}

static struct str offset_argument(const struct gql_field_def *field)
{
    VEC_EACH(&field->arguments, struct gql_field_def **, item) {
        if (adr_name_in((*item)->name, adr_offset_names))
            return (*item)->name;
    }
    return STR_NONE;
}

static bool pages(struct check *check, const struct gql_field_def *field, const char *count,
                  const char *cursor)
{
    const struct gql_field_def *n = argument(field, count), *at = argument(field, cursor);
    return n && at && str_is(gql_type_name(n->type), "Int") && !is_list(n->type) &&
           is_text(check, at->type);
}

static void check_connection_field(struct check *check, struct str subject,
                                   const struct gql_field_def *field)
{
    struct str offset = offset_argument(field);
    if (offset.ptr)
        add(check, ADR_FAIL, subject,
            str_printf(check->arena, "the connection pages by position: it takes '%.*s'",
                       STR_FMT(offset)));
    else if (!pages(check, field, "first", "after") && !pages(check, field, "last", "before"))
        add(check, ADR_FAIL, subject,
            STR("the connection cannot be walked: it needs first: Int with after, or last: Int "
                "with before"));
    else
        add(check, ADR_PASS, subject, STR("the connection is walked by cursor"));
}

static bool has_suffix(struct str name)
{
    return str_ends(name, STR("Connection")) && name.len > strlen("Connection");
}

/* A list of objects, unless it is the edges of a connection or flagged as bounded. */
static void check_list_field(struct check *check, const struct gql_definition *owner,
                             struct str subject, const struct gql_field_def *field)
{
    bool in_connection = has_suffix(owner->name) &&
                         (str_is(field->name, "edges") || str_is(field->name, "nodes") ||
                          str_is(field->name, "deleted") || str_is(field->name, "tombstones"));
    struct str name = gql_type_name(field->type);
    if (in_connection || str_starts(owner->name, STR("__")) || gql_is_leaf(check->schema, name))
        return;
    struct str reason = unpaged_reason(field);
    if (reason.len > 0)
        add(check, ADR_NOT_APPLICABLE, subject,
            str_printf(check->arena, "declared as a small closed list: %.*s", STR_FMT(reason)));
    else
        add(check, ADR_FAIL, subject,
            str_printf(check->arena, "the list is a bare %.*s, not a connection",
                       STR_FMT(type_text(check, field->type))));
}

static void check_fields(struct check *check, const struct gql_definition *type)
{
    VEC_EACH(&type->fields, struct gql_field_def **, item) {
        const struct gql_field_def *field = *item;
        struct str subject = coordinate(check, type, field);
        if (is_list(field->type)) {
            check_list_field(check, type, subject, field);
        } else if (has_suffix(gql_type_name(field->type))) {
            check_connection_field(check, subject, field);
        } else {
            struct str offset = offset_argument(field);
            /* An object that pages by position is a list in other clothes. */
            if (offset.ptr && !gql_is_leaf(check->schema, gql_type_name(field->type)))
                add(check, ADR_FAIL, subject,
                    str_printf(check->arena, "the field pages by position: it takes '%.*s'",
                               STR_FMT(offset)));
        }
    }
}

static bool is_subject(const struct check *check, const struct gql_definition *type)
{
    return (type->kind == GQL_OBJECT_TYPE || type->kind == GQL_INTERFACE_TYPE) &&
           !str_starts(type->name, STR("__")) &&
           type != gql_schema_root(check->schema, GQL_SUBSCRIPTION);
}

int adr_check_sdl(struct str sdl, const char *source, struct arena *arena,
                  struct adr_findings *findings, struct err *err)
{
    struct gql_document *document;
    struct gql_schema *schema = NULL;
    int code = gql_parse(sdl, source, arena, &document, err);
    if (code == 0)
        code = gql_schema_build(document, source, arena, &schema, err);
    if (code < 0)
        return code;
    struct check check = {.schema = schema, .arena = arena, .findings = findings};
    for (size_t i = 0; i < gql_schema_len(schema); i++) {
        const struct gql_definition *type = gql_schema_at(schema, i);
        if (has_suffix(type->name) && !str_starts(type->name, STR("__"))) {
            struct str faults = connection_faults(&check, type);
            if (faults.len > 0)
                add(&check, ADR_FAIL, type->name, faults);
            else
                add(&check, ADR_PASS, type->name, STR("the type is a Relay connection"));
        }
        if (is_subject(&check, type))
            check_fields(&check, type);
    }
    if (check.said == 0)
        add(&check, ADR_NOT_APPLICABLE, STR("GraphQL schema"), STR("the schema has no list"));
    return 0;
}
