// SPDX-License-Identifier: Apache-2.0
#include "ci/gate.h"

#include <stdio.h>

#include "ci/ask_options.h"
#include "ci/broker_options.h"
#include "ci/config.h"
#include "ci/option_check.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/opt.h"

struct gate_options {
    const char *pacticipant, *version, *environment, *rules, *max_age, *output, *config;
    int64_t max_age_us;
    const struct mapping_rules *mapping;
    struct ask_options ask;
    struct broker_options broker;
};

bool gate_parse_age(const char *text, int64_t *ret_us)
{
    static const struct unit_row {
        char letter;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    struct str number = str_of(text);
    int64_t seconds = 1, n;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (number.len > 0 && number.ptr[number.len - 1] == units[i].letter) {
            seconds = units[i].seconds;
            number.len--;
            break;
        }
    }
    if (!str_to_i64(number, 0, 36500LL * 86400 / seconds, &n))
        return false;
    *ret_us = n * seconds * 1000000;
    return true;
}

static int exit_of(enum gate_answer answer)
{
    static const int codes[] = {
        [GATE_YES] = EXIT_YES, [GATE_NO] = EXIT_NO, [GATE_UNDECIDED] = EXIT_UNDECIDED};
    return codes[answer];
}

static int load(struct hal *hal, struct gate_facts *facts, struct arena *arena, struct err *err)
{
    int code = gate_contracts_load(hal, facts, arena, err);
    if (code == 0 && facts->question.with_rules)
        code = gate_rules_load(hal, facts, arena, err);
    if (code == 0)
        code = gate_findings_load(hal, facts, arena, err);
    return code;
}

/* Ask once; while undecided and tries are left, ask again. Returns an exit code. */
static int judge(const struct gate_options *o, struct hal *hal, struct err *err)
{
    for (int64_t attempt = 0;; attempt++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct gate_facts facts = {.question = {
                                       .pacticipant = o->pacticipant,
                                       .version = o->version,
                                       .environment = o->environment,
                                       .with_rules = strcmp(o->rules, ADR_PACK) == 0,
                                       .max_age_us = o->max_age_us,
                                       .now_us = clock_now_us(clock_system()),
                                       .mapping = o->mapping,
                                   }};
        if (load(hal, &facts, arena, err) < 0)
            return err_exit(err);
        enum gate_answer answer = gate_decide(&facts);
        if (answer == GATE_UNDECIDED && ask_again(&o->ask, attempt, "undecided"))
            continue;
        const struct gate_output output = {
            .format = o->output,
            .broker = hal_base_url(hal),
            .dry_run = o->ask.dry_run,
            .exit_code = exit_of(answer),
        };
        gate_report(&facts, answer, &output, arena);
        return o->ask.dry_run ? EXIT_YES : exit_of(answer);
    }
}

static struct gate_options given;
static const struct opt rows[] = {
    {.kind = OPT_GROUP, .help = "The question"},
    {.kind = OPT_TEXT,
     .letter = 'a',
     .name = "pacticipant",
     .value = "NAME",
     .target = &given.pacticipant,
     .required = true,
     .help = "the backend that wants to deploy"},
    {.kind = OPT_TEXT,
     .letter = 'e',
     .name = "version",
     .value = "VERSION",
     .target = &given.version,
     .required = true,
     .help = "exactly this version of it"},
    {.kind = OPT_TEXT,
     .name = "to-environment",
     .value = "NAME",
     .target = &given.environment,
     .required = true,
     .help = "where it wants to go"},
    {.kind = OPT_GROUP, .help = "How it is judged"},
    {.kind = OPT_CHOICE,
     .name = "rules",
     .env = "TALLY_RULES",
     .target = &given.rules,
     .choices = "adr-int-005|none",
     .fallback = "adr-int-005",
     .help = "architecture rules; none judges the contracts alone and says so"},
    {.kind = OPT_TEXT,
     .name = "max-age",
     .env = "TALLY_MAX_AGE",
     .value = "AGE",
     .target = &given.max_age,
     .fallback = "24h",
     .help = "older evidence of `tally probe` does not count (90s, 30m, 24h, 7d)"},
    CONFIG_OPTION(&given.config),
    ASK_OPTION_ROWS(given.ask, "TALLY_DRY_RUN"),
    OPT_OUTPUT(&given.output, "text|json", "text"),
    BROKER_OPTION_ROWS(given.broker),
    OPT_END,
};
static const struct opt_command command = {
    .name = "gate",
    .usage = "--pacticipant NAME --version VERSION --to-environment NAME [options]",
    .summary = "May this version be deployed? Joins contracts and architecture rules.",
    .details =
        "Yes needs, for every app release in the environment, a good and complete verification "
        "by exactly this version (tally verify), and fresh evidence for exactly this version "
        "that every required rule is met (tally probe). What is missing is never taken for "
        "granted.\n\n"
        "Exit codes, the same for every output: 0 yes, 1 no, 2 usage, 3 undecided, 4 broker "
        "out of reach.\n\n"
        "Example:\n"
        "  tally gate --pacticipant mobile-bff --version 1.0.0 \\\n"
        "      --to-environment production --broker-base-url http://127.0.0.1:9292",
    .options = rows,
};

static int check(const struct gate_options *o, int64_t *ret_max_age_us, struct err *err)
{
    const struct option_check filled[] = {
        {"pacticipant", o->pacticipant},
        {"version", o->version},
        {"to-environment", o->environment},
        {NULL, NULL},
    };
    int code = option_check_filled(filled, err);
    if (code == 0 && !gate_parse_age(o->max_age, ret_max_age_us))
        code = err_set(err, ERR_USAGE, "--max-age '%s' is no age; expected 24h, 30m or the like",
                       o->max_age);
    return code;
}

int gate_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct hal *hal BROKER_HAL_AUTO = NULL;
    struct opt_list args = {0};
    struct err err = ERR_INIT;
    int parsed = opt_parse(&command, argc, argv, arena, &args, &err);
    if (parsed > 0)
        return EXIT_YES;
    if (parsed < 0 || check(&given, &given.max_age_us, &err) < 0 ||
        config_mapping(given.config, arena, &given.mapping, &err) < 0 ||
        broker_connect(&given.broker, &hal, &err) < 0)
        return err_report(&err);
    int code = judge(&given, hal, &err);
    return err.code != ERR_NONE ? err_report(&err) : code;
}
