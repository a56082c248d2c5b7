// SPDX-License-Identifier: Apache-2.0
/* The probe's answer for people and for programs. */
#include "verifier/probe_parts.h"

#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/base/term.h"

/* Longer texts are cut in tables; the JSON output has them whole. */
enum { CELL = 200 };

struct texts {
    VEC_OF(struct str);
};

static const char *answer_name(enum exit_code answer)
{
    return answer == EXIT_YES ? "yes" : answer == EXIT_NO ? "no" : "undecided";
}

/* ---- what the answer rests on ---- */

static size_t count(const struct probe *probe, enum adr_verdict verdict)
{
    size_t n = 0;
    VEC_EACH(&probe->findings, const struct adr_finding *, finding) {
        n += finding->verdict == verdict;
    }
    return n;
}

/* "INT-005-CURSOR, INT-005-PUSH": the rules with that verdict; findings are sorted by rule. */
static struct str rules_with(struct probe *probe, enum adr_verdict verdict, bool required,
                             size_t *ret_n)
{
    struct str names = STR("");
    const char *last = "";
    *ret_n = 0;
    VEC_EACH(&probe->findings, const struct adr_finding *, finding) {
        const struct adr_rule *rule = adr_rule(str_of(finding->rule));
        bool counts = finding->verdict == verdict && strcmp(finding->rule, last) != 0 &&
                      (!required || (rule && (rule->required & (unsigned)finding->tier)));
        if (!counts)
            continue;
        last = finding->rule;
        names = str_printf(probe->arena, "%.*s%s%s", STR_FMT(names), *ret_n ? ", " : "", last);
        ++*ret_n;
    }
    return names;
}

static size_t rules_that_hold(const struct probe *probe)
{
    const char *last = "";
    size_t n = 0;
    VEC_EACH(&probe->findings, const struct adr_finding *, finding) {
        bool holds = finding->verdict == ADR_PASS || finding->verdict == ADR_WARN;
        if (!holds || strcmp(finding->rule, last) == 0)
            continue;
        last = finding->rule;
        n++;
    }
    return n;
}

static struct str reason(struct probe *probe, enum exit_code answer)
{
    size_t n, checks = probe->findings.len, warnings = count(probe, ADR_WARN);
    if (answer == EXIT_YES) {
        n = rules_that_hold(probe);
        struct str tail =
            warnings == 0 ? STR("") : str_printf(probe->arena, ", %zu with a warning", warnings);
        return str_printf(probe->arena, "Yes: %zu rule%s hold%s (%zu check%s%.*s).", n,
                          n == 1 ? "" : "s", n == 1 ? "s" : "", checks, checks == 1 ? "" : "s",
                          STR_FMT(tail));
    }
    if (answer == EXIT_NO) {
        struct str names = rules_with(probe, ADR_FAIL, false, &n);
        return str_printf(probe->arena, "No: %.*s %s broken (%zu of %zu checks failed).",
                          STR_FMT(names), n == 1 ? "is" : "are", count(probe, ADR_FAIL), checks);
    }
    struct str names = rules_with(probe, ADR_INCONCLUSIVE, true, &n);
    if (n == 0)
        return STR("Undecided: nothing was looked at.");
    return str_printf(probe->arena,
                      "Undecided: %.*s could not be judged (%zu of %zu checks inconclusive).",
                      STR_FMT(names), count(probe, ADR_INCONCLUSIVE), checks);
}

static void add_once(struct probe *probe, struct texts *texts, struct map *seen, struct str text)
{
    if (!text.len || map_has(seen, text))
        return;
    map_put(seen, text, seen);
    *VEC_PUSH(probe->arena, texts) = text;
}

static struct texts next_steps(struct probe *probe)
{
    struct texts steps = {0};
    struct map *seen = map_new(probe->arena);
    VEC_EACH(&probe->findings, const struct adr_finding *, finding) {
        const struct adr_rule *rule = adr_rule(str_of(finding->rule));
        struct str next = json_get_text(finding->evidence, "next");
        bool bad = finding->verdict == ADR_FAIL || finding->verdict == ADR_WARN;
        if (bad && rule)
            next = str_of(rule->remedy);
        else if (finding->verdict != ADR_INCONCLUSIVE)
            continue;
        if (next.len > 0)
            add_once(probe, &steps, seen,
                     str_printf(probe->arena, "%s: %.*s", finding->rule, STR_FMT(next)));
    }
    return steps;
}

/* ---- text ---- */

static enum term_style style_of(enum adr_verdict verdict)
{
    return verdict == ADR_PASS             ? TERM_GREEN
           : verdict == ADR_FAIL           ? TERM_RED
           : verdict == ADR_NOT_APPLICABLE ? TERM_DIM
                                           : TERM_YELLOW;
}

