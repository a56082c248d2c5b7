// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/lint.h"

#include <stdarg.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"
#include "lib/contract/lint_internal.h"
#include "lib/contract/mapping.h"
#include "lib/contract/match.h"
#include "lib/contract/merge.h"
#include "lib/contract/part.h"

enum { REJECTIONS_SHOWN = 5 };

void lint_say(const struct linting *linting, enum lint_level level, const char *check,
              const struct lint_place *place, const char *fmt, ...)
{
    struct lint_finding *finding = VEC_PUSH(linting->arena, linting->findings);
    va_list args;
    va_start(args, fmt);
    finding->text = str_of(arena_vprintf(linting->arena, fmt, args));
    va_end(args);
    finding->level = level;
    finding->check = check;
    if (linting->at) {
        finding->interaction = linting->at->description;
        finding->line = linting->at->line;
        finding->column = linting->at->column;
    }
    if (place) {
        finding->where = place->where;
    }
    if (place && place->line > 0) {
        finding->line = place->line;
        finding->column = place->column;
    }
}

/* ---- examples against their own rules ---- */

static void say_rejected(const struct linting *linting, const char *part,
                         const struct match_result *result)
{
    size_t shown = 0;
    VEC_EACH(result, const struct mismatch *, mismatch) {
        if (shown++ == REJECTIONS_SHOWN) {
            break;
        }
        struct lint_place place = {
            .where =
                str_printf(linting->arena, "%s %s%s%.*s", part, match_part_name(mismatch->part),
                           mismatch->path.len ? " " : "", STR_FMT(mismatch->path)),
            .line = mismatch->line,
            .column = mismatch->column,
        };
        lint_say(linting, LINT_ERROR, "example-rejected", &place,
                 "the example breaks its own rule (%.*s): %.*s", STR_FMT(mismatch->rule),
                 STR_FMT(mismatch->text));
    }
    size_t all = result->len + result->dropped;
    if (all > REJECTIONS_SHOWN) {
        struct lint_place place = {.where = str_of(part)};
        lint_say(linting, LINT_ERROR, "example-rejected", &place, "%zu more of that kind",
                 all - REJECTIONS_SHOWN);
    }
}

static void judge(const struct linting *linting, const char *part, int rc,
                  const struct match_result *result, const struct err *err)
{
    struct lint_place place = {.where = str_of(part)};
    if (rc) {
        lint_say(linting, LINT_WARNING, "not-judged", &place,
                 "whether the example keeps its own rules could not be told: %s", err->text);
        return;
    }
    say_rejected(linting, part, result);
}

static void judge_http(const struct linting *linting)
{
    struct arena *arena = linting->arena;
    const struct pact_interaction *at = linting->at;
    struct match_result request = {0}, response = {0};
    struct err request_err = ERR_INIT, response_err = ERR_INIT;
    struct actual_request asked = part_sent_request(&at->request, arena);
    struct actual_response told = part_sent_response(&at->response, arena);
    int rc = match_request(linting->pact, &at->request, &asked, arena, &request, &request_err);
    judge(linting, "request", rc, &request, &request_err);
    rc = match_response(linting->pact, &at->response, &told, arena, &response, &response_err);
    judge(linting, "response", rc, &response, &response_err);
}

static void judge_message(const struct linting *linting, const char *name,
                          const struct pact_message *message)
{
    struct match_result result = {0};
    struct err err = ERR_INIT;
    struct actual_message sent = part_sent_message(message);
    int rc = match_message(linting->pact, message, &sent, linting->arena, &result, &err);
    judge(linting, name, rc, &result, &err);
}

/* ---- parts ---- */

static void look_at(const struct linting *linting, const struct lint_part *part)
{
    lint_patterns(linting, part);
    if (linting->only_unusable) {
        return;
    }
    lint_rules(linting, part);
    lint_values(linting, part);
}

static void look_at_message(const struct linting *linting, const char *name,
                            const struct pact_message *message)
{
    struct lint_part part = {.name = name,
                             .body = &message->body,
                             .rules = message->rules,
                             .generators = message->generators,
                             .metadata = message->metadata};
    if (!linting->only_unusable) {
        judge_message(linting, name, message);
    }
    look_at(linting, &part);
}

static void look_at_http(const struct linting *linting)
{
    const struct pact_request *request = &linting->at->request;
    const struct pact_response *response = &linting->at->response;
    struct lint_part asked = {.name = "request",
                              .body = &request->body,
                              .rules = request->rules,
                              .generators = request->generators,
                              .headers = &request->headers,
                              .query = &request->query};
    struct lint_part told = {.name = "response",
                             .body = &response->body,
                             .rules = response->rules,
                             .generators = response->generators,
                             .headers = &response->headers};
    if (!linting->only_unusable) {
        judge_http(linting);
    }
    look_at(linting, &asked);
    look_at(linting, &told);
}

