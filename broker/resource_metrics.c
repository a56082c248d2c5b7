// SPDX-License-Identifier: Apache-2.0
/* How much there is of everything: the metrics resource, as JSON and as Prometheus reads it. */
#include "broker/routes.h"

#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/db/db.h"
#include "lib/http/server.h"
#include "lib/json/json.h"

#define DAYS_30 "strftime('%Y-%m-%dT%H:%M:%fZ', $1, '-30 days')"

/* In the order of the wire. `metric` names the Prometheus gauge; NULL leaves the row out there. */
static const struct {
    const char *group, *key, *sql, *metric, *help;
} counts[] = {
    {"pacticipants", "count", "SELECT COUNT(*) FROM pacticipants", "pacticipants", "Pacticipants"},
    {"pacticipants", "withMainBranchSetCount",
     "SELECT COUNT(*) FROM pacticipants WHERE main_branch IS NOT NULL", NULL, NULL},
    {"integrations", "count", "SELECT COUNT(*) FROM integrations", "integrations",
     "Consumer and provider pairs"},
    {"pactPublications", "count", "SELECT COUNT(*) FROM publications", "publications",
     "Publications of contracts, revisions included"},
    {"pactPublications", "last30DaysCount",
     "SELECT COUNT(*) FROM publications WHERE created_at > " DAYS_30, "publications_last_30_days",
     "Publications of the last 30 days"},
    {"pactVersions", "count", "SELECT COUNT(*) FROM pact_versions", "pact_versions",
     "Distinct contract contents"},
    {"pactRevisionsPerConsumerVersion", "distribution",
     "SELECT revisions, COUNT(*) FROM (SELECT COUNT(*) AS revisions FROM publications"
     " GROUP BY consumer_version_id, provider_id) GROUP BY revisions ORDER BY revisions",
     NULL, NULL},
    {"verificationResults", "count", "SELECT COUNT(*) FROM verifications", "verification_results",
     "Verification results"},
    {"verificationResults", "successCount", "SELECT COUNT(*) FROM verifications WHERE verdict = 1",
     "verification_results_successful", "Results that verified the whole contract"},
    {"verificationResults", "failureCount", "SELECT COUNT(*) FROM verifications WHERE verdict = 0",
     "verification_results_failed", "Results that failed"},
    {"verificationResults", "partialCount", "SELECT COUNT(*) FROM verifications WHERE verdict = 2",
     "verification_results_partial", "Results that cover only a part of their contract"},
    {"verificationResults", "distinctCount", "SELECT COUNT(*) FROM latest_verifications",
     "verification_results_distinct", "Pairs of content and provider version with a result"},
    {"verificationResultsPerPactVersion", "distribution",
     "SELECT results, COUNT(*) FROM (SELECT COUNT(*) AS results FROM verifications"
     " GROUP BY pact_version_id) GROUP BY results ORDER BY results",
     NULL, NULL},
    {"pacticipantVersions", "count", "SELECT COUNT(*) FROM versions", "pacticipant_versions",
     "Versions of pacticipants"},
    {"pacticipantVersions", "withUserCreatedBranchCount",
     "SELECT COUNT(DISTINCT version_id) FROM branch_versions WHERE auto_created = 0",
     "pacticipant_versions_with_branch", "Versions that were put on a branch"},
    {"webhooks", "count", "SELECT COUNT(*) FROM webhooks", "webhooks", "Webhooks"},
    {"tags", "count", "SELECT COUNT(*) FROM tags", "tags", "Tags of versions"},
    {"tags", "distinctCount", "SELECT COUNT(DISTINCT name) FROM tags", "tags_distinct",
     "Names of tags"},
    {"tags", "distinctWithPacticipantCount",
     "SELECT COUNT(*) FROM (SELECT DISTINCT pacticipant_id, name FROM tags)", NULL, NULL},
    {"triggeredWebhooks", "count", "SELECT COUNT(*) FROM triggered_webhooks", "triggered_webhooks",
     "Webhooks that an event triggered"},
    {"webhookExecutions", "count", "SELECT COUNT(*) FROM webhook_executions", "webhook_executions",
     "Attempts to call a webhook"},
    /* The original once counted the rows of its matrix view, and has said -1 ever since. */
    {"matrix", "count", "SELECT -1", NULL, NULL},
    {"environments", "count", "SELECT COUNT(*) FROM environments", "environments", "Environments"},
    {"deployedVersions", "count", "SELECT COUNT(*) FROM deployments", "deployments",
     "Recorded deployments"},
    {"deployedVersions", "currentlyDeployedCount",
     "SELECT COUNT(*) FROM deployments WHERE ended_at IS NULL", "deployments_current",
     "Deployments that are current"},
    {"releasedVersions", "count", "SELECT COUNT(*) FROM releases", "releases", "Recorded releases"},
    {"releasedVersions", "currentlySupportedCount",
     "SELECT COUNT(*) FROM releases WHERE ended_at IS NULL", "releases_supported",
     "Releases that are still supported in the field"},
};

static int count(struct call *call, size_t row, int64_t *ret, struct err *err)
{
    const char *sql = counts[row].sql;
    bool dated = strstr(sql, "$1") != NULL;
    return dated
               ? db_value(call->store->db, err, ret, sql, "s", store_now(call->store, call->arena))
               : db_value(call->store->db, err, ret, sql, "");
}

