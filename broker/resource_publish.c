// SPDX-License-Identifier: Apache-2.0
/* POST /contracts/publish: all contracts of one consumer version, in one transaction. */
#include "broker/routes.h"

#include <stdarg.h>
#include <stdio.h>

#include "broker/links.h"
#include "broker/publish.h"
#include "broker/tagging.h"
#include "broker/webhook_trigger.h"
#include "broker/webhook_view.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

enum { CONTRACTS_MAX = 1000, TAGS_MAX = 1000, NOTICE_MAX = 64 * 1024 };

struct publishing {
    struct call *call;
    const char *name, *number, *branch, *build_url;
    struct {
        VEC_OF(const char *);
    } tags;
    struct contract *contracts;
    size_t n;
    struct json *notices, *logs, *refusals;
    struct issues issues;
};

/* ---- reading the request ---- */

static void contract_issue(struct publishing *p, size_t i, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void contract_issue(struct publishing *p, size_t i, const char *fmt, ...)
{
    char text[2048];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    issues_add(p->call, &p->issues, "contracts", "%s (at index %zu)", text, i);
}

static const char *contract_text(struct publishing *p, const struct json *item, size_t i,
                                 const char *key)
{
    struct issues own = {0};
    const char *text = call_text_member(p->call, item, key, TEXT_REQUIRED | TEXT_NO_BLANK, &own);
    VEC_EACH(&own, const struct issue *, issue)
        contract_issue(p, i, "%s %s", key, issue->text);
    return own.len == 0 ? text : NULL;
}

static void check_content_name(struct publishing *p, size_t i, const struct json *pact,
                               const char *role, const char *param, const char *expected)
{
    struct str name = json_get_text(json_get(pact, role), "name");
    if (name.ptr && expected && !str_is(name, expected))
        contract_issue(p, i,
                       "%s name in contract content ('%.*s') must match %s in contract params "
                       "('%s')",
                       role, STR_FMT(name), param, expected);
}

static void read_content(struct publishing *p, const char *encoded, size_t i)
{
    struct contract *contract = &p->contracts[i];
    struct str content;
    size_t bad = 0;
    struct json *pact = NULL;
    struct str key = STR_NONE;
    if (!encoded)
        return;
    if (!hash_unbase64(p->call->arena, str_of(encoded), &content)) {
        contract_issue(p, i, "content is not valid Base64");
    } else if (!str_is_utf8(content, &bad)) {
        contract_issue(p, i, "%s", call_not_utf8(p->call, "content", content, bad));
    } else if (json_parse(content, NULL, p->call->arena, &pact, NULL) < 0 ||
               json_depth(pact) > CALL_DEPTH_MAX) {
        contract_issue(p, i, "content could not be parsed as application/json");
    } else if (!json_is(pact, JSON_OBJECT)) {
        contract_issue(p, i, "parsed content was expected to be a Hash but was a %s",
                       call_class(pact));
    } else if (json_first_repeated(pact, &key)) {
        contract_issue(p, i, "content repeats the key '%.*s' in one object", STR_FMT(key));
    } else {
        check_content_name(p, i, pact, "consumer", "consumerName", contract->consumer);
        check_content_name(p, i, pact, "provider", "providerName", contract->provider);
        contract->pact = pact;
    }
}

static void check_choice(struct publishing *p, const struct json *item, size_t i, const char *key,
                         const char *first, const char *second)
{
    const struct json *value = json_get(item, key);
    struct str text = json_is(value, JSON_STRING) ? json_text(value) : STR_NONE;
    if (!text.ptr || (!str_is(text, first) && !(second && str_is(text, second))))
        contract_issue(p, i, "%s must be one of: %s%s%s", key, first, second ? ", " : "",
                       second ? second : "");
}

static void read_contract(struct publishing *p, const struct json *item, size_t i)
{
    struct contract *contract = &p->contracts[i];
    if (!json_is(item, JSON_OBJECT)) {
        contract_issue(p, i, "must be a hash");
        return;
    }
    contract->consumer = contract_text(p, item, i, "consumerName");
    contract->provider = contract_text(p, item, i, "providerName");
    const char *content = contract_text(p, item, i, "content");
    if (contract_text(p, item, i, "contentType"))
        check_choice(p, item, i, "contentType", "application/json", NULL);
    if (contract_text(p, item, i, "specification"))
        check_choice(p, item, i, "specification", "pact", NULL);
    if (json_get(item, "onConflict"))
        check_choice(p, item, i, "onConflict", "overwrite", "merge");
    contract->merge = str_is(json_get_text(item, "onConflict"), "merge");
    if (contract->consumer && p->name && strcmp(contract->consumer, p->name) != 0)
        contract_issue(p, i, "consumerName ('%s') must match pacticipantName ('%s')",
                       contract->consumer, p->name);
    read_content(p, content, i);
}

static void read_tags(struct publishing *p, const struct json *body)
{
    const struct json *tags = json_get(body, "tags");
    if (!tags || json_type(tags) == JSON_NULL)
        return;
    if (!json_is(tags, JSON_ARRAY)) {
        issues_add(p->call, &p->issues, "tags", "must be an array");
        return;
    }
    if (json_len(tags) > TAGS_MAX) {
        issues_add(p->call, &p->issues, "tags", "size cannot be greater than %d", TAGS_MAX);
        return;
    }
    for (size_t i = 0; i < json_len(tags); i++) {
        struct str tag = json_text(json_at(tags, i));
        if (!json_is(json_at(tags, i), JSON_STRING))
            issues_add(p->call, &p->issues, "tags", "must be a string (at index %zu)", i);
        else if (str_trim(tag).len == 0)
            issues_add(p->call, &p->issues, "tags", "cannot be blank (at index %zu)", i);
        else if (str_chr(tag, '\n') >= 0)
            issues_add(p->call, &p->issues, "tags", "cannot contain multiple lines (at index %zu)",
                       i);
        else if (str_chr(tag, '\0') >= 0)
            issues_add(p->call, &p->issues, "tags", "is in invalid format (at index %zu)", i);
        else
            *VEC_PUSH(p->call->arena, &p->tags) = str_cstr(p->call->arena, tag);
    }
}

static void read_request(struct publishing *p, const struct json *body)
{
    struct call *call = p->call;
    unsigned needed = TEXT_REQUIRED | TEXT_NO_BLANK, line = TEXT_NO_BLANK | TEXT_LINE;
    p->name = call_text_member(call, body, "pacticipantName", needed, &p->issues);
    p->number =
        call_text_member(call, body, "pacticipantVersionNumber", needed | TEXT_LINE, &p->issues);
    read_tags(p, body);
    p->branch = call_text_member(call, body, "branch", line, &p->issues);
    p->build_url = call_text_member(call, body, "buildUrl", TEXT_LINE, &p->issues);
    const struct json *contracts = json_get(body, "contracts");
    if (!contracts)
        issues_add(call, &p->issues, "contracts", "is missing");
    else if (!json_is(contracts, JSON_ARRAY))
        issues_add(call, &p->issues, "contracts", "must be an array");
    else if (json_len(contracts) == 0)
        issues_add(call, &p->issues, "contracts", "size cannot be less than 1");
    else if (json_len(contracts) > CONTRACTS_MAX)
        issues_add(call, &p->issues, "contracts", "size cannot be greater than %d", CONTRACTS_MAX);
    else
        p->n = json_len(contracts);
    p->contracts = ARENA_ARRAY(call->arena, struct contract, p->n);
    for (size_t i = 0; i < p->n; i++)
        read_contract(p, json_at(contracts, i), i);
}

/* ---- notices ---- */

static void notice(struct publishing *p, const char *type, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void notice(struct publishing *p, const char *type, const char *fmt, ...)
{
    struct call *call = p->call;
    va_list args;
    va_start(args, fmt);
    const char *text = arena_vprintf(call->arena, fmt, args);
    va_end(args);
    struct json *item = json_new_object(call->arena), *log = json_new_object(call->arena);
    call_set(call, item, "type", type);
    call_set(call, item, "text", text);
    json_append(call->arena, p->notices, item);
    call_set(call, log, "level", type);
    call_set(call, log, "message", text);
    call_set(call, log, "deprecationWarning", "Replaced by notices");
    json_append(call->arena, p->logs, log);
}

static const char *join(struct call *call, const char *const *items, size_t n)
{
    struct buf out BUF_AUTO = BUF_INIT(NOTICE_MAX);
    for (size_t i = 0; i < n; i++)
        buf_printf(&out, "%s%s", i ? ", " : "", items[i]);
    return arena_strdup(call->arena, buf_view(&out).ptr);
}

static void version_notice(struct publishing *p, bool created)
{
    struct buf text BUF_AUTO = BUF_INIT(NOTICE_MAX);
    buf_printf(&text, "%s %s version %s", created ? "Created" : "Updated", p->name, p->number);
    if (p->branch)
        buf_printf(&text, " with branch %s", p->branch);
    if (p->tags.len > 0)
        buf_printf(&text, " %s tags %s", p->branch ? "and" : "with",
                   join(p->call, p->tags.items, p->tags.len));
    notice(p, "debug", "%s", buf_view(&text).ptr);
    if (!p->branch)
        notice(p, "prompt",
               "  Next steps:\n    Configure the version branch to be the value of your "
               "repository branch.");
}

/* The events of a contract, in the notice's words, and what they trigger. */
static int events_notice(struct publishing *p, const struct contract *contract,
                         const struct version *version, struct triggereds *ret, bool *ret_any,
                         struct err *err)
{
    struct publication row = {0};
    struct contract_events events = {0};
    int code = store_pact_ids(p->call->store, version, contract->provider_id, &row, err);
    if (code >= 0)
        code = webhook_contract_detect(p->call, contract, version, &row, &events, err);
    if (code < 0)
        return code;
    const struct reasons *changed = &events.changed, *same = &events.same;
    const char *plural = same->len > 1 ? "s" : "", *unchanged = "";
    if (changed->len == 0 && same->len > 0)
        unchanged = arena_printf(p->call->arena,
                                 " (pact content is the same as previous version%s with tag%s %s "
                                 "and no new tags were applied)",
                                 plural, plural, join(p->call, same->items, same->len));
    else if (changed->len == 0)
        unchanged = " (pact content is the same as previous untagged version)";
    const char *why = join(p->call, changed->items, changed->len);
    notice(p, "debug", "  Events detected: contract_published%s%s%s%s%s", unchanged,
           events.requires_verification ? ", contract_requiring_verification_published" : "",
           *why ? ", contract_content_changed (" : "", why, *why ? ")" : "");
    *ret_any = events.any_webhook;
    return webhook_contract_events(p->call, &row, &events, ret, err);
}

/* What the events triggered. */
static int webhook_notices(struct publishing *p, const struct triggereds *triggered, bool any,
                           struct err *err)
{
    struct call *call = p->call;
    VEC_EACH(triggered, const struct triggered *, row) {
        struct webhook webhook = {0};
        int code = store_webhook_by_id(call->store, row->webhook_id, call->arena, &webhook, err);
        if (code < 0)
            return code;
        const char *quote = webhook.description ? "\"" : "";
        notice(p, "debug", "  Webhook %s%s%s triggered for event %s.\n    View logs at %s", quote,
               webhook.description ? webhook.description : row->webhook_uuid, quote,
               webhook_event_name(row->event), webhook_logs_url(call, row));
    }
    if (any && triggered->len == 0)
        notice(p, "debug", "  No enabled webhooks found for the detected events");
    return 0;
}

static void saved_notice(struct publishing *p, const struct contract *contract)
{
    static const struct {
        const char *type, *before, *after;
    } texts[] = {
        [PACT_CREATED] = {"success", "Pact successfully published", "."},
        [PACT_SAME] = {"success", "Pact successfully republished", " with no content changes."},
        [PACT_CHANGED] = {"warning", "Pact with changed content published over existing content",
                          ". This is not recommended in normal circumstances and may indicate that "
                          "you have not configured your Pact pipeline correctly. For more "
                          "information see https://docs.pact.io/go/versioning"},
        [PACT_CHANGED + 1] = {"success", "Pact content merged with existing content", "."},
    };
    int which = contract->saved + (contract->saved == PACT_CHANGED && contract->merge);
    notice(p, texts[which].type, "%s for %s version %s and provider %s%s", texts[which].before,
           p->name, p->number, contract->provider, texts[which].after);
}

static int contract_notices(struct publishing *p, const struct contract *contract,
                            const struct version *version, struct err *err)
{
    struct call *call = p->call;
    struct triggereds triggered = {0};
    bool any = false;
    saved_notice(p, contract);
    notice(p, "debug", "  View the published pact at %s",
           link_to(call, "/pacts/provider/{}/consumer/{}/version/{}", contract->provider, p->name,
                   p->number));
    int code = events_notice(p, contract, version, &triggered, &any, err);
    if (code == 0)
        code = webhook_notices(p, &triggered, any, err);
    int verified = code < 0 ? code
                            : store_verification_any(call->store, version->pacticipant_id,
                                                     contract->provider_id, err);
    if (verified < 0)
        return verified;
    if (verified == 0 || !any)
        notice(p, "prompt", "  Next steps:");
    if (verified == 0)
        notice(p, "prompt",
               "    * Add Pact verification tests to the %s build. See "
               "https://docs.pact.io/go/provider_verification",
               contract->provider);
    if (!any)
        notice(p, "prompt",
               "    * Configure separate %s pact verification build and webhook to trigger it when "
               "the pact content changes. See https://docs.pact.io/go/webhooks",
               contract->provider);
    return 0;
}

/* ---- refusing ---- */

static void refuse(struct publishing *p, const char *text)
{
    notice(p, "error", "%s", text);
    json_append(p->call->arena, p->refusals, json_new_text(p->call->arena, text));
}

static int answer_refusals(struct publishing *p)
{
    struct call *call = p->call;
    struct json *body = json_new_object(call->arena), *errors = json_new_object(call->arena);
    json_set(call->arena, errors, "contracts", p->refusals);
    json_set(call->arena, body, "notices", p->notices);
    json_set(call->arena, body, "errors", errors);
    call_json(call, 409, body);
    call->content_type = "application/json"; /* without charset, as the original */
    return 0;
}

/* Against what is stored: merged into it where that may be, or else it has to be the same. */
static int check_stored(struct publishing *p, struct contract *contract, struct err *err)
{
    struct call *call = p->call;
    const char *refusal = NULL, *difference = "";
    int code = 1;
    if (contract->merge && call->modification_allowed)
        code = publish_merge(call, contract, p->number, err);
    if (code < 0)
        return code;
    if (code == 0)
        refuse(p, arena_printf(call->arena,
                               "Cannot merge the pact for %s version %s and provider %s into the "
                               "one that is published: they give one interaction two requests",
                               p->name, p->number, contract->provider));
    publish_prepare(call, contract);
    code = publish_check_conflict(call, contract, p->number, &refusal, err);
    if (code < 0 || !refusal)
        return code;
    refuse(p, refusal);
    code = publish_difference(call, contract, p->number, &difference, err);
    if (code == 0)
        notice(p, "info", "%s", difference);
    return code;
}

/* Refusals when a contract contradicts what is stored or another one of the request. */
static int check(struct publishing *p, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < p->n && code == 0; i++) {
        struct contract *contract = &p->contracts[i];
        code = check_stored(p, contract, err);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(p->contracts[j].provider, contract->provider) == 0 &&
                strcmp(p->contracts[j].sha, contract->sha) != 0)
                refuse(p, arena_printf(p->call->arena,
                                       "Cannot publish two different contracts for %s version %s "
                                       "and provider %s in one request",
                                       p->name, p->number, contract->provider));
        }
    }
    struct reasons similar = {0};
    if (code == 0)
        code = publish_check_names(p->call, p->contracts, p->n, &similar, err);
    VEC_EACH(&similar, const char *const *, text)
        refuse(p, *text);
    return code;
}

