// SPDX-License-Identifier: Apache-2.0
#include "lib/base/arena.h"
#include "verifier/report.h"

static const struct {
    enum match_part part;
    const char *type; /* as the stock verifier calls them */
} mismatch_types[] = {
    {MATCH_METHOD, "MethodMismatch"},      {MATCH_PATH, "PathMismatch"},
    {MATCH_QUERY, "QueryMismatch"},        {MATCH_HEADER, "HeaderMismatch"},
    {MATCH_STATUS, "StatusMismatch"},      {MATCH_BODY, "BodyMismatch"},
    {MATCH_BODY_TYPE, "BodyTypeMismatch"}, {MATCH_METADATA, "MetadataMismatch"},
};

static const char *type_of(enum match_part part)
{
    for (size_t i = 0; i < sizeof mismatch_types / sizeof *mismatch_types; i++) {
        if (mismatch_types[i].part == part)
            return mismatch_types[i].type;
    }
    return "Mismatch";
}

static void set_text(struct arena *arena, struct json *object, const char *key, struct str text)
{
    if (text.ptr)
        json_set(arena, object, key, json_new_str(arena, text));
}

static void set_number(struct arena *arena, struct json *object, const char *key, int64_t number)
{
    json_set(arena, object, key, json_new_int(arena, number));
}

static struct json *mismatch_json(const struct mismatch *mismatch, struct arena *arena)
{
    struct json *item = json_new_object(arena);
    json_set(arena, item, "type", json_new_text(arena, type_of(mismatch->part)));
    json_set(arena, item, "part", json_new_text(arena, match_part_name(mismatch->part)));
    set_text(arena, item, "path", mismatch->path);
    set_text(arena, item, "expected", mismatch->expected);
    set_text(arena, item, "actual", mismatch->actual);
    set_text(arena, item, "mismatch", mismatch->text);
    set_text(arena, item, "rule", mismatch->rule);
    if (mismatch->line > 0) {
        set_number(arena, item, "line", mismatch->line);
        set_number(arena, item, "column", mismatch->column);
    }
    return item;
}

static struct json *mismatches_json(const struct verdict *verdict, struct arena *arena)
{
    struct json *list = json_new_array(arena);
    VEC_EACH(&verdict->differences, const struct mismatch *, mismatch)
        json_append(arena, list, mismatch_json(mismatch, arena));
    return list;
}

static struct json *texts_json(const struct texts *texts, struct arena *arena)
{
    struct json *list = json_new_array(arena);
    VEC_EACH(texts, const struct str *, text)
        json_append(arena, list, json_new_str(arena, *text));
    return list;
}

static struct json *reply_json(const struct verdict *verdict, struct arena *arena)
{
    struct json *reply = json_new_object(arena);
    set_number(arena, reply, "status", verdict->status);
    set_text(arena, reply, "contentType", verdict->content_type);
    if (verdict->outcome != OUTCOME_PASSED) {
        set_number(arena, reply, "bodyBytes", (int64_t)verdict->body_len);
        set_text(arena, reply, "bodyExcerpt", verdict->excerpt);
    }
    return reply;
}

static struct json *interaction_json(const struct verdict *verdict, struct arena *arena)
{
    const struct pact_interaction *interaction = verdict->interaction;
    struct json *item = json_new_object(arena);
    struct texts states = {0};
    VEC_EACH(&interaction->states, const struct pact_state *, state)
        *VEC_PUSH(arena, &states) = state->name;
    set_text(arena, item, "description", interaction->description);
    set_text(arena, item, "interactionId", interaction->id);
    set_text(arena, item, "interactionKey", interaction->key);
    json_set(arena, item, "providerStates", texts_json(&states, arena));
    set_text(arena, item, "repositoryMethod", verdict->mapping.method);
    set_text(arena, item, "operation", verdict->mapping.operation);
    json_set(arena, item, "outcome", json_new_text(arena, report_outcome(verdict)));
    set_text(arena, item, "reason", verdict->reason);
    set_text(arena, item, "request", verdict->request);
    if (verdict->status > 0)
        json_set(arena, item, "reply", reply_json(verdict, arena));
    json_set(arena, item, "mismatches", mismatches_json(verdict, arena));
    if (verdict->differences.dropped > 0)
        set_number(arena, item, "mismatchesDropped", (int64_t)verdict->differences.dropped);
    json_set(arena, item, "warnings", texts_json(&verdict->warnings, arena));
    set_number(arena, item, "durationMicroseconds", verdict->elapsed_us);
    set_number(arena, item, "line", interaction->line);
    return item;
}

static const char *publication_word(enum publication publication)
{
    static const char *const words[] = {
        [PUBLISH_NOT_ASKED] = "not asked", [PUBLISH_DONE] = "published",
        [PUBLISH_NO_PLACE] = "no broker",  [PUBLISH_PARTIAL] = "partial",
        [PUBLISH_REFUSED] = "refused",
    };
    return words[publication];
}

static struct json *contract_json(const struct contract *contract, struct arena *arena)
{
    struct json *item = json_new_object(arena), *list = json_new_array(arena);
    struct texts warnings = {0};
    VEC_EACH(&contract->pact->warnings, const struct pact_warning *, warning)
        *VEC_PUSH(arena, &warnings) =
            str_printf(arena, "line %d: %.*s", warning->line, STR_FMT(warning->text));
    for (size_t i = 0; i < contract->pact->interactions.len; i++)
        json_append(arena, list, interaction_json(&contract->verdicts[i], arena));
    set_text(arena, item, "consumer", contract->pact->consumer);
    set_text(arena, item, "consumerVersion", contract->consumer_version);
    set_text(arena, item, "provider", contract->pact->provider);
    set_text(arena, item, "origin", str_of(contract->origin));
    set_text(arena, item, "selectedAs", contract->about);
    json_set(arena, item, "pending", json_new_bool(arena, contract->pending));
    json_set(arena, item, "wip", json_new_bool(arena, contract->wip));
    json_set(arena, item, "publication",
             json_new_text(arena, publication_word(contract->publication)));
    set_text(arena, item, "publicationText", contract->publication_text);
    set_number(arena, item, "interactionsOfUnknownKind", (int64_t)contract->pact->skipped);
    json_set(arena, item, "warnings", texts_json(&warnings, arena));
    json_set(arena, item, "interactions", list);
    return item;
}