static int distribution(struct call *call, size_t row, struct json **ret, struct err *err)
{
    DB_STMT_AUTO struct db_stmt *q = NULL;
    struct json *object = json_new_object(call->arena);
    int code = db_query(call->store->db, err, &q, counts[row].sql, "");
    while (code >= 0 && (code = db_step(q, err)) > 0)
        json_set(call->arena, object, db_text(q, 0, call->arena),
                 json_new_int(call->arena, db_int(q, 1)));
    *ret = object;
    return code;
}

/* What the latest contract of every integration holds. */
static int latest_interactions(struct call *call, int64_t *ret_interactions, int64_t *ret_messages,
                               struct err *err)
{
    struct publications rows = {0};
    int code = store_pacts_latest(call->store, call->arena, &rows, err);
    VEC_EACH(&rows, const struct publication *, row) {
        struct str content = STR_NONE;
        struct json *pact = NULL;
        bool plain = false;
        if (code >= 0)
            code = store_pact_content(call->store, row->pact_version_id, call->arena, &content,
                                      &plain, err);
        if (code >= 0)
            code = json_parse(content, "stored contract", call->arena, &pact, err);
        if (code < 0)
            return code;
        *ret_interactions += (int64_t)json_len(json_get(pact, "interactions"));
        *ret_messages += (int64_t)json_len(json_get(pact, "messages"));
    }
    return code < 0 ? code : 0;
}

int metrics_get(struct call *call, struct err *err)
{
    struct json *body = json_new_object(call->arena), *latest = json_new_object(call->arena);
    int64_t interactions = 0, messages = 0;
    int found = latest_interactions(call, &interactions, &messages, err);
    if (found < 0)
        return found;
    json_set(call->arena, latest, "latestInteractionsCount",
             json_new_int(call->arena, interactions));
    json_set(call->arena, latest, "latestMessagesCount", json_new_int(call->arena, messages));
    json_set(call->arena, latest, "latestInteractionsAndMessagesCount",
             json_new_int(call->arena, interactions + messages));
    json_set(call->arena, body, "interactions", latest);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct json *group = json_get(body, counts[i].group), *value = NULL;
        int64_t n = 0;
        int code = strcmp(counts[i].key, "distribution") == 0 ? distribution(call, i, &value, err)
                                                              : count(call, i, &n, err);
        if (code < 0)
            return code;
        if (!group) {
            group = json_new_object(call->arena);
            json_set(call->arena, body, counts[i].group, group);
        }
        json_set(call->arena, group, counts[i].key, value ? value : json_new_int(call->arena, n));
    }
    return call_json(call, 200, body);
}

/* Some 25 gauges of three lines. */
enum { METRICS_MAX = 64 * 1024 };

static void write_http(const struct server *server, struct buf *text)
{
    size_t connections = 0, requests = 0;
    const struct server_counts *of = server_counts(server);
    const struct {
        const char *reason;
        uint64_t n;
    } ended[] = {{"idle", of->idle},           {"slow-header", of->slow_head},
                 {"slow-body", of->slow_body}, {"slow-reader", of->slow_taker},
                 {"crowded", of->crowded},     {"malformed", of->malformed}};
    server_load(server, &connections, &requests);
    buf_printf(text,
               "# HELP tally_broker_http_connections Open connections\n"
               "# TYPE tally_broker_http_connections gauge\n"
               "tally_broker_http_connections %zu\n"
               "# HELP tally_broker_http_requests Requests that are not answered yet\n"
               "# TYPE tally_broker_http_requests gauge\n"
               "tally_broker_http_requests %zu\n"
               "# HELP tally_broker_http_accepted_total Connections since the start\n"
               "# TYPE tally_broker_http_accepted_total counter\n"
               "tally_broker_http_accepted_total %llu\n"
               "# HELP tally_broker_http_ended_total Connections that the broker ended, and why\n"
               "# TYPE tally_broker_http_ended_total counter\n",
               connections, requests, (unsigned long long)of->accepted);
    for (size_t i = 0; i < sizeof ended / sizeof *ended; i++)
        buf_printf(text, "tally_broker_http_ended_total{reason=\"%s\"} %llu\n", ended[i].reason,
                   (unsigned long long)ended[i].n);
}

/* Source: Prometheus text exposition format 0.0.4. */
int metrics_prometheus_get(struct call *call, struct err *err)
{
    BUF_AUTO struct buf text = BUF_INIT(METRICS_MAX);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int64_t n = 0;
        if (!counts[i].metric)
            continue;
        int code = count(call, i, &n, err);
        if (code < 0)
            return code;
        buf_printf(&text, "# HELP tally_broker_%s %s\n# TYPE tally_broker_%s gauge\n",
                   counts[i].metric, counts[i].help, counts[i].metric);
        buf_printf(&text, "tally_broker_%s %lld\n", counts[i].metric, (long long)n);
    }
    if (call->server)
        write_http(call->server, &text);
    return call_text(call, 200, "text/plain; version=0.0.4; charset=utf-8",
                     str_dup(call->arena, buf_view(&text)));
}
