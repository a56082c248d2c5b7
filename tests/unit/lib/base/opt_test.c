// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/lib/base/rows.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/opt.h"

static struct values {
    bool verbose, color;
    const char *broker, *token, *format, *latest, *version;
    int64_t port, any;
    struct opt_list tags, files;
} values;

static const struct opt options[] = {
    {.kind = OPT_GROUP, .help = "Broker"},
    {.kind = OPT_TEXT,
     .letter = 'b',
     .name = "broker-base-url|broker",
     .env = "TEST_BROKER TEST_BROKER_OLD",
     .value = "URL",
     .target = &values.broker,
     .fallback = "http://localhost:9292",
     .help = "Where the broker is. This text is long enough to need a second line when it is "
             "wrapped at eighty columns."},
    {.kind = OPT_TEXT,
     .name = "broker-token",
     .env = "TEST_TOKEN",
     .value = "TOKEN",
     .target = &values.token,
     .fallback = "fallback-secret",
     .secret = true,
     .help = "Bearer token."},
    {.kind = OPT_GROUP, .help = "Output"},
    {.kind = OPT_FLAG,
     .letter = 'v',
     .name = "verbose",
     .env = "TEST_VERBOSE",
     .target = &values.verbose,
     .help = "Say more."},
    {.kind = OPT_FLAG,
     .letter = 'c',
     .name = "color|colour",
     .target = &values.color,
     .fallback = "true",
     .help = "Colours."},
    {.kind = OPT_CHOICE,
     .letter = 'f',
     .name = "format",
     .target = &values.format,
     .choices = "text|json|junit",
     .fallback = "text",
     .help = "Format."},
    {.kind = OPT_NUMBER,
     .letter = 'p',
     .name = "port",
     .env = "TEST_PORT",
     .target = &values.port,
     .min = 1,
     .max = 65535,
     .fallback = "9292",
     .help = "Port."},
    {.kind = OPT_NUMBER, .name = "any", .target = &values.any, .help = "Any number."},
    {.kind = OPT_LIST,
     .letter = 't',
     .name = "tag",
     .env = "TEST_TAGS",
     .value = "TAG",
     .target = &values.tags,
     .split = ',',
     .help = "Tags."},
    {.kind = OPT_LIST, .name = "file", .target = &values.files, .help = "Files."},
    {.kind = OPT_OPTIONAL,
     .letter = 'l',
     .name = "latest",
     .value = "TAG",
     .target = &values.latest,
     .help = "Latest."},
    {.kind = OPT_TEXT,
     .letter = 'a',
     .name = "consumer-app-version|version",
     .env = "TEST_VERSION",
     .value = "V",
     .target = &values.version,
     .required = true,
     .help = "Version."},
    OPT_END,
};

static const struct opt_command command = {
    .name = "publish",
    .usage = "FILE|DIR... [options]",
    .summary = "Publish contracts.",
    .details = "Examples:\n  tally publish pacts -a 1",
    .options = options,
    .min_args = 0,
    .max_args = 2,
};

enum { WORDS_MAX = 10 };

