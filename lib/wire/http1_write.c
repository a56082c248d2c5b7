// SPDX-License-Identifier: Apache-2.0
/* Writing messages (RFC 9112 §2.1), and the names of the status codes. */
#include "lib/wire/http1.h"

#include <stdlib.h>

#include "lib/base/buf.h"

/* RFC 9110 §15 and https://www.iana.org/assignments/http-status-codes, in order. */
static const struct reason {
    int status;
    const char *reason;
} reasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {511, "Network Authentication Required"},
};

static int compare_status(const void *key, const void *row)
{
    int status = *(const int *)key, other = ((const struct reason *)row)->status;
    return (status > other) - (status < other);
}

const char *http1_reason(int status)
{
    const struct reason *row = bsearch(&status, reasons, sizeof reasons / sizeof *reasons,
                                       sizeof *reasons, compare_status);
    return row ? row->reason : "";
}

bool http1_status_has_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

static void write_number(struct buf *out, int number)
{
    char digits[12];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    buf_append(out, digits + at, sizeof digits - at);
}

static int write_fields(struct buf *out, const struct headers *headers)
{
    VEC_EACH(headers, const struct header *, header) {
        if (!headers_name_ok(header->name) || !headers_value_ok(header->value))
            return -1;
        buf_str(out, header->name);
        buf_append(out, ": ", 2);
        buf_str(out, header->value);
        buf_append(out, "\r\n", 2);
    }
    buf_append(out, "\r\n", 2);
    return 0;
}

/* A refused message leaves nothing behind. */
static int undo(struct buf *out, size_t len)
{
    out->len = len;
    if (out->ptr)
        out->ptr[len] = '\0';
    return -1;
}

int http1_write_request(struct buf *out, struct str method, struct str target,
                        const struct headers *headers)
{
    size_t before = out->len;

    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.ptr[i];
        if (c <= 0x20 || c == 0x7f)
            return -1;
    }
    if (!headers_name_ok(method) || target.len == 0)
        return -1;
    buf_str(out, method);
    buf_putc(out, ' ');
    buf_str(out, target);
    buf_puts(out, " HTTP/1.1\r\n");
    return write_fields(out, headers) < 0 ? undo(out, before) : 0;
}

int http1_write_response(struct buf *out, int status, const struct headers *headers)
{
    size_t before = out->len;

    if (status < 100 || status > 999)
        return -1;
    buf_append(out, "HTTP/1.1 ", 9);
    write_number(out, status);
    buf_putc(out, ' ');
    buf_puts(out, http1_reason(status));
    buf_append(out, "\r\n", 2);
    return write_fields(out, headers) < 0 ? undo(out, before) : 0;
}

void http1_write_chunk(struct buf *out, struct str data)
{
    if (data.len == 0)
        return; /* an empty chunk would end the body */
    buf_printf(out, "%zx\r\n", data.len);
    buf_str(out, data);
    buf_append(out, "\r\n", 2);
}

void http1_write_last_chunk(struct buf *out, const struct headers *trailers)
{
    static const struct headers none = {0};
    size_t before;

    buf_append(out, "0\r\n", 3);
    before = out->len;
    if (write_fields(out, trailers ? trailers : &none) < 0) {
        undo(out, before);
        write_fields(out, &none);
    }
}
