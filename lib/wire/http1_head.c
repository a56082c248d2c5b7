// SPDX-License-Identifier: Apache-2.0
/* What the lines of a head mean, and how they frame the body (RFC 9112 §3 to §7.1). */
#include "lib/wire/http1_internal.h"

#include "lib/base/arena.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "HTTP/1.1": fills head.minor. */
static bool parse_version(struct http1 *parser, struct str text)
{
    if (text.len != 8 || !str_starts(text, STR("HTTP/")) || !is_digit(text.ptr[5]) ||
        text.ptr[6] != '.' || !is_digit(text.ptr[7]))
        return http1_bad(parser, 400, "the protocol version is malformed");
    if (text.ptr[5] != '1')
        return http1_bad(parser, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    parser->head.minor = text.ptr[7] == '0' ? 0 : 1;
    return true;
}

static bool check_target(struct http1 *parser, struct str target)
{
    if (target.len == 0)
        return http1_bad(parser, 400, "the request line has no target");
    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.ptr[i];
        if (c <= 0x20 || c >= 0x7f)
            return http1_breach(parser, "the request target has a byte 0x%02x that must be escaped",
                                c);
    }
    return true;
}

static bool request_line(struct http1 *parser, struct str line)
{
    struct str rest = line;
    struct str method = str_cut(&rest, ' ');
    size_t version_at = rest.len;

    while (version_at > 0 && rest.ptr[version_at - 1] != ' ')
        version_at--;
    if (!headers_name_ok(method))
        return http1_bad(parser, 400, "the method is malformed");
    if (version_at == 0)
        return http1_bad(parser, 400, "the request line is not 'method target version'");
    parser->head.method = method;
    parser->head.target = str_sub(rest, 0, version_at - 1);
    return parse_version(parser, str_sub(rest, version_at, rest.len)) &&
           check_target(parser, parser->head.target);
}

static bool status_line(struct http1 *parser, struct str line)
{
    struct str reason = line;
    struct str version = str_cut(&reason, ' ');
    struct str status = str_cut(&reason, ' ');
    int64_t number = 0;

    if (!parse_version(parser, version))
        return false;
    if (status.len != 3 || !str_to_i64(status, 100, 999, &number))
        return http1_bad(parser, 400, "the status code is malformed");
    if (!headers_value_ok(reason) && !http1_breach(parser, "the reason has control characters"))
        return false;
    parser->head.status = (int)number;
    parser->head.reason = reason.ptr ? reason : STR("");
    return true;
}

bool http1_start_line(struct http1 *parser, struct str line)
{
    return parser->kind == HTTP1_REQUEST ? request_line(parser, line) : status_line(parser, line);
}

static struct str trim_blank(struct str text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = str_sub(text, 1, text.len);
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* A line that continues the field before it (obsolete folding, RFC 9112 §5.2). */
static bool folded_line(struct http1 *parser, struct headers *fields, struct str line)
{
    if (fields->len == 0)
        return http1_bad(parser, 400, "white space before the first field");
    if (!http1_breach(parser, "a field is folded over several lines"))
        return false;
    struct header *last = &fields->items[fields->len - 1];
    struct str more = trim_blank(line);
    last->value = str_printf(parser->arena, "%.*s %.*s", STR_FMT(last->value), STR_FMT(more));
    return true;
}

bool http1_field_line(struct http1 *parser, struct headers *fields, struct str line)
{
    if (line.ptr[0] == ' ' || line.ptr[0] == '\t')
        return folded_line(parser, fields, line);
    if (fields->len >= parser->limits.headers)
        return http1_bad(parser, 431, "there are more than %zu fields", parser->limits.headers);

    struct str value = line;
    struct str name = str_cut(&value, ':');
    if (!value.ptr)
        return http1_breach(parser, "a header line without a colon");
    struct str bare = trim_blank(name);
    if (bare.len != name.len) {
        if (!http1_breach(parser, "white space before the colon of a field"))
            return false;
        name = bare;
    }
    if (!headers_name_ok(name) && !http1_breach(parser, "a field name is malformed"))
        return false;
    value = trim_blank(value);
    if (!headers_value_ok(value) && !http1_breach(parser, "a field value has control characters"))
        return false;
    headers_add(parser->arena, fields, name, value);
    return true;
}

/* RFC 9110 §7.2: uri-host [ ":" port ]; what must not be in it is what could mislead a router. */
static bool host_ok(struct str host)
{
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char)host.ptr[i];
        if (c <= 0x20 || c >= 0x7f || strchr("/?#@\\,\"<>^`{|}", c))
            return false;
    }
    return true;
}

