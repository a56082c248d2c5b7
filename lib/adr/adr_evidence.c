// SPDX-License-Identifier: Apache-2.0
/* Evidence documents: what probes publish under a provider's version and the gate reads. */
#include "lib/adr/adr.h"

#include "lib/adr/adr_parts.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"

struct json *adr_evidence_write(const struct adr_findings *findings, struct str observed_at,
                                struct arena *arena)
{
    struct json *document = json_new_object(arena), *results = json_new_array(arena);
    VEC_EACH(findings, const struct adr_finding *, finding) {
        struct json *result = json_new_object(arena);
        json_set(arena, result, "rule", json_new_text(arena, finding->rule));
        json_set(arena, result, "tier", json_new_text(arena, adr_tier_name(finding->tier)));
        json_set(arena, result, "verdict",
                 json_new_text(arena, adr_verdict_name(finding->verdict)));
        json_set(arena, result, "subject",
                 json_new_str(arena,
                              finding->subject.len > 0 ? finding->subject : str_of(finding->rule)));
        json_set(arena, result, "text",
                 json_new_str(arena, finding->text.ptr ? finding->text : STR("")));
        if (finding->evidence)
            json_set(arena, result, "evidence", json_copy(arena, finding->evidence));
        json_set(
            arena, result, "observedAt",
            json_new_str(arena, finding->observed_at.ptr ? finding->observed_at : observed_at));
        json_append(arena, results, result);
    }
    json_set(arena, document, "pack", json_new_text(arena, ADR_PACK));
    json_set(arena, document, "observedAt", json_new_str(arena, observed_at));
    json_set(arena, document, "results", results);
    return document;
}

static bool parse_tier(struct str name, enum adr_tier *ret)
{
    static const enum adr_tier tiers[] = {ADR_STATIC, ADR_CONTRACT, ADR_LIVE};
    for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++) {
        if (str_is(name, adr_tier_name(tiers[i]))) {
            *ret = tiers[i];
            return true;
        }
    }
    return false;
}

/*
 * A result without a tier has the rule's only one; where evidence can be of several kinds it has to
 * say which.
 */
static bool find_tier(const struct json *result, const struct adr_rule *rule, enum adr_tier *ret)
{
    if (json_get(result, "tier"))
        return parse_tier(json_get_text(result, "tier"), ret);
    unsigned tiers = rule ? rule->tiers & (ADR_STATIC | ADR_LIVE) : ADR_LIVE;
    if (tiers != ADR_STATIC && tiers != ADR_LIVE)
        return false;
    *ret = (enum adr_tier)tiers;
    return true;
}

static int bad(struct err *err, size_t i, const char *what)
{
    return err_set(err, ERR_PARSE, "evidence: /results/%zu/%s", i, what);
}

static int read_result(const struct json *document, size_t i, struct arena *arena,
                       struct adr_finding *ret, struct err *err)
{
    const struct json *result = json_at(json_get(document, "results"), i);
    struct str rule = json_get_text(result, "rule");
    struct str verdict = json_get_text(result, "verdict");
    const struct adr_rule *known = adr_rule(rule);
    int64_t us;
    if (rule.len == 0)
        return bad(err, i, "rule: expected a text that is not empty");
    if (!verdict.ptr || !adr_verdict_parse(verdict, &ret->verdict))
        return bad(err, i,
                   "verdict: expected pass, fail, warn, waived, inconclusive or not applicable");
    if (!find_tier(result, known, &ret->tier))
        return bad(err, i, "tier: expected static, contract or live");
    const struct json *own = json_get(result, "observedAt");
    ret->observed_at = json_get_text(own ? result : document, "observedAt");
    if (!ret->observed_at.ptr || !clock_parse(ret->observed_at, &us))
        return bad(err, i, "observedAt: expected a date and time with a zone (RFC 3339)");
    ret->rule = known ? known->id : str_cstr(arena, rule);
    ret->subject = json_get_text(result, "subject");
    ret->text = json_get_text(result, "text");
    struct json *evidence = json_get(result, "evidence");
    ret->evidence = json_is(evidence, JSON_OBJECT) ? evidence : NULL;
    if (!ret->subject.ptr)
        ret->subject = STR("");
    if (!ret->text.ptr)
        ret->text = STR("");
    return 0;
}

int adr_evidence_read(const struct json *document, struct arena *arena, struct adr_findings *ret,
                      struct err *err)
{
    const struct json *results = json_get(document, "results");
    if (json_get(document, "pack") && !str_is(json_get_text(document, "pack"), ADR_PACK))
        return err_set(err, ERR_PARSE, "evidence: /pack: expected \"" ADR_PACK "\"");
    if (!json_is(results, JSON_ARRAY))
        return err_set(err, ERR_PARSE, "evidence: /results: expected an array");
    struct adr_findings findings = {0};
    for (size_t i = 0; i < json_len(results); i++) {
        struct adr_finding finding = {0};
        int code = read_result(document, i, arena, &finding, err);
        if (code < 0)
            return code;
        *VEC_PUSH(arena, &findings) = finding;
    }
    VEC_EACH(&findings, const struct adr_finding *, finding) {
        *VEC_PUSH(arena, ret) = *finding;
    }
    return 0;
}