static void print_table(struct probe *probe)
{
    static const char *const head[] = {"RULE", "TIER", "SUBJECT", "VERDICT", "WHAT WAS SEEN"};
    enum { COLUMNS = sizeof head / sizeof *head };
    struct term_table *table = term_table_new(probe->arena, COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++)
        term_table_cell(table, TERM_BOLD, "%s", head[i]);
    VEC_EACH(&probe->findings, const struct adr_finding *, finding) {
        struct str subject = term_one_line(probe->arena, finding->subject, CELL);
        struct str text = term_one_line(probe->arena, finding->text, CELL);
        term_table_cell(table, TERM_PLAIN, "%s", finding->rule);
        term_table_cell(table, TERM_PLAIN, "%s", adr_tier_name(finding->tier));
        term_table_cell(table, TERM_PLAIN, "%.*s", STR_FMT(subject));
        term_table_cell(table, style_of(finding->verdict), "%s",
                        adr_verdict_name(finding->verdict));
        term_table_cell(table, TERM_PLAIN, "%.*s", STR_FMT(text));
    }
    putchar('\n');
    term_table_print(table, stdout);
}

static void print_list(struct probe *probe, const char *heading, const struct str *items, size_t n)
{
    if (n > 0)
        printf("\n%s:\n", heading);
    for (size_t i = 0; i < n; i++) {
        struct str text = term_one_line(probe->arena, items[i], CELL);
        printf("  - %.*s\n", STR_FMT(text));
    }
}

static void print_text(struct probe *probe, const struct probe_outcome *outcome)
{
    enum exit_code answer = probe_answer(probe);
    enum term_style style = answer == EXIT_YES  ? TERM_GREEN
                            : answer == EXIT_NO ? TERM_RED
                                                : TERM_YELLOW;
    struct str line = reason(probe, answer);
    struct texts steps = next_steps(probe);
    term_print(stdout, style, "%.*s\n", STR_FMT(line));
    if (outcome->dry_run)
        printf("Dry run: the exit code is 0 whatever the answer.\n");
    print_table(probe);
    print_list(probe, "Not looked at", probe->notes.items, probe->notes.len);
    print_list(probe, "Next steps", steps.items, steps.len);
    if (outcome->published.ptr)
        printf("\nEvidence published for %s %s: %.*s\n", outcome->provider, outcome->version,
               STR_FMT(outcome->published));
    else
        printf("\nEvidence not published: %.*s.\n", STR_FMT(outcome->why_not));
}

/* ---- JSON ---- */

static void set(struct arena *arena, struct json *object, const char *key, struct str value)
{
    if (value.ptr)
        json_set(arena, object, key, json_new_str(arena, value));
}

static struct json *array_of(struct arena *arena, const struct str *items, size_t n)
{
    struct json *array = json_new_array(arena);
    for (size_t i = 0; i < n; i++)
        json_append(arena, array, json_new_str(arena, items[i]));
    return array;
}

static void print_json(struct probe *probe, const struct probe_outcome *outcome)
{
    struct arena *arena = probe->arena;
    enum exit_code answer = probe_answer(probe);
    struct json *report = json_new_object(arena);
    struct json *evidence = adr_evidence_write(&probe->findings, probe->observed_at, arena);
    struct texts steps = next_steps(probe);
    set(arena, report, "answer", str_of(answer_name(answer)));
    set(arena, report, "reason", reason(probe, answer));
    json_set(arena, report, "exitCode", json_new_int(arena, outcome->exit_code));
    json_set(arena, report, "dryRun", json_new_bool(arena, outcome->dry_run));
    set(arena, report, "provider", str_of(outcome->provider));
    set(arena, report, "providerVersion", str_of(outcome->version));
    set(arena, report, "providerBaseUrl", probe_shown_url(probe, str_of(probe->config.base_url)));
    set(arena, report, "pack", str_of(ADR_PACK));
    set(arena, report, "observedAt", probe->observed_at);
    json_set(arena, report, "published", json_new_bool(arena, outcome->published.ptr != NULL));
    set(arena, report, "evidenceUrl", outcome->published);
    set(arena, report, "notPublishedBecause", outcome->why_not);
    json_set(arena, report, "results", json_get(evidence, "results"));
    json_set(arena, report, "notLookedAt", array_of(arena, probe->notes.items, probe->notes.len));
    json_set(arena, report, "nextSteps", array_of(arena, steps.items, steps.len));
    printf("%.*s\n", STR_FMT(json_to_str(arena, report, JSON_PRETTY)));
}

void probe_report(struct probe *probe, const struct probe_outcome *outcome)
{
    if (strcmp(outcome->format, "json") == 0)
        print_json(probe, outcome);
    else
        print_text(probe, outcome);
}
