// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/bff_describe.h"

#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/http/server.h"
#include "lib/json/json.h"
#include "bff-reference/bff.h"
#include "bff-reference/bff_page.h"
#include "bff-reference/bff_routes.h"
#include "bff-reference/bff_shape.h"

enum { DESCRIPTION_MAX = 256 * 1024 };

static const char sdl_scalars[] =
    "\"An exact decimal number.\"\n"
    "scalar Decimal\n\n"
    "\"A date-time with a time zone.\"\n"
    "scalar DateTime @specifiedBy(url: \"https://www.rfc-editor.org/rfc/rfc3339\")\n\n"
    "enum TransactionStatus {\n  PENDING\n  BOOKED\n}\n\n";

static const char sdl_page_info[] = "type PageInfo {\n"
                                    "  hasNextPage: Boolean!\n"
                                    "  hasPreviousPage: Boolean!\n"
                                    "  startCursor: String\n"
                                    "  endCursor: String\n"
                                    "}\n\n";

static const char sdl_tombstone[] = "\"What is left of a deleted transaction.\"\n"
                                    "type Tombstone {\n  id: ID!\n  deletedAt: DateTime!\n}\n\n";

/* A list of a shape: fields of the page type itself, beside what paging needs. */
static void sdl_page(struct buf *out, struct fault_set faults, enum shape shape, const char *more)
{
    const char *name = shape_name(shape);
    if (fault_on(faults, FAULT_OFFSET_PAGING)) {
        buf_printf(out, "type %sPage {\n  items: [%s!]!\n  page: Int!\n  size: Int!\n%s}\n\n", name,
                   name, more);
        return;
    }
    buf_printf(out, "type %sConnection {\n  edges: [%sEdge!]!\n  pageInfo: PageInfo!\n%s}\n\n",
               name, name, more);
    buf_printf(out, "type %sEdge {\n  cursor: String!\n  node: %s!\n}\n\n", name, name);
}

static void sdl_shapes(struct buf *out, struct fault_set faults)
{
    for (int shape = 0; shape < SHAPE_COUNT; shape++) {
        buf_printf(out, "type %s {\n", shape_name(shape));
        for (size_t i = 0; i < shape_len(shape); i++) {
            struct shape_field field;
            if (shape_field(shape, i, faults, &field))
                buf_printf(out, "  \"%s\"\n  %s: %s\n", field.about, field.name, field.sdl);
        }
        buf_puts(out, "}\n\n");
    }
}

struct str bff_describe_sdl(struct fault_set faults, struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(DESCRIPTION_MAX);
    bool offset = fault_on(faults, FAULT_OFFSET_PAGING);
    bool tombstones = !fault_on(faults, FAULT_NO_TOMBSTONES);
    const char *paging =
        offset ? "page: Int = 1, size: Int = 20" : "first: Int = 20, after: String";
    const char *kind = offset ? "Page" : "Connection";
    buf_puts(&out, "type Query {\n  me: User!\n  transaction(id: ID!): Transaction\n");
    buf_printf(&out, "  transactions(%s, since: DateTime): Transaction%s!\n", paging, kind);
    buf_printf(&out, "  products(%s): Product%s!\n", paging, kind);
    buf_puts(&out, "  notification(id: ID!): Notification\n}\n\n");
    sdl_shapes(&out, faults);
    sdl_page(&out, faults, SHAPE_TRANSACTION,
             tombstones ? "  watermark: DateTime!\n  deleted: [Tombstone!]!\n"
                        : "  watermark: DateTime!\n");
    sdl_page(&out, faults, SHAPE_PRODUCT, "");
    if (!offset)
        buf_puts(&out, sdl_page_info);
    if (tombstones)
        buf_puts(&out, sdl_tombstone);
    buf_puts(&out, sdl_scalars);
    return str_dup(arena, str_trim(buf_view(&out)));
}

/* ---- OpenAPI ---- */

