// SPDX-License-Identifier: Apache-2.0
#include "lib/base/arena.h"
#include "lib/base/limits.h"
#include "lib/base/term.h"
#include "verifier/replay_internal.h"
#include "verifier/report.h"

enum { DIFFERENCES_SHOWN = 25, LINES_SHOWN = 12, WARNINGS_SHOWN = 5 };

const char *report_answer(enum exit_code code)
{
    return code == EXIT_YES ? "yes" : code == EXIT_NO ? "no" : "undecided";
}

static const struct {
    const char *word, *mark;
    enum term_style style;
} outcomes[] = {
    [OUTCOME_NOT_RUN] = {"not run", "not run", TERM_YELLOW},
    [OUTCOME_LEFT_OUT] = {"left out", "left out", TERM_DIM},
    [OUTCOME_PASSED] = {"passed", "ok", TERM_GREEN},
    [OUTCOME_FAILED] = {"failed", "FAILED", TERM_RED},
    [OUTCOME_UNTOLD] = {"undecided", "UNDECIDED", TERM_YELLOW},
    [OUTCOME_UNREACHED] = {"unreachable", "NO ANSWER", TERM_YELLOW},
};

static bool is_pending_failure(const struct verdict *verdict)
{
    return verdict->outcome == OUTCOME_FAILED && verdict->pending;
}

const char *report_outcome(const struct verdict *verdict)
{
    return is_pending_failure(verdict) ? "pending" : outcomes[verdict->outcome].word;
}

struct str report_after(const struct contract *contract, struct arena *arena)
{
    struct counts counts = contract_counts(contract);
    bool success = contract_is_whole(contract) && counts.failed + counts.pending == 0;
    struct str when =
        str_printf(arena, "after_verification:success_%s_published_%s", success ? "true" : "false",
                   contract->publication == PUBLISH_DONE ? "true" : "false");
    VEC_EACH(&contract->notices, const struct notice *, notice) {
        if (str_eq(notice->when, when) || str_is(notice->when, "after_verification"))
            return notice->text;
    }
    return STR_NONE;
}

/* Foreign text under a label, every line of it indented. */
static void print_block(FILE *out, int indent, const char *label, struct str text)
{
    size_t lines = 0;
    while (text.ptr) {
        struct str line = str_cut(&text, '\n');
        if (++lines > LINES_SHOWN) {
            fprintf(out, "%*s%-9s …\n", indent, "", "");
            return;
        }
        fprintf(out, "%*s%-9s %.*s\n", indent, "", lines == 1 ? label : "", STR_FMT(line));
    }
}

static void print_difference(FILE *out, const char *origin, const struct mismatch *mismatch)
{
    term_print(out, TERM_BOLD, "      - %s%s%.*s", match_part_name(mismatch->part),
               mismatch->path.len > 0 ? " " : "", STR_FMT(mismatch->path));
    fprintf(out, ": %.*s\n", STR_FMT(mismatch->text));
    print_block(out, 8, "expected", mismatch->expected.ptr ? mismatch->expected : STR("(nothing)"));
    print_block(out, 8, "actual", mismatch->actual.ptr ? mismatch->actual : STR("(nothing)"));
    if (mismatch->rule.len > 0)
        fprintf(out, "        %-9s %.*s\n", "rule", STR_FMT(mismatch->rule));
    if (mismatch->line > 0)
        fprintf(out, "        %-9s %s:%d:%d\n", "contract", origin, mismatch->line,
                mismatch->column);
}

static void print_reply(FILE *out, const struct verdict *verdict)
{
    if (verdict->request.len > 0)
        fprintf(out, "      request   %.*s\n", STR_FMT(verdict->request));
    if (verdict->status == 0)
        return;
    fprintf(out, "      reply     %d%s%.*s, %zu bytes\n", verdict->status,
            verdict->content_type.len > 0 ? " " : "", STR_FMT(verdict->content_type),
            verdict->body_len);
    if (verdict->excerpt.len > 0)
        print_block(out, 6, "body", verdict->excerpt);
}

