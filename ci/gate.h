// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CI_GATE_H
#define TALLY_CI_GATE_H
/*
 * tally gate: may this version go to that environment? Facts are gathered (gate_contracts,
 * gate_rules), decided by a pure function (gate_decide) and shown (gate_report). What could not be
 * told is never yes.
 */
#include "lib/adr/adr.h"
#include "lib/base/str.h"
#include "lib/base/vec.h"

struct arena;
struct err;
struct hal;
struct mapping_rules;
struct pact;

enum gate_answer { GATE_YES, GATE_NO, GATE_UNDECIDED };
enum gate_state { GATE_GOOD, GATE_BAD, GATE_UNKNOWN };

struct gate_question {
    const char *pacticipant, *version, *environment;
    bool with_rules;    /* false: contracts alone, and the answer says so */
    int64_t max_age_us; /* of evidence */
    int64_t now_us;
    const struct mapping_rules *mapping; /* of the house; NULL = none */
};

/* A repository method that breaks, or an interaction that names none. */
struct gate_method {
    struct str name;      /* "TransactionRepository.page"; the description if it is unmapped */
    struct str operation; /* absent if it cannot be told */
    struct str text;      /* what differs */
};
/* One contract between a version in the environment and the version judged. */
struct gate_contract {
    struct str consumer, consumer_version, provider;
    struct str provider_version; /* absent: not verified by a version that counts */
    bool dependency;             /* the version judged is the consumer */
    bool missing;                /* live, but without any contract: state is GATE_UNKNOWN */
    enum gate_state state;
    struct str why; /* one sentence */
    struct {
        VEC_OF(struct gate_method);
    } broken;
    size_t interactions;
    struct str pact_url, result_url, verified_at; /* absent if there is none */
    const struct pact *pact;                      /* NULL if it could not be read */
};
struct gate_contracts {
    VEC_OF(struct gate_contract);
};

/* One finding of a rule, or the lack of one. */
struct gate_rule {
    const char *rule;
    enum adr_tier tier;
    enum gate_state state;
    bool missing; /* no evidence at all: verdict means nothing */
    bool stale;   /* evidence that is too old, or from the future */
    enum adr_verdict verdict;
    struct str subject, text;
    struct str observed_at;      /* absent for what the gate computed itself */
    const struct json *evidence; /* NULL if there is none */
};
struct gate_rules {
    VEC_OF(struct gate_rule);
};

/* What does not fit together in an app release that was looked at; decides nothing. */
struct gate_warning {
    struct str pacticipant, version, rule, subject, text;
};

struct gate_facts {
    struct gate_question question;
    struct gate_contracts contracts;
    struct gate_rules rules;
    struct {
        VEC_OF(struct str);
    } doubts; /* reasons of their own to be undecided, one sentence each */
    struct {
        VEC_OF(struct gate_warning);
    } warnings;
};

/* argv[0] is the command's name; returns an exit code. */
int gate_command(int argc, char **argv);

/*
 * Ask the broker for every contract between the version judged and what is in the environment, its
 * verification, and whether that covers every interaction. Adds to facts->contracts and ->doubts.
 * Errors: ERR_USAGE unknown pacticipant or environment; those of hal_call; ERR_PARSE.
 */
int gate_contracts_load(struct hal *hal, struct gate_facts *facts, struct arena *arena,
                        struct err *err);
/*
 * What the matrix leaves out: versions that are live in the environment, consumers of the version
 * judged that have no contract with it (brokers show a version without a contract nowhere), and
 * providers it depends on that have not verified. Adds to facts->contracts and ->doubts what the
 * rows there do not cover; called by gate_contracts_load. Errors: those of hal_call.
 */
int gate_live_load(struct hal *hal, struct gate_facts *facts, struct arena *arena, struct err *err);
/*
 * Compare a verification result with the contract it is about: which methods broke, and whether
 * every interaction was replayed. Pure; fills state, why and broken.
 */
void gate_contract_judge(const struct json *result, struct arena *arena,
                         struct gate_contract *contract);

/*
 * Fetch the evidence of the version judged and join it with what the contracts say.
 * Evidence that cannot be read is a doubt. Errors: those of hal_call but 404, which is a fact.
 */
int gate_rules_load(struct hal *hal, struct gate_facts *facts, struct arena *arena,
                    struct err *err);
/* The same on evidence at hand (NULL = there is none). Pure; adds to facts->rules. */
void gate_rules_judge(const struct adr_findings *evidence, struct gate_facts *facts,
                      struct arena *arena);
/*
 * Ask the broker what does not fit together in the app versions of facts->contracts; a broker that
 * does not keep such facts has none. Adds to facts->warnings. Errors: those of hal_call but 404.
 */
int gate_findings_load(struct hal *hal, struct gate_facts *facts, struct arena *arena,
                       struct err *err);

/* Anything bad: no. Else anything unknown, or nothing to judge: undecided. Else yes. */
enum gate_answer gate_decide(const struct gate_facts *facts);
/* "No", "Yes", "Undecided" and why, in one line. */
struct str gate_reason(const struct gate_facts *facts, enum gate_answer answer,
                       struct arena *arena);
/* What to do next, one sentence or command each; broker is its base URL. */
struct gate_steps {
    VEC_OF(struct str);
};
void gate_next_steps(const struct gate_facts *facts, enum gate_answer answer, const char *broker,
                     struct arena *arena, struct gate_steps *ret);
const char *gate_answer_name(enum gate_answer answer);
const char *gate_state_name(enum gate_state state);

/* Print to stdout as "text" or "json". */
struct gate_output {
    const char *format, *broker;
    bool dry_run;
    int exit_code;
};
void gate_report(const struct gate_facts *facts, enum gate_answer answer,
                 const struct gate_output *output, struct arena *arena);

/* "90s", "30m", "24h", "7d"; a plain number is seconds. False if it is none of these. */
bool gate_parse_age(const char *text, int64_t *ret_us);

#endif
