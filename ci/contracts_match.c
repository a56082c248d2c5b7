// SPDX-License-Identifier: Apache-2.0
/* One part of an interaction: compared (match), or its generators applied (generate). */
#include <stdio.h>
#include <string.h>

#include "ci/contracts.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"
#include "lib/base/term.h"
#include "lib/contract/manifest.h"
#include "lib/contract/part.h"

static struct given {
    const char *part, *spec, *expected, *actual, *manifest, *output; /* match */
    const char *mode, *context, *now;                                /* generate */
    int64_t seed;
} given;

static const char *name_of(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

static int read_spec(enum pact_spec *ret, struct err *err)
{
    if (part_spec_of(str_of(given.spec), ret))
        return 0;
    return err_set(err, ERR_USAGE, "--spec '%s': expected V1, V1.1, V2, V3 or V4", given.spec);
}

/* ---- match ---- */

static struct json *mismatch_json(const struct mismatch *mismatch, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    json_set(arena, out, "kind", json_new_text(arena, match_part_name(mismatch->part)));
    contracts_set(arena, out, "path", mismatch->path);
    contracts_set(arena, out, "expected", mismatch->expected);
    contracts_set(arena, out, "actual", mismatch->actual);
    contracts_set(arena, out, "rule", mismatch->rule);
    contracts_set(arena, out, "message", mismatch->text);
    if (mismatch->line > 0) {
        json_set(arena, out, "line", json_new_int(arena, mismatch->line));
        json_set(arena, out, "column", json_new_int(arena, mismatch->column));
    }
    return out;
}

static struct json *warning_json(const struct match_warning *warning, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    json_set(arena, out, "kind", json_new_text(arena, warning->part));
    contracts_set(arena, out, "path", warning->path);
    contracts_set(arena, out, "message", warning->text);
    if (warning->line > 0) {
        json_set(arena, out, "line", json_new_int(arena, warning->line));
        json_set(arena, out, "column", json_new_int(arena, warning->column));
    }
    return out;
}

static void print_json(const struct match_result *result, struct arena *arena)
{
    struct json *out = json_new_object(arena), *list = json_new_array(arena);
    struct json *warnings = json_new_array(arena);
    VEC_EACH(result, const struct mismatch *, mismatch) {
        json_append(arena, list, mismatch_json(mismatch, arena));
    }
    json_set(arena, out, "ok", json_new_bool(arena, result->len + result->dropped == 0));
    json_set(arena, out, "mismatches", list);
    VEC_EACH(&result->warnings, const struct match_warning *, warning) {
        json_append(arena, warnings, warning_json(warning, arena));
    }
    json_set(arena, out, "warnings", warnings);
    if (result->dropped > 0)
        json_set(arena, out, "dropped", json_new_int(arena, (int64_t)result->dropped));
    contracts_print(out);
}

/* People get the first ones and a count, programs (JSON) all of them. */
enum { MISMATCHES_SHOWN = 25 };

static void print_text(const struct match_result *result)
{
    size_t shown = result->len < MISMATCHES_SHOWN ? result->len : MISMATCHES_SHOWN;
    size_t folded = result->len - shown + result->dropped;
    if (result->len + result->dropped == 0)
        term_print(stdout, TERM_GREEN, "they match\n");
    for (size_t i = 0; i < shown; i++) {
        const struct mismatch *mismatch = &result->items[i];
        term_print(stdout, TERM_RED, "%s%s%.*s", match_part_name(mismatch->part),
                   mismatch->path.len ? " " : "", STR_FMT(mismatch->path));
        printf(" (%.*s): %.*s\n", STR_FMT(mismatch->rule), STR_FMT(mismatch->text));
    }
    if (folded > 0)
        printf("and %zu more\n", folded);
    VEC_EACH(&result->warnings, const struct match_warning *, warning) {
        term_print(stdout, TERM_YELLOW, "warning: rule on %s%s%.*s", warning->part,
                   warning->path.len ? " " : "", STR_FMT(warning->path));
        if (warning->line > 0)
            printf(" (%s:%d:%d)", name_of(given.expected), warning->line, warning->column);
        printf(": %.*s\n", STR_FMT(warning->text));
    }
}

/* "Could not tell" is said where the answer would have stood. */
static int untold(const struct err *err, struct arena *arena, int code)
{
    struct json *out = json_new_object(arena);
    char text[1200];
    json_set(arena, out, "ok", json_new_null(arena));
    contracts_set(arena, out, "error", str_of(err_render(err, text, sizeof text)));
    if (opt_is(given.output, "json"))
        contracts_print(out);
    err_report(err);
    return code;
}

static int read_side(const char *path, enum part_kind kind, enum pact_spec spec,
                     struct arena *arena, struct pact **ret, struct err *err)
{
    struct str text;
    int rc = fs_read(path, LIMIT_FILE, arena, &text, err);
    return rc ? rc : part_read(text, name_of(path), kind, spec, arena, ret, err);
}

static int use_manifest(struct pact *expected, struct arena *arena, struct err *err)
{
    struct str text;
    struct manifest *manifest = NULL;
    if (!given.manifest || !expected)
        return 0;
    int rc = fs_read(given.manifest, LIMIT_FILE, arena, &text, err);
    rc = rc ? rc : manifest_read(text, name_of(given.manifest), arena, &manifest, err);
    expected->manifest = manifest;
    return rc;
}

static int match(struct arena *arena)
{
    const char *const paths[] = {given.expected, given.actual, given.manifest};
    struct err err = ERR_INIT;
    struct match_result result = {0};
    struct pact *expected = NULL, *actual = NULL;
    enum part_kind kind = PART_REQUEST;
    enum pact_spec spec = PACT_V4;
    part_kind_of(str_of(given.part), &kind);
    if (contracts_one_stdin(paths, 3, &err) < 0 || read_spec(&spec, &err) < 0)
        return err_report(&err);
    if (read_side(given.expected, kind, spec, arena, &expected, &err) < 0 ||
        read_side(given.actual, kind, spec, arena, &actual, &err) < 0 ||
        use_manifest(expected, arena, &err) < 0)
        return untold(&err, arena, (int)err_exit(&err));
    if (part_match(kind, expected, actual, arena, &result, &err) < 0)
        return untold(&err, arena, EXIT_UNDECIDED);
    if (opt_is(given.output, "json"))
        print_json(&result, arena);
    else
        print_text(&result);
    return result.len + result.dropped > 0 ? EXIT_NO : EXIT_YES;
}

#define PART_ROW                                                                                   \
    {                                                                                              \
        .kind = OPT_CHOICE, .name = "part", .value = "PART", .target = &given.part,                \
        .choices = "request|response|message", .required = true, .help = "what the files hold"     \
    }

static const struct opt match_rows[] = {
    PART_ROW,
    {.kind = OPT_TEXT,
     .name = "spec",
     .value = "V1|V1.1|V2|V3|V4",
     .target = &given.spec,
     .required = true,
     .help = "version of the Pact specification whose shape and rules both sides have"},
    {.kind = OPT_TEXT,
     .name = "expected",
     .value = "FILE",
     .target = &given.expected,
     .required = true,
     .help = "the part as the contract has it, its matching rules inside; - is standard input"},
    {.kind = OPT_TEXT,
     .name = "actual",
     .value = "FILE",
     .target = &given.actual,
     .required = true,
     .help = "the part as it was received, in the same shape; - is standard input"},
    {.kind = OPT_TEXT,
     .name = "manifest",
     .value = "FILE",
     .target = &given.manifest,
     .help = "what the ids of persisted GraphQL operations stand for, from the app's build"},
    OPT_OUTPUT(&given.output, "json|text", "json"),
    OPT_END,
};
static const struct opt_command match_spec = {
    .name = "match",
    .usage = "--part PART --spec VERSION --expected FILE --actual FILE [options]",
    .summary = "Compare one request, response or message with what a contract expects.",
    .details =
        "Prints {\"ok\", \"mismatches\": [{\"kind\", \"path\", \"expected\", \"actual\", \"rule\", "
        "\"message\"}], \"warnings\": [{\"kind\", \"path\", \"message\"}]}; kind is method, path, "
        "query, header, status, body, body-content-type or "
        "metadata; line and column are those of the expectation. A warning names a rule that "
        "governed nothing. A file holds one part as a Pact "
        "file of that version has it: {\"status\", \"headers\", \"body\", \"matchingRules\"}. "
        "What it does not say is GET, / and 200. Exit code 0: they match; 1: they do not; 2: a "
        "file cannot be read; 3: it could not be told, {\"ok\": null, \"error\"}.\n\nExample:\n"
        "  tally match --part response --spec V3 --expected promised.json --actual - <reply.json",
    .options = match_rows,
    .min_args = 0,
    .max_args = 0,
};

int match_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct opt_list args = {0};
    struct err err = ERR_INIT;
    int parsed = opt_parse(&match_spec, argc, argv, arena, &args, &err);
    if (parsed > 0)
        return EXIT_YES;
    return parsed < 0 ? err_report(&err) : match(arena);
}

