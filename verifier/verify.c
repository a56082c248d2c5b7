// SPDX-License-Identifier: Apache-2.0
#include "verifier/verify.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/hash.h"
#include "lib/base/term.h"
#include "verifier/publish.h"
#include "verifier/report.h"
#include "verifier/run.h"
#include "verifier/source.h"

static uint64_t random_bits(void *context)
{
    uint64_t bits = 0;
    (void)context;
    hash_random(&bits, sizeof bits);
    return bits;
}

static size_t interactions_of(const struct contracts *contracts)
{
    size_t n = 0;
    VEC_EACH(contracts, const struct contract *, contract)
        n += contract->pact->interactions.len;
    return n;
}

static const struct contract *first_with(const struct contracts *contracts,
                                         enum publication publication)
{
    VEC_EACH(contracts, const struct contract *, contract) {
        if (contract->publication == publication)
            return contract;
    }
    return NULL;
}

static struct str first_reason(const struct contracts *contracts, enum outcome outcome)
{
    VEC_EACH(contracts, const struct contract *, contract) {
        for (size_t i = 0; i < contract->pact->interactions.len; i++) {
            if (contract->verdicts[i].outcome == outcome)
                return contract->verdicts[i].reason;
        }
    }
    return STR("");
}

static enum exit_code say(struct report *report, enum exit_code code, struct str headline)
{
    report->headline = headline;
    report->code = code;
    return code;
}

/* A refusal is a no; a broker that is not there or does not let us in is the surroundings. */
static enum exit_code exit_of_refusal(const struct err *err)
{
    return err_exit(err) == EXIT_USAGE ? EXIT_NO : err_exit(err);
}

/* What was asked to be published and was not, when all that ran is good. */
static enum exit_code decide_publication(struct report *report, const struct err *publish_err,
                                         struct arena *arena)
{
    const struct contracts *contracts = report->contracts;
    if (publish_err->code != ERR_NONE)
        return say(report, exit_of_refusal(publish_err),
                   str_printf(arena, "%s: every interaction that ran is good, but %s",
                              report_answer(exit_of_refusal(publish_err)), publish_err->text));
    const struct contract *left = first_with(contracts, PUBLISH_PARTIAL);
    left = left ? left : first_with(contracts, PUBLISH_NO_PLACE);
    if (left)
        return say(report, EXIT_UNDECIDED,
                   str_printf(arena,
                              "undecided: every interaction that ran is good, but results of %.*s "
                              "were not published: %.*s",
                              STR_FMT(contract_title(left, arena)),
                              STR_FMT(left->publication_text)));
    return EXIT_YES;
}

static enum exit_code decide_nothing(struct report *report, const struct err *load_err,
                                     struct arena *arena)
{
    const struct contracts *contracts = report->contracts;
    bool allowed = report->options->ignore_no_pacts && contracts->len == 0;
    const char *why = load_err->code != ERR_NONE    ? load_err->text
                      : contracts->ignored.len > 0  ? "no contract is for this provider"
                      : contracts->len == 0         ? "no contract was found"
                      : report->counts.left_out > 0 ? "the filters left nothing to replay"
                      : report->counts.skipped > 0  ? "no interaction is of a known kind"
                                                    : "no contract has an interaction";
    return say(report, allowed ? EXIT_YES : EXIT_UNDECIDED,
               str_printf(arena, "%s: %s%s", allowed ? "yes" : "undecided", why,
                          allowed ? "; --ignore-no-pacts-error allows that" : ""));
}

static bool has_empty(const struct contracts *contracts)
{
    VEC_EACH(contracts, const struct contract *, contract) {
        if (contract->pact->interactions.len == 0)
            return true;
    }
    return false;
}

