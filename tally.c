// SPDX-License-Identifier: Apache-2.0
/* The command table of the multi-call binary: what there is, in the order --help shows it. */
#include <stdio.h>
#include <string.h>

#include "broker/broker.h"
#include "ci/can_i_deploy.h"
#include "ci/contracts.h"
#include "ci/environment.h"
#include "ci/gate.h"
#include "ci/publish.h"
#include "ci/record.h"
#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/base/term.h"
#include "verifier/probe.h"
#include "verifier/verify.h"

static int help_command(int argc, char **argv);

/* A row without `run` is a heading. */
static const struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns an exit code */
    const char *summary;
} commands[] = {
    {"Contracts", NULL, NULL},
    {"broker", broker_command, "serve contracts, results and releases (drop-in Pact Broker)"},
    {"publish", publish_command, "hand an app's contracts (Pact files) to the broker"},
    {"verify", verify_command, "replay contracts against a running provider"},
    {"probe", probe_command, "does a running provider keep the architecture rules?"},
    {"May it be deployed?", NULL, NULL},
    {"gate", gate_command, "contracts and architecture rules, joined into one answer"},
    {"can-i-deploy", can_i_deploy_command, "contracts alone; a drop-in for the stock command"},
    {"What is where", NULL, NULL},
    {"create-environment", create_environment_command, "tell the broker about an environment"},
    {"list-environments", list_environments_command, "show the environments"},
    {"describe-environment", describe_environment_command, "show one environment"},
    {"record-deployment", record_deployment_command, "a version now runs in an environment"},
    {"record-undeployment", record_undeployment_command, "it no longer runs there"},
    {"record-release", record_release_command, "a version is out in the field"},
    {"record-support-ended", record_support_ended_command, "it is no longer supported"},
    {"Contract files, offline", NULL, NULL},
    {"lint", lint_command, "what is wrong or risky in Pact files"},
    {"show", show_command, "a contract for people: methods, states, examples, rules"},
    {"diff", diff_command, "what a new version of a contract changes for its provider"},
    {"merge", merge_command, "several Pact files of one consumer and provider as one"},
    {"convert", convert_command, "a Pact file as another version of the specification"},
    {"match", match_command, "one request, response or message against what is expected"},
    {"generate", generate_command, "one of them with its generators applied"},
    {"This tool", NULL, NULL},
    {"help", help_command, "show what a command does and its options"},
};
enum { COMMANDS_LEN = sizeof commands / sizeof *commands };

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS_LEN; i++) {
        if (commands[i].run && strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static void overview(FILE *stream)
{
    fputs("Tally keeps mobile apps working: contracts that apps publish, replayed against\n"
          "the backend that wants to deploy, joined with its architecture rules into one\n"
          "answer.\n\n"
          "Usage: tally COMMAND [options] [arguments]\n",
          stream);
    for (size_t i = 0; i < COMMANDS_LEN; i++) {
        if (commands[i].run)
            fprintf(stream, "  %-22s %s\n", commands[i].name, commands[i].summary);
        else
            fprintf(stream, "\n%s\n", commands[i].name);
    }
    fputs("\n`tally COMMAND --help` shows a command's options; `tally --version` the version.\n"
          "Exit codes: 0 yes, 1 no, 2 usage or bad input, 3 undecided, 4 surroundings\n"
          "(network, disk), 5 internal error.\n",
          stream);
}

static int unknown(const char *name)
{
    const char *names[COMMANDS_LEN];
    size_t n = 0;
    for (size_t i = 0; i < COMMANDS_LEN; i++) {
        if (commands[i].run)
            names[n++] = commands[i].name;
    }
    const char *nearest = opt_nearest(name, names, n);
    struct err err = ERR_INIT;
    if (nearest)
        err_set(&err, ERR_USAGE, "unknown command '%s'; did you mean '%s'?", name, nearest);
    else
        err_set(&err, ERR_USAGE, "unknown command '%s'; `tally --help` lists the commands", name);
    return err_report(&err);
}

static int help_command(int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) {
        overview(stdout);
        return EXIT_YES;
    }
    const struct command *command = find(argv[1]);
    if (!command)
        return unknown(argv[1]);
    char option[] = "--help";
    char *args[] = {argv[1], option, NULL};
    return command->run(2, args);
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        overview(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help_command(argc - 1, argv + 1);
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("tally %s\n", TALLY_VERSION);
        return EXIT_YES;
    }
    const struct command *command = find(argv[1]);
    return command ? command->run(argc - 1, argv + 1) : unknown(argv[1]);
}

int main(int argc, char **argv)
{
    int code = run(argc, argv);
    struct err err = ERR_INIT;
    /* An answer that could not be written down was not given. */
    if (term_close_stdout(&err) < 0) {
        int write_code = err_report(&err);
        return code == EXIT_YES ? write_code : code;
    }
    return code;
}