/* ---- effects and answer ---- */

/* 1 = saved, 0 = answered. */
static int save(struct publishing *p, struct version *ret, struct err *err)
{
    struct call *call = p->call;
    bool created = false;
    int code = publish_version(call, p->name, p->number, ret, &created, err);
    if (code == 0 && p->branch)
        code = store_branch_add(call->store, ret, p->branch, call->arena, NULL, err);
    if (code == 0 && p->build_url) {
        code = store_version_set_build_url(call->store, ret->id, p->build_url, call->arena, err);
        ret->build_url = p->build_url;
    }
    for (size_t i = 0; i < p->tags.len && code >= 0; i++) {
        code = tagging_add(call, ret, p->tags.items[i], NULL, err);
        if (code == 0)
            return 0;
    }
    if (code < 0)
        return code;
    version_notice(p, created);
    for (size_t i = 0; i < p->n && code >= 0; i++) {
        code = publish_save(call, &p->contracts[i], ret, err);
        if (code == 0)
            code = contract_notices(p, &p->contracts[i], ret, err);
    }
    return code < 0 ? code : 1;
}

static int answer(struct publishing *p, const struct version *version)
{
    struct call *call = p->call;
    struct arena *arena = call->arena;
    struct json *body = json_new_object(arena), *embedded = json_new_object(arena),
                *links = json_new_object(arena), *contracts = json_new_array(arena),
                *tags = json_new_array(arena);
    const char *pacticipant = link_pacticipant(call, p->name),
               *version_url = link_version(call, p->name, p->number);
    struct json *own = link_named_object(call, "number", p->number, version_url);
    if (version->build_url) {
        struct json *own_links = json_get(own, "_links");
        json_remove(own, "_links"); /* comes last */
        call_set(call, own, "buildUrl", version->build_url);
        json_set(arena, own, "_links", own_links);
    }
    json_set(arena, body, "logs", p->logs);
    json_set(arena, body, "notices", p->notices);
    json_set(arena, embedded, "pacticipant", link_named_object(call, "name", p->name, pacticipant));
    json_set(arena, embedded, "version", own);
    json_set(arena, body, "_embedded", embedded);
    json_set(arena, links, "pb:pacticipant",
             link_make(call, "tnh", "Pacticipant", p->name, pacticipant));
    json_set(arena, links, "pb:pacticipant-version",
             link_make(call, "tnh", "Pacticipant version", p->number, version_url));
    for (size_t i = 0; i < p->tags.len; i++)
        json_append(arena, tags,
                    link_make(call, "tnh", "Tag", p->tags.items[i],
                              link_to(call, "/pacticipants/{}/versions/{}/tags/{}", p->name,
                                      p->number, p->tags.items[i])));
    json_set(arena, links, "pb:pacticipant-version-tags", tags);
    for (size_t i = 0; i < p->n; i++) {
        struct publication pact = {
            .consumer = p->name, .provider = p->contracts[i].provider, .number = p->number};
        json_append(
            arena, contracts,
            link_make(call, "tnh", "Pact", link_pact_name(call, &pact), link_pact(call, &pact)));
    }
    json_set(arena, links, "pb:contracts", contracts);
    json_set(arena, body, "_links", links);
    return call_json(call, 200, body);
}

int contracts_publish(struct call *call, struct err *err)
{
    struct publishing p = {.call = call,
                           .notices = json_new_array(call->arena),
                           .logs = json_new_array(call->arena),
                           .refusals = json_new_array(call->arena)};
    struct json *body = call_body(call, false);
    if (!body)
        return 0;
    read_request(&p, body);
    if (p.issues.len > 0)
        return call_issues(call, &p.issues);
    call_subject(call, "%s %s, %zu contract%s", p.name, p.number, p.n, p.n == 1 ? "" : "s");
    int code = check(&p, err);
    if (code < 0)
        return code;
    if (json_len(p.refusals) > 0)
        return answer_refusals(&p);
    struct version version = {0};
    code = save(&p, &version, err);
    return code <= 0 ? code : answer(&p, &version);
}
