// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_CALL_H
#define TALLY_BROKER_CALL_H
/*
 * One request of the API and its answer, apart from sockets: a handler reads the call, works on
 * call->store and leaves status and body in it. Reading routes run on the loop, in a snapshot of
 * their own; writing routes run on the writer's thread (writer.h), inside a transaction, and
 * nothing is sent before its commit; a status of 400 and above takes back what was written. So a
 * handler touches the call, its store and its arena, and leaves the rest to call_after_commit().
 *
 * Handlers return 0 when they answered, whatever the status, and a negative err_code when they
 * could not (app.c turns that into 500, 503 or 507).
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"
#include "lib/base/vec.h"
#include "lib/wire/headers.h"
#include "lib/wire/url.h"

struct arena;
struct err;
struct json;
struct pacticipants;
struct server;
struct store;
struct page;
struct pacticipant;
struct version;
struct webhook_delivery;
struct webhook_policy;
struct retention_config;
struct selection_rules;

/* What a route can send: Accept is matched against it. */
enum offer {
    OFFER_HAL,
    OFFER_HAL_TEXT,
    OFFER_TEXT_HAL,
    OFFER_PACT,
    OFFER_PACT_PAGE,
    OFFER_INDEX,
    OFFER_TEXT,
    OFFER_CSV,
    OFFER_HAL_GRAPH,
    OFFER_SVG,
    OFFER_HTML,
    OFFER_ANY
};
/* What a route's body must be. */
enum accepts { ACCEPTS_NONE, ACCEPTS_JSON, ACCEPTS_MERGE, ACCEPTS_JSON_OR_MERGE };

struct call;
struct caller;
/* Work for the loop, see call_after_commit(). */
struct call_after {
    void (*fn)(void *arg);
    void *arg;
};
struct call_route {
    const char *method, *template;
    int (*run)(struct call *call, struct err *err);
    enum accepts accepts;
    enum offer offer;
    bool reads;     /* a POST that only asks: no transaction */
    int tag;        /* the handler's own use */
    unsigned roles; /* one of them is needed (roles.h); 0 = read for GET, else admin */
    bool kept;      /* base URL, path, type and data decide the answer: see answers.h */
};

struct call {
    struct store *store;
    struct arena *arena;
    const char *base; /* base URL without trailing slash; every link starts with it */
    struct str method, path, raw_query, body;
    const struct url_params *params; /* of the path, decoded */
    struct url_params query;
    const struct call_route *route;
    const struct caller *caller; /* who asks, see access.h */
    const char *subject; /* for the audit log, what this is about where the path does not say */
    const char *shields; /* badges are fetched from there; NULL = drawn here */
    bool modification_allowed; /* a version's contract may be published anew with other content */
    bool problem;              /* Accept names application/problem+json */
    bool page;                 /* Accept names text/html: what is missing is said in a page */
    int refused; /* 406 or 415, but a body or query that is wrong (400) is said first; 0 = fine */
    const char *type;           /* the offer that Accept chose: "text/html", ... */
    struct pacticipants *known; /* a few that this publication found or made; NULL = none yet */
    /* the answer */
    int status;
    const char *content_type;
    struct str reply;
    struct headers headers;
    /* webhooks */
    const struct webhook_policy *webhooks;
    const struct server *server; /* for its counts, on the loop only; NULL = none */
    const struct retention_config *retention;
    const struct selection_rules *selection; /* NULL = the defaults */
    size_t triggered; /* rows added to the queue: it is woken after the commit */
    /* Set by a handler whose answer has to wait for another's: webhook_test_done() gives it. */
    struct webhook_delivery *sending;
    struct {
        VEC_OF(struct call_after);
    } after;
};

#define CALL_HAL "application/hal+json;charset=utf-8"