/* What one command line gives, as one line of text; an error as its text after "! ". */
static const struct parse_row {
    const char *name;
    const char *env; /* "NAME=value", or NULL */
    const char *words[WORDS_MAX];
    const char *want;
} parse_rows[] = {
    {"defaults", NULL, {"-a", "1"}, "http://localhost:9292 text 9292 color"},
    {"long with space", NULL, {"-a", "1", "--broker-base-url", "u"}, "u text 9292 color"},
    {"long with equals", NULL, {"-a", "1", "--broker-base-url=u=v"}, "u=v text 9292 color"},
    {"empty value", NULL, {"-a", "1", "--broker="}, " text 9292 color"},
    {"alias", NULL, {"-a", "1", "--broker", "u"}, "u text 9292 color"},
    {"letter with space", NULL, {"-a", "1", "-b", "u"}, "u text 9292 color"},
    {"letter attached", NULL, {"-a1", "-bu"}, "u text 9292 color"},
    {"bundled letters", NULL, {"-vcp80", "-a1", "-b", "u"}, "u text 80 color verbose"},
    {"flag turned off", NULL, {"-a1", "-bu", "--no-color"}, "u text 9292"},
    {"alias of a flag turned off", NULL, {"-a1", "-bu", "--no-colour"}, "u text 9292"},
    {"the last one counts", NULL, {"-a1", "-bu", "-p1", "-p2"}, "u text 2 color"},
    {"list repeated and split",
     NULL,
     {"-a1", "-bu", "-t", "x, y", "--tag=z,"},
     "u text 9292 color tags=x,y,z"},
    {"list not split",
     NULL,
     {"-a1", "-bu", "--file", "x,y", "--file", "z"},
     "u text 9292 color files=x,y,z"},
    {"a choice in another case", NULL, {"-a1", "-bu", "-fJSON"}, "u json 9292 color"},
    {"optional without value", NULL, {"-a1", "-bu", "--latest"}, "u text 9292 color latest=()"},
    {"optional before an option", NULL, {"-bu", "--latest", "-a1"}, "u text 9292 color latest=()"},
    {"optional with value", NULL, {"-a1", "-bu", "--latest", "x"}, "u text 9292 color latest=(x)"},
    {"optional letter attached", NULL, {"-a1", "-bu", "-lx"}, "u text 9292 color latest=(x)"},
    {"arguments among options", NULL, {"one", "-a1", "-bu", "two"}, "u text 9292 color [one two]"},
    {"a dash is an argument", NULL, {"-a1", "-bu", "-"}, "u text 9292 color [-]"},
    {"after two dashes",
     NULL,
     {"-a1", "-bu", "--", "-v", "--help"},
     "u text 9292 color [-v --help]"},
    {"a value may start with a dash", NULL, {"-a1", "-b", "-x"}, "-x text 9292 color"},
    {"negative number", NULL, {"-a1", "-bu", "--any", "-5"}, "u text 9292 color any=-5"},
    {"environment", "TEST_BROKER=e", {"-a1"}, "e text 9292 color"},
    {"second variable", "TEST_BROKER_OLD=e", {"-a1"}, "e text 9292 color"},
    {"empty variable is not set", "TEST_BROKER=", {"-a1"}, "http://localhost:9292 text 9292 color"},
    {"command line beats environment", "TEST_BROKER=e", {"-a1", "-bu"}, "u text 9292 color"},
    {"flag by environment", "TEST_VERBOSE=Yes", {"-a1", "-bu"}, "u text 9292 color verbose"},
    {"flag off by environment", "TEST_VERBOSE=0", {"-a1", "-bu"}, "u text 9292 color"},
    {"list by environment", "TEST_TAGS=x,y", {"-a1", "-bu"}, "u text 9292 color tags=x,y"},
    {"required by environment", "TEST_VERSION=1", {"-bu"}, "u text 9292 color"},
    {"required is missing",
     NULL,
     {"-bu"},
     "! missing option '--consumer-app-version V' (or set TEST_VERSION)"},
    {"required is empty", NULL, {"-a", ""}, "! option '-a' must not be empty"},
    {"slip of one letter",
     NULL,
     {"--broker-bas-url", "u"},
     "! unknown option '--broker-bas-url'; did you mean '--broker-base-url'?"},
    {"two letters swapped",
     NULL,
     {"--vebrose"},
     "! unknown option '--vebrose'; did you mean '--verbose'?"},
    {"start of a name",
     NULL,
     {"--consumer"},
     "! unknown option '--consumer'; did you mean '--consumer-app-version'?"},
    {"one dash too few",
     NULL,
     {"-version", "1"},
     "! unknown option '-version'; did you mean '--version'?"},
    {"value of an unknown option stays hidden",
     NULL,
     {"--broker-tokn=s3cret"},
     "! unknown option '--broker-tokn'; did you mean '--broker-token'?"},
    {"nothing near",
     NULL,
     {"--xylophone"},
     "! unknown option '--xylophone'; see 'tally publish --help'"},
    {"unknown letter", NULL, {"-z"}, "! unknown option '-z'; see 'tally publish --help'"},
    {"only flags are turned off",
     NULL,
     {"--no-port"},
     "! unknown option '--no-port'; see 'tally publish --help'"},
    {"flag with a value", NULL, {"--verbose=yes"}, "! option '--verbose' takes no value"},
    {"value missing at the end", NULL, {"--broker"}, "! option '--broker' needs a value (URL)"},
    {"option instead of a value",
     NULL,
     {"--broker", "--verbose"},
     "! option '--broker' needs a value (URL)"},
    {"letter instead of a value", NULL, {"-b", "-v"}, "! option '-b' needs a value (URL)"},
    {"number out of range",
     NULL,
     {"-p", "0"},
     "! option '-p' needs a number from 1 to 65535, not '0'"},
    {"number is none", NULL, {"--any", "x"}, "! option '--any' needs a whole number, not 'x'"},
    {"number by environment is wrong",
     "TEST_PORT=70000",
     {"-a1"},
     "! TEST_PORT needs a number from 1 to 65535, not '70000'"},
    {"flag by environment is wrong",
     "TEST_VERBOSE=2",
     {"-a1"},
     "! TEST_VERBOSE needs true or false, not '2'"},
    {"unknown choice",
     NULL,
     {"--format", "yaml"},
     "! option '--format' needs one of text, json, junit, not 'yaml'"},
    {"choice is not a part of a word",
     NULL,
     {"--format", "jso"},
     "! option '--format' needs one of text, json, junit, not 'jso'"},
    {"too many arguments",
     NULL,
     {"-a1", "one", "two", "three"},
     "! unexpected argument 'three'; see 'tally publish --help'"},
};

