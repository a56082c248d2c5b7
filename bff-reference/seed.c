// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/seed.h"

#include "lib/base/arena.h"
#include "lib/json/json.h"

#define LEN(array) (sizeof(array) / sizeof *(array))

enum { TRANSACTIONS = 25, PENDING_FROM = 23 };

static const char *const services[SERVICE_COUNT][2] = {
    [SERVICE_USER] = {"user", "users"},
    [SERVICE_TRANSACTION] = {"transaction", "transactions"},
    [SERVICE_PRODUCT] = {"product", "products"},
    [SERVICE_NOTIFICATION] = {"notification", "notifications"},
};

static const struct seed_state states[] = {
    {"the user is signed in", SERVICE_USER, SEED_BASE, "userId", "usr-0001", NULL, false},
    {"the wallet has 25 transactions", SERVICE_TRANSACTION, SEED_BASE, NULL, NULL, "tx-0010", true},
    {"the wallet has no transactions", SERVICE_TRANSACTION, SEED_EMPTY, NULL, NULL, NULL, true},
    {"transaction tx-0007 exists", SERVICE_TRANSACTION, SEED_BASE, "transactionId", "tx-0007", NULL,
     false},
    {"transaction tx-9999 does not exist", SERVICE_TRANSACTION, SEED_BASE, "transactionId",
     "tx-9999", NULL, false},
    {"transactions changed since the watermark", SERVICE_TRANSACTION, SEED_CHANGED, NULL, NULL,
     NULL, true},
    {"products exist", SERVICE_PRODUCT, SEED_BASE, NULL, NULL, "prd-0003", false},
    {"notification ntf-0001 exists", SERVICE_NOTIFICATION, SEED_BASE, "notificationId", "ntf-0001",
     NULL, false},
    {"a notification is due", SERVICE_NOTIFICATION, SEED_BASE, "notificationId", "ntf-0001", NULL,
     false},
};

/* One row a service and line: members that are strings, in pairs, ended by NULL. */
static const char *const users[][12] = {
    {"id", "usr-0001", "displayName", "Ada Example", "email", "ada@example.com", "locale", "en-GB",
     "updatedAt", "2026-01-02T08:00:00Z"},
    {"id", "usr-0002", "displayName", "Bo Example", "email", "bo@example.com", "locale", "de-DE",
     "updatedAt", "2026-01-03T08:00:00Z"},
    {"id", "usr-0003", "displayName", "Cy Example", "email", "cy@example.com", "locale", "fr-FR",
     "updatedAt", "2026-01-04T08:00:00Z"},
};
static const char *const products[][12] = {
    {"id", "prd-0001", "name", "Everyday Account", "kind", "ACCOUNT", "currency", "EUR"},
    {"id", "prd-0002", "name", "Savings Account", "kind", "ACCOUNT", "currency", "EUR"},
    {"id", "prd-0003", "name", "Credit Card", "kind", "CARD", "currency", "EUR"},
    {"id", "prd-0004", "name", "Debit Card", "kind", "CARD", "currency", "EUR"},
    {"id", "prd-0005", "name", "Travel Card", "kind", "CARD", "currency", "USD"},
    {"id", "prd-0006", "name", "Family Account", "kind", "ACCOUNT", "currency", "EUR"},
    {"id", "prd-0007", "name", "Student Loan", "kind", "LOAN", "currency", "EUR"},
    {"id", "prd-0008", "name", "Car Loan", "kind", "LOAN", "currency", "EUR"},
};
static const char *const counterparties[] = {
    "Corner Bakery",   "City Transport", "Green Grocer",   "Book Shop",
    "Power and Light", "Harbour Cinema", "Night Pharmacy",
};
static const struct {
    const char *id, *kind, *title;
    int transaction; /* whose amount and counterparty the body tells; 0 = none */
    const char *created_at;
    bool read;
} notifications[] = {
    {"ntf-0001", "TRANSACTION_BOOKED", "Payment booked", 7, "2026-01-14T12:00:00Z", false},
    {"ntf-0002", "TRANSACTION_BOOKED", "Payment booked", 12, "2026-01-14T12:05:00Z", false},
    {"ntf-0003", "TRANSACTION_PENDING", "Payment on its way", 23, "2026-01-14T13:00:00Z", true},
    {"ntf-0004", "STATEMENT_READY", "Your statement is ready", 0, "2026-01-01T06:00:00Z", true},
    {"ntf-0005", "DEVICE_ADDED", "A device was added", 0, "2026-01-05T18:30:00Z", true},
    {"ntf-0006", "TRANSACTION_PENDING", "Payment on its way", 25, "2026-01-14T14:00:00Z", false},
};

const char *service_name(enum service service)
{
    return services[service][0];
}

const char *service_collection(enum service service)
{
    return services[service][1];
}

size_t seed_state_len(void)
{
    return LEN(states);
}

const struct seed_state *seed_state_at(size_t i)
{
    return &states[i];
}

const struct seed_state *seed_state_find(struct str name)
{
    for (size_t i = 0; i < LEN(states); i++)
        if (str_is(name, states[i].name))
            return &states[i];
    return NULL;
}

static void set_text(struct arena *arena, struct json *row, const char *key, const char *value)
{
    json_set(arena, row, key, json_new_text(arena, value));
}