static bool check_host(struct http1 *parser)
{
    size_t n = headers_count(&parser->head.headers, "host");

    if (n == 0)
        return parser->head.minor == 0 || http1_breach(parser, "the Host field is missing");
    if (n > 1)
        return http1_breach(parser, "there are %zu Host fields", n);
    return host_ok(headers_get(&parser->head.headers, "host")) ||
           http1_breach(parser, "the Host field is malformed");
}

/* The final coding must be chunked, and it is the only one we decode. */
static bool read_codings(struct http1 *parser)
{
    struct http1_head *head = &parser->head;
    size_t chunked = 0, fields = 0;

    VEC_EACH(&head->headers, const struct header *, header) {
        if (!str_eq_nocase(header->name, STR("transfer-encoding")))
            continue;
        fields++;
        struct str rest = header->value;
        while (rest.ptr) {
            struct str coding = trim_blank(str_cut(&rest, ','));
            if (coding.len == 0)
                continue;
            if (!str_eq_nocase(coding, STR("chunked")))
                return http1_bad(parser, 501, "transfer coding '%.*s' is not understood",
                                 (int)(coding.len < 40 ? coding.len : 40), coding.ptr);
            chunked++;
        }
    }
    if (fields == 0)
        return true;
    if (chunked != 1)
        return http1_bad(parser, 400,
                         chunked ? "the body is chunked twice"
                                 : "the Transfer-Encoding field is empty");
    head->chunked = true;
    /* RFC 9112 §6.1: in an HTTP/1.0 message its framing is not to be trusted. */
    if (head->minor == 0) {
        head->keep_alive = false;
        return http1_breach(parser, "Transfer-Encoding in an HTTP/1.0 message");
    }
    return true;
}

static bool read_one_length(struct http1 *parser, struct str text)
{
    struct http1_head *head = &parser->head;
    uint64_t length = 0;
    bool huge = false;

    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i]))
            return http1_bad(parser, 400, "Content-Length is not a number");
        uint64_t digit = (uint64_t)(text.ptr[i] - '0');
        huge = huge || length > (UINT64_MAX - digit) / 10;
        length = length * 10 + digit;
    }
    if (text.len == 0)
        return http1_bad(parser, 400, "Content-Length is empty");
    if (huge)
        return http1_bad(parser, 413, "Content-Length is larger than any body");
    if (head->has_length && head->length != length)
        return http1_bad(parser, 400, "Content-Length is given twice and differs");
    if (head->has_length && !http1_breach(parser, "Content-Length is given twice"))
        return false;
    head->has_length = true;
    head->length = length;
    return true;
}

static bool read_lengths(struct http1 *parser)
{
    struct http1_head *head = &parser->head;

    VEC_EACH(&head->headers, const struct header *, header) {
        if (!str_eq_nocase(header->name, STR("content-length")))
            continue;
        struct str rest = header->value;
        do {
            if (!read_one_length(parser, trim_blank(str_cut(&rest, ','))))
                return false;
        } while (rest.ptr);
    }
    if (head->chunked && head->has_length) {
        head->keep_alive = false; /* RFC 9112 §6.1 */
        head->has_length = false;
        return http1_breach(parser, "Content-Length together with Transfer-Encoding");
    }
    return true;
}

static void read_connection(struct http1_head *head)
{
    if (head->minor == 0)
        head->keep_alive = headers_has_token(&head->headers, "connection", "keep-alive");
    else
        head->keep_alive = true;
    if (headers_has_token(&head->headers, "connection", "close"))
        head->keep_alive = false;
    head->upgrade = headers_has_token(&head->headers, "connection", "upgrade") &&
                    headers_count(&head->headers, "upgrade") > 0;
    /* RFC 9110 §10.1.1: ignored in HTTP/1.0 */
    head->expect_continue =
        head->minor > 0 && headers_has_token(&head->headers, "expect", "100-continue");
}