static void join(struct arena *arena, const struct opt_list *list, const char *separator,
                 char **text)
{
    for (size_t i = 0; i < list->len; i++)
        *text = arena_printf(arena, "%s%s%s", *text, i ? separator : "", list->items[i]);
}

static char *shown(struct arena *arena, const struct opt_list *args)
{
    char *text =
        arena_printf(arena, "%s %s %" PRId64 "%s%s", values.broker, values.format, values.port,
                     values.color ? " color" : "", values.verbose ? " verbose" : "");
    if (values.tags.len > 0)
        text = arena_printf(arena, "%s tags=", text);
    join(arena, &values.tags, ",", &text);
    if (values.files.len > 0)
        text = arena_printf(arena, "%s files=", text);
    join(arena, &values.files, ",", &text);
    if (values.latest)
        text = arena_printf(arena, "%s latest=(%s)", text, values.latest);
    if (values.any != 0)
        text = arena_printf(arena, "%s any=%" PRId64, text, values.any);
    if (args->len == 0)
        return text;
    text = arena_printf(arena, "%s [", text);
    join(arena, args, " ", &text);
    return arena_printf(arena, "%s]", text);
}

static int parse(struct arena *arena, const struct opt_command *how, const char *const *words,
                 struct opt_list *args, struct err *err)
{
    char *argv[WORDS_MAX + 2] = {arena_strdup(arena, "publish")};
    int argc = 1;
    for (; words[argc - 1]; argc++)
        argv[argc] = arena_strdup(arena, words[argc - 1]);
    values = (struct values){0};
    return opt_parse(how, argc, argv, arena, args, err);
}

static void test_parse(void **state)
{
    const struct parse_row *row = *state;
    ARENA_AUTO struct arena *arena = arena_new();
    struct err err = ERR_INIT;
    struct opt_list args = {0};
    struct str value = str_of(row->env);
    char *name = str_cstr(arena, str_cut(&value, '='));
    if (name)
        setenv(name, value.ptr, 1);
    int rc = parse(arena, &command, row->words, &args, &err);
    if (name)
        unsetenv(name);
    const char *saw = rc == 0 ? shown(arena, &args) : arena_printf(arena, "! %s", err.text);
    assert_string_equal(saw, row->want);
    assert_int_equal(rc, row->want[0] == '!' ? ERR_USAGE : 0);
}

static void test_missing_argument(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    struct opt_command needy = command;
    needy.min_args = 1;
    struct err err = ERR_INIT;
    struct opt_list args = {.len = 77};
    const char *const words[] = {"-a1", NULL};
    assert_int_equal(parse(arena, &needy, words, &args, &err), ERR_USAGE);
    assert_string_equal(err.text, "missing argument; usage: tally publish FILE|DIR... [options]");
    assert_int_equal(args.len, 77);
    needy.max_args = -1;
    const char *const many[] = {"-a1", "1", "2", "3", "4", NULL};
    assert_int_equal(parse(arena, &needy, many, &args, NULL), 0);
    assert_int_equal(args.len, 4);
}

static void test_secret_is_not_printed(void **state)
{
    (void)state;
    static int64_t pin;
    static const struct opt secrets[] = {{.kind = OPT_NUMBER,
                                          .name = "pin",
                                          .env = "TEST_PIN",
                                          .target = &pin,
                                          .min = 1,
                                          .max = 9,
                                          .secret = true},
                                         OPT_END};
    const struct opt_command safe = {
        .name = "safe", .usage = "", .summary = "", .options = secrets};
    ARENA_AUTO struct arena *arena = arena_new();
    struct err err = ERR_INIT;
    struct opt_list args = {0};
    const char *const words[] = {"--pin", "s3cret", NULL};
    assert_int_equal(parse(arena, &safe, words, &args, &err), ERR_USAGE);
    assert_string_equal(err.text, "option '--pin' needs a number from 1 to 9");
}