static void add_fixed(struct arena *arena, struct json *rows, const char *const (*table)[12],
                      size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct json *row = json_new_object(arena);
        for (size_t k = 0; k + 1 < LEN(table[i]) && table[i][k]; k += 2)
            set_text(arena, row, table[i][k], table[i][k + 1]);
        if (!json_get(row, "updatedAt"))
            set_text(arena, row, "updatedAt", "2026-01-01T00:00:00Z");
        json_append(arena, rows, row);
    }
}

/* Two decimals, spread without order, among them amounts that end in a zero. */
static struct str amount_of(struct arena *arena, int number)
{
    uint32_t mixed = (uint32_t)number * 2654435761u + 20260115u;
    uint32_t tenths = 20 + (mixed >> 8) % 1900;
    return str_printf(arena, "%u.%u%u", tenths / 10, tenths % 10, number % 3 ? 0 : number % 10);
}

static const char *counterparty_of(int number)
{
    return counterparties[(size_t)number % LEN(counterparties)];
}

static struct json *transaction(struct arena *arena, int number)
{
    struct json *row = json_new_object(arena);
    int day = 1 + (number - 1) / 2, hour = number % 2 ? 9 : 15;
    set_text(arena, row, "id", arena_printf(arena, "tx-%04d", number));
    set_text(arena, row, "userId", "usr-0001");
    set_text(arena, row, "productId", arena_printf(arena, "prd-%04d", 1 + (number - 1) % 8));
    json_set(arena, row, "amount", json_new_number(arena, amount_of(arena, number)));
    set_text(arena, row, "currency", number % 8 == 5 ? "USD" : "EUR");
    set_text(arena, row, "counterparty", counterparty_of(number));
    set_text(arena, row, "status", number >= PENDING_FROM ? "PENDING" : "BOOKED");
    set_text(arena, row, "bookedAt", arena_printf(arena, "2026-01-%02dT%02d:30:00Z", day, hour));
    set_text(arena, row, "updatedAt", arena_printf(arena, "2026-01-%02dT%02d:35:00Z", day, hour));
    return row;
}

/* tx-0003 got another amount, tx-0024 was booked, tx-0011 was deleted. */
static void change(struct arena *arena, int number, struct json *row)
{
    if (number == 3) {
        json_set(arena, row, "amount", json_new_number(arena, STR("77.80")));
        set_text(arena, row, "updatedAt", "2026-01-15T08:00:00Z");
    } else if (number == 24) {
        set_text(arena, row, "status", "BOOKED");
        set_text(arena, row, "updatedAt", "2026-01-15T09:30:00Z");
    }
}

static void add_transactions(struct arena *arena, enum seed_variant variant, struct seed *seed)
{
    for (int number = 1; number <= TRANSACTIONS && variant != SEED_EMPTY; number++) {
        struct json *row = transaction(arena, number);
        if (variant == SEED_CHANGED && number == 11) {
            struct json *tombstone = json_new_object(arena);
            json_set(arena, tombstone, "id", json_copy(arena, json_get(row, "id")));
            set_text(arena, tombstone, "deletedAt", "2026-01-15T10:15:00Z");
            json_append(arena, seed->deleted, tombstone);
            continue;
        }
        if (variant == SEED_CHANGED)
            change(arena, number, row);
        json_append(arena, seed->rows, row);
    }
}

static void add_notifications(struct arena *arena, struct json *rows)
{
    for (size_t i = 0; i < LEN(notifications); i++) {
        struct json *row = json_new_object(arena);
        int number = notifications[i].transaction;
        struct str amount = amount_of(arena, number);
        const char *currency = number % 8 == 5 ? "USD" : "EUR";
        set_text(arena, row, "id", notifications[i].id);
        set_text(arena, row, "userId", "usr-0001");
        set_text(arena, row, "deviceToken", "fcm-device-one-Zk3qTw");
        set_text(arena, row, "kind", notifications[i].kind);
        set_text(arena, row, "title", notifications[i].title);
        set_text(arena, row, "body",
                 number ? arena_printf(arena, "You paid %.*s %s to %s.", STR_FMT(amount), currency,
                                       counterparty_of(number))
                        : "Open the app to see more.");
        if (number) {
            json_set(arena, row, "amount", json_new_number(arena, amount));
            set_text(arena, row, "currency", currency);
            set_text(arena, row, "transactionId", arena_printf(arena, "tx-%04d", number));
        }
        set_text(arena, row, "createdAt", notifications[i].created_at);
        json_set(arena, row, "read", json_new_bool(arena, notifications[i].read));
        set_text(arena, row, "updatedAt", notifications[i].created_at);
        json_append(arena, rows, row);
    }
}

void seed_build(enum service service, enum seed_variant variant, struct arena *arena,
                struct seed *ret)
{
    *ret = (struct seed){json_new_array(arena), json_new_array(arena),
                         variant == SEED_CHANGED ? "2026-01-16T00:00:00Z" : SEED_WATERMARK};
    switch (service) {
    case SERVICE_USER:
        add_fixed(arena, ret->rows, users, LEN(users));
        break;
    case SERVICE_PRODUCT:
        add_fixed(arena, ret->rows, products, LEN(products));
        break;
    case SERVICE_TRANSACTION:
        add_transactions(arena, variant, ret);
        break;
    case SERVICE_NOTIFICATION:
        add_notifications(arena, ret->rows);
        break;
    case SERVICE_COUNT:
        break;
    }
}
