// SPDX-License-Identifier: Apache-2.0
/*
 * Push payloads carry a notification id and nothing else. What is allowed stands in lists; all else
 * is a fault. Source: adr-checks, INT-005-PUSH; FCM v1 messages; APNs payload keys.
 */
#include "lib/adr/adr.h"

#include "lib/adr/adr_parts.h"
#include "lib/base/arena.h"
#include "lib/base/re.h"

static const char RULE[] = "INT-005-PUSH";
enum { PAYLOAD_MAX = 4096, SHOWN = 5 };

struct push {
    struct arena *arena;
    struct json *faults; /* array of {pointer, problem, value?} */
    struct str id;       /* the notification id found */
    bool unsure;         /* a pattern could not be tried */
    const char *shape;
};

static struct str below(struct push *push, struct str pointer, struct str key)
{
    struct str text = str_printf(push->arena, "%.*s/", STR_FMT(pointer));
    for (size_t i = 0; i < key.len; i++) { /* RFC 6901 §3 */
        const char *part = key.ptr[i] == '~' ? "~0" : key.ptr[i] == '/' ? "~1" : NULL;
        text = part ? str_printf(push->arena, "%.*s%s", STR_FMT(text), part)
                    : str_printf(push->arena, "%.*s%c", STR_FMT(text), key.ptr[i]);
    }
    return text;
}

/* Reports must not repeat what a push should not have carried. */
static struct str redact(struct push *push, const struct json *value)
{
    struct str text = json_text(value);
    if (!text.ptr)
        return STR_NONE;
    return str_printf(push->arena, "(%zu characters)", text.len);
}

static void fault(struct push *push, struct str pointer, const char *problem,
                  const struct json *value)
{
    struct json *entry = json_new_object(push->arena);
    struct str shown = redact(push, value);
    json_set(push->arena, entry, "pointer", json_new_str(push->arena, pointer));
    json_set(push->arena, entry, "problem", json_new_text(push->arena, problem));
    if (shown.ptr)
        json_set(push->arena, entry, "value", json_new_str(push->arena, shown));
    json_append(push->arena, push->faults, entry);
}

/* ---- values that are personal, wherever they stand ---- */

static bool luhn(const char *digits, size_t n)
{
    int sum = 0;
    for (size_t i = 0; i < n; i++) {
        int digit = digits[n - 1 - i] - '0';
        if (i % 2 == 1)
            digit = digit > 4 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

/* A card number: 13 to 19 digits, grouped or not (ISO/IEC 7812). */
static bool is_card(struct str text)
{
    char digits[20];
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ' ' || c == '-')
            continue;
        if (c < '0' || c > '9' || n >= 19)
            return false;
        digits[n++] = c;
    }
    return n >= 13 && luhn(digits, n);
}

/* An IBAN: mod 97 of the rearranged digits is 1 (ISO 13616). */
static bool is_iban(struct str text)
{
    char plain[35];
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ' ')
            continue;
        bool letter = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';
        if ((!letter && !digit) || n >= 34 || (n < 2 && !letter) || (n >= 2 && n < 4 && !digit))
            return false;
        plain[n++] = c;
    }
    if (n < 15)
        return false;
    int rest = 0;
    for (size_t i = 0; i < n; i++) {
        char c = plain[(i + 4) % n];
        rest = c >= 'A' ? (rest * 100 + c - 'A' + 10) % 97 : (rest * 10 + c - '0') % 97;
    }
    return rest == 1;
}

static const struct pattern {
    const char *what;
    const char *pattern;            /* found anywhere in the text */
    bool (*check)(struct str text); /* of the match; NULL = the match is enough */
} patterns[] = {
    {"an e-mail address", "[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+", NULL},
    {"a phone number", "(?<![\\w.])\\+[1-9]\\d(?:[ ()-]?\\d){6,13}(?!\\d)", NULL},
    {"an IBAN", "\\b[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\\b", is_iban},
    {"a card number", "(?<![\\w-])\\d(?:[ -]?\\d){12,18}(?![\\w-])", is_card},
    {"an amount of money",
     "(?:\\b(?:EUR|USD|GBP|CHF|PLN|SEK|NOK|DKK|JPY|CZK|HUF)|[€$£¥]) ?-?\\d+(?:[.,]\\d+)*|"
     "\\d+(?:[.,]\\d+)* ?(?:(?:EUR|USD|GBP|CHF|PLN|SEK|NOK|DKK|JPY|CZK|HUF)\\b|[€$£¥])",
     NULL},
};