/* "Could not tell" never becomes yes; "no" needs one interaction that was judged. */
static enum exit_code decide(struct report *report, const struct err *load_err,
                             const struct err *publish_err, struct arena *arena)
{
    const struct contracts *contracts = report->contracts;
    const struct counts *counts = &report->counts;
    const char *url = report->options->base_url;
    size_t ran = counts->passed + counts->failed + counts->pending;
    struct str provider = contracts->len > 0 ? contracts->items[0].pact->provider : STR("");
    if (counts->failed > 0)
        return say(report, EXIT_NO,
                   str_printf(arena, "no: %.*s at %s breaks %zu of %zu interactions",
                              STR_FMT(provider), url, counts->failed, interactions_of(contracts)));
    if (counts->unreached > 0)
        return say(report, EXIT_SURROUNDINGS,
                   str_printf(arena, "undecided: nobody answers: %.*s",
                              STR_FMT(first_reason(contracts, OUTCOME_UNREACHED))));
    if (counts->untold > 0)
        return say(report, EXIT_UNDECIDED,
                   str_printf(arena, "undecided: %zu interactions could not be judged: %.*s",
                              counts->untold, STR_FMT(first_reason(contracts, OUTCOME_UNTOLD))));
    if (ran == 0)
        return decide_nothing(report, load_err, arena);
    if (counts->skipped > 0 || has_empty(contracts))
        return say(report, EXIT_UNDECIDED,
                   STR("undecided: what ran is good, but there are contracts without interactions "
                       "or with some of an unknown kind"));
    enum exit_code code = decide_publication(report, publish_err, arena);
    if (code != EXIT_YES || report->headline.ptr)
        return code;
    if (counts->left_out > 0)
        return say(report, EXIT_UNDECIDED,
                   str_printf(arena,
                              "undecided: what ran is good, but filters left out %zu of %zu "
                              "interactions",
                              counts->left_out, interactions_of(contracts)));
    struct str part = counts->pending == 0 ? str_printf(arena, "all %zu", ran)
                                           : str_printf(arena, "%zu of %zu", counts->passed,
                                                        interactions_of(contracts));
    return say(report, EXIT_YES,
               str_printf(arena, "yes: %.*s at %s keeps %.*s interactions of %zu contract%s%s",
                          STR_FMT(provider), url, STR_FMT(part), contracts->len,
                          contracts->len == 1 ? "" : "s",
                          counts->pending > 0 ? "; what fails is pending" : ""));
}

static int print(const struct report *report, struct arena *arena, struct err *err)
{
    const struct verify_options *options = report->options;
    bool json = opt_is(options->output, "json");
    struct str text = json || options->json_file ? report_json(report, arena) : STR_NONE;
    if (json)
        fwrite(text.ptr, 1, text.len, stdout);
    else
        report_text(report, arena, stdout);
    return options->json_file ? fs_write(options->json_file, text, err) : 0;
}

struct session {
    struct verify_options options;
    struct contracts contracts;
    struct run run;
    struct arena *arena;
};

static int work(struct session *session, struct report *report, struct err *err)
{
    const struct verify_options *options = &session->options;
    struct err load_err = ERR_INIT, publish_err = ERR_INIT;
    int64_t began = clock_mono_us();
    int rc = source_load(options, session->arena, &session->contracts, &load_err);
    if (rc < 0 && rc != ERR_UNDECIDED) {
        *err = load_err;
        return rc;
    }
    rc = run_prepare(options, &session->contracts, session->arena, err);
    if (rc < 0)
        return rc;
    const struct replay_target target = {
        .options = options, .clock = clock_system(), .random = random_bits};
    run_all(&session->run, &target, &session->contracts);
    if (options->publish && !options->dry_run)
        publish_results(options, &session->contracts, session->arena, &publish_err);
    *report = (struct report){.options = options, .contracts = &session->contracts};
    report->counts = contracts_counts(&session->contracts);
    report->elapsed_us = clock_mono_us() - began;
    decide(report, &load_err, &publish_err, session->arena);
    rc = print(report, session->arena, err);
    return rc;
}

int verify_command(int argc, char **argv)
{
    ARENA_AUTO struct arena *arena = arena_new();
    struct session session = {.arena = arena};
    struct report report = {0};
    struct err err = ERR_INIT;
    int rc = verify_options_parse(argc, argv, arena, &session.options, &err);
    if (rc != 0)
        return rc > 0 ? EXIT_YES : err_report(&err);
    signal(SIGPIPE, SIG_IGN);
    if (session.options.no_colour)
        term_set_colours(0);
    rc = work(&session, &report, &err);
    run_release(&session.run);
    contracts_release(&session.contracts);
    if (rc < 0) {
        int code = err_report(&err);
        /* A report that could not be written does not hide the answer. */
        return report.code == EXIT_NO ? EXIT_NO : code;
    }
    return session.options.dry_run ? EXIT_YES : (int)report.code;
}
