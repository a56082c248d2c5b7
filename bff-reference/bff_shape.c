// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/bff_shape.h"

#include "lib/base/arena.h"
#include "lib/json/json.h"

#define LEN(array) (sizeof(array) / sizeof *(array))
#define S_TEXT     "{\"type\":\"string\"}"
#define S_NULLABLE "{\"type\":\"string\",\"nullable\":true}"
#define S_NUMBER   "{\"type\":\"number\"}"
#define S_TIME     "{\"type\":\"string\",\"format\":\"date-time\"}"
#define S_STATUS   "{\"type\":\"string\",\"enum\":[\"PENDING\",\"BOOKED\"]}"
#define S_PRODUCT  "{\"nullable\":true,\"allOf\":[{\"$ref\":\"#/components/schemas/Product\"}]}"

static const struct shape_field user[] = {
    {"id", "id", "ID!", S_TEXT, "Stable key.", false, false},
    {"displayName", "displayName", "String!", S_TEXT, "How the app greets the user.", false, false},
    {"email", "email", "String!", S_TEXT, "Where statements are sent.", false, false},
    {"locale", "locale", "String!", S_TEXT, "BCP 47 tag.", false, false},
};
static const struct shape_field product[] = {
    {"id", "id", "ID!", S_TEXT, "Stable key.", false, false},
    {"name", "name", "String!", S_TEXT, "Name to show.", false, false},
    {"kind", "kind", "String!", S_TEXT, "ACCOUNT, CARD or LOAN; more may come.", false, false},
    {"currency", "currency", "String!", S_TEXT, "ISO 4217 code.", false, false},
};
static const struct shape_field transaction[] = {
    {"id", "id", "ID!", S_TEXT, "Stable key.", false, false},
    {"amount", "amount", "Decimal!", S_NUMBER, "Exact, two decimals.", false, false},
    {"currency", "currency", "String!", S_TEXT, "ISO 4217 code.", false, false},
    {"status", "status", "TransactionStatus!", S_STATUS, "Where the payment stands.", false, false},
    {"counterparty", "counterparty", "String!", S_TEXT, "Who was paid.", false, false},
    {"bookedAt", "bookedAt", "DateTime!", S_TIME, "When it was booked.", false, false},
    {"updatedAt", "updatedAt", "DateTime!", S_TIME, "When it last changed.", false, false},
    {"product", "product", "Product", S_PRODUCT, "What it was paid with.", false, true},
};
static const struct shape_field notification[] = {
    {"id", "id", "ID!", S_TEXT, "What a push names.", false, false},
    {"kind", "kind", "String!", S_TEXT, "Reason; more may come.", false, false},
    {"title", "title", "String!", S_TEXT, "Headline.", false, false},
    {"body", "body", "String!", S_TEXT, "Text to show.", false, false},
    {"amount", "amount", "Decimal", "{\"type\":\"number\",\"nullable\":true}",
     "Of the transaction told about.", false, false},
    {"currency", "currency", "String", S_NULLABLE, "ISO 4217 code.", false, false},
    {"transactionId", "transactionId", "ID", S_NULLABLE, "The transaction told about.", false,
     false},
    {"createdAt", "createdAt", "DateTime!", S_TIME, "When it was made.", false, false},
    {"read", "read", "Boolean!", "{\"type\":\"boolean\"}", "Whether the user saw it.", false,
     false},
};

static const struct {
    const char *name;
    const struct shape_field *fields;
    size_t len;
} shapes[SHAPE_COUNT] = {
    [SHAPE_USER] = {"User", user, LEN(user)},
    [SHAPE_TRANSACTION] = {"Transaction", transaction, LEN(transaction)},
    [SHAPE_PRODUCT] = {"Product", product, LEN(product)},
    [SHAPE_NOTIFICATION] = {"Notification", notification, LEN(notification)},
};

const char *shape_name(enum shape shape)
{
    return shapes[shape].name;
}

enum shape shape_of(enum service service)
{
    static const enum shape of[SERVICE_COUNT] = {
        [SERVICE_USER] = SHAPE_USER,
        [SERVICE_TRANSACTION] = SHAPE_TRANSACTION,
        [SERVICE_PRODUCT] = SHAPE_PRODUCT,
        [SERVICE_NOTIFICATION] = SHAPE_NOTIFICATION,
    };
    return of[service];
}

size_t shape_len(enum shape shape)
{
    return shapes[shape].len;
}

bool shape_field(enum shape shape, size_t i, struct fault_set faults, struct shape_field *ret)
{
    struct shape_field field = shapes[shape].fields[i];
    if (shape == SHAPE_TRANSACTION && strcmp(field.source, "currency") == 0 &&
        fault_on(faults, FAULT_MISSING_FIELD))
        return false;
    if (shape == SHAPE_TRANSACTION && strcmp(field.source, "amount") == 0) {
        if (fault_on(faults, FAULT_RENAMED_FIELD))
            field.name = "value";
        if (fault_on(faults, FAULT_WRONG_TYPE)) {
            field.sdl = "String!";
            field.openapi = S_TEXT;
            field.as_text = true;
        }
    }
    *ret = field;
    return true;
}

bool shape_has(enum shape shape, struct fault_set faults, struct str name)
{
    struct shape_field field;
    for (size_t i = 0; i < shape_len(shape); i++)
        if (shape_field(shape, i, faults, &field) && str_is(name, field.name))
            return true;
    return false;
}

struct json *shape_view(enum shape shape, struct fault_set faults, const struct json *row,
                        struct arena *arena)
{
    struct json *view = json_new_object(arena);
    for (size_t i = 0; i < shape_len(shape); i++) {
        struct shape_field field;
        if (!shape_field(shape, i, faults, &field))
            continue;
        const struct json *source = json_get(row, field.source);
        struct json *value;
        if (!source || json_is(source, JSON_NULL))
            value = json_new_null(arena);
        else if (field.nested)
            value = shape_view(SHAPE_PRODUCT, faults, source, arena);
        else if (field.as_text)
            value = json_new_str(arena, json_text(source));
        else
            value = json_copy(arena, source);
        json_set(arena, view, field.name, value);
    }
    return view;
}