/* A path parameter, NUL-terminated. */
const char *call_param(const struct call *call, const char *name);
/* A query parameter, NULL if absent or empty. */
const char *call_query(const struct call *call, const char *name);
/* The URL of this request, with its query. */
const char *call_self(const struct call *call);
/* The same without it: how most lists name themselves. */
const char *call_resource(const struct call *call);

/* Whether the route changes something. */
bool call_writes(const struct call_route *route);
/* Says what a writing call is about: "app 1.2, 2 contracts". Never a secret. */
void call_subject(struct call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- answers; all return 0 ---- */
int call_json(struct call *call, int status, const struct json *body);
int call_text(struct call *call, int status, const char *content_type, struct str body);
int call_empty(struct call *call, int status);
int call_error(struct call *call, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* What is missing without a name of its own: an address, a version, an environment, ... */
int call_not_found(struct call *call);
/* application/problem+json, whatever Accept says; `kind` is the last part of its type. */
int call_problem(struct call *call, int status, const char *title, const char *kind,
                 const char *detail);
/* 500 with the reference under which the reason is logged. */
int call_failure(struct call *call, const char *reference);
/* "No pacticipant with name 'X' found"; role "pacticipant", "consumer" or "provider". */
int call_no_pacticipant(struct call *call, const char *role, const char *name);
void call_location(struct call *call, const char *url);
/*
 * In a writing route: run fn(arg) on the loop once the rows of this call are on disk, before the
 * answer is sent; never if they did not get there. arg has to live until then (the call's arena
 * does).
 */
void call_after_commit(struct call *call, void (*fn)(void *arg), void *arg);

/* ---- validation ---- */
struct issue {
    const char *key; /* "consumer.name"; "" = the whole object; NULL = of a list without keys */
    const char *text;
};
struct issues {
    VEC_OF(struct issue);
};
void issues_add(struct call *call, struct issues *issues, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* 400 with {"errors":{key:[text,...]}}, or the problem+json form. */
int call_issues(struct call *call, const struct issues *issues);
int call_issues_as(struct call *call, int status, const struct issues *issues);

/* The body as a JSON object; NULL when it is not one, or repeats a key anywhere (which value counts
 * would be a guess), and the call has been answered with 400. An empty body is an empty object if
 * it may be. */
struct json *call_body(struct call *call, bool may_be_empty);
enum { CALL_DEPTH_MAX = 50 };
/* What the original's language calls a value: "Array", "NilClass". */
const char *call_class(const struct json *value);
/* That `what` breaks off at the byte `at`, counted in characters from 1, with the hundred before.
 */
const char *call_not_utf8(struct call *call, const char *what, struct str text, size_t at);

/* Text of a member; *issues gets "is missing", "must be filled", "must be a string", "cannot be
 * blank", "cannot contain multiple lines". NULL for none or null. */
enum { TEXT_REQUIRED = 1, TEXT_LINE = 2, TEXT_NO_BLANK = 4, TEXT_NO_SPACES = 8 };
const char *call_text_member(struct call *call, const struct json *object, const char *key,
                             unsigned rules, struct issues *issues);

/* ---- finding what the path names ---- */
/* 1 found; 0 = answered with 404; or a negative err_code. */
int call_pacticipant(struct call *call, const char *param, const char *role,
                     struct pacticipant *ret, struct err *err);
int call_version(struct call *call, struct pacticipant *ret_pacticipant, struct version *ret,
                 struct err *err);
/* page and size from the query: false = answered with 400. page->size 0 when neither is given. */
bool call_page(struct call *call, struct page *page);
/* "page" first, and next and previous in links. */
void call_page_members(struct call *call, const struct page *page, struct json *body,
                       struct json *links);
/* "2026-11-20T17:59:49+00:00" from the stored form. */
const char *call_time(struct call *call, const char *stored);
/* updatedAt (only if it differs) and createdAt. */
void call_times(struct call *call, struct json *body, const char *created, const char *updated);
/* Sets key unless the text is NULL. */
void call_set(struct call *call, struct json *object, const char *key, const char *text);

#endif