static void look_at_mapping(const struct linting *linting)
{
    struct mapping mapping = {0};
    struct err err = ERR_INIT;
    if (mapping_of(linting->at, linting->arena, &mapping, &err) != 0) {
        lint_say(linting, LINT_ERROR, "mapping-contradicts", NULL, "%s", err.text);
    } else if ((!mapping.method.ptr || mapping.inferred) && !linting->only_unusable) {
        struct str guess = mapping.inferred ? mapping.method : STR_NONE;
        lint_say(linting, linting->options->require_mapping ? LINT_ERROR : LINT_WARNING, "unmapped",
                 NULL,
                 "no repository method is named%s%.*s%s; start the description with it, as in "
                 "'TransactionRepository.page: first page'",
                 guess.ptr ? " (the test's name suggests '" : "", STR_FMT(guess),
                 guess.ptr ? "')" : "");
    }
}

static void look_at_interaction(const struct linting *linting)
{
    const struct pact_interaction *interaction = linting->at;
    look_at_mapping(linting);
    if (interaction->kind == PACT_HTTP) {
        look_at_http(linting);
        return;
    }
    bool sync = interaction->kind == PACT_SYNC_MESSAGE;
    look_at_message(linting, sync ? "request" : "message", &interaction->message);
    VEC_EACH(&interaction->replies, const struct pact_message *, reply) {
        look_at_message(linting, "reply", reply);
    }
}

/* ---- the file ---- */

struct seen {
    VEC_OF(const struct pact_interaction *);
};

static void look_for_twin(const struct linting *linting, struct map *map)
{
    const struct pact_interaction *interaction = linting->at;
    struct seen *seen = map_get(map, interaction->description);
    if (!seen) {
        seen = ARENA_NEW(linting->arena, struct seen);
        map_put(map, interaction->description, seen);
    }
    VEC_EACH(seen, const struct pact_interaction **, other) {
        if ((*other)->kind == interaction->kind && merge_same(*other, interaction, PACT_V3)) {
            lint_say(linting, LINT_ERROR, "description-repeated", NULL,
                     "the interaction of line %d has the same description and provider states; a "
                     "tool that merges files keeps one of them",
                     (*other)->line);
            break;
        }
    }
    *VEC_PUSH(linting->arena, seen) = interaction;
}

static void look_at_file(const struct linting *linting)
{
    const struct pact *pact = linting->pact;
    if (pact->interactions.len == 0 && pact->unknown.len == 0) {
        lint_say(linting, LINT_WARNING, "no-interactions", NULL,
                 "the contract has no interaction, so it promises nothing");
    }
    VEC_EACH(&pact->warnings, const struct pact_warning *, warning) {
        struct lint_place place = {.line = warning->line, .column = warning->column};
        lint_say(linting, LINT_WARNING, "not-understood", &place, "%.*s", STR_FMT(warning->text));
    }
}

static int by_line(const struct lint_finding *a, const struct lint_finding *b)
{
    return a->line != b->line ? (a->line > b->line) - (a->line < b->line)
                              : (a->column > b->column) - (a->column < b->column);
}

/* Stable, and nearly in order already. */
static void sort(struct lint_findings *findings)
{
    for (size_t i = 1; i < findings->len; i++) {
        struct lint_finding one = findings->items[i];
        size_t at = i;
        for (; at > 0 && by_line(&findings->items[at - 1], &one) > 0; at--) {
            findings->items[at] = findings->items[at - 1];
        }
        findings->items[at] = one;
    }
}

void lint_pact(const struct pact *pact, const struct lint_options *options, struct arena *arena,
               struct lint_findings *ret)
{
    struct lint_findings findings = {0};
    struct linting linting = {
        .pact = pact, .options = options, .arena = arena, .findings = &findings};
    look_at_file(&linting);
    struct map *seen = map_new(arena);
    VEC_EACH(&pact->interactions, const struct pact_interaction *, interaction) {
        linting.at = interaction;
        look_for_twin(&linting, seen);
        look_at_interaction(&linting);
    }
    lint_methods(&linting);
    sort(&findings);
    *ret = findings;
}

void lint_unusable(const struct pact *pact, struct arena *arena, struct lint_findings *ret)
{
    static const struct lint_options options = {0};
    struct lint_findings findings = {0};
    struct linting linting = {.pact = pact,
                              .options = &options,
                              .arena = arena,
                              .findings = &findings,
                              .only_unusable = true};
    VEC_EACH(&pact->interactions, const struct pact_interaction *, interaction) {
        linting.at = interaction;
        look_at_interaction(&linting);
    }
    sort(&findings);
    *ret = findings;
}

int lint_text(struct str text, const char *source, const struct lint_options *options,
              struct arena *arena, struct lint_findings *ret, struct err *err)
{
    struct pact *pact = NULL;
    struct json *root = NULL;
    struct lint_findings findings = {0};
    struct linting linting = {.options = options, .arena = arena, .findings = &findings};
    struct err inner = ERR_INIT;
    int rc = pact_read(text, source, arena, &pact, &inner);
    if (rc == 0) {
        mapping_rules_apply(options->mapping, pact);
        lint_pact(pact, options, arena, ret);
        return 0;
    }
    if (rc == ERR_PARSE && json_parse(text, source, arena, &root, NULL) == 0) {
        lint_paths(&linting, root, text);
    }
    if (findings.len == 0) {
        *err = inner;
        return rc;
    }
    lint_say(&linting, LINT_WARNING, "not-judged", NULL,
             "everything else is judged once the paths are valid");
    *ret = findings;
    return 0;
}
