// SPDX-License-Identifier: Apache-2.0
/* Pact files as other versions (convert), or several as one (merge). */
#include <stdio.h>
#include <string.h>

#include "ci/contracts.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/contract/loss.h"
#include "lib/contract/merge.h"
#include "lib/contract/part.h"

static struct given {
    const char *to, *write;
    bool allow_loss;
} given;

/* Nothing is written unless all of it can be. */
static int put(const struct pact *pact, enum pact_spec spec, struct arena *arena, struct err *err)
{
    struct str text;
    int rc = pact_write(pact, spec, arena, &text, err);
    if (rc == 0 && given.write)
        return fs_write(given.write, text, err);
    if (rc == 0)
        fwrite(text.ptr, 1, text.len, stdout);
    return rc;
}

/* `way_out` is what to do about it. */
static int check_losses(const struct pact *pact, enum pact_spec spec, const char *way_out,
                        struct arena *arena, struct err *err)
{
    struct pact_losses losses = {0};
    size_t refused = 0;
    pact_losses(pact, spec, arena, &losses);
    VEC_EACH(&losses, const struct pact_loss *, loss) {
        bool stops = loss->meaning && !given.allow_loss;
        refused += stops;
        fprintf(stderr, "tally: %s: line %d: '%.*s' loses %.*s\n", stops ? "error" : "warning",
                loss->line,
                STR_FMT(loss->interaction.ptr ? loss->interaction : STR("without description")),
                STR_FMT(loss->text));
    }
    if (refused > 0)
        return err_set(err, ERR_CONFLICT,
                       "%s has no room for what this contract says (%zu losses); nothing was "
                       "written; %s",
                       pact_spec_name(spec), refused, way_out);
    return 0;
}

#define WRITE_ROW                                                                                  \
    {                                                                                              \
        .kind = OPT_TEXT, .letter = 'w', .name = "write", .value = "FILE", .target = &given.write, \
        .help = "write to this file instead of standard output"                                    \
    }

/* ---- convert ---- */

static int convert(const char *path, struct arena *arena, struct err *err)
{
    struct pact *pact = NULL;
    enum pact_spec spec = PACT_V4;
    part_spec_of(str_of(given.to), &spec);
    int rc = contracts_read(path, arena, &pact, err);
    if (rc == 0 && spec <= pact->spec)
        rc = check_losses(pact, spec, "--allow-loss writes the rest", arena, err);
    rc = rc ? rc : put(pact, spec, arena, err);
    return rc ? err_report(err) : EXIT_YES;
}

static const struct opt convert_rows[] = {
    {.kind = OPT_CHOICE,
     .name = "to",
     .value = "VERSION",
     .target = &given.to,
     .choices = "V2|V3|V4",
     .required = true,
     .help = "version of the Pact specification to write"},
    {.kind = OPT_FLAG,
     .name = "allow-loss",
     .target = &given.allow_loss,
     .help = "write although the older version would promise something else"},
    WRITE_ROW,
    OPT_END,
};
static const struct opt_command convert_spec = {
    .name = "convert",
    .usage = "--to V2|V3|V4 [options] FILE",
    .summary = "Write a Pact file as another version of the specification.",
    .details =
        "Newer versions hold all that older ones do. What an older version has no room for "
        "is named, line by line: remarks (comments, keys) are left out with a warning; what "
        "would change the promise (several states, a second matcher, generators, interactions "
        "of a type that is not known) is refused with exit code 1. What is not understood "
        "is kept where the version has room for it.\n\nExample:\n"
        "  tally convert --to V3 wallet-mobile-bff.json >for-old-tools.json",
    .options = convert_rows,
    .min_args = 1,
    .max_args = 1,
};

int convert_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct opt_list args = {0};
    struct err err = ERR_INIT;
    int parsed = opt_parse(&convert_spec, argc, argv, arena, &args, &err);
    if (parsed > 0)
        return EXIT_YES;
    return parsed < 0 ? err_report(&err) : convert(args.items[0], arena, &err);
}

/* ---- merge ---- */

static void name_conflicts(const struct merge_conflicts *conflicts, struct arena *arena)
{
    VEC_EACH(conflicts, const struct merge_conflict *, conflict) {
        struct str title = contracts_title(conflict->newer, arena);
        fprintf(stderr, "tally: conflict: '%.*s': %.*s\n", STR_FMT(title), STR_FMT(conflict->text));
    }
}

static int merge(const struct opt_list *args, struct arena *arena, struct err *err)
{
    struct pact *merged = NULL;
    struct merge_conflicts conflicts = {0};
    int rc = contracts_one_stdin(args->items, args->len, err);
    for (size_t i = 0; rc == 0 && i < args->len; i++) {
        struct pact *next = NULL;
        rc = contracts_read(args->items[i], arena, &next, err);
        if (rc == 0)
            rc = pact_merge(merged ? merged : next, next, arena, &merged, &conflicts, err);
    }
    name_conflicts(&conflicts, arena);
    if (rc == 0 && merged) {
        enum pact_spec spec = merged->spec < PACT_V2 ? PACT_V2 : merged->spec;
        rc = check_losses(merged, spec, "convert the files to V3 first", arena, err);
        rc = rc ? rc : put(merged, spec, arena, err);
    }
    return rc ? err_report(err) : EXIT_YES;
}

static const struct opt merge_rows[] = {WRITE_ROW, OPT_END};
static const struct opt_command merge_spec = {
    .name = "merge",
    .usage = "FILE... [options]",
    .summary = "Make one Pact file of several between the same consumer and provider.",
    .details = "Later files replace the interactions of earlier ones: in V4 those with the same "
               "key, else the same description and states. Before V4, the same description and "
               "states with another method, path, query or status is a conflict: it is named, and "
               "nothing is written (exit code 1). The newest version among the files is "
               "written.\n\nExample:\n"
               "  tally merge build/ios.json build/android.json --write wallet-mobile-bff.json",
    .options = merge_rows,
    .min_args = 1,
    .max_args = -1,
};

int merge_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct opt_list args = {0};
    struct err err = ERR_INIT;
    int parsed = opt_parse(&merge_spec, argc, argv, arena, &args, &err);
    if (parsed > 0)
        return EXIT_YES;
    return parsed < 0 ? err_report(&err) : merge(&args, arena, &err);
}
