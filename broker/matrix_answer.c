// SPDX-License-Identifier: Apache-2.0
/* What the rows mean: deployable or not, and why. */
#include "broker/matrix_internal.h"

#include "lib/base/arena.h"

enum matrix_state matrix_row_state(const struct matrix_row *row)
{
    if (!row->verification_id || row->verdict == VERDICT_PARTIAL)
        return MATRIX_UNKNOWN;
    return row->verdict == VERDICT_VERIFIED ? MATRIX_VERIFIED : MATRIX_FAILED;
}

/* One per row, even if rows read alike: the original does not join them either. */
static void notice(struct matrix_work *work, struct matrix *ret, const char *type, const char *text)
{
    *VEC_PUSH(work->arena, &ret->notices) = (struct matrix_notice){type, text};
}

static void warn(struct matrix_work *work, struct matrix *ret)
{
    const struct matrix_query *query = work->query;
    bool more = false, version = false;
    VEC_EACH(&query->selectors, const struct matrix_selector *, s) {
        more |= !matrix_name_only(s);
        version |= s->version != NULL;
    }
    VEC_EACH(&work->ignores, const struct resolved *, row) {
        if (row->pacticipant_id < 0 || row->version_id < 0)
            notice(work, ret, "warning",
                   arena_printf(work->arena, "WARN: Cannot ignore %s",
                                matrix_describe(work->arena, row)));
    }
    if (query->selectors.len == 1 && !query->tag && !query->environment && !query->main_branch)
        notice(work, ret, "warning",
               "WARN: It is recommended to specify the environment into which you are deploying. "
               "Without the environment, this result will not be reliable.");
    if (more && !version)
        notice(work, ret, "warning",
               "WARN: It is recommended to specify the version number (rather than the tag or "
               "branch) of the pacticipant you wish to deploy to avoid race conditions. Without a "
               "version number, this result will not be reliable.");
}

static const char *describe_side(struct matrix_work *work, const struct resolved *selector,
                                 const char *name)
{
    return selector ? matrix_describe(work->arena, selector)
                    : arena_printf(work->arena, "any version of %s", name);
}

static const char *sentence(struct matrix_work *work, const struct matrix_row *row)
{
    const char *one = describe_side(work, row->consumer_selector, row->consumer);
    const char *two = describe_side(work, row->provider_selector, row->provider);
    if (matrix_row_state(row) == MATRIX_FAILED)
        return arena_printf(work->arena, "The verification for the pact between %s and %s failed",
                            one, two);
    return arena_printf(work->arena, "There is no verified pact between %s and %s", one, two);
}

/* As many rows as the list may show; how many there are is in the summary. */
static void say_rows(struct matrix_work *work, struct matrix *ret, enum matrix_state state,
                     bool ignored)
{
    int64_t said = 0;
    VEC_EACH(&work->rows, const struct matrix_row *, row) {
        if (row->ignored != ignored || matrix_row_state(row) != state)
            continue;
        if (work->query->limit > 0 && said++ == work->query->limit)
            return;
        const char *text = sentence(work, row);
        if (ignored)
            notice(work, ret, "warning", arena_printf(work->arena, "Ignoring: %s", text));
        else
            notice(work, ret, "error", text);
    }
}

static bool pair_has_row(const struct matrix_work *work, const struct matrix_pair *pair)
{
    VEC_EACH(&work->rows, const struct matrix_row *, row) {
        if (row->consumer_id == pair->consumer_id && row->provider_id == pair->provider_id)
            return true;
    }
    return false;
}

static const struct resolved *any_selector(const struct matrix_work *work, int64_t pacticipant_id)
{
    VEC_EACH(&work->selectors, const struct resolved *, row) {
        if (row->pacticipant_id == pacticipant_id)
            return row;
    }
    return NULL;
}

/* Required integrations without any row: nothing is known. */
static bool say_missing_pairs(struct matrix_work *work, struct matrix *ret)
{
    bool missing = false;
    VEC_EACH(&work->pairs, const struct matrix_pair *, pair) {
        const struct resolved *consumer = any_selector(work, pair->consumer_id),
                              *provider = any_selector(work, pair->provider_id);
        if (!pair->required || pair_has_row(work, pair) || !consumer || !provider ||
            matrix_ignores(work, pair->consumer_id, 0) ||
            matrix_ignores(work, pair->provider_id, 0))
            continue;
        missing = true;
        notice(work, ret, "error",
               arena_printf(work->arena, "There is no verified pact between %s and %s",
                            matrix_describe(work->arena, consumer),
                            matrix_describe(work->arena, provider)));
    }
    return missing;
}

/* Ignoring it does not help: what is asked about and does not exist is never a yes. */
static bool say_missing_selectors(struct matrix_work *work, struct matrix *ret)
{
    bool missing = false;
    VEC_EACH(&work->selectors, const struct resolved *, row) {
        if (row->inferred || row->version_id >= 0)
            continue;
        missing = true;
        notice(work, ret, "error", matrix_missing(work->arena, row));
    }
    return missing;
}

static void judge(struct matrix_work *work, struct matrix *ret)
{
    VEC_EACH(&work->rows, const struct matrix_row *, row) {
        enum matrix_state state = matrix_row_state(row);
        if (row->ignored)
            ret->ignored++;
        else if (state == MATRIX_VERIFIED)
            ret->verified++;
        else if (state == MATRIX_FAILED)
            ret->failed++;
        else
            ret->unknown++;
    }
    warn(work, ret);
    say_rows(work, ret, MATRIX_FAILED, true);
    say_rows(work, ret, MATRIX_UNKNOWN, true);
    bool no_version = say_missing_selectors(work, ret);
    bool no_row = say_missing_pairs(work, ret);
    say_rows(work, ret, MATRIX_FAILED, false);
    say_rows(work, ret, MATRIX_UNKNOWN, false);
    if (no_version)
        ret->deployable = MATRIX_FAILED;
    else if (no_row || ret->unknown > 0)
        ret->deployable = MATRIX_UNKNOWN;
    else
        ret->deployable = ret->failed > 0 ? MATRIX_FAILED : MATRIX_VERIFIED;
    if (ret->deployable == MATRIX_VERIFIED)
        notice(work, ret, "success",
               ret->verified > 0 ? "All required verification results are published and successful"
                                 : "There are no missing dependencies");
}

static bool shown(const struct matrix_query *query, const struct matrix_row *row)
{
    static const unsigned bit[] = {[MATRIX_FAILED] = SUCCESS_FALSE,
                                   [MATRIX_VERIFIED] = SUCCESS_TRUE,
                                   [MATRIX_UNKNOWN] = SUCCESS_NULL};
    return query->success == 0 || (query->success & bit[matrix_row_state(row)]);
}

static void show(struct matrix_work *work, struct matrix *ret)
{
    VEC_EACH(&work->rows, const struct matrix_row *, row) {
        bool full = work->query->limit > 0 && (int64_t)ret->rows.len >= work->query->limit;
        if (!full && shown(work->query, row))
            *VEC_PUSH(work->arena, &ret->rows) = *row;
    }
}

void matrix_answer(struct matrix_work *work, struct matrix *ret)
{
    judge(work, ret);
    show(work, ret);
}
