// SPDX-License-Identifier: Apache-2.0
/* The contract half of the gate. Source: broker-api, sections 7 and 11; gate-and-audit, section 4.
 */
#include "ci/gate.h"

#include "ci/app_version.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"
#include "lib/contract/mapping_rules.h"
#include "lib/contract/pact.h"
#include "lib/hal/hal.h"
#include "lib/wire/url.h"

/* The broker cuts its answer at 100 rows unless told otherwise. */
#define ALL_ROWS "100000000"

/* ---- rows of the matrix ---- */

static void set_state(struct gate_contract *contract, enum gate_state state, struct str why)
{
    contract->state = state;
    contract->why = why;
}

struct load {
    struct hal *hal;
    struct gate_facts *facts;
    struct arena *arena;
    struct err *err;
    struct map *pacts; /* by URL: a contract is fetched once */
};

static struct str row_text(const struct json *row, const char *pointer)
{
    return json_text(json_pointer(row, pointer));
}

static int fetch_pact(struct load *load, struct str url, const struct pact **ret)
{
    void **slot = map_slot(load->pacts, url);
    if (*slot) {
        *ret = *slot;
        return 0;
    }
    struct hal_response response = {0};
    struct pact *pact = NULL;
    const char *source = str_cstr(load->arena, url);
    int code =
        hal_call(load->hal, "GET", source, NULL, STR_NONE, load->arena, &response, load->err);
    if (code == 0)
        code = pact_read(response.text, source, load->arena, &pact, load->err);
    if (code < 0)
        return code;
    mapping_rules_apply(load->facts->question.mapping, pact);
    *map_slot(load->pacts, url) = pact;
    *ret = pact;
    return 0;
}

static int judge_row(struct load *load, const struct json *row, struct gate_contract *contract)
{
    struct json *result;
    bool counted = json_is(json_get(row, "verificationResult"), JSON_OBJECT);
    bool verified = counted || json_is(json_get(row, "partialVerificationResult"), JSON_OBJECT);
    const struct gate_question *question = &load->facts->question;
    int code = 0;
    if (contract->pact_url.ptr)
        code = fetch_pact(load, contract->pact_url, &contract->pact);
    if (code < 0)
        return code;
    if (!contract->pact || (verified && !contract->result_url.ptr)) {
        set_state(contract, GATE_UNKNOWN, STR("the broker gives no link to the evidence"));
        return 0;
    }
    contract->interactions = contract->pact->interactions.len + contract->pact->skipped;
    if (!verified) {
        struct str version =
            contract->dependency ? contract->provider_version : str_of(question->version);
        struct str why = version.ptr
                             ? str_printf(load->arena, "not verified by %.*s %.*s",
                                          STR_FMT(contract->provider), STR_FMT(version))
                             : str_printf(load->arena, "no version of %.*s in %s has verified it",
                                          STR_FMT(contract->provider), question->environment);
        set_state(contract, GATE_UNKNOWN, why);
        return 0;
    }
    code = hal_get(load->hal, str_cstr(load->arena, contract->result_url), load->arena, &result,
                   load->err);
    if (code < 0)
        return code;
    gate_contract_judge(result, load->arena, contract);
    /* The matrix and the result must tell the same story. */
    bool row_success = json_bool(json_pointer(row, "/verificationResult/success"));
    if (!counted && contract->state == GATE_GOOD)
        set_state(contract, GATE_UNKNOWN, STR("the broker counts the verification as partial"));
    if (counted && !row_success && contract->state == GATE_GOOD)
        set_state(contract, GATE_BAD, STR("the broker's matrix counts the verification as failed"));
    return 0;
}