static struct json *summary_json(const struct report *report, struct arena *arena)
{
    const struct counts *counts = &report->counts;
    struct json *summary = json_new_object(arena);
    set_number(arena, summary, "contracts", (int64_t)report->contracts->len);
    set_number(arena, summary, "passed", (int64_t)counts->passed);
    set_number(arena, summary, "failed", (int64_t)counts->failed);
    set_number(arena, summary, "pending", (int64_t)counts->pending);
    set_number(arena, summary, "undecided", (int64_t)counts->untold);
    set_number(arena, summary, "unreachable", (int64_t)counts->unreached);
    set_number(arena, summary, "notRun", (int64_t)counts->not_run);
    set_number(arena, summary, "leftOut", (int64_t)counts->left_out);
    set_number(arena, summary, "elapsedMicroseconds", report->elapsed_us);
    return summary;
}

static struct json *stock_error(const struct contract *contract, const struct verdict *verdict,
                                struct arena *arena)
{
    struct json *error = json_new_object(arena), *mismatch = json_new_object(arena);
    set_text(arena, error, "interaction",
             str_printf(arena, "Verifying a pact between %.*s and %.*s - %.*s",
                        STR_FMT(contract->pact->consumer), STR_FMT(contract->pact->provider),
                        STR_FMT(verdict->interaction->description)));
    if (verdict->reason.len > 0) {
        set_text(arena, mismatch, "type", STR("error"));
        set_text(arena, mismatch, "message", verdict->reason);
    } else {
        set_text(arena, mismatch, "type", STR("mismatches"));
        json_set(arena, mismatch, "mismatches", mismatches_json(verdict, arena));
    }
    set_text(arena, mismatch, "interactionId", verdict->interaction->id);
    json_set(arena, error, "mismatch", mismatch);
    return error;
}

static struct json *stock_result(const struct verdict *verdict, struct arena *arena)
{
    struct json *item = json_new_object(arena);
    set_text(arena, item, "description", verdict->interaction->description);
    set_text(arena, item, "interactionId", verdict->interaction->id);
    set_text(arena, item, "interactionKey", verdict->interaction->key);
    set_text(arena, item, "result", verdict->outcome == OUTCOME_PASSED ? STR("OK") : STR("Error"));
    set_text(arena, item, "duration",
             str_printf(arena, "%.3fms", (double)verdict->elapsed_us / 1000));
    return item;
}

/* The stock report has no word for "no verdict": those are errors there. */
static void add_stock(const struct report *report, struct arena *arena, struct json *root)
{
    struct json *errors = json_new_array(arena), *pending = json_new_array(arena);
    struct json *results = json_new_array(arena), *notices = json_new_array(arena);
    VEC_EACH(report->contracts, const struct contract *, contract) {
        for (size_t i = 0; i < contract->pact->interactions.len; i++) {
            const struct verdict *verdict = &contract->verdicts[i];
            if (verdict->outcome == OUTCOME_LEFT_OUT || verdict->outcome == OUTCOME_NOT_RUN)
                continue;
            json_append(arena, results, stock_result(verdict, arena));
            if (verdict->outcome != OUTCOME_PASSED)
                json_append(arena,
                            verdict->pending && verdict->outcome == OUTCOME_FAILED ? pending
                                                                                   : errors,
                            stock_error(contract, verdict, arena));
        }
        struct str after = report_after(contract, arena);
        if (after.len > 0)
            json_append(arena, notices, json_new_str(arena, after));
    }
    json_set(arena, root, "result", json_new_bool(arena, report->code == EXIT_YES));
    json_set(arena, root, "notices", notices);
    json_set(arena, root, "output", json_new_array(arena));
    json_set(arena, root, "errors", errors);
    json_set(arena, root, "pendingErrors", pending);
    json_set(arena, root, "interactionResults", results);
}

struct str report_json(const struct report *report, struct arena *arena)
{
    struct json *root = json_new_object(arena), *contracts = json_new_array(arena);
    struct json *ignored = json_new_array(arena);
    VEC_EACH(report->contracts, const struct contract *, contract)
        json_append(arena, contracts, contract_json(contract, arena));
    VEC_EACH(&report->contracts->ignored, const struct ignored *, one) {
        struct json *item = json_new_object(arena);
        set_text(arena, item, "origin", str_of(one->origin));
        set_text(arena, item, "reason", one->reason);
        json_append(arena, ignored, item);
    }
    json_set(arena, root, "answer", json_new_text(arena, report_answer(report->code)));
    set_number(arena, root, "exitCode", report->code);
    json_set(arena, root, "dryRun", json_new_bool(arena, report->options->dry_run));
    set_text(arena, root, "headline", report->headline);
    json_set(arena, root, "summary", summary_json(report, arena));
    set_text(arena, root, "provider", str_of(report->options->base_url));
    set_text(arena, root, "providerVersion", str_of(report->options->version));
    add_stock(report, arena, root);
    json_set(arena, root, "ignored", ignored);
    json_set(arena, root, "contracts", contracts);
    return str_printf(arena, "%.*s\n", STR_FMT(json_to_str(arena, root, JSON_PRETTY)));
}
