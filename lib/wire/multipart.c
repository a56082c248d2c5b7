// SPDX-License-Identifier: Apache-2.0
#include "lib/wire/multipart.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"

/* Cut the first line off, without its end. */
static struct str cut_line(struct str *rest)
{
    struct str line = str_cut(rest, '\n');
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

enum delimiter { NO_DELIMITER, OPENING, CLOSING };

/* White space may follow a boundary (RFC 2046 §5.1.1). */
static enum delimiter delimiter_of(struct str line, struct str boundary)
{
    if (!str_starts(line, STR("--"))) {
        return NO_DELIMITER;
    }
    line = str_sub(line, 2, line.len - 2);
    if (!str_starts(line, boundary)) {
        return NO_DELIMITER;
    }
    line = str_sub(line, boundary.len, line.len - boundary.len);
    if (str_starts(line, STR("--")) && str_trim(str_sub(line, 2, line.len)).len == 0) {
        return CLOSING;
    }
    return str_trim(line).len == 0 ? OPENING : NO_DELIMITER;
}

/* The line break before a delimiter belongs to it. */
static struct str before(const char *from, const char *delimiter)
{
    struct str text = str_make(from, (size_t)(delimiter - from));
    text.len -= text.len > 0 && text.ptr[text.len - 1] == '\n';
    text.len -= text.len > 0 && text.ptr[text.len - 1] == '\r';
    return text;
}

struct str multipart_boundary(struct str text)
{
    struct str line = cut_line(&text);
    bool found = str_starts(line, STR("--")) && str_trim(line).len > 2;
    return found ? str_trim(str_sub(line, 2, line.len - 2)) : STR_NONE;
}

/* ---- parameters ---- */

static struct str skip_space(struct str text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t')) {
        text = str_sub(text, 1, text.len - 1);
    }
    return text;
}

/*
 * After the opening quote. A backslash stands for itself unless a quote or another one follows:
 * some clients send Windows paths as file names.
 */
static struct str take_quoted(struct str *rest, struct arena *arena)
{
    char *out = arena_alloc(arena, rest->len + 1);
    size_t len = 0, i = 0;
    for (; i < rest->len && rest->ptr[i] != '"'; i++) {
        bool escape = rest->ptr[i] == '\\' && i + 1 < rest->len &&
                      (rest->ptr[i + 1] == '"' || rest->ptr[i + 1] == '\\');
        i += escape;
        out[len++] = rest->ptr[i];
    }
    *rest = str_sub(*rest, i + (i < rest->len), rest->len);
    return str_make(out, len);
}

static size_t length_until(struct str text, const char *stops)
{
    size_t len = 0;
    while (len < text.len && !(text.ptr[len] && strchr(stops, text.ptr[len]))) {
        len++;
    }
    return len;
}

struct str multipart_param(struct str value, const char *name, struct arena *arena)
{
    struct str rest = value;
    for (;;) {
        /* What stands between a parameter and the next semicolon is not looked at. */
        size_t skip = length_until(rest, ";");
        if (skip == rest.len) {
            return STR_NONE;
        }
        rest = skip_space(str_sub(rest, skip + 1, rest.len));
        size_t len = length_until(rest, "=;");
        struct str key = str_trim(str_sub(rest, 0, len)), found = STR("");
        rest = str_sub(rest, len, rest.len);
        if (str_starts(rest, STR("="))) {
            rest = skip_space(str_sub(rest, 1, rest.len));
            if (str_starts(rest, STR("\""))) {
                rest = str_sub(rest, 1, rest.len);
                found = take_quoted(&rest, arena);
            } else {
                len = length_until(rest, ";");
                found = str_trim(str_sub(rest, 0, len));
                rest = str_sub(rest, len, rest.len);
            }
        }
        if (str_eq_nocase(key, str_of(name))) {
            return found;
        }
    }
}

/* ---- parts ---- */