static char *help_of(struct arena *arena, const struct opt_command *how)
{
    char *text = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&text, &len);
    assert_non_null(stream);
    opt_help(how, stream);
    fclose(stream);
    char *copy = arena_strndup(arena, text, len);
    free(text);
    return copy;
}

static const char help_wanted[] =
    "Usage: tally publish FILE|DIR... [options]\n"
    "\n"
    "Publish contracts.\n"
    "\n"
    "Broker:\n"
    "  -b, --broker-base-url URL     Where the broker is. This text is long enough to\n"
    "                                need a second line when it is wrapped at eighty\n"
    "                                columns. [also: --broker] [default:\n"
    "                                http://localhost:9292] [env: TEST_BROKER,\n"
    "                                TEST_BROKER_OLD]\n"
    "      --broker-token TOKEN      Bearer token. [env: TEST_TOKEN]\n"
    "\n"
    "Output:\n"
    "  -v, --verbose                 Say more. [env: TEST_VERBOSE]\n"
    "  -c, --[no-]color              Colours. [also: --colour]\n"
    "  -f, --format VALUE            Format. [one of: text, json, junit] [default:\n"
    "                                text]\n"
    "  -p, --port VALUE              Port. [default: 9292] [env: TEST_PORT]\n"
    "      --any VALUE               Any number.\n"
    "  -t, --tag TAG                 Tags. (several: repeat it, or separate with ',')\n"
    "                                [env: TEST_TAGS]\n"
    "      --file VALUE              Files. (may be repeated)\n"
    "  -l, --latest [TAG]            Latest.\n"
    "  -a, --consumer-app-version V  Version. (required) [also: --version] [env:\n"
    "                                TEST_VERSION]\n"
    "\n"
    "  -h, --help                    Show this help and do nothing else.\n"
    "\n"
    "Examples:\n"
    "  tally publish pacts -a 1\n";

static void test_help(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    setenv("TEST_TOKEN", "s3cret", 1);
    assert_string_equal(help_of(arena, &command), help_wanted);
    unsetenv("TEST_TOKEN");
}

/* The stock verifier's -h is a host name, and a program of its own keeps its name. */
static void test_letter_h_can_be_claimed(void **state)
{
    (void)state;
    static const char *host;
    static const struct opt hosts[] = {
        {.kind = OPT_TEXT, .letter = 'h', .name = "hostname", .target = &host, .help = "Host."},
        OPT_END};
    const struct opt_command bff = {
        .name = "tally-bff", .usage = "[options]", .summary = "Serve.", .options = hosts};
    ARENA_AUTO struct arena *arena = arena_new();
    struct opt_list args = {0};
    const char *const words[] = {"-h", "example.test", NULL};
    assert_int_equal(parse(arena, &bff, words, &args, NULL), 0);
    assert_string_equal(host, "example.test");
    assert_string_equal(help_of(arena, &bff), "Usage: tally-bff [options]\n"
                                              "\n"
                                              "Serve.\n"
                                              "\n"
                                              "Options:\n"
                                              "  -h, --hostname VALUE  Host.\n"
                                              "      --help            Show this help and do "
                                              "nothing else.\n");
}

/* --help prints to stdout and comes before what is missing; stdout is pointed at a file here. */
static void test_help_is_asked_for(void **state)
{
    (void)state;
    static const char *const asks[][3] = {{"--help"}, {"-h"}, {"-vh"}, {"one", "--help"}};
    ARENA_AUTO struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        struct opt_list args = {0};
        struct err err = ERR_INIT;
        FILE *file = tmpfile();
        assert_non_null(file);
        FILE *saved = stdout;
        stdout = file;
        int rc = parse(arena, &command, asks[i], &args, &err);
        stdout = saved;
        char text[8192] = "";
        rewind(file);
        assert_true(fread(text, 1, sizeof text - 1, file) > 0);
        fclose(file);
        assert_int_equal(rc, 1);
        assert_string_equal(text, help_wanted);
        assert_int_equal(err.code, ERR_NONE);
    }
}