/* What kind of personal data a text holds; NULL = none seen. */
static const char *personal(struct push *push, struct str text)
{
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        const struct re *re;
        struct str found = STR_NONE;
        if (re_get(str_of(patterns[i].pattern), 0, &re, NULL) < 0) {
            push->unsure = true;
            continue;
        }
        int matched = re_match(re, text, &found, 1, NULL);
        if (matched < 0)
            push->unsure = true;
        if (matched == 1 && (!patterns[i].check || patterns[i].check(found)))
            return patterns[i].what;
    }
    return NULL;
}

static void scan(struct push *push, struct str pointer, const struct json *value)
{
    if (json_is(value, JSON_STRING)) {
        const char *what = personal(push, json_text(value));
        if (what)
            fault(push, pointer, what, value);
        return;
    }
    for (size_t i = 0; i < json_len(value); i++) {
        struct str key =
            json_is(value, JSON_OBJECT) ? json_key(value, i) : str_printf(push->arena, "%zu", i);
        scan(push, below(push, pointer, key), json_at(value, i));
    }
}

/* ---- what may stand where ---- */

static bool listed(struct str key, const char *const *list)
{
    for (; *list; list++) {
        if (str_is(key, *list))
            return true;
    }
    return false;
}

/* Fault every member that is not listed. */
static void listed_only(struct push *push, struct str pointer, const struct json *object,
                        const char *const *list)
{
    if (!json_is(object, JSON_OBJECT))
        fault(push, pointer, "is no object", object);
    for (size_t i = 0; json_is(object, JSON_OBJECT) && i < json_len(object); i++) {
        struct str key = json_key(object, i);
        if (!listed(key, list))
            fault(push, below(push, pointer, key), "does not belong there", json_at(object, i));
    }
}

/* The same, and scan the values of those that are listed. */
static void only(struct push *push, struct str pointer, const struct json *object,
                 const char *const *list)
{
    listed_only(push, pointer, object, list);
    for (size_t i = 0; json_is(object, JSON_OBJECT) && i < json_len(object); i++) {
        struct str key = json_key(object, i);
        if (listed(key, list))
            scan(push, below(push, pointer, key), json_at(object, i));
    }
}

static void take_id(struct push *push, struct str pointer, const struct json *object)
{
    const struct json *id = json_get(object, "notification_id");
    if (!id)
        fault(push, pointer, "lacks notification_id", NULL);
    else if (!json_is(id, JSON_STRING) || json_text(id).len == 0)
        fault(push, below(push, pointer, STR("notification_id")), "is no text", id);
    else
        push->id = json_text(id);
}

static void check_aps(struct push *push, struct str pointer, const struct json *payload,
                      bool needs_id)
{
    static const char *const aps[] = {"content-available", "mutable-content", "category",
                                      "thread-id", NULL};
    static const char *const custom[] = {"aps", "notification_id", NULL};
    listed_only(push, pointer, payload, custom);
    if (json_get(payload, "aps"))
        only(push, below(push, pointer, STR("aps")), json_get(payload, "aps"), aps);
    if (needs_id || json_get(payload, "notification_id")) {
        take_id(push, pointer, payload);
        scan(push, below(push, pointer, STR("notification_id")),
             json_get(payload, "notification_id"));
    }
}