static int parse_header(struct str line, struct arena *arena, struct headers *headers,
                        struct err *err)
{
    struct str value = line, name = str_cut(&value, ':');
    bool folded = line.ptr[0] == ' ' || line.ptr[0] == '\t';
    if (folded && headers->len > 0) { /* RFC 5322 §2.2.3 */
        struct str *last = &headers->items[headers->len - 1].value;
        last->len = (size_t)(line.ptr - last->ptr) + line.len;
        return 0;
    }
    if (!value.ptr || !headers_name_ok(name)) {
        return err_set(err, ERR_PARSE, "a part has a header that is not 'name: value'");
    }
    if (headers->len == LIMIT_HTTP_HEADERS) {
        return err_set(err, ERR_LIMIT, "a part with more than %d headers", LIMIT_HTTP_HEADERS);
    }
    headers_add(arena, headers, name, str_trim(value));
    return 0;
}

/* A value that goes on in further lines, as one. */
static struct str unfold(struct str value, struct arena *arena)
{
    char *out = arena_alloc(arena, value.len + 1);
    size_t len = 0;
    while (value.ptr) {
        struct str line = cut_line(&value);
        line = str_trim(line);
        if (line.len > 0) {
            memcpy(out + len, line.ptr, line.len);
            len += line.len;
            out[len++] = ' ';
        }
    }
    return str_trim(str_make(out, len));
}

static int parse_part(struct str text, struct arena *arena, struct multipart_part *part,
                      struct err *err)
{
    const char *end = text.ptr + text.len;
    size_t head = 0;
    for (;;) {
        struct str line = text.ptr ? cut_line(&text) : STR_NONE;
        if (line.ptr && line.len == 0) {
            break;
        }
        head += line.len;
        if (head > LIMIT_HTTP_HEAD) {
            return err_set(err, ERR_LIMIT, "a part with more than %d bytes of headers",
                           LIMIT_HTTP_HEAD);
        }
        int rc = line.ptr ? parse_header(line, arena, &part->headers, err)
                          : err_set(err, ERR_PARSE, "a part has no empty line after its headers");
        if (rc) {
            return rc;
        }
    }
    part->body = text.ptr ? text : str_make(end, 0);
    VEC_EACH(&part->headers, struct header *, header) {
        if (str_chr(header->value, '\n') >= 0) {
            header->value = unfold(header->value, arena);
        }
    }
    struct str disposition = headers_get(&part->headers, "Content-Disposition");
    if (disposition.ptr) {
        part->name = multipart_param(disposition, "name", arena);
        part->filename = multipart_param(disposition, "filename", arena);
        if (!part->filename.ptr) {
            part->filename = multipart_param(disposition, "filename*", arena);
        }
        part->disposition = str_trim(str_cut(&disposition, ';'));
    }
    return 0;
}

static int add_part(struct str text, struct arena *arena, struct multipart *multipart,
                    struct err *err)
{
    if (multipart->len == LIMIT_MULTIPART_PARTS) {
        return err_set(err, ERR_LIMIT, "more than %d parts", LIMIT_MULTIPART_PARTS);
    }
    return parse_part(text, arena, VEC_PUSH(arena, multipart), err);
}

int multipart_parse(struct str text, struct str boundary, struct arena *arena,
                    struct multipart *ret, struct err *err)
{
    struct multipart parts = {0};
    struct str rest = text;
    const char *from = NULL; /* of the part under way */
    if (boundary.len == 0) {
        return err_set(err, ERR_PARSE, "the boundary is empty");
    }
    while (rest.ptr) {
        const char *start = rest.ptr;
        enum delimiter delimiter = delimiter_of(cut_line(&rest), boundary);
        if (delimiter == NO_DELIMITER) {
            continue;
        }
        int rc = from ? add_part(before(from, start), arena, &parts, err) : 0;
        if (rc) {
            return rc;
        }
        if (delimiter == CLOSING) {
            *ret = parts;
            return 0;
        }
        from = rest.ptr ? rest.ptr : start;
    }
    return err_set(err, ERR_PARSE,
                   from ? "the closing boundary is missing"
                        : "the boundary does not occur in the body");
}
