// SPDX-License-Identifier: Apache-2.0
#include "lib/base/opt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/base/vec.h"

struct parse {
    const struct opt_command *command;
    struct arena *arena;
    struct err *err;
    int argc, next; /* argv[next] has not been looked at */
    char **argv;
    bool *seen; /* by place in the table */
    bool wants_help;
    struct opt_list args;
};

static bool is_end(const struct opt *opt)
{
    return opt->kind == OPT_FLAG && !opt->name;
}

/* The name shown in messages: the first one. */
static struct str main_name(const struct opt *opt)
{
    struct str names = str_of(opt->name);
    return str_cut(&names, '|');
}

static bool has_name(const struct opt *opt, struct str name)
{
    struct str rest = str_of(opt->name);
    while (rest.ptr)
        if (str_eq(str_cut(&rest, '|'), name))
            return true;
    return false;
}

static const struct opt *find_long(const struct opt_command *command, struct str name)
{
    for (const struct opt *opt = command->options; !is_end(opt); opt++)
        if (opt->kind != OPT_GROUP && has_name(opt, name))
            return opt;
    return NULL;
}

static const struct opt *find_negated(const struct opt_command *command, struct str name)
{
    if (!str_starts(name, STR("no-")))
        return NULL;
    const struct opt *opt = find_long(command, str_sub(name, 3, name.len));
    return opt && opt->kind == OPT_FLAG ? opt : NULL;
}

static const struct opt *find_letter(const struct opt_command *command, char letter)
{
    for (const struct opt *opt = command->options; !is_end(opt); opt++)
        if (opt->kind != OPT_GROUP && opt->letter == letter && letter != '\0')
            return opt;
    return NULL;
}

/* Whether a word is an option of this command, and so not the value of the one before it. */
static bool names_option(const struct opt_command *command, const char *word)
{
    if (word[0] != '-' || word[1] == '\0')
        return false;
    if (word[1] != '-')
        return word[2] == '\0' && find_letter(command, word[1]) != NULL;
    struct str rest = str_of(word + 2);
    struct str name = str_cut(&rest, '=');
    return name.len == 0 || str_is(name, "help") || find_long(command, name) ||
           find_negated(command, name);
}

static const char *program_name(const struct opt_command *command, struct arena *arena)
{
    bool whole = strncmp(command->name, "tally", 5) == 0;
    return whole ? command->name : arena_printf(arena, "tally %s", command->name);
}

