// SPDX-License-Identifier: Apache-2.0
/* What is wrong or risky in Pact files. */
#include <stdio.h>
#include <string.h>

#include "ci/config.h"
#include "ci/contracts.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/base/term.h"
#include "lib/contract/lint.h"

static struct given {
    const char *output, *config;
    bool strict, require_mapping;
    const struct mapping_rules *mapping;
} given;

struct tally_of { /* findings */
    size_t errors, warnings;
};

static const char *level_name(enum lint_level level)
{
    return level == LINT_ERROR ? "error" : level == LINT_WARNING ? "warning" : "note";
}

static void print_text(const char *path, const struct lint_findings *findings)
{
    VEC_EACH(findings, const struct lint_finding *, finding) {
        bool error = finding->level == LINT_ERROR;
        printf("%s:%d:%d: ", path, finding->line, finding->column);
        enum term_style style = error                            ? TERM_RED
                                : finding->level == LINT_WARNING ? TERM_YELLOW
                                                                 : TERM_DIM;
        term_print(stdout, style, "%s", level_name(finding->level));
        printf(" %s: ", finding->check);
        if (finding->interaction.ptr)
            printf("'%.*s' ", STR_FMT(finding->interaction));
        if (finding->where.ptr)
            printf("%.*s: ", STR_FMT(finding->where));
        printf("%.*s\n", STR_FMT(finding->text));
    }
}

static void add_json(const char *path, const struct lint_findings *findings, struct arena *arena,
                     struct json *list)
{
    VEC_EACH(findings, const struct lint_finding *, finding) {
        struct json *out = json_new_object(arena);
        json_set(arena, out, "level", json_new_text(arena, level_name(finding->level)));
        json_set(arena, out, "check", json_new_text(arena, finding->check));
        json_set(arena, out, "file", json_new_text(arena, path));
        json_set(arena, out, "line", json_new_int(arena, finding->line));
        json_set(arena, out, "column", json_new_int(arena, finding->column));
        contracts_set(arena, out, "interaction", finding->interaction);
        contracts_set(arena, out, "where", finding->where);
        contracts_set(arena, out, "message", finding->text);
        json_append(arena, list, out);
    }
}

/* Folders stand for the Pact files below them. */
static int list_files(const struct opt_list *args, struct arena *arena, struct fs_list *ret,
                      struct err *err)
{
    for (size_t i = 0; i < args->len; i++) {
        if (!fs_is_dir(args->items[i])) {
            *VEC_PUSH(arena, ret) = str_of(args->items[i]);
            continue;
        }
        struct fs_list found = {0};
        int rc = fs_find(args->items[i], ".json", arena, &found, err);
        if (rc < 0)
            return rc;
        for (size_t j = 0; j < found.len; j++)
            *VEC_PUSH(arena, ret) = found.items[j];
    }
    if (ret->len == 0)
        return err_set(err, ERR_UNDECIDED, "no Pact file (*.json) in '%s'; nothing was checked",
                       args->items[0]);
    return 0;
}

static int lint_file(const char *path, struct arena *arena, struct tally_of *all, struct json *list)
{
    const struct lint_options options = {.require_mapping = given.require_mapping,
                                         .mapping = given.mapping};
    struct lint_findings findings = {0};
    struct err err = ERR_INIT;
    struct str text;
    const char *source = strcmp(path, "-") == 0 ? "standard input" : path;
    if (fs_read(path, LIMIT_FILE, arena, &text, &err) < 0 ||
        lint_text(text, source, &options, arena, &findings, &err) < 0)
        return err_report(&err);
    VEC_EACH(&findings, const struct lint_finding *, finding) {
        all->errors += finding->level == LINT_ERROR;
        all->warnings += finding->level == LINT_WARNING;
    }
    if (opt_is(given.output, "text"))
        print_text(source, &findings);
    else
        add_json(source, &findings, arena, list);
    return EXIT_YES;
}

/* All files are looked at; one that cannot be read decides the exit code. */
static int lint_all(const struct fs_list *files, struct arena *arena)
{
    struct json *list = json_new_array(arena), *out = json_new_object(arena);
    struct tally_of all = {0};
    int worst = EXIT_YES;
    for (size_t i = 0; i < files->len; i++) {
        int code = lint_file(files->items[i].ptr, arena, &all, list);
        worst = code > worst ? code : worst;
    }
    if (opt_is(given.output, "json")) {
        json_set(arena, out, "errors", json_new_int(arena, (int64_t)all.errors));
        json_set(arena, out, "warnings", json_new_int(arena, (int64_t)all.warnings));
        json_set(arena, out, "findings", list);
        contracts_print(out);
    } else {
        printf("%zu file%s: %zu error%s, %zu warning%s\n", files->len, files->len == 1 ? "" : "s",
               all.errors, all.errors == 1 ? "" : "s", all.warnings, all.warnings == 1 ? "" : "s");
    }
    if (worst != EXIT_YES)
        return worst;
    return all.errors > 0 || (given.strict && all.warnings > 0) ? EXIT_NO : EXIT_YES;
}

static const struct opt rows[] = {
    {.kind = OPT_FLAG, .name = "strict", .target = &given.strict, .help = "warnings count as well"},
    {.kind = OPT_FLAG,
     .name = "require-mapping",
     .target = &given.require_mapping,
     .help = "an interaction that names no repository method is an error"},
    CONFIG_OPTION(&given.config),
    OPT_OUTPUT(&given.output, "text|json", "text"),
    OPT_END,
};
static const struct opt_command command = {
    .name = "lint",
    .usage = "FILE|DIR... [options]",
    .summary = "Say what is wrong or risky in Pact files, before anybody relies on them.",
    .details =
        "Errors: invalid rule paths, rules that can never fire, examples that their own rules "
        "reject, unknown matchers, repeated descriptions, carriers that name different methods, "
        "methods that use more than one operation. "
        "Warnings: data that looks random, interactions without a repository method, attributes "
        "that are not understood, tests that use several operations. Notes never count. Exit code "
        "0: "
        "nothing, or warnings only; 1: errors, or warnings "
        "with --strict; 2: a file cannot be read; 3: no file found.\n\nExample:\n"
        "  tally lint build/pacts --strict",
    .options = rows,
    .min_args = 1,
    .max_args = -1,
};

int lint_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct opt_list args = {0};
    struct fs_list files = {0};
    struct err err = ERR_INIT;
    int parsed = opt_parse(&command, argc, argv, arena, &args, &err);
    if (parsed > 0)
        return EXIT_YES;
    if (parsed < 0 || contracts_one_stdin(args.items, args.len, &err) < 0 ||
        list_files(&args, arena, &files, &err) < 0 ||
        config_mapping(given.config, arena, &given.mapping, &err) < 0)
        return err_report(&err);
    return lint_all(&files, arena);
}