static void check_fcm(struct push *push, const struct json *payload)
{
    static const char *const top[] = {"message", "validate_only", NULL};
    static const char *const data[] = {"notification_id", NULL};
    static const char *const android[] = {"priority", "ttl", "collapse_key", NULL};
    static const char *const apns[] = {"headers", "payload", NULL};
    static const char *const options[] = {"analytics_label", NULL};
    static const char *const headers[] = {
        "apns-priority",    "apns-push-type", "apns-topic", "apns-expiration",
        "apns-collapse-id", "apns-id",        NULL};
    static const char *const target[] = {"topic", "condition", "name", NULL};
    listed_only(push, STR(""), payload, top);
    const struct json *message = json_get(payload, "message");
    for (size_t i = 0; i < json_len(message); i++) {
        struct str key = json_key(message, i), at = below(push, STR("/message"), key);
        const struct json *value = json_at(message, i);
        if (str_is(key, "data")) {
            only(push, at, value, data);
        } else if (str_is(key, "android")) {
            only(push, at, value, android);
        } else if (str_is(key, "fcm_options")) {
            only(push, at, value, options);
        } else if (str_is(key, "apns")) {
            listed_only(push, at, value, apns);
            if (json_get(value, "headers"))
                only(push, below(push, at, STR("headers")), json_get(value, "headers"), headers);
            if (json_get(value, "payload"))
                check_aps(push, below(push, at, STR("payload")), json_get(value, "payload"), false);
        } else if (listed(key, target)) {
            scan(push, at, value);
        } else if (!str_is(key, "token")) { /* a device token is random: nothing to scan */
            fault(push, at, "does not belong there", value);
        }
    }
    take_id(push, STR("/message/data"), json_get(message, "data"));
}

static void check_bare(struct push *push, const struct json *payload)
{
    static const char *const bare[] = {"notification_id", NULL};
    only(push, STR(""), payload, bare);
    if (json_is(payload, JSON_OBJECT))
        take_id(push, STR(""), payload);
}

/* ---- verdict ---- */

static struct str summary(struct push *push)
{
    struct str all = STR("");
    size_t n = json_len(push->faults);
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        const struct json *entry = json_at(push->faults, i);
        struct str pointer = json_get_text(entry, "pointer");
        all = str_printf(push->arena, "%.*s%s%.*s %.*s", STR_FMT(all), i ? "; " : "",
                         STR_FMT(pointer.len > 0 ? pointer : STR("the payload")),
                         STR_FMT(json_get_text(entry, "problem")));
    }
    return n > SHOWN ? str_printf(push->arena, "%.*s; and %zu more", STR_FMT(all), n - SHOWN) : all;
}

static bool is_number(struct str id)
{
    int64_t number;
    return str_to_i64(id, 0, INT64_MAX, &number);
}

void adr_check_push(const struct json *payload, enum adr_tier tier, struct str subject,
                    struct arena *arena, struct adr_findings *findings)
{
    struct push push = {.arena = arena, .faults = json_new_array(arena)};
    size_t size = payload ? json_to_str(arena, payload, JSON_COMPACT).len : 0;
    if (json_is(json_get(payload, "message"), JSON_OBJECT)) {
        push.shape = "FCM v1 message";
        check_fcm(&push, payload);
    } else if (json_get(payload, "aps")) {
        push.shape = "APNs payload";
        check_aps(&push, STR(""), payload, true);
    } else {
        push.shape = "bare payload";
        check_bare(&push, payload);
    }
    if (size > PAYLOAD_MAX)
        fault(&push, STR(""), "is longer than 4096 bytes", NULL);
    struct adr_finding *finding;
    if (json_len(push.faults) > 0)
        finding = adr_add(arena, findings, RULE, ADR_FAIL, tier, subject,
                          "the push must name a notification and nothing else: %.*s",
                          STR_FMT(summary(&push)));
    else if (push.unsure)
        finding = adr_add(arena, findings, RULE, ADR_INCONCLUSIVE, tier, subject,
                          "a pattern for personal data could not be tried on the payload");
    else if (is_number(push.id))
        finding = adr_add(arena, findings, RULE, ADR_WARN, tier, subject,
                          "the notification id is a plain number: others can be guessed");
    else
        finding = adr_add(arena, findings, RULE, ADR_PASS, tier, subject,
                          "the %s carries notification_id and nothing else", push.shape);
    struct json *evidence = adr_evidence(arena, finding);
    json_set(arena, evidence, "shape", json_new_text(arena, push.shape));
    json_set(arena, evidence, "bytes", json_new_int(arena, (int64_t)size));
    if (json_len(push.faults) > 0)
        json_set(arena, evidence, "faults", push.faults);
}