static const char openapi_problem[] =
    "\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"detail\","
    "\"instance\"],\"properties\":{\"type\":{\"type\":\"string\",\"format\":\"uri-reference\"},"
    "\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
    "\"detail\":{\"type\":\"string\"},"
    "\"instance\":{\"type\":\"string\",\"format\":\"uri-reference\"}}}";

static const char openapi_tombstone[] =
    "\"Tombstone\":{\"type\":\"object\",\"required\":[\"id\",\"deletedAt\"],\"properties\":{"
    "\"id\":{\"type\":\"string\"},\"deletedAt\":{\"type\":\"string\",\"format\":\"date-time\"}},"
    "\"additionalProperties\":false},";

static void openapi_parameter(struct buf *out, const char *name, const char *in, const char *schema,
                              const char *about)
{
    buf_printf(out,
               "{\"name\":\"%s\",\"in\":\"%s\",\"required\":%s,\"description\":\"%s\","
               "\"schema\":%s}",
               name, in, strcmp(in, "path") == 0 ? "true" : "false", about, schema);
}

static void openapi_paging(struct buf *out, struct fault_set faults)
{
    char size[128];
    snprintf(size, sizeof size,
             "{\"type\":\"integer\",\"minimum\":1,\"maximum\":%d,\"default\":%d}", BFF_PAGE_MAX,
             BFF_PAGE_DEFAULT);
    if (fault_on(faults, FAULT_OFFSET_PAGING)) {
        openapi_parameter(out, "page", "query",
                          "{\"type\":\"integer\",\"minimum\":1,\"default\":1}", "Page number.");
        buf_putc(out, ',');
        openapi_parameter(out, "size", "query", size, "Rows a page.");
    } else {
        openapi_parameter(out, "cursor", "query", "{\"type\":\"string\"}",
                          "The nextCursor of the page before; opaque.");
        buf_putc(out, ',');
        openapi_parameter(out, "limit", "query", size, "Rows a page.");
    }
    buf_putc(out, ',');
}

enum { SINGLE, PAGED, PAGED_SINCE };
static const struct {
    const char *path, *operation;
    enum shape shape;
    int list;
    bool has_id;
} paths[] = {
    {"/v1/transactions", "listTransactions", SHAPE_TRANSACTION, PAGED_SINCE, false},
    {"/v1/transactions/{id}", "getTransaction", SHAPE_TRANSACTION, SINGLE, true},
    {"/v1/me", "getMe", SHAPE_USER, SINGLE, false},
    {"/v1/products", "listProducts", SHAPE_PRODUCT, PAGED, false},
    {"/v1/notifications/{id}", "getNotification", SHAPE_NOTIFICATION, SINGLE, true},
};

static void openapi_failure(struct buf *out, const char *status, const char *about)
{
    buf_printf(out,
               ",\"%s\":{\"description\":\"%s\",\"content\":{\"application/problem+json\":"
               "{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}",
               status, about);
}

static void openapi_path(struct buf *out, struct fault_set faults, size_t i)
{
    buf_printf(out, "%s\"%s\":{\"get\":{\"operationId\":\"%s\",\"parameters\":[", i ? "," : "",
               paths[i].path, paths[i].operation);
    if (paths[i].has_id) {
        openapi_parameter(out, "id", "path", "{\"type\":\"string\"}", "Key of the row.");
        buf_putc(out, ',');
    }
    if (paths[i].list != SINGLE)
        openapi_paging(out, faults);
    if (paths[i].list == PAGED_SINCE) {
        openapi_parameter(out, "since", "query", "{\"type\":\"string\",\"format\":\"date-time\"}",
                          fault_on(faults, FAULT_NO_TOMBSTONES)
                              ? "Only what changed at or after this moment."
                              : "Only what changed at or after this moment, and what was deleted.");
        buf_putc(out, ',');
    }
    openapi_parameter(out, "fields", "query", "{\"type\":\"string\"}",
                      "Comma-separated members of the row to answer with.");
    buf_printf(out,
               "],\"responses\":{\"200\":{\"description\":\"%s\",\"content\":{"
               "\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/%s%s\"}}}}",
               paths[i].list == SINGLE ? "The row." : "A page of rows.", shape_name(paths[i].shape),
               paths[i].list == SINGLE ? "" : "Page");
    openapi_failure(out, "400", "A parameter is not what it should be.");
    if (paths[i].has_id)
        openapi_failure(out, "404", "There is no such row.");
    openapi_failure(out, "default", "Any other failure.");
    buf_puts(out, "}}}");
}