/* A message whose length is not known in advance, or known to be parser->left. */
static bool begin_body(struct http1 *parser)
{
    struct http1_head *head = &parser->head;

    if (head->chunked) {
        parser->state = HTTP1_IN_CHUNK_SIZE;
        return true;
    }
    if (head->length > parser->limits.body)
        return http1_bad(parser, 413, "the body is larger than %llu bytes",
                         (unsigned long long)parser->limits.body);
    parser->left = head->length;
    parser->state = HTTP1_IN_LENGTH;
    return true;
}

bool http1_finish_head(struct http1 *parser)
{
    read_connection(&parser->head);
    if (parser->kind == HTTP1_REQUEST && !check_host(parser))
        return false;
    if (!read_codings(parser) || !read_lengths(parser))
        return false;
    if (parser->kind == HTTP1_REQUEST)
        return begin_body(parser);
    parser->state = HTTP1_IN_HEAD_DONE;
    return true;
}

void http1_body_rules(struct http1 *parser, struct str request_method)
{
    struct http1_head *head = &parser->head;

    if (parser->state != HTTP1_IN_HEAD_DONE)
        return;
    bool tunnel = str_is(request_method, "CONNECT") && head->status >= 200 && head->status < 300;
    if (str_is(request_method, "HEAD") || !http1_status_has_body(head->status) || tunnel) {
        parser->left = 0;
        parser->state = HTTP1_IN_LENGTH;
        return;
    }
    if (head->chunked || head->has_length) {
        begin_body(parser);
        return;
    }
    head->keep_alive = false;
    parser->state = HTTP1_IN_UNTIL_CLOSE;
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static struct str take_token(struct str *rest)
{
    size_t len = 0;

    while (len < rest->len && headers_name_ok(str_sub(*rest, len, 1)))
        len++;
    struct str token = str_sub(*rest, 0, len);
    *rest = str_sub(*rest, len, rest->len);
    return token;
}

static bool take_quoted(struct str *rest)
{
    for (size_t i = 1; i < rest->len; i++) {
        if (rest->ptr[i] == '\\') {
            i++;
        } else if (rest->ptr[i] == '"') {
            *rest = str_sub(*rest, i + 1, rest->len);
            return true;
        }
    }
    return false;
}

static struct str skip_blank(struct str text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = str_sub(text, 1, text.len);
    return text;
}

/* RFC 9112 §7.1.1: *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ) */
static bool extensions_ok(struct str rest)
{
    while (rest.len > 0) {
        rest = skip_blank(rest);
        if (!str_starts(rest, STR(";")))
            return false;
        rest = skip_blank(str_sub(rest, 1, rest.len));
        if (take_token(&rest).len == 0)
            return false;
        struct str after = skip_blank(rest);
        if (!str_starts(after, STR("=")))
            continue;
        rest = skip_blank(str_sub(after, 1, after.len));
        bool ok = str_starts(rest, STR("\"")) ? take_quoted(&rest) : take_token(&rest).len > 0;
        if (!ok)
            return false;
    }
    return true;
}

bool http1_chunk_line(struct http1 *parser, struct str line, uint64_t *ret_size)
{
    uint64_t size = 0;
    size_t i = 0;

    for (; i < line.len && hex_digit(line.ptr[i]) >= 0; i++) {
        if (size >> 60)
            return http1_bad(parser, 400, "a chunk size is larger than 64 bits");
        size = size << 4 | (uint64_t)hex_digit(line.ptr[i]);
    }
    if (i == 0)
        return http1_bad(parser, 400, "a chunk size is not a hexadecimal number");
    struct str extensions = str_sub(line, i, line.len);
    if (!(headers_value_ok(extensions) && extensions_ok(extensions)) &&
        !http1_breach(parser, "a chunk extension is malformed"))
        return false;
    *ret_size = size;
    return true;
}
