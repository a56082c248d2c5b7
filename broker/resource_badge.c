// SPDX-License-Identifier: Apache-2.0
/* Badges: is the latest contract verified, can this be deployed or merged. */
#include "broker/routes.h"

#include <ctype.h>

#include "broker/badge.h"
#include "broker/matrix.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"

static int answer(struct call *call, struct badge badge)
{
    if (!call->shields)
        return call_text(call, 200, "image/svg+xml;charset=utf-8", badge_svg(call->arena, &badge));
    call_location(call, badge_shields_url(call->arena, call->shields, &badge));
    return call_text(call, 307, "image/svg+xml;charset=utf-8", STR_NONE);
}

static int not_found(struct call *call, const char *what)
{
    return answer(call, (struct badge){what, "not found", BADGE_GREY});
}

/* ---- contracts ---- */

static const char *lower(struct arena *arena, const char *text)
{
    char *copy = str_cstr(arena, str_of(text));
    for (char *c = copy; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return copy;
}

static const char *shown_name(struct call *call, const char *name, const char *tag)
{
    const char *initials = call_query(call, "initials");
    if (initials && strcmp(initials, "true") == 0)
        name = badge_initials(call->arena, name);
    return tag ? arena_printf(call->arena, "%s (%s)", name, tag) : name;
}

/* "consumer/provider pact", or one of both when ?label= asks for it. */
static const char *title(struct call *call, const char *consumer, const char *provider,
                         const char *consumer_tag, const char *provider_tag)
{
    const char *label = call_query(call, "label");
    consumer = shown_name(call, consumer, consumer_tag);
    provider = shown_name(call, provider, provider_tag);
    if (label && strcmp(lower(call->arena, label), "consumer") == 0)
        return lower(call->arena, arena_printf(call->arena, "%s pact", consumer));
    if (label && strcmp(lower(call->arena, label), "provider") == 0)
        return lower(call->arena, arena_printf(call->arena, "%s pact", provider));
    return lower(call->arena, arena_printf(call->arena, "%s/%s pact", consumer, provider));
}

static int no_pact(struct call *call)
{
    const char *label = call_query(call, "label");
    return answer(call, (struct badge){label ? label : "pact not found", "unknown", BADGE_GREY});
}

/* A content without result is "changed" when another content of the pair has one. */
static int judge(struct call *call, const struct publication *pact, struct badge *ret,
                 struct err *err)
{
    struct verification row = {0};
    int code =
        store_verification_latest(call->store, pact->pact_version_id, call->arena, &row, err);
    if (code < 0)
        return code;
    if (code == 0) {
        code = store_verification_any(call->store, pact->consumer_id, pact->provider_id, err);
        ret->right = code > 0 ? "changed" : "unknown";
        ret->color = code > 0 ? BADGE_ORANGE : BADGE_GREY;
    } else if (row.verdict == VERDICT_PARTIAL) {
        *ret = (struct badge){ret->left, "unknown", BADGE_GREY};
    } else if (row.verdict == VERDICT_VERIFIED) {
        *ret = (struct badge){ret->left, "verified", BADGE_GREEN};
    } else {
        *ret = (struct badge){ret->left, row.pending ? "failed (pending)" : "failed", BADGE_RED};
    }
    return code;
}

int badge_pact_get(struct call *call, struct err *err)
{
    struct publication pact = {0};
    struct badge badge = {"", "unknown", BADGE_GREY};
    int code = pact_find_latest(call, (enum pact_which)call->route->tag, &pact, err);
    if (code == 0)
        return no_pact(call);
    if (code > 0)
        code = judge(call, &pact, &badge, err);
    badge.left = code < 0 ? "" : title(call, pact.consumer, pact.provider, NULL, NULL);
    return code < 0 ? code : answer(call, badge);
}

/* ---- the matrix ---- */

static int ask(struct call *call, struct matrix_query *query, struct matrix *ret, struct err *err)
{
    query->limit = 1;
    return matrix_ask(call->store, query, call->arena, ret, err);
}

int badge_matrix_get(struct call *call, struct err *err)
{
    struct pacticipant consumer = {0}, provider = {0};
    const char *consumer_tag = call_param(call, "tag"),
               *provider_tag = call_param(call, "provider_tag");
    int code = pact_pair(call, &consumer, &provider, err);
    if (code <= 0)
        return code < 0 ? code : no_pact(call);
    struct matrix_query query = {.latest_by = BY_CVPV};
    *VEC_PUSH(call->arena, &query.selectors) =
        (struct matrix_selector){.pacticipant = consumer.name, .tag = consumer_tag, .latest = true};
    *VEC_PUSH(call->arena, &query.selectors) =
        (struct matrix_selector){.pacticipant = provider.name, .tag = provider_tag, .latest = true};
    struct matrix matrix = {0};
    code = ask(call, &query, &matrix, err);
    if (code < 0)
        return code;
    struct badge badge = {title(call, consumer.name, provider.name, consumer_tag, provider_tag),
                          "unknown", BADGE_GREY};
    if (matrix.failed > 0)
        badge = (struct badge){badge.left, "failed", BADGE_RED};
    else if (matrix.verified > 0 && matrix.deployable == MATRIX_VERIFIED)
        badge = (struct badge){badge.left, "verified", BADGE_GREEN};
    return answer(call, badge);
}

static const char *label_or(struct call *call, const char *fallback)
{
    const char *label = call_query(call, "label");
    return label ? label : fallback;
}

static int deploy_badge(struct call *call, struct matrix_query *query, const char *from,
                        const char *to, struct err *err)
{
    struct matrix matrix = {0};
    int code = ask(call, query, &matrix, err);
    if (code < 0)
        return code;
    return answer(call,
                  (struct badge){label_or(call, "can-i-deploy"),
                                 arena_printf(call->arena, "%s to %s", from, to),
                                 matrix.deployable == MATRIX_VERIFIED ? BADGE_GREEN : BADGE_RED});
}

int badge_deploy_tag_get(struct call *call, struct err *err)
{
    struct pacticipant row = {0};
    struct version version = {0};
    const char *tag = call_param(call, "tag"), *to = call_param(call, "to");
    int code = store_pacticipant_find(call->store, call_param(call, "pacticipant"), call->arena,
                                      &row, err);
    if (code == 0)
        return not_found(call, "pacticipant");
    if (code > 0)
        code = store_version_latest(call->store, row.id, NULL, tag, call->arena, &version, err);
    if (code == 0)
        return not_found(call, "version");
    if (code < 0)
        return code;
    struct matrix_query query = {.latest = true, .tag = to, .latest_by = BY_CVP};
    *VEC_PUSH(call->arena, &query.selectors) =
        (struct matrix_selector){.pacticipant = row.name, .tag = tag, .latest = true};
    return deploy_badge(call, &query, tag, to, err);
}

int badge_deploy_branch_get(struct call *call, struct err *err)
{
    struct pacticipant row = {0};
    struct branch branch = {0};
    struct environment environment = {0};
    const char *name = call_param(call, "branch"), *to = call_param(call, "environment");
    int code = store_pacticipant_find(call->store, call_param(call, "pacticipant"), call->arena,
                                      &row, err);
    if (code == 0)
        return not_found(call, "pacticipant");
    if (code > 0)
        code = store_branch_find(call->store, row.id, name, call->arena, &branch, err);
    if (code == 0)
        return not_found(call, "branch");
    if (code > 0)
        code = store_environment_by_name(call->store, to, call->arena, &environment, err);
    if (code == 0)
        return not_found(call, "environment");
    if (code < 0)
        return code;
    struct matrix_query query = {.environment = environment.name, .latest_by = BY_CVPV};
    *VEC_PUSH(call->arena, &query.selectors) =
        (struct matrix_selector){.pacticipant = row.name, .branch = name, .latest = true};
    return deploy_badge(call, &query, name, to, err);
}

int badge_merge_get(struct call *call, struct err *err)
{
    struct pacticipant row = {0};
    struct version version = {0};
    struct matrix matrix = {0};
    int code = store_pacticipant_find(call->store, call_param(call, "pacticipant"), call->arena,
                                      &row, err);
    if (code == 0)
        return not_found(call, "pacticipant");
    if (code > 0)
        code = row.main_branch ? store_version_latest(call->store, row.id, row.main_branch, NULL,
                                                      call->arena, &version, err)
                               : 0;
    if (code == 0)
        return not_found(call, "main branch version");
    if (code < 0)
        return code;
    struct matrix_query query = {.latest = true, .main_branch = true, .latest_by = BY_CVP};
    *VEC_PUSH(call->arena, &query.selectors) =
        (struct matrix_selector){.pacticipant = row.name, .version = version.number};
    code = ask(call, &query, &matrix, err);
    if (code < 0)
        return code;
    static const struct {
        const char *text;
        enum badge_color color;
    } answers[] = {[MATRIX_VERIFIED] = {"success", BADGE_GREEN},
                   [MATRIX_FAILED] = {"failed", BADGE_RED},
                   [MATRIX_UNKNOWN] = {"unknown", BADGE_GREY}};
    headers_addz(call->arena, &call->headers, "Cache-Control", "max-age=30");
    return answer(call,
                  (struct badge){label_or(call, "can-i-merge"), answers[matrix.deployable].text,
                                 answers[matrix.deployable].color});
}