static void print_failure(FILE *out, const struct contract *contract, const struct verdict *verdict,
                          size_t number, struct arena *arena)
{
    const struct match_result *differences = &verdict->differences;
    fprintf(out, "\n %3zu) ", number);
    term_print(out, is_pending_failure(verdict) ? TERM_YELLOW : TERM_RED, "%.*s%s",
               STR_FMT(verdict->interaction->description),
               is_pending_failure(verdict) ? " (pending: does not fail the run)" : "");
    fprintf(out, "\n      contract  %.*s", STR_FMT(contract_title(contract, arena)));
    if (verdict->interaction->line > 0)
        fprintf(out, ", %s:%d:%d", contract->origin, verdict->interaction->line,
                verdict->interaction->column);
    fputc('\n', out);
    if (verdict->mapping.method.len > 0)
        fprintf(out, "      method    %.*s, %.*s\n", STR_FMT(verdict->mapping.method),
                STR_FMT(verdict->mapping.operation));
    VEC_EACH(&verdict->interaction->states, const struct pact_state *, state)
        fprintf(out, "      state     %.*s\n", STR_FMT(state->name));
    print_reply(out, verdict);
    if (verdict->reason.len > 0)
        fprintf(out, "      - %.*s\n", STR_FMT(verdict->reason));
    size_t shown = differences->len < DIFFERENCES_SHOWN ? differences->len : DIFFERENCES_SHOWN;
    for (size_t i = 0; i < shown; i++)
        print_difference(out, contract->origin, &differences->items[i]);
    size_t folded = differences->len - shown + differences->dropped;
    if (folded > 0)
        fprintf(out, "      … and %zu more differences\n", folded);
}

/* Texts of a contract's comment; a control character in one does nothing to the terminal. */
static void print_remark(FILE *out, const char *label, struct str text, struct arena *arena)
{
    struct str clean = replay_excerpt(arena, text, LIMIT_SHOWN);
    if (clean.len > 0)
        print_block(out, 13, label, clean);
}

static void print_references(FILE *out, const struct json *references, struct arena *arena)
{
    for (size_t i = 0; i < json_len(references); i++) {
        const struct json *group = json_at(references, i);
        for (size_t k = 0; json_is(group, JSON_OBJECT) && k < json_len(group); k++) {
            const struct json *value = json_at(group, k);
            struct str shown = json_is(value, JSON_STRING)
                                   ? json_text(value)
                                   : json_to_str(arena, value, JSON_COMPACT);
            print_remark(out, "refers to",
                         str_printf(arena, "%.*s %.*s: %.*s", STR_FMT(json_key(references, i)),
                                    STR_FMT(json_key(group, k)), STR_FMT(shown)),
                         arena);
        }
    }
}

/* What V4 lets a consumer say about an interaction: its test, lines of text, and references. */
static void print_comments(FILE *out, const struct json *comments, struct arena *arena)
{
    const struct json *text = json_get(comments, "text"), *references;
    references = json_get(comments, "references");
    print_remark(out, "test", json_get_text(comments, "testname"), arena);
    if (json_is(text, JSON_STRING))
        print_remark(out, "comment", json_text(text), arena);
    for (size_t i = 0; json_is(text, JSON_ARRAY) && i < json_len(text); i++) {
        if (json_is(json_at(text, i), JSON_STRING))
            print_remark(out, "comment", json_text(json_at(text, i)), arena);
    }
    if (json_is(references, JSON_OBJECT))
        print_references(out, references, arena);
}

static bool needs_explanation(const struct verdict *verdict)
{
    return verdict->outcome == OUTCOME_FAILED || verdict->outcome == OUTCOME_UNTOLD ||
           verdict->outcome == OUTCOME_UNREACHED;
}

static void print_line(FILE *out, const struct verdict *verdict, size_t number, struct arena *arena)
{
    const char *mark = is_pending_failure(verdict) ? "pending" : outcomes[verdict->outcome].mark;
    enum term_style style =
        is_pending_failure(verdict) ? TERM_YELLOW : outcomes[verdict->outcome].style;
    fputs("  ", out);
    term_print(out, style, "%-10s", mark);
    fprintf(out, " %.*s", STR_FMT(verdict->interaction->description));
    if (verdict->mapping.operation.len > 0)
        term_print(out, TERM_DIM, "  [%.*s]", STR_FMT(verdict->mapping.operation));
    if (number > 0)
        fprintf(out, "  see %zu)", number);
    fputc('\n', out);
    VEC_EACH(&verdict->warnings, const struct str *, warning)
        fprintf(out, "             warning: %.*s\n", STR_FMT(*warning));
    print_comments(out, verdict->interaction->comments, arena);
}