static void openapi_shape(struct buf *out, struct fault_set faults, enum shape shape)
{
    struct shape_field field;
    const char *comma = "";
    buf_printf(out, "\"%s\":{\"type\":\"object\",\"required\":[", shape_name(shape));
    for (size_t i = 0; i < shape_len(shape); i++) {
        if (!shape_field(shape, i, faults, &field))
            continue;
        buf_printf(out, "%s\"%s\"", comma, field.name);
        comma = ",";
    }
    buf_puts(out, "],\"properties\":{");
    comma = "";
    for (size_t i = 0; i < shape_len(shape); i++) {
        if (!shape_field(shape, i, faults, &field))
            continue;
        buf_printf(out, "%s\"%s\":%s", comma, field.name, field.openapi);
        comma = ",";
    }
    buf_puts(out, "}},");
}

static void openapi_page(struct buf *out, struct fault_set faults, enum shape shape)
{
    bool offset = fault_on(faults, FAULT_OFFSET_PAGING), delta = shape == SHAPE_TRANSACTION;
    buf_printf(out,
               "\"%sPage\":{\"type\":\"object\",\"required\":[\"items\",%s%s],\"properties\":{"
               "\"items\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/%s\"}}",
               shape_name(shape), offset ? "\"page\",\"size\"" : "\"nextCursor\"",
               delta ? ",\"watermark\"" : "", shape_name(shape));
    buf_puts(out, offset ? ",\"page\":{\"type\":\"integer\"},\"size\":{\"type\":\"integer\"}"
                         : ",\"nextCursor\":{\"type\":\"string\",\"nullable\":true}");
    if (delta)
        buf_puts(out, ",\"watermark\":{\"type\":\"string\",\"format\":\"date-time\"}");
    if (delta && !fault_on(faults, FAULT_NO_TOMBSTONES))
        buf_puts(out, ",\"deleted\":{\"type\":\"array\",\"items\":"
                      "{\"$ref\":\"#/components/schemas/Tombstone\"}}");
    buf_puts(out, "}},");
}

struct str bff_describe_openapi(struct fault_set faults, struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(DESCRIPTION_MAX);
    buf_printf(&out,
               "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"Reference BFF\",\"version\":\"%s\"},"
               "\"paths\":{",
               TALLY_VERSION);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        openapi_path(&out, faults, i);
    buf_puts(&out, "},\"components\":{\"schemas\":{");
    for (int shape = 0; shape < SHAPE_COUNT; shape++)
        openapi_shape(&out, faults, shape);
    openapi_page(&out, faults, SHAPE_TRANSACTION);
    openapi_page(&out, faults, SHAPE_PRODUCT);
    if (!fault_on(faults, FAULT_NO_TOMBSTONES))
        buf_puts(&out, openapi_tombstone);
    buf_puts(&out, openapi_problem);
    buf_puts(&out, "}}}");
    return str_dup(arena, buf_view(&out));
}

/* ---- routes ---- */

void bff_describe_get_sdl(struct exchange *exchange)
{
    const struct bff *bff = exchange->context;
    bff_reply(exchange, 200, "text/plain; charset=utf-8", bff->sdl);
}

void bff_describe_get_openapi(struct exchange *exchange)
{
    const struct bff *bff = exchange->context;
    bff_reply(exchange, 200, "application/json", bff->openapi);
}
