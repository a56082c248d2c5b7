// SPDX-License-Identifier: Apache-2.0
/*
 * Releases that stay in the field. A question may name versions of both sides: "app 3 and bff 10
 * into production". Nothing is inferred about the two then, and a good pair would answer for app 2,
 * which stays supported beside app 3 and will meet bff 10 as well. What such a release lacks
 * becomes rows of its own; what it has is no part of the question, as in the original.
 */
#include "broker/matrix_internal.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"

/* Two sides of a contract, of which one is asked about and the other one stays. */
struct left_pair {
    const struct resolved *consumer, *provider;
};

static bool is_asked(const struct matrix_work *work, int64_t version_id)
{
    VEC_EACH(&work->selectors, const struct resolved *, row) {
        if (row->version_id == version_id)
            return true;
    }
    return false;
}

static int add_result(struct matrix_work *work, const struct left_pair *pair,
                      const struct matrix_row *publication, struct err *err)
{
    struct matrix_rows found = {0};
    int code = store_matrix_results(work->store, publication, pair->provider->version_id, false,
                                    work->arena, &found, err);
    if (code < 0)
        return code;
    struct matrix_row row = found.len > 0 ? found.items[0] : *publication;
    if (matrix_row_state(&row) == MATRIX_VERIFIED)
        return 0;
    row.provider_version_id = pair->provider->version_id;
    row.provider_number = pair->provider->number;
    row.consumer_selector = pair->consumer;
    row.provider_selector = pair->provider;
    *VEC_PUSH(work->arena, &work->rows) = row;
    return 0;
}

static int add_pair(struct matrix_work *work, const struct left_pair *pair, struct err *err)
{
    struct matrix_rows publications = {0};
    int code = store_matrix_publications(work->store, pair->consumer->pacticipant_id,
                                         pair->consumer->version_id, pair->provider->pacticipant_id,
                                         false, work->arena, &publications, err);
    VEC_EACH(&publications, const struct matrix_row *, publication) {
        if (code >= 0)
            code = add_result(work, pair, publication, err);
    }
    return code < 0 ? code : 0;
}

/* With every version of the others that is asked about. */
static int add_release(struct matrix_work *work, const struct resolved *release, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < work->selectors.len && code == 0; i++) {
        const struct resolved *other = &work->selectors.items[i];
        if (other->inferred || other->version_id <= 0 ||
            other->pacticipant_id == release->pacticipant_id)
            continue;
        code = add_pair(work, &(struct left_pair){release, other}, err);
        if (code == 0)
            code = add_pair(work, &(struct left_pair){other, release}, err);
    }
    return code;
}

static int add_releases(struct matrix_work *work, const struct environment *environment,
                        const struct resolved *asked, struct err *err)
{
    struct placement_filter filter = {.environment_id = environment->id,
                                      .pacticipant_id = asked->pacticipant_id};
    struct placements live = {0};
    int code = store_placements(work->store, true, &filter, work->arena, &live, err);
    VEC_EACH(&live, const struct placement *, row) {
        if (code < 0 || is_asked(work, row->version_id))
            continue;
        struct resolved *release = ARENA_NEW(work->arena, struct resolved);
        *release = (struct resolved){
            .asked = {.pacticipant = asked->asked.pacticipant, .environment = environment->name},
            .pacticipant_id = asked->pacticipant_id,
            .version_id = row->version_id,
            .number = row->number,
            .one_of_many = true,
            .inferred = true};
        code = add_release(work, release, err);
    }
    return code < 0 ? code : 0;
}

static bool was_before(const struct matrix_work *work, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (work->selectors.items[j].pacticipant_id == work->selectors.items[i].pacticipant_id)
            return true;
    }
    return false;
}

int matrix_add_left(struct matrix_work *work, struct err *err)
{
    struct environment environment = {0};
    if (!work->query->environment || work->query->selectors.len < 2)
        return 0;
    int code = store_environment_by_name(work->store, work->query->environment, work->arena,
                                         &environment, err);
    if (code <= 0)
        return code;
    code = 0;
    for (size_t i = 0; i < work->selectors.len && code == 0; i++) {
        const struct resolved *asked = &work->selectors.items[i];
        if (!asked->inferred && asked->pacticipant_id > 0 && !was_before(work, i))
            code = add_releases(work, &environment, asked, err);
    }
    return code;
}
