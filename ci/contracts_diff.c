// SPDX-License-Identifier: Apache-2.0
/* What a provider has to know about a new version of a contract. */
#include <stdio.h>
#include <string.h>

#include "ci/contracts.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/term.h"
#include "lib/contract/change.h"

static struct given {
    const char *output;
} given;

static const struct pact_interaction *subject(const struct change *change)
{
    return change->newer ? change->newer : change->older;
}

static void print_text(const struct changes *changes, struct arena *arena)
{
    const struct pact_interaction *last = NULL;
    VEC_EACH(changes, const struct change *, change) {
        struct str title = contracts_title(subject(change), arena);
        enum term_style style = change_asks_more(change->kind) ? TERM_RED : TERM_GREEN;
        if (subject(change) != last)
            printf("%.*s\n", STR_FMT(title));
        last = subject(change);
        term_print(stdout, style, "  %-9s", change_kind_name(change->kind));
        printf(" %.*s%s%.*s\n", STR_FMT(change->where), change->where.ptr ? ": " : "",
               STR_FMT(change->text));
    }
}

static struct json *change_json(const struct change *change, struct arena *arena)
{
    const struct pact_interaction *interaction = subject(change);
    struct json *out = json_new_object(arena), *states = json_new_array(arena);
    json_set(arena, out, "kind", json_new_text(arena, change_kind_name(change->kind)));
    json_set(arena, out, "asksMore", json_new_bool(arena, change_asks_more(change->kind)));
    contracts_set(arena, out, "interaction", interaction->description);
    VEC_EACH(&interaction->states, const struct pact_state *, state) {
        json_append(arena, states, json_new_str(arena, state->name));
    }
    json_set(arena, out, "providerStates", states);
    contracts_set(arena, out, "where", change->where);
    contracts_set(arena, out, "message", change->text);
    return out;
}

static void print_unknown(const char *which, const struct pact *pact, struct arena *arena)
{
    VEC_EACH(&pact->unknown, const struct pact_unknown *, unknown) {
        printf("not understood, kept as it is (%s): %.*s\n", which,
               STR_FMT(contracts_unknown_title(unknown, arena)));
    }
}

static void add_unknown(const char *which, const struct pact *pact, struct arena *arena,
                        struct json *list)
{
    VEC_EACH(&pact->unknown, const struct pact_unknown *, unknown) {
        struct json *item = json_new_object(arena);
        json_set(arena, item, "file", json_new_text(arena, which));
        contracts_set(arena, item, "interaction", unknown->said.description);
        contracts_set(arena, item, "type", unknown->type);
        json_append(arena, list, item);
    }
}

static void print_json(const struct changes *changes, const size_t *counts, bool asks_more,
                       struct json *unknown, struct arena *arena)
{
    struct json *out = json_new_object(arena), *list = json_new_array(arena);
    struct json *numbers = json_new_object(arena);
    VEC_EACH(changes, const struct change *, change) {
        json_append(arena, list, change_json(change, arena));
    }
    for (int i = 0; i < CHANGE_KINDS; i++)
        json_set(arena, numbers, change_kind_name((enum change_kind)i),
                 json_new_int(arena, (int64_t)counts[i]));
    json_set(arena, out, "asksMore", json_new_bool(arena, asks_more));
    json_set(arena, out, "counts", numbers);
    json_set(arena, out, "changes", list);
    json_set(arena, out, "notUnderstood", unknown);
    contracts_print(out);
}

static int diff(const struct opt_list *args, struct arena *arena, struct err *err)
{
    struct pact *older = NULL, *newer = NULL;
    struct changes changes = {0};
    size_t counts[CHANGE_KINDS] = {0};
    bool asks_more = false;
    if (contracts_one_stdin(args->items, args->len, err) < 0 ||
        contracts_read(args->items[0], arena, &older, err) < 0 ||
        contracts_read(args->items[1], arena, &newer, err) < 0)
        return err_report(err);
    if (!str_eq(older->provider, newer->provider)) {
        err_set(err, ERR_USAGE, "'%s' is about provider %.*s, '%s' about %.*s", args->items[0],
                STR_FMT(older->provider), args->items[1], STR_FMT(newer->provider));
        return err_report(err);
    }
    pact_changes(older, newer, arena, &changes);
    VEC_EACH(&changes, const struct change *, change) {
        counts[change->kind]++;
        asks_more = asks_more || change_asks_more(change->kind);
    }
    if (opt_is(given.output, "json")) {
        struct json *unknown = json_new_array(arena);
        add_unknown("old", older, arena, unknown);
        add_unknown("new", newer, arena, unknown);
        print_json(&changes, counts, asks_more, unknown, arena);
    } else {
        print_text(&changes, arena);
        print_unknown("old", older, arena);
        print_unknown("new", newer, arena);
        printf("%s%s\n",
               asks_more     ? "the provider is asked for more"
               : changes.len ? "the provider is asked for nothing more than before"
                             : "nothing changed for the provider",
               older->skipped + newer->skipped > 0 ? ", as far as it is understood" : "");
    }
    if (older->skipped + newer->skipped > 0) {
        err_set(err, ERR_UNDECIDED,
                "interactions of unknown type were not compared: %zu old, %zu new", older->skipped,
                newer->skipped);
        int code = err_report(err);
        return asks_more ? EXIT_NO : code;
    }
    return asks_more ? EXIT_NO : EXIT_YES;
}

static const struct opt rows[] = {
    OPT_OUTPUT(&given.output, "text|json", "text"),
    OPT_END,
};
static const struct opt_command command = {
    .name = "diff",
    .usage = "OLD NEW [options]",
    .summary = "Say what a new version of a contract changes for its provider.",
    .details =
        "Interactions are added or removed; what a response or message must be is tightened or "
        "loosened, which is found by letting both contracts judge many variations of both "
        "examples; a request is asked otherwise; changed is what no variation explains. Exit code "
        "0: the provider is asked for nothing more (no change, removed, loosened); 1: for more "
        "(added, tightened, request, changed); 2: a file cannot be read; 3: interactions of "
        "unknown type could not be compared.\n\nExample:\n"
        "  tally diff main.json branch.json",
    .options = rows,
    .min_args = 2,
    .max_args = 2,
};

int diff_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct opt_list args = {0};
    struct err err = ERR_INIT;
    int parsed = opt_parse(&command, argc, argv, arena, &args, &err);
    if (parsed > 0)
        return EXIT_YES;
    return parsed < 0 ? err_report(&err) : diff(&args, arena, &err);
}
