// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_VERIFIER_PROBE_PARTS_H
#define TALLY_VERIFIER_PROBE_PARTS_H
/*
 * What the files of `tally probe` share: probe.c (command and order of work), probe_call.c (calls
 * to the provider and the evidence of them), probe_describe.c (API descriptions), probe_walk.c
 * (pages), probe_graphql.c (connections), probe_push.c (what a push carries), probe_report.c.
 *
 * A probe collects findings; only an unreachable provider and our own mistakes are errors.
 */
#include "lib/adr/adr.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/http/client.h"
#include "lib/wire/url.h"

struct arena;
struct gql_document;

#define PROBE_PUSH_TRIGGER "/_tally/push"
#define PROBE_NONE         "none" /* switches off --openapi, --sdl, --graphql, --push-trigger */

struct probe_config {
    const char *base_url;                /* http(s)://..., no slash at the end */
    const char *openapi, *sdl, *graphql; /* path, URL or PROBE_NONE */
    const char *push_trigger;            /* the same */
    int64_t push_port;                   /* 0 = any */
    int64_t push_timeout_ms, max_pages, page_size;
    int64_t push_quiet_ms;         /* after the first push: more of them may follow */
    struct headers headers;        /* sent to the provider, nowhere else */
    struct url_params path_values; /* for {name} in a collection's path */
};

struct probe {
    struct probe_config config;
    struct arena *arena;
    struct client *client;
    struct str observed_at; /* RFC 3339, when the probe began */
    struct adr_findings findings;
    struct {
        VEC_OF(struct str);
    } notes;          /* what was not looked at, and why */
    size_t answers;   /* HTTP answers received from the provider */
    struct err first; /* the first call that got none */
};

/*
 * Look at everything that the config names. Findings are sorted afterwards. The config's strings
 * are borrowed. Errors: ERR_NET, ERR_TIMEOUT the provider cannot be reached, or answered nothing in
 * HTTP; ERR_IO the port for pushes is taken; then nothing may be published.
 */
int probe_run(struct probe *probe, const struct probe_config *config, const struct clock *clock,
              struct arena *arena, struct err *err);
void probe_release(struct probe *probe);
/* EXIT_NO: some rule is broken; EXIT_UNDECIDED: a required rule could not be judged; EXIT_YES. */
enum exit_code probe_answer(const struct probe *probe);

/* ---- probe_call.c ---- */

/* How a call to the provider went; `problem` is one line that says why there is no good answer. */
struct probe_reply {
    struct client_response response;
    struct str url;     /* as shown: without secrets */
    struct str problem; /* absent: answered with 2xx */
    bool missing;       /* 404 or 410 */
};
/*
 * Call the provider; body NULL = GET. --header fields go along when the URL is the provider's own.
 * Returns 0 for what is a finding (refused, broken off, not found). Errors: ERR_NET, ERR_TIMEOUT
 * no connection.
 */
int probe_call(struct probe *probe, const char *url, const struct json *body,
               struct probe_reply *ret, struct err *err);
/* A path of the provider becomes a URL; a URL stays one. */
const char *probe_url(const struct probe *probe, const char *path_or_url);
bool probe_is_off(const char *option);
/* Whether the URL has scheme, host and port of the provider's. */
bool probe_is_own(const struct probe *probe, const char *url);
/* Fields for a request to `url`; values in the probe's arena. */
struct headers probe_headers(const struct probe *probe, const char *url);

/* ---- findings and their evidence ---- */

/* Text is one sentence; next says what to do (NULL: nothing). */
struct adr_finding *probe_add(struct probe *probe, const char *rule, enum adr_verdict verdict,
                              enum adr_tier tier, struct str subject, struct str text,
                              const char *next);
/* The finding's evidence object, made on first use. */
struct json *probe_evidence(struct probe *probe, struct adr_finding *finding);
void probe_evidence_text(struct probe *probe, struct adr_finding *finding, const char *key,
                         struct str value);
/* Give findings [from, end) the URL asked, how to see it again, and an excerpt of the answer. */
void probe_evidence_call(struct probe *probe, size_t from, const struct probe_reply *reply);
void probe_note(struct probe *probe, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A JSON text cut to `max` bytes with values that look like secrets masked; others just cut. */
struct str probe_excerpt(struct probe *probe, struct str body, size_t max);
/* A page of rows: every text and number but ids becomes its kind, for rows are about people. */
struct str probe_rows_excerpt(struct probe *probe, const struct json *body, size_t max);
/* The same for a push: every text but the notification id becomes its length. */
struct str probe_push_excerpt(struct probe *probe, const struct json *payload, size_t max);
bool probe_is_secret_name(struct str name);
/* Query values of secret names and credentials masked. */
struct str probe_shown_url(struct probe *probe, struct str url);
/* 'it''s' for a shell. */
struct str probe_quote(struct probe *probe, struct str text);
/* `curl -s ... URL`. */
struct str probe_curl(struct probe *probe, struct str url);
/* `tally probe --provider-base-url ... <more> --no-publish`. */
struct str probe_again(struct probe *probe, const char *more);

/* ---- the parts, in their order ---- */
int probe_openapi(struct probe *probe, bool *ret_absent, struct err *err);
int probe_sdl(struct probe *probe, bool openapi_absent, struct err *err);
int probe_rest(struct probe *probe, const struct json *document, struct err *err);
int probe_graphql(struct probe *probe, struct str sdl, const char *source, struct err *err);
int probe_push(struct probe *probe, struct err *err);

/* ---- probe_walk.c: any list that pages by cursor ---- */

/* A page as fetched, and how that went. */
struct probe_page {
    struct adr_page seen; /* url, status, ids, next */
    struct str excerpt;
    struct str stopped; /* why the walk cannot go on; absent if it can */
    bool broken;        /* and that is the list's fault: the rule does not hold */
};
struct probe_list {
    struct str subject;
    const char *rule;
    int64_t limit;     /* rows of a page asked for; 0: the list takes no limit */
    const char *again; /* options that repeat the walk, for `reproduce` */
    /* Fetch the page behind `cursor` (absent: the first). Errors: no connection. */
    int (*page)(struct probe *probe, const struct probe_list *list, struct str cursor,
                struct probe_page *ret, struct err *err);
    const void *context;
};
/* Walk the list to its end, a second time with smaller pages when there were few, and judge it. */
int probe_walk(struct probe *probe, const struct probe_list *list, struct err *err);
/* The id of a row, directly or in its `node`; absent if it has none. */
struct str probe_row_id(struct probe *probe, const struct json *row);

/* ---- probe_report.c ---- */
struct probe_outcome {
    const char *provider, *version; /* NULL = not said */
    const char *format;             /* "text" or "json" */
    bool dry_run;
    int exit_code;
    struct str published; /* URL; absent if nothing was published */
    struct str why_not;   /* why nothing was published */
};
void probe_report(struct probe *probe, const struct probe_outcome *outcome);

#endif
