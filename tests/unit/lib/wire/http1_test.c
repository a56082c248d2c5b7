// SPDX-License-Identifier: Apache-2.0
#include "lib/wire/http1.h"

#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "tests/unit/lib/base/rows.h"

#define Q "GET /a HTTP/1.1\r\nHost: h\r\n"
#define P "POST /a HTTP/1.1\r\nHost: h\r\n"
#define C P "Transfer-Encoding: chunked\r\n\r\n"
#define ROW(n, i, e, ...)                                                                          \
    {                                                                                              \
        .name = n, .input = i, .expected = e, __VA_ARGS__                                          \
    }
#define SMALL                                                                                      \
    .limits = {.line = 32, .head = 96, .headers = 3, .chunk_line = 12, .trailers = 24, .body = 10}

/*
 * What the parser says, one word per event: "head GET /a 1.1 keep Host=h", "data hello" (pieces
 * joined), "end", "bad 400". Further messages of the same input follow.
 */
static const struct row {
    const char *name, *input, *expected;
    struct http1_limits limits;
    bool response, lenient;
    const char *method; /* that a response answers */
    bool eof;
} rows[] = {
    ROW("request without body", Q "\r\n", "head GET /a 1.1 keep Host=h; end"),
    ROW("raw case, order and duplicates",
        "FOO /%2F?x HTTP/1.1\r\nb: 1\r\nHOST: h\r\nB: 2\r\nb:\r\n\r\n",
        "head FOO /%2F?x 1.1 keep b=1 HOST=h B=2 b=; end"),
    ROW("optional white space goes", Q "a: \t b c \t\r\n\r\n",
        "head GET /a 1.1 keep Host=h a=b c; end"),
    ROW("obs-text is kept", Q "a: \xc3\xa4\xff\r\n\r\n",
        "head GET /a 1.1 keep Host=h a=\xc3\xa4\xff; end"),
    ROW("body by length", P "Content-Length: 5\r\n\r\nhello",
        "head POST /a 1.1 keep Host=h Content-Length=5; data hello; end"),
    ROW("length zero", P "Content-Length: 0\r\n\r\n",
        "head POST /a 1.1 keep Host=h Content-Length=0; end"),
    ROW("two in a row", P "Content-Length: 2\r\n\r\nhi" Q "\r\n",
        "head POST /a 1.1 keep Host=h Content-Length=2; data hi; end; head GET /a 1.1 keep Host=h; "
        "end"),
    ROW("body of an unknown method", "QUERY /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx",
        "head QUERY /a 1.1 keep Host=h Content-Length=1; data x; end"),
    ROW("empty lines before", "\r\n\r\n" Q "\r\n", "head GET /a 1.1 keep Host=h; end"),
    ROW("too many empty lines", "\r\n\r\n\r\n\r\n\r\n" Q "\r\n", "bad 400"),
    ROW("chunks", C "5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n",
        "head POST /a 1.1 keep chunked Host=h Transfer-Encoding=chunked; data hello0123456789; "
        "end"),
    ROW("chunk extensions", C "2;a\r\nhi\r\n1 ; a = \"x;\\\"y\" ;b=c\r\n!\r\n000;last\r\n\r\n",
        "head POST /a 1.1 keep chunked Host=h Transfer-Encoding=chunked; data hi!; end"),
    ROW("trailer", C "1\r\nx\r\n0\r\nT: 1\r\nt: 2\r\n\r\n",
        "head POST /a 1.1 keep chunked Host=h Transfer-Encoding=chunked; data x; end T=1 t=2"),
    ROW("chunked in other case", P "transfer-encoding: , Chunked\r\n\r\n0\r\n\r\n",
        "head POST /a 1.1 keep chunked Host=h transfer-encoding=, Chunked; end"),
    ROW("close asked for", Q "Connection: foo, Close\r\n\r\n",
        "head GET /a 1.1 close Host=h Connection=foo, Close; end"),
    ROW("1.0 closes", "GET / HTTP/1.0\r\n\r\n", "head GET / 1.0 close; end"),
    ROW("1.0 keeps alive on request", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
        "head GET / 1.0 keep Connection=Keep-Alive; end"),
    ROW("1.7 is read as 1.1", "GET / HTTP/1.7\r\nHost: h\r\n\r\n",
        "head GET / 1.1 keep Host=h; end"),
    ROW("expect", P "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
        "head POST /a 1.1 keep expect Host=h Expect=100-Continue Content-Length=1; data x; end"),
    ROW("upgrade", Q "Connection: Upgrade\r\nUpgrade: x\r\n\r\n",
        "head GET /a 1.1 keep upgrade Host=h Connection=Upgrade Upgrade=x; end"),
    ROW("bytes to come", P "Content-Length: 5\r\n\r\nhel",
        "head POST /a 1.1 keep Host=h Content-Length=5; data hel; more body"),
    ROW("head to come", "GET /a HT", "more head"),
    ROW("nothing yet", "", "more"),

    ROW("2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", "bad 505"),
    ROW("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "bad 505"),
    ROW("0.9", "GET /\r\n", "bad 400"),
    ROW("small letters in the version", "GET / http/1.1\r\n\r\n", "bad 400"),
    ROW("version with three digits", "GET / HTTP/1.11\r\n\r\n", "bad 400"),
    ROW("two spaces before the target", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", "bad 400"),
    ROW("space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", "bad 400"),
    ROW("space after the version", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", "bad 400"),
    ROW("tab as separator", "GET\t/\tHTTP/1.1\r\nHost: h\r\n\r\n", "bad 400"),
    ROW("raw UTF-8 in the target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n", "bad 400"),
    ROW("malformed method", "G@T / HTTP/1.1\r\nHost: h\r\n\r\n", "bad 400"),
    ROW("no Host", "GET / HTTP/1.1\r\n\r\n", "bad 400"),
    ROW("two Hosts", Q "Host: h\r\n\r\n", "bad 400"),
    ROW("two Hosts in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "bad 400"),
    ROW("malformed Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "bad 400"),
    ROW("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "head GET / 1.1 keep Host=; end"),
    ROW("space before colon", Q "a : b\r\n\r\n", "bad 400"),
    ROW("folded field", Q "a: b\r\n c\r\n\r\n", "bad 400"),
    ROW("white space before the first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", "bad 400"),
    ROW("no colon", Q "abc\r\n\r\n", "bad 400"),
    ROW("empty name", Q ": b\r\n\r\n", "bad 400"),
    ROW("bare LF in the head", "GET / HTTP/1.1\nHost: h\n\n", "bad 400"),
    ROW("bare LF at the end", Q "\n", "bad 400"),
    ROW("bare CR", Q "a: b\rc: d\r\n\r\n", "bad 400"),
    ROW("CR CR LF", Q "a: b\r\r\n\r\n", "bad 400"),
    ROW("control character in a value", Q "a: \x01\r\n\r\n", "bad 400"),
    ROW("DEL in a value", Q "a: \x7f\r\n\r\n", "bad 400"),
    ROW("length and chunked", P "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "bad 400"),
    ROW("chunked and length", P "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "bad 400"),
    ROW("two lengths", P "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "bad 400"),
    ROW("two equal lengths", P "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "bad 400"),
    ROW("a list of lengths", P "Content-Length: 5, 5\r\n\r\nhello", "bad 400"),
    ROW("signed length", P "Content-Length: +5\r\n\r\nhello", "bad 400"),
    ROW("negative length", P "Content-Length: -5\r\n\r\nhello", "bad 400"),
    ROW("hexadecimal length", P "Content-Length: 0x5\r\n\r\nhello", "bad 400"),
    ROW("empty length", P "Content-Length:\r\n\r\n", "bad 400"),
    ROW("length beyond 64 bits", P "Content-Length: 18446744073709551621\r\n\r\nhello", "bad 413"),
    ROW("gzip, chunked", P "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "bad 501"),
    ROW("xchunked", P "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "bad 501"),
    ROW("chunked, identity", P "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "bad 501"),
    ROW("chunked by vertical tab",
        P "Transfer-Encoding: \x0b"
          "chunked\r\n\r\n0\r\n\r\n",
        "bad 400"),
    ROW("chunked twice", P "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "bad 400"),
    ROW("empty coding", P "Transfer-Encoding:\r\n\r\n", "bad 400"),
    ROW("chunked in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "bad 400"),
#define CHUNKED_HEAD "head POST /a 1.1 keep chunked Host=h Transfer-Encoding=chunked; "
    ROW("chunk size beyond 64 bits", C "10000000000000005\r\nhello", CHUNKED_HEAD "bad 400"),
    ROW("huge chunk size", C "ffffffffffffffff\r\nhello", CHUNKED_HEAD "bad 413"),
    ROW("chunk size with a sign", C "+5\r\nhello\r\n0\r\n\r\n", CHUNKED_HEAD "bad 400"),
    ROW("chunk size with 0x", C "0x5\r\nhello\r\n0\r\n\r\n", CHUNKED_HEAD "bad 400"),
    ROW("chunk size missing", C "\r\nhello\r\n0\r\n\r\n", CHUNKED_HEAD "bad 400"),
    ROW("chunk size followed by space", C "5 \r\nhello\r\n0\r\n\r\n", CHUNKED_HEAD "bad 400"),
    ROW("chunk size line ends in LF", C "5\nhello\r\n0\r\n\r\n", CHUNKED_HEAD "bad 400"),
    ROW("LF in a chunk extension", C "5;a\nb\r\nhello\r\n0\r\n\r\n", CHUNKED_HEAD "bad 400"),
    ROW("control character in a chunk extension", C "5;a=\"\x01\"\r\nhello\r\n",
        CHUNKED_HEAD "bad 400"),
    ROW("chunk not followed by CR LF", C "5\r\nhello0\r\n\r\n", CHUNKED_HEAD "data hello; bad 400"),
    ROW("chunk followed by LF", C "5\r\nhello\n0\r\n\r\n", CHUNKED_HEAD "data hello; bad 400"),
    ROW("folded trailer", C "0\r\na: b\r\n c\r\n\r\n", CHUNKED_HEAD "bad 400"),

    ROW("line as long as allowed", "GET /2345678901234567890 HTTP/1.1\r\nHost: h\r\n\r\n",
        "bad 414", SMALL),
    ROW("line too long", "GET /234567890123456789012 HTTP/1.1\r\nHost: h\r\n\r\n", "bad 414",
        SMALL),
    ROW("line of 32 bytes", "GET /23456789012345678 HTTP/1.1\r\nHost: h\r\n\r\n",
        "head GET /23456789012345678 1.1 keep Host=h; end", SMALL),
    ROW("three fields", Q "a: b\r\nc: d\r\n\r\n", "head GET /a 1.1 keep Host=h a=b c=d; end",
        SMALL),
    ROW("four fields", Q "a: b\r\nc: d\r\ne: f\r\n\r\n", "bad 431", SMALL),
    ROW("large head",
        Q "a: 123456789012345678901234567890123456789012345678901234567890123456789\r\n\r\n",
        "bad 431", SMALL),
    ROW("body of ten bytes", P "Content-Length: 10\r\n\r\n0123456789",
        "head POST /a 1.1 keep Host=h Content-Length=10; data 0123456789; end", SMALL),
    ROW("body of eleven bytes", P "Content-Length: 11\r\n\r\n", "bad 413", SMALL),
    ROW("chunks of eleven bytes", C "6\r\n012345\r\n5\r\n67890\r\n0\r\n\r\n",
        CHUNKED_HEAD "data 012345; bad 413", SMALL),
    ROW("chunk line too long", C "1;abcdefghijkl\r\nx\r\n", CHUNKED_HEAD "bad 400", SMALL),
    ROW("leading zeros are limited by the line", C "0000000000001\r\nx\r\n", CHUNKED_HEAD "bad 400",
        SMALL),
    ROW("large trailer", C "0\r\nabcdef: ghijkl\r\nmnopqr: stuvwx\r\n\r\n", CHUNKED_HEAD "bad 431",
        SMALL),

    {.name = "the end between requests",
     .input = Q "\r\n",
     .eof = true,
     .expected = "head GET /a 1.1 keep Host=h; end; more; eof end"},
    {.name = "the end in a head",
     .input = "GET",
     .eof = true,
     .expected = "more head; eof bad 400"},
    {.name = "the end in a body",
     .input = C "5\r\nhel",
     .eof = true,
     .expected = CHUNKED_HEAD "data hel; more body; eof bad 400"},

#define RESPONSE .response = true
    {.name = "response by length",
     RESPONSE,
     .input = "HTTP/1.1 200 Very OK\r\nContent-Length: 2\r\n\r\nhi",
     .expected = "head 200 Very OK 1.1 keep Content-Length=2; data hi; end"},
    {.name = "response without reason",
     RESPONSE,
     .input = "HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n",
     .expected = "head 299  1.1 keep Content-Length=0; end"},
    {.name = "response until close",
     RESPONSE,
     .input = "HTTP/1.1 200 OK\r\n\r\nhello",
     .eof = true,
     .expected = "head 200 OK 1.1 close; data hello; more body; eof end"},
    {.name = "response until close, too large",
     RESPONSE,
     SMALL,
     .input = "HTTP/1.1 200 OK\r\n\r\n01234567890",
     .expected = "head 200 OK 1.1 close; data 0123456789; bad 413"},
    {.name = "response cut short",
     RESPONSE,
     .eof = true,
     .input = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
     .expected = "head 200 OK 1.1 keep Content-Length=9; data hello; more body; eof bad 400"},
    {.name = "informational first",
     RESPONSE,
     .input =
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 \r\nLink: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
     .expected = "head 100 Continue 1.1 keep; end; head 103  1.1 keep Link=x; end; "
                 "head 204 No 1.1 keep; end"},
    {.name = "304 has no body",
     RESPONSE,
     .input = "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
     .expected = "head 304 Not Modified 1.1 keep Content-Length=9; end"},
    {.name = "answer to HEAD",
     RESPONSE,
     .method = "HEAD",
     .input = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
     .expected = "head 200 OK 1.1 keep chunked Transfer-Encoding=chunked; end"},
    {.name = "answer to CONNECT",
     RESPONSE,
     .method = "CONNECT",
     .input = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
     .expected = "head 200 OK 1.1 keep Content-Length=9; end"},
    {.name = "chunked response",
     RESPONSE,
     .input = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nT: 1\r\n\r\n",
     .expected = "head 200 OK 1.1 keep chunked Transfer-Encoding=chunked; data hi; end T=1"},
    {.name = "status of two digits",
     RESPONSE,
     .input = "HTTP/1.1 20 OK\r\n\r\n",
     .expected = "bad 400"},
    {.name = "status below 100",
     RESPONSE,
     .input = "HTTP/1.1 099 OK\r\n\r\n",
     .expected = "bad 400"},
    {.name = "not HTTP", RESPONSE, .input = "220 smtp ready\r\n", .expected = "bad 400"},

#define LENIENT .lenient = true
    {.name = "lenient: bare LF",
     LENIENT,
     .input = "GET / HTTP/1.1\nHost: h\n\n",
     .expected = "head GET / 1.1 keep Host=h breaches=3; end"},
    {.name = "lenient: space before colon",
     LENIENT,
     .input = Q "a : b\r\n\r\n",
     .expected = "head GET /a 1.1 keep Host=h a=b breaches=1; end"},
    {.name = "lenient: folded",
     LENIENT,
     .input = Q "a: b\r\n\t c \r\n\r\n",
     .expected = "head GET /a 1.1 keep Host=h a=b c breaches=1; end"},
    {.name = "lenient: bare CR",
     LENIENT,
     .input = Q "a: b\rc\r\r\n\r\n",
     .expected = "head GET /a 1.1 keep Host=h a=b c breaches=2; end"},
    {.name = "lenient: no Host",
     LENIENT,
     .input = "GET / HTTP/1.1\r\n\r\n",
     .expected = "head GET / 1.1 keep breaches=1; end"},
    {.name = "lenient: equal lengths",
     LENIENT,
     .input = P "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
     .expected = "head POST /a 1.1 keep Host=h Content-Length=1 Content-Length=1 breaches=1; "
                 "data x; end"},
    {.name = "lenient: different lengths stay refused",
     LENIENT,
     .input = P "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx",
     .expected = "bad 400"},
    {.name = "lenient: chunked and length",
     LENIENT,
     .input = P "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     .expected = "head POST /a 1.1 close chunked Host=h Content-Length=1 Transfer-Encoding=chunked "
                 "breaches=1; end"},
    {.name = "lenient: unknown coding stays refused",
     LENIENT,
     .input = P "Transfer-Encoding: gzip\r\n\r\n",
     .expected = "bad 501"},
    {.name = "lenient: other version stays refused",
     LENIENT,
     .input = "GET / HTTP/3.0\r\n\r\n",
     .expected = "bad 505"},
};

static void word(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void word(struct buf *out, const char *fmt, ...)
{
    char text[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    buf_puts(out, out->len > 0 ? "; " : "");
    buf_puts(out, text);
}

static void tell_fields(struct buf *out, const struct headers *fields)
{
    VEC_EACH(fields, const struct header *, field)
        buf_printf(out, " %.*s=%.*s", STR_FMT(field->name), STR_FMT(field->value));
}

static void tell_head(struct buf *out, struct http1 *parser, const struct row *row)
{
    struct http1_head *head = http1_head(parser);

    if (row->response) {
        word(out, "head %d %.*s", head->status, STR_FMT(head->reason));
        http1_body_rules(parser, str_of(row->method ? row->method : "GET"));
    } else {
        word(out, "head %.*s %.*s", STR_FMT(head->method), STR_FMT(head->target));
    }
    buf_printf(out, " 1.%d %s%s%s%s", head->minor, head->keep_alive ? "keep" : "close",
               head->chunked ? " chunked" : "", head->expect_continue ? " expect" : "",
               head->upgrade ? " upgrade" : "");
    tell_fields(out, &head->headers);
    if (head->violations.len > 0)
        buf_printf(out, " breaches=%zu", head->violations.len);
}

/* The events of the row's bytes, fed in pieces of `step`. */
static void trace(const struct row *row, size_t step, struct buf *out)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct http1 *parser =
        http1_new(row->response ? HTTP1_RESPONSE : HTTP1_REQUEST, &row->limits, row->lenient);
    struct str input = str_of(row->input), data;
    size_t at = 0, end = 0, used = 0;
    bool in_data = false, going = true;

    http1_restart(parser, arena);
    while (going) {
        /* a copy of exactly that size, so that reading beyond it is seen */
        struct str piece = str_dup(arena, str_sub(input, at, end - at));
        enum http1_event event = http1_next(parser, piece, &used, &data);
        assert_true(used <= piece.len);
        at += used;
        if (event == HTTP1_DATA) {
            if (!in_data)
                word(out, "data ");
            buf_str(out, data);
            in_data = true;
            continue;
        }
        in_data = in_data && event == HTTP1_MORE;
        switch (event) {
        case HTTP1_MORE:
            assert_int_equal(at, end);
            going = end < input.len;
            end = end + step < input.len ? end + step : input.len;
            if (!going)
                word(out, "more%s",
                     http1_in_head(parser)      ? " head"
                     : http1_in_message(parser) ? " body"
                                                : "");
            break;
        case HTTP1_HEAD:
            tell_head(out, parser, row);
            break;
        case HTTP1_END:
            word(out, "end");
            tell_fields(out, &http1_head(parser)->trailers);
            assert_false(http1_in_message(parser));
            http1_restart(parser, arena);
            going = at < input.len || row->eof;
            break;
        default:
            word(out, "bad %d", http1_bad_status(parser));
            assert_true(strlen(http1_bad_text(parser)) > 0);
            going = false;
        }
    }
    if (row->eof) {
        bool bad = http1_eof(parser) == HTTP1_BAD;
        word(out, bad ? "eof bad %d" : "eof end", http1_bad_status(parser));
    }
    http1_free(parser);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    static const size_t steps[] = {65536, 1, 2, 3, 7, 16};

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct buf seen BUF_AUTO = BUF_INIT(65536);
        trace(row, steps[i], &seen);
        if (strcmp(seen.ptr, row->expected) != 0)
            fail_msg("in pieces of %zu bytes: expected \"%s\", saw \"%s\"", steps[i], row->expected,
                     seen.ptr);
    }
}

/* NUL cannot be in the table of texts. */
static void test_nul(void **state)
{
    static const char *const places[] = {"GE\1 / HTTP/1.1\r\n", "GET /\1 HTTP/1.1\r\n",
                                         Q "a\1: b\r\n\r\n", Q "a: \1\r\n\r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        char *text = arena_strdup(arena, places[i]);
        size_t len = strlen(text), used;
        struct str data;
        *strchr(text, '\1') = '\0';
        struct http1 *parser = http1_new(HTTP1_REQUEST, NULL, false);
        http1_restart(parser, arena);
        assert_int_equal(http1_next(parser, str_make(text, len), &used, &data), HTTP1_BAD);
        assert_int_equal(http1_bad_status(parser), 400);
        http1_free(parser);
    }
}

static void test_writers(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf out BUF_AUTO = BUF_INIT(4096);
    struct headers fields = {0}, bad = {0}, bad_name = {0};

    (void)state;
    headers_addz(arena, &fields, "HoSt", "h");
    headers_addz(arena, &fields, "x", "1");
    headers_addz(arena, &bad, "x", "1\r\ny: 2");
    headers_addz(arena, &bad_name, "x y", "1");
    assert_int_equal(http1_write_request(&out, STR("FOO"), STR("/a?b"), &fields), 0);
    assert_string_equal(out.ptr, "FOO /a?b HTTP/1.1\r\nHoSt: h\r\nx: 1\r\n\r\n");
    assert_int_equal(http1_write_request(&out, STR("FOO"), STR("/a b"), &fields), -1);
    assert_int_equal(http1_write_request(&out, STR("F O"), STR("/a"), &fields), -1);
    assert_int_equal(http1_write_request(&out, STR("FOO"), STR("/a"), &bad), -1);
    assert_int_equal(http1_write_response(&out, 200, &bad_name), -1);
    assert_int_equal(http1_write_response(&out, 42, &fields), -1);
    assert_string_equal(out.ptr, "FOO /a?b HTTP/1.1\r\nHoSt: h\r\nx: 1\r\n\r\n");
    buf_clear(&out);
    assert_int_equal(http1_write_response(&out, 418, &fields), 0);
    assert_string_equal(out.ptr, "HTTP/1.1 418 \r\nHoSt: h\r\nx: 1\r\n\r\n");
    buf_clear(&out);
    http1_write_chunk(&out, STR("0123456789abcdef!"));
    http1_write_chunk(&out, STR(""));
    http1_write_last_chunk(&out, &fields);
    http1_write_last_chunk(&out, &bad);
    http1_write_last_chunk(&out, NULL);
    assert_string_equal(out.ptr, "11\r\n0123456789abcdef!\r\n0\r\nHoSt: h\r\nx: 1\r\n\r\n"
                                 "0\r\n\r\n0\r\n\r\n");
}

static void test_status_texts(void **state)
{
    (void)state;
    assert_string_equal(http1_reason(100), "Continue");
    assert_string_equal(http1_reason(404), "Not Found");
    assert_string_equal(http1_reason(511), "Network Authentication Required");
    assert_string_equal(http1_reason(299), "");
    assert_false(http1_status_has_body(101));
    assert_false(http1_status_has_body(204));
    assert_false(http1_status_has_body(304));
    assert_true(http1_status_has_body(200));
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, rows, test_row);
    rows_add_test(&tests, "NUL anywhere", test_nul);
    rows_add_test(&tests, "writers", test_writers);
    rows_add_test(&tests, "status texts", test_status_texts);
    return rows_run(&tests, "http1");
}