static const struct nearest_row {
    const char *name, *word, *want;
} nearest_rows[] = {
    {"nearest: exact", "publish", "publish"},
    {"nearest: missing letter", "publsh", "publish"},
    {"nearest: other letter", "gale", "gate"},
    {"nearest: swapped", "vreify", "verify"},
    {"nearest: case", "GATE", "gate"},
    {"nearest: start", "can-i", "can-i-deploy"},
    {"nearest: nothing", "frobnicate", NULL},
    {"nearest: short words need to be right", "gx", NULL},
    {"nearest: empty", "", NULL},
    {"nearest: very long word",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
};

static void test_nearest(void **state)
{
    const struct nearest_row *row = *state;
    static const char *const names[] = {"publish", "verify", "gate", "can-i-deploy", "ls"};
    const char *saw = opt_nearest(row->word, names, sizeof names / sizeof names[0]);
    assert_string_equal(saw ? saw : "(none)", row->want ? row->want : "(none)");
}

/* ---- the configuration file, and what an option checks itself ---- */

static const struct file_row {
    const char *name, *env, *word, *file; /* file: what is set there under "even", or NULL */
    const char *want;
} file_rows[] = {
    {"not set anywhere", NULL, NULL, NULL, "fallback"},
    {"from the file", NULL, NULL, "22", "22"},
    {"the environment wins over the file", "TEST_EVEN=4444", NULL, "22", "4444"},
    {"the command line wins over both", "TEST_EVEN=4444", "--even=666666", "22", "666666"},
    {"an empty variable leaves it to the file", "TEST_EVEN=", NULL, "22", "22"},
    {"a wrong value on the command line", NULL, "--even=x", NULL,
     "! option '--even' needs an even length, not 'x'"},
    {"a wrong value in the environment", "TEST_EVEN=x", NULL, NULL,
     "! TEST_EVEN needs an even length, not 'x'"},
    {"a wrong value in the file", NULL, NULL, "x", "! line 7 needs an even length, not 'x'"},
    {"a file that cannot be read", NULL, NULL, "!", "! no such file"},
};

static const char *check_even(const char *value)
{
    return strlen(value) % 2 ? "needs an even length" : NULL;
}

static int look_up(void *context, const struct opt *opt, struct arena *arena,
                   const char **ret_value, const char **ret_where, struct err *err)
{
    const struct file_row *row = context;
    (void)arena;
    assert_string_equal(opt->key, "even");
    if (!row->file)
        return 0;
    if (strcmp(row->file, "!") == 0)
        return err_set(err, ERR_NOT_FOUND, "no such file");
    *ret_value = row->file;
    *ret_where = "line 7";
    return 1;
}

static void test_file(void **state)
{
    const struct file_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    const char *even = NULL, *other = NULL;
    const struct opt table[] = {
        {.kind = OPT_TEXT,
         .name = "even",
         .env = "TEST_EVEN",
         .key = "even",
         .target = &even,
         .fallback = "fallback",
         .check = check_even},
        {.kind = OPT_TEXT, .name = "other", .target = &other}, /* no key: never asked for */
        OPT_END,
    };
    const struct opt_command filed = {
        .name = "x", .options = table, .lookup = look_up, .lookup_context = (void *)(uintptr_t)row};
    char *argv[] = {arena_strdup(arena, "x"), row->word ? arena_strdup(arena, row->word) : NULL,
                    NULL};
    struct opt_list args = {0};
    struct err err = ERR_INIT;
    unsetenv("TEST_EVEN");
    if (row->env)
        putenv(arena_strdup(arena, row->env));
    int code = opt_parse(&filed, row->word ? 2 : 1, argv, arena, &args, &err);
    unsetenv("TEST_EVEN");
    assert_string_equal(code < 0 ? arena_printf(arena, "! %s", err.text) : even, row->want);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, parse_rows, test_parse);
    ROWS_ADD(&tests, nearest_rows, test_nearest);
    ROWS_ADD(&tests, file_rows, test_file);
    rows_add_test(&tests, "a missing argument shows the usage", test_missing_argument);
    rows_add_test(&tests, "a secret is not printed", test_secret_is_not_printed);
    rows_add_test(&tests, "help is grouped and wrapped", test_help);
    rows_add_test(&tests, "the letter h can be claimed", test_letter_h_can_be_claimed);
    rows_add_test(&tests, "help is printed when asked for", test_help_is_asked_for);
    return rows_run(&tests, "opt");
}