static void print_publication(FILE *out, const struct report *report,
                              const struct contract *contract)
{
    const struct verify_options *options = report->options;
    switch (contract->publication) {
    case PUBLISH_NOT_ASKED:
        if (options->publish && options->dry_run)
            fputs("  not published: this is a dry run\n", out);
        break;
    case PUBLISH_DONE:
        fprintf(out, "  published for version %s\n", options->version);
        break;
    case PUBLISH_NO_PLACE:
    case PUBLISH_PARTIAL:
    case PUBLISH_REFUSED:
        term_print(out, TERM_YELLOW, "  not published: %.*s\n",
                   STR_FMT(contract->publication_text));
        break;
    }
}

static void print_warnings(FILE *out, const struct contract *contract)
{
    size_t shown = 0;
    VEC_EACH(&contract->pact->warnings, const struct pact_warning *, warning) {
        if (++shown > WARNINGS_SHOWN)
            break;
        fprintf(out, "  warning: line %d: %.*s\n", warning->line, STR_FMT(warning->text));
    }
    if (contract->pact->warnings.len > WARNINGS_SHOWN)
        fprintf(out, "  warning: … and %zu more\n", contract->pact->warnings.len - WARNINGS_SHOWN);
    if (contract->pact->interactions.len == 0)
        fputs("  warning: this contract has no interactions; that is no evidence\n", out);
}

/* Returns the number of the last failure. */
static size_t print_contract(FILE *out, const struct report *report,
                             const struct contract *contract, size_t number, struct arena *arena)
{
    fputc('\n', out);
    term_print(out, TERM_BOLD, "%.*s", STR_FMT(contract_title(contract, arena)));
    const char *note = contract->wip ? ", work in progress" : contract->pending ? ", pending" : "";
    fprintf(out, "%s%.*s%s\n", contract->about.len > 0 ? ", " : "", STR_FMT(contract->about), note);
    term_print(out, TERM_DIM, "  %s\n", contract->origin);
    print_warnings(out, contract);
    for (size_t i = 0; i < contract->pact->interactions.len; i++) {
        const struct verdict *verdict = &contract->verdicts[i];
        if (verdict->outcome != OUTCOME_LEFT_OUT)
            print_line(out, verdict, needs_explanation(verdict) ? ++number : 0, arena);
    }
    size_t left_out = contract_counts(contract).left_out;
    if (left_out > 0)
        fprintf(out, "  %zu left out by filters\n", left_out);
    print_publication(out, report, contract);
    struct str after = report_after(contract, arena);
    if (after.len > 0)
        fprintf(out, "  %.*s\n", STR_FMT(after));
    return number;
}

static void print_summary(FILE *out, const struct report *report)
{
    const struct counts *counts = &report->counts;
    const struct {
        const char *word;
        size_t n;
    } more[] = {
        {"undecided", counts->untold},        {"without answer", counts->unreached},
        {"not run", counts->not_run},         {"left out", counts->left_out},
        {"of unknown kind", counts->skipped},
    };
    fprintf(out, "\n%zu passed, %zu failed, %zu pending", counts->passed, counts->failed,
            counts->pending);
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        if (more[i].n > 0)
            fprintf(out, ", %zu %s", more[i].n, more[i].word);
    }
    fprintf(out, ", %.2f s\n", (double)report->elapsed_us / 1e6);
}

void report_text(const struct report *report, struct arena *arena, FILE *out)
{
    const struct contracts *contracts = report->contracts;
    size_t number = 0;
    term_print(out,
               report->code == EXIT_YES  ? TERM_GREEN
               : report->code == EXIT_NO ? TERM_RED
                                         : TERM_YELLOW,
               "%s%.*s\n", report->options->dry_run ? "dry run, " : "", STR_FMT(report->headline));
    VEC_EACH(contracts, const struct contract *, contract)
        number = print_contract(out, report, contract, number, arena);
    if (contracts->ignored.len > 0)
        fputc('\n', out);
    VEC_EACH(&contracts->ignored, const struct ignored *, ignored)
        fprintf(out, "ignored: %s: %.*s\n", ignored->origin, STR_FMT(ignored->reason));
    number = 0;
    VEC_EACH(contracts, const struct contract *, contract) {
        for (size_t i = 0; i < contract->pact->interactions.len; i++) {
            if (needs_explanation(&contract->verdicts[i]))
                print_failure(out, contract, &contract->verdicts[i], ++number, arena);
        }
    }
    print_summary(out, report);
}