/* Optimal string alignment distance: insert, delete, replace, swap two neighbours. */
static size_t edit_distance(struct str a, struct str b)
{
    enum { NAME_MAX_LEN = 63 };
    if (a.len > NAME_MAX_LEN || b.len > NAME_MAX_LEN)
        return SIZE_MAX;
    size_t rows[3][NAME_MAX_LEN + 1]; /* row i is rows[i % 3] */
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = above[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            bool swapped =
                i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1];
            if (swapped && above2[j - 2] + 1 < best)
                best = above2[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[a.len % 3][b.len];
}

/* Near: at most one slip in three letters, four altogether; else the shortest that starts so. */
const char *opt_nearest(const char *name, const char *const *names, size_t n)
{
    struct str wanted = str_of(name);
    size_t allowed = wanted.len / 3 < 4 ? wanted.len / 3 : 4;
    size_t best_distance = allowed + 1;
    const char *best = NULL, *best_longer = NULL;
    for (size_t i = 0; i < n; i++) {
        struct str candidate = str_of(names[i]);
        bool same = str_eq_nocase(wanted, candidate);
        size_t distance = same ? 0 : edit_distance(wanted, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = names[i];
        }
        if (wanted.len >= 3 && str_starts(candidate, wanted) &&
            (!best_longer || candidate.len < strlen(best_longer)))
            best_longer = names[i];
    }
    return best ? best : best_longer;
}

static int unknown_option(struct parse *p, const char *dashes, struct str name)
{
    struct opt_list names = {0};
    *VEC_PUSH(p->arena, &names) = "help";
    for (const struct opt *opt = p->command->options; !is_end(opt); opt++) {
        struct str rest = opt->kind == OPT_GROUP ? STR_NONE : str_of(opt->name);
        while (rest.ptr)
            *VEC_PUSH(p->arena, &names) = str_cstr(p->arena, str_cut(&rest, '|'));
    }
    const char *near = opt_nearest(str_cstr(p->arena, name), names.items, names.len);
    if (near)
        return err_set(p->err, ERR_USAGE, "unknown option '%s%.*s'; did you mean '--%s'?", dashes,
                       STR_FMT(name), near);
    return err_set(p->err, ERR_USAGE, "unknown option '%s%.*s'; see '%s --help'", dashes,
                   STR_FMT(name), program_name(p->command, p->arena));
}

/* " not 'x'", unless x must not be seen. */
static const char *not_value(struct parse *p, const struct opt *opt, const char *value)
{
    return opt->secret ? "" : arena_printf(p->arena, ", not '%s'", value);
}

static int store_flag(struct parse *p, const struct opt *opt, const char *value, const char *where)
{
    static const struct flag_word {
        struct str word;
        bool value;
    } words[] = {
        {{"1", 1}, true},  {{"true", 4}, true},   {{"yes", 3}, true}, {{"on", 2}, true},
        {{"0", 1}, false}, {{"false", 5}, false}, {{"no", 2}, false}, {{"off", 3}, false},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (str_eq_nocase(words[i].word, str_of(value))) {
            *(bool *)opt->target = words[i].value;
            return 0;
        }
    }
    return err_set(p->err, ERR_USAGE, "%s needs true or false%s", where, not_value(p, opt, value));
}

static int store_number(struct parse *p, const struct opt *opt, const char *value,
                        const char *where)
{
    bool any = opt->min == 0 && opt->max == 0;
    if (str_to_i64(str_of(value), any ? INT64_MIN : opt->min, any ? INT64_MAX : opt->max,
                   opt->target))
        return 0;
    if (any)
        return err_set(p->err, ERR_USAGE, "%s needs a whole number%s", where,
                       not_value(p, opt, value));
    return err_set(p->err, ERR_USAGE, "%s needs a number from %lld to %lld%s", where,
                   (long long)opt->min, (long long)opt->max, not_value(p, opt, value));
}

static int store_choice(struct parse *p, const struct opt *opt, const char *value,
                        const char *where)
{
    BUF_AUTO struct buf listed = BUF_INIT(400);
    struct str rest = str_of(opt->choices);
    while (rest.ptr) {
        struct str choice = str_cut(&rest, '|');
        if (str_eq_nocase(choice, str_of(value))) {
            *(const char **)opt->target = str_cstr(p->arena, choice);
            return 0;
        }
        buf_printf(&listed, "%s%.*s", listed.len > 0 ? ", " : "", STR_FMT(choice));
    }
    return err_set(p->err, ERR_USAGE, "%s needs one of %.*s%s", where, STR_FMT(buf_view(&listed)),
                   not_value(p, opt, value));
}

static void store_list(struct parse *p, const struct opt *opt, const char *value)
{
    struct opt_list *list = opt->target;
    if (opt->split == '\0') {
        *VEC_PUSH(p->arena, list) = value;
        return;
    }
    struct str rest = str_of(value);
    while (rest.ptr) {
        struct str item = str_trim(str_cut(&rest, opt->split));
        if (item.len > 0)
            *VEC_PUSH(p->arena, list) = str_cstr(p->arena, item);
    }
}

/* @where says whose value it is: "option '--port'" or the name of the variable. */
static int store(struct parse *p, const struct opt *opt, const char *value, const char *where)
{
    p->seen[opt - p->command->options] = true;
    if (opt->required && value[0] == '\0')
        return err_set(p->err, ERR_USAGE, "%s must not be empty", where);
    const char *wrong = opt->check ? opt->check(value) : NULL;
    if (wrong)
        return err_set(p->err, ERR_USAGE, "%s %s%s", where, wrong, not_value(p, opt, value));
    switch (opt->kind) {
    case OPT_FLAG:
        return store_flag(p, opt, value, where);
    case OPT_NUMBER:
        return store_number(p, opt, value, where);
    case OPT_CHOICE:
        return store_choice(p, opt, value, where);
    case OPT_LIST:
        store_list(p, opt, value);
        return 0;
    case OPT_TEXT:
    case OPT_OPTIONAL:
        *(const char **)opt->target = value;
        return 0;
    case OPT_GROUP:
        break;
    }
    return err_set(p->err, ERR_INTERNAL, "%s has no kind", where);
}

/* The value of an option: what is attached to it, else the next word. */
static int store_with_value(struct parse *p, const struct opt *opt, const char *attached,
                            const char *where)
{
    if (attached)
        return store(p, opt, attached, where);
    const char *next = p->next < p->argc ? p->argv[p->next] : NULL;
    if (opt->kind == OPT_OPTIONAL && (!next || next[0] == '-'))
        return store(p, opt, "", where);
    if (!next || names_option(p->command, next))
        return err_set(p->err, ERR_USAGE, "%s needs a value (%s)", where,
                       opt->value ? opt->value : "VALUE");
    p->next++;
    return store(p, opt, next, where);
}

static int parse_long(struct parse *p, const char *word)
{
    struct str value = str_of(word + 2);
    struct str name = str_cut(&value, '=');
    const struct opt *opt = find_long(p->command, name);
    const struct opt *negated = opt ? NULL : find_negated(p->command, name);
    const char *where = arena_printf(p->arena, "option '--%.*s'", STR_FMT(name));
    if (!opt && !negated && str_is(name, "help")) {
        p->wants_help = true;
        return 0;
    }
    if (!opt && !negated)
        return unknown_option(p, "--", name);
    if (negated || opt->kind == OPT_FLAG) {
        if (value.ptr)
            return err_set(p->err, ERR_USAGE, "%s takes no value", where);
        return store(p, negated ? negated : opt, negated ? "false" : "true", where);
    }
    return store_with_value(p, opt, value.ptr, where);
}

static int parse_letters(struct parse *p, const char *word)
{
    for (const char *at = word + 1; *at; at++) {
        const struct opt *opt = find_letter(p->command, *at);
        const char *where = arena_printf(p->arena, "option '-%c'", *at);
        if (!opt && *at == 'h') {
            p->wants_help = true;
            return 0;
        }
        if (!opt) {
            struct str rest = str_of(word + 1);
            return unknown_option(p, "-", str_cut(&rest, '='));
        }
        if (opt->kind != OPT_FLAG)
            return store_with_value(p, opt, at[1] ? at + 1 : NULL, where);
        int rc = store(p, opt, "true", where);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int parse_words(struct parse *p)
{
    bool only_args = false;
    int rc = 0;
    for (p->next = 1; p->next < p->argc && rc == 0 && !p->wants_help;) {
        const char *word = p->argv[p->next++];
        if (only_args || word[0] != '-' || word[1] == '\0')
            *VEC_PUSH(p->arena, &p->args) = word;
        else if (strcmp(word, "--") == 0)
            only_args = true;
        else if (word[1] == '-')
            rc = parse_long(p, word);
        else
            rc = parse_letters(p, word);
    }
    return rc;
}

/* What the command line did not say: the environment, then the default. */
static int complete(struct parse *p, const struct opt *opt)
{
    if (opt->kind == OPT_GROUP || p->seen[opt - p->command->options])
        return 0;
    struct str names = str_of(opt->env);
    while (names.ptr) {
        const char *name = str_cstr(p->arena, str_cut(&names, ' '));
        const char *set = getenv(name);
        if (set && set[0] != '\0')
            return store(p, opt, set, name);
    }
    const char *value = NULL, *where = NULL;
    int found =
        opt->key && p->command->lookup
            ? p->command->lookup(p->command->lookup_context, opt, p->arena, &value, &where, p->err)
            : 0;
    if (found != 0)
        return found < 0 ? found : store(p, opt, value, where);
    if (opt->fallback)
        return store(p, opt, opt->fallback,
                     arena_printf(p->arena, "default of '--%.*s'", STR_FMT(main_name(opt))));
    if (!opt->required)
        return 0;
    return err_set(p->err, ERR_USAGE, "missing option '--%.*s %s'%s%s%s", STR_FMT(main_name(opt)),
                   opt->value ? opt->value : "VALUE", opt->env ? " (or set " : "",
                   opt->env ? opt->env : "", opt->env ? ")" : "");
}

static int check_args(struct parse *p)
{
    const struct opt_command *command = p->command;
    if (command->max_args >= 0 && p->args.len > (size_t)command->max_args)
        return err_set(p->err, ERR_USAGE, "unexpected argument '%s'; see '%s --help'",
                       p->args.items[command->max_args], program_name(command, p->arena));
    if (p->args.len < (size_t)command->min_args)
        return err_set(p->err, ERR_USAGE, "missing argument; usage: %s %s",
                       program_name(command, p->arena), command->usage);
    return 0;
}

int opt_parse(const struct opt_command *command, int argc, char **argv, struct arena *arena,
              struct opt_list *ret_args, struct err *err)
{
    size_t n = 0;
    while (!is_end(&command->options[n]))
        n++;
    struct parse p = {.command = command, .arena = arena, .err = err, .argc = argc, .argv = argv};
    p.seen = ARENA_ARRAY(arena, bool, n);
    int rc = parse_words(&p);
    if (rc == 0 && p.wants_help) {
        opt_help(command, stdout);
        return 1;
    }
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = complete(&p, &command->options[i]);
    if (rc == 0)
        rc = check_args(&p);
    if (rc < 0)
        return rc;
    *ret_args = p.args;
    return 0;
}

enum { HELP_NARROW = 80, HELP_WIDE = 100, LABEL_MAX = 32, LABEL_GAP = 2 };

static size_t help_width(FILE *stream)
{
    struct winsize size;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col < HELP_NARROW)
        return HELP_NARROW;
    return size.ws_col > HELP_WIDE ? HELP_WIDE : size.ws_col;
}

/* Words of text from the current column on, later lines starting at `indent`. */
static void wrap(FILE *out, struct str text, size_t indent, size_t width)
{
    size_t column = indent;
    while (text.ptr) {
        struct str word = str_cut(&text, ' ');
        if (word.len == 0)
            continue;
        if (column > indent && column + 1 + word.len > width) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fwrite(word.ptr, 1, word.len, out);
        column += word.len;
    }
    fputc('\n', out);
}

static void label_of(const struct opt *opt, struct buf *label)
{
    if (opt->letter)
        buf_printf(label, "  -%c, ", opt->letter);
    else
        buf_puts(label, "      ");
    bool on_by_default =
        opt->kind == OPT_FLAG && opt->fallback && strcmp(opt->fallback, "true") == 0;
    buf_printf(label, "--%s%.*s", on_by_default ? "[no-]" : "", STR_FMT(main_name(opt)));
    const char *value = opt->value ? opt->value : "VALUE";
    if (opt->kind == OPT_OPTIONAL)
        buf_printf(label, " [%s]", value);
    else if (opt->kind != OPT_FLAG)
        buf_printf(label, " %s", value);
}

/* A list of names as " [what: a, b]". */
static void describe_list(struct buf *text, const char *what, struct str names, char separator,
                          const char *prefix)
{
    if (!names.ptr)
        return;
    buf_printf(text, " [%s: ", what);
    for (const char *comma = ""; names.ptr; comma = ", ") {
        struct str name = str_cut(&names, separator);
        buf_printf(text, "%s%s%.*s", comma, prefix, STR_FMT(name));
    }
    buf_putc(text, ']');
}

static void describe(const struct opt *opt, struct buf *text)
{
    struct str aliases = str_of(opt->name);
    str_cut(&aliases, '|');
    buf_puts(text, opt->help ? opt->help : "");
    if (opt->kind == OPT_LIST)
        buf_puts(text, opt->split ? " (several: repeat it, or separate" : " (may be repeated)");
    if (opt->kind == OPT_LIST && opt->split)
        buf_printf(text, " with '%c')", opt->split);
    if (opt->required && !opt->fallback)
        buf_puts(text, " (required)");
    if (opt->kind == OPT_CHOICE)
        describe_list(text, "one of", str_of(opt->choices), '|', "");
    describe_list(text, "also", aliases, '|', "--");
    if (opt->fallback && opt->fallback[0] && !opt->secret && opt->kind != OPT_FLAG)
        buf_printf(text, " [default: %s]", opt->fallback);
    describe_list(text, "env", str_of(opt->env), ' ', "");
    describe_list(text, "file", str_of(opt->key), ' ', "");
}

static void print_option(FILE *out, const struct opt *opt, size_t label_width, size_t width)
{
    BUF_AUTO struct buf label = BUF_INIT(256);
    BUF_AUTO struct buf text = BUF_INIT(8192);
    label_of(opt, &label);
    describe(opt, &text);
    fwrite(label.ptr, 1, label.len, out);
    if (label.len + LABEL_GAP > label_width)
        fprintf(out, "\n%*s", (int)label_width, "");
    else
        fprintf(out, "%*s", (int)(label_width - label.len), "");
    wrap(out, buf_view(&text), label_width, width);
}

static size_t widest_label(const struct opt *options)
{
    size_t widest = 0;
    for (const struct opt *opt = options; !is_end(opt); opt++) {
        BUF_AUTO struct buf label = BUF_INIT(256);
        if (opt->kind != OPT_GROUP)
            label_of(opt, &label);
        if (label.len > widest && label.len <= LABEL_MAX)
            widest = label.len;
    }
    return widest;
}

/* Lines that are too long are wrapped, others (examples) stay as they are. */
static void print_details(FILE *out, const char *details, size_t width)
{
    struct str rest = str_of(details);
    while (rest.ptr && rest.len > 0) {
        struct str line = str_cut(&rest, '\n');
        size_t indent = 0;
        while (indent < line.len && line.ptr[indent] == ' ')
            indent++;
        if (line.len <= width || indent > width / 2) {
            fprintf(out, "%.*s\n", STR_FMT(line));
            continue;
        }
        fprintf(out, "%*s", (int)indent, "");
        wrap(out, str_trim(line), indent, width);
    }
}

void opt_help(const struct opt_command *command, void *stream)
{
    ARENA_AUTO struct arena *arena = arena_new();
    FILE *out = stream;
    size_t width = help_width(out);
    const struct opt help = {.kind = OPT_FLAG,
                             .letter = find_letter(command, 'h') ? '\0' : 'h',
                             .name = "help",
                             .help = "Show this help and do nothing else."};
    BUF_AUTO struct buf usage = BUF_INIT(1024);
    buf_printf(&usage, "Usage: %s %s", program_name(command, arena),
               command->usage ? command->usage : "");
    wrap(out, buf_view(&usage), strlen("Usage: "), width);
    fprintf(out, "\n%s\n", command->summary);
    size_t label_width = widest_label(command->options);
    if (label_width < sizeof "  -h, --help" - 1)
        label_width = sizeof "  -h, --help" - 1;
    label_width += LABEL_GAP;
    if (command->options->kind != OPT_GROUP)
        fputs("\nOptions:\n", out);
    for (const struct opt *opt = command->options; !is_end(opt); opt++) {
        if (opt->kind == OPT_GROUP)
            fprintf(out, "\n%s:\n", opt->help);
        else
            print_option(out, opt, label_width, width);
    }
    if (command->options->kind == OPT_GROUP)
        fputc('\n', out);
    if (!find_long(command, STR("help")))
        print_option(out, &help, label_width, width);
    if (command->details) {
        fputc('\n', out);
        print_details(out, command->details, width);
    }
}

bool opt_is(const char *choice, const char *word)
{
    return choice && strcmp(choice, word) == 0;
}