/* ---- generate ---- */

/* Sebastiano Vigna's splitmix64: small, and the same everywhere for the same seed. */
static uint64_t next_random(void *context)
{
    uint64_t *state = context;
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static int read_now(int64_t *ret_us, struct err *err)
{
    int64_t seconds;
    if (!given.now)
        *ret_us = clock_now_us(clock_system());
    else if (str_to_i64(str_of(given.now), -62135596800, 253402300799, &seconds))
        *ret_us = seconds * 1000000;
    else if (!clock_parse(str_of(given.now), ret_us))
        return err_set(err, ERR_USAGE,
                       "--now '%s': expected a time like 2026-11-20T18:00:00Z, or seconds since "
                       "1970",
                       given.now);
    return 0;
}

static int read_context(struct arena *arena, struct generate_context *context, struct err *err)
{
    struct str text;
    struct json *root = NULL;
    if (!given.context)
        return 0;
    int rc = fs_read(given.context, LIMIT_FILE, arena, &text, err);
    rc = rc ? rc : json_parse(text, name_of(given.context), arena, &root, err);
    if (rc)
        return rc;
    const struct json *values = json_get(root, "providerState"), *mock;
    mock = json_get(root, "mockServer");
    if (!json_is(root, JSON_OBJECT) || (values && !json_is(values, JSON_OBJECT)) ||
        (mock && !json_is(mock, JSON_OBJECT)))
        return err_at(err, ERR_PARSE, name_of(given.context), 1, 1,
                      "expected {\"providerState\": {...}, \"mockServer\": {\"url\": ...}}");
    context->values = values;
    context->mock_server_url = json_get_text(mock, "url");
    if (!context->mock_server_url.ptr)
        context->mock_server_url = json_get_text(mock, "href");
    return 0;
}

static int read_part(const char *path, enum part_kind kind, struct arena *arena, struct pact **ret,
                     struct err *err)
{
    struct str text;
    struct json *root = NULL;
    enum pact_spec spec = PACT_V4;
    int rc = fs_read(path, LIMIT_FILE, arena, &text, err);
    rc = rc ? rc : json_parse(text, name_of(path), arena, &root, err);
    if (rc)
        return rc;
    if (!given.spec)
        spec = part_spec_guess(root);
    else if (read_spec(&spec, err) < 0)
        return ERR_USAGE;
    return part_read(text, name_of(path), kind, spec, arena, ret, err);
}

static int generate(const char *path, struct arena *arena, struct err *err)
{
    const char *const paths[] = {path, given.context};
    int64_t now_us = 0;
    struct generate_warnings warnings = {0};
    struct pact *part = NULL;
    struct json *made = NULL;
    enum part_kind kind = PART_REQUEST;
    uint64_t seed = (uint64_t)given.seed;
    struct clock clock = clock_fixed(&now_us);
    struct generate_context context = {
        .mode = strcmp(given.mode, "consumer") == 0 ? GENERATE_CONSUMER : GENERATE_PROVIDER,
        .random = next_random,
        .random_context = &seed,
        .clock = &clock,
    };
    part_kind_of(str_of(given.part), &kind);
    if (given.seed < 0)
        hash_random(&seed, sizeof seed);
    int rc = contracts_one_stdin(paths, 2, err);
    rc = rc ? rc : read_now(&now_us, err);
    rc = rc ? rc : read_context(arena, &context, err);
    rc = rc ? rc : read_part(path, kind, arena, &part, err);
    rc = rc ? rc : part_generate(kind, part, &context, arena, &made, &warnings, err);
    if (rc)
        return err_report(err);
    VEC_EACH(&warnings, const struct str *, warning) {
        fprintf(stderr, "tally: warning: %.*s\n", STR_FMT(*warning));
    }
    contracts_print(made);
    return EXIT_YES;
}

static const struct opt generate_rows[] = {
    PART_ROW,
    {.kind = OPT_CHOICE,
     .name = "mode",
     .value = "MODE",
     .target = &given.mode,
     .choices = "consumer|provider",
     .required = true,
     .help = "as the consumer's mock server does it, or the provider's verifier"},
    {.kind = OPT_TEXT,
     .name = "context",
     .value = "FILE",
     .target = &given.context,
     .help = "{\"providerState\": {...}, \"mockServer\": {\"url\": ...}}; - is standard input"},
    {.kind = OPT_TEXT,
     .name = "spec",
     .value = "V1|V1.1|V2|V3|V4",
     .target = &given.spec,
     .help = "shape of the part; else V4 if body or headers are V4's, V3 if not"},
    {.kind = OPT_NUMBER,
     .name = "seed",
     .value = "N",
     .target = &given.seed,
     .fallback = "-1",
     .min = -1,
     .max = INT64_MAX,
     .help = "same seed, same values; -1 makes others each time"},
    {.kind = OPT_TEXT,
     .name = "now",
     .value = "TIME",
     .target = &given.now,
     .help = "what time it is: 2026-11-20T18:00:00Z, or seconds since 1970"},
    OPT_END,
};
static const struct opt_command generate_spec = {
    .name = "generate",
    .usage = "--part PART --mode MODE [--context FILE] [options] FILE",
    .summary = "Print a request, response or message with its generators applied.",
    .details = "What no generator touches is printed as it stands. A generator that cannot make "
               "its value leaves the example and says so on standard error.\n\nExample:\n"
               "  tally generate --part request --mode provider --context states.json --seed 1 \\\n"
               "      --now 2026-11-20T18:00:00Z request.json",
    .options = generate_rows,
    .min_args = 1,
    .max_args = 1,
};

int generate_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct opt_list args = {0};
    struct err err = ERR_INIT;
    int parsed = opt_parse(&generate_spec, argc, argv, arena, &args, &err);
    if (parsed > 0)
        return EXIT_YES;
    return parsed < 0 ? err_report(&err) : generate(args.items[0], arena, &err);
}