static int add_row(struct load *load, const struct json *row)
{
    const struct gate_question *question = &load->facts->question;
    struct gate_contract contract = {
        .consumer = row_text(row, "/consumer/name"),
        .consumer_version = row_text(row, "/consumer/version/number"),
        .provider = row_text(row, "/provider/name"),
        .provider_version = row_text(row, "/provider/version/number"),
        .pact_url = row_text(row, "/pact/_links/self/href"),
        .result_url = row_text(row, "/verificationResult/_links/self/href"),
        .verified_at = row_text(row, "/verificationResult/verifiedAt"),
    };
    if (!contract.result_url.ptr)
        contract.result_url = row_text(row, "/partialVerificationResult/_links/self/href");
    contract.dependency = str_is(contract.consumer, question->pacticipant) &&
                          str_is(contract.consumer_version, question->version);
    bool as_provider =
        str_is(contract.provider, question->pacticipant) &&
        (!contract.provider_version.ptr || str_is(contract.provider_version, question->version));
    if (!contract.dependency && !as_provider)
        return 0;
    int code = judge_row(load, row, &contract);
    if (code < 0)
        return err_wrap(load->err, "contract of %.*s %.*s with %.*s", STR_FMT(contract.consumer),
                        STR_FMT(contract.consumer_version), STR_FMT(contract.provider));
    *VEC_PUSH(load->arena, &load->facts->contracts) = contract;
    return 0;
}

static void doubt(struct load *load, struct str text)
{
    *VEC_PUSH(load->arena, &load->facts->doubts) = text;
}

/* Counts and verdict of the broker's own summary must not contradict what was judged. */
static void compare_summary(struct load *load, const struct json *matrix, size_t rows)
{
    static const char *const counts[] = {"success", "failed", "unknown"};
    const struct json *summary = json_get(matrix, "summary");
    const struct json *deployable = json_get(summary, "deployable");
    int64_t counted = 0, n = 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (json_to_i64(json_get(summary, counts[i]), &n))
            counted += n;
    }
    if (counted > (int64_t)rows)
        doubt(load, str_printf(load->arena, "the broker counts %lld contracts but shows only %zu",
                               (long long)counted, rows));
    bool good = load->facts->contracts.len > 0;
    VEC_EACH(&load->facts->contracts, const struct gate_contract *, contract) {
        good = good && contract->state == GATE_GOOD;
    }
    if (good && !json_bool(deployable))
        doubt(load, str_printf(load->arena, "the broker says: %.*s",
                               STR_FMT(json_get_text(summary, "reason"))));
}

/* ---- the question as a whole ---- */

/* A version that nobody has heard of is a doubt, not an error: it may still be verified. */
static int check_version(struct load *load)
{
    struct json *version;
    struct err err = ERR_INIT;
    const struct gate_question *question = &load->facts->question;
    int code = app_version_get(load->hal, question->pacticipant, question->version, load->arena,
                               &version, &err);
    if (code == ERR_NOT_FOUND) {
        doubt(load, str_printf(load->arena, "the broker does not know version %s of %s",
                               question->version, question->pacticipant));
        return 0;
    }
    if (code < 0)
        *load->err = err;
    return code;
}

int gate_contracts_load(struct hal *hal, struct gate_facts *facts, struct arena *arena,
                        struct err *err)
{
    struct load load = {hal, facts, arena, err, map_new(arena)};
    const struct gate_question *question = &facts->question;
    struct json *matrix;
    const char *url =
        arena_printf(arena,
                     "/matrix?q%%5B%%5D%%5Bpacticipant%%5D=%.*s&q%%5B%%5D%%5Bversion%%5D=%.*s"
                     "&latestby=cvpv&environment=%.*s&limit=" ALL_ROWS,
                     STR_FMT(url_encode(arena, str_of(question->pacticipant))),
                     STR_FMT(url_encode(arena, str_of(question->version))),
                     STR_FMT(url_encode(arena, str_of(question->environment))));
    int code = hal_get(hal, url, arena, &matrix, err);
    if (code < 0)
        return err_wrap(err, "asking for the contracts of %s %s in %s", question->pacticipant,
                        question->version, question->environment);
    const struct json *rows = json_get(matrix, "matrix");
    if (!json_is(rows, JSON_ARRAY))
        return err_set(err, ERR_NET, "the broker's matrix has no rows: expected an array 'matrix'");
    for (size_t i = 0; code == 0 && i < json_len(rows); i++)
        code = add_row(&load, json_at(rows, i));
    if (code == 0)
        compare_summary(&load, matrix, json_len(rows));
    if (code == 0)
        code = check_version(&load);
    return code < 0 ? code : gate_live_load(hal, facts, arena, err);
}
