// SPDX-License-Identifier: Apache-2.0
#include "lib/http/client.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/http/client_internal.h"
#include "lib/http/hosts.h"
#include "lib/wire/url.h"

enum { TIMEOUT_MS = 30000, CONNECT_TIMEOUT_MS = 5000, REDIRECTS = 5 };

struct client {
    CURL *easy;
};

static void global_init(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
}

void client_global_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, global_init);
}

static void add_line(struct transfer *transfer, const char *line)
{
    struct curl_slist *longer = curl_slist_append(transfer->fields, line);
    if (!longer)
        abort();
    transfer->fields = longer;
}

/* Fields in their order; those that libcurl would add on its own are suppressed. */
static int add_fields(struct transfer *transfer, struct err *err)
{
    static const char *const unwanted[] = {"Accept", "Expect", "Content-Type", "User-Agent"};
    const struct client_request *request = transfer->request;

    VEC_EACH(&request->headers, const struct header *, header) {
        if (!headers_name_ok(header->name) || !headers_value_ok(header->value))
            return err_set(err, ERR_USAGE, "header field '%.*s' cannot be sent: malformed",
                           STR_FMT(str_sub(header->name, 0, 60)));
        if (str_eq_nocase(header->name, STR("content-length")))
            continue; /* counted anew */
        /* libcurl takes "Name;" for an empty value, and "Name:" for "do not send it" */
        add_line(transfer, arena_printf(transfer->arena,
                                        str_trim(header->value).len > 0 ? "%.*s: %.*s" : "%.*s;",
                                        STR_FMT(header->name), STR_FMT(header->value)));
    }
    for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; i++) {
        if (headers_count(&request->headers, unwanted[i]) == 0)
            add_line(transfer, arena_printf(transfer->arena, "%s:", unwanted[i]));
    }
    if (request->token && headers_count(&request->headers, "authorization") == 0) {
        if (!headers_value_ok(str_of(request->token)))
            return err_set(err, ERR_USAGE, "the bearer token has control characters");
        add_line(transfer,
                 arena_printf(transfer->arena, "Authorization: Bearer %s", request->token));
    }
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->fields);
    return 0;
}

static void set_body(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    const struct client_request *request = transfer->request;
    const char *method = request->method;
    /* RFC 9110 §8.6: methods whose content means something tell its length even if it is 0 */
    bool expects_content =
        strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0;

    if (request->body.ptr || expects_content) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.ptr ? request->body.ptr : "");
        if (strcmp(method, "POST") != 0)
            curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
        transfer->no_content = strcmp(method, "HEAD") == 0;
    } else if (strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (strcmp(method, "GET") != 0) {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    }
}

static bool is_loopback(struct str host)
{
    return str_eq_nocase(host, STR("localhost")) || str_ends(host, STR(".localhost")) ||
           str_starts(host, STR("127.")) || str_eq(host, STR("[::1]")) || str_eq(host, STR("::1"));
}

/* A proxy of the environment is for the world outside, not for servers on this machine. */
static int set_url(struct transfer *transfer, struct err *err)
{
    const char *text = transfer->request->url;
    CURLU *url = curl_url();
    char *host = NULL, *scheme = NULL;

    CURLUcode code = curl_url_set(url, CURLUPART_URL, text, CURLU_PATH_AS_IS);
    if (code == CURLUE_OK)
        code = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
    if (code == CURLUE_OK && strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
        code = CURLUE_UNSUPPORTED_SCHEME;
    if (code == CURLUE_OK)
        code = curl_url_get(url, CURLUPART_HOST, &host, 0);
    if (code == CURLUE_OK && (is_loopback(str_of(host)) || transfer->request->guard))
        curl_easy_setopt(transfer->easy, CURLOPT_PROXY, "");
    if (code == CURLUE_OK)
        transfer->host = str_dup(transfer->arena, str_of(host));
    curl_free(host);
    curl_free(scheme);
    curl_url_cleanup(url);
    if (code != CURLUE_OK) {
        struct str shown = url_redact(transfer->arena, str_of(text));
        return err_set(err, ERR_USAGE, "'%.*s' is not a URL: %s", STR_FMT(shown),
                       curl_url_strerror(code));
    }
    curl_easy_setopt(transfer->easy, CURLOPT_URL, text);
    return 0;
}

/* Status line, field lines, the empty line, and the trailer fields of a chunked body. */
static void take_header_line(struct transfer *transfer, struct str line)
{
    if (str_starts(line, STR("HTTP/"))) {
        transfer->headers = (struct headers){0};
        transfer->head_done = false;
        return;
    }
    if (line.len == 0) {
        transfer->head_done = true;
        return;
    }
    if (transfer->head_done)
        return;
    struct str value = str_dup(transfer->arena, line);
    struct str name = str_cut(&value, ':');
    if (value.ptr)
        headers_add(transfer->arena, &transfer->headers, name, str_trim(value));
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *transfer = arg;
    struct str line = str_make(data, size * n);
    long status = 0;

    while (line.len > 0 && (line.ptr[line.len - 1] == '\r' || line.ptr[line.len - 1] == '\n'))
        line.len--;
    if (transfer->headers.len > LIMIT_HTTP_HEADERS)
        return 0;
    take_header_line(transfer, line);
    if (transfer->head_done && transfer->no_content) {
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
        transfer->cut = status >= 200;
    }
    return transfer->cut ? 0 : size * n;
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *transfer = arg;

    size_t room = transfer->body.max - transfer->body.len;
    if (transfer->request->clip_body && size * n > room) {
        buf_append(&transfer->body, data, room);
        transfer->cut = true;
        return 0;
    }
    buf_append(&transfer->body, data, size * n);
    transfer->too_large = transfer->body.overflow;
    return transfer->too_large ? 0 : size * n;
}

/* Every address of a name is asked about here before it is connected to. */
static curl_socket_t on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = arg;

    (void)purpose;
    if (!hosts_may_connect(transfer->request->guard, transfer->host, &address->addr)) {
        transfer->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void set_trust(struct transfer *transfer)
{
    if (transfer->request->guard) {
        curl_easy_setopt(transfer->easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
        curl_easy_setopt(transfer->easy, CURLOPT_OPENSOCKETDATA, transfer);
    }
    if (transfer->request->trusted.len > 0) {
        struct curl_blob blob = {.data = (void *)(uintptr_t)transfer->request->trusted.ptr,
                                 .len = transfer->request->trusted.len,
                                 .flags = CURL_BLOB_NOCOPY};
        curl_easy_setopt(transfer->easy, CURLOPT_CAINFO_BLOB, &blob);
    }
    if (transfer->request->insecure) {
        curl_easy_setopt(transfer->easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(transfer->easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static void set_limits(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    const struct client_request *request = transfer->request;
    int connect_ms = request->connect_timeout_ms ? request->connect_timeout_ms : CONNECT_TIMEOUT_MS;

    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     (long)(request->timeout_ms ? request->timeout_ms : TIMEOUT_MS));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request->follow ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)REDIRECTS);
}

int transfer_begin(struct transfer *transfer, CURL *easy, const struct client_request *request,
                   struct arena *arena, struct err *err)
{
    uint64_t max_body = request->max_body ? request->max_body : LIMIT_HTTP_BODY;

    *transfer = (struct transfer){.easy = easy, .request = request, .arena = arena};
    transfer->body = BUF_INIT(max_body);
    transfer->began_us = clock_mono_us();
    curl_easy_reset(easy);
    set_limits(transfer);
    set_trust(transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->message);
    /* libcurl leaves this variable to its own command, other tools of a pipeline read it */
    const char *trusted = getenv("SSL_CERT_FILE");
    if (trusted && trusted[0])
        curl_easy_setopt(easy, CURLOPT_CAINFO, trusted);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    if (request->username && headers_count(&request->headers, "authorization") == 0) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(easy, CURLOPT_USERNAME, request->username);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, request->password ? request->password : "");
    }
    if (!headers_name_ok(str_of(request->method)))
        return err_set(err, ERR_USAGE, "the method is malformed");
    int rc = set_url(transfer, err);
    if (rc == 0)
        rc = add_fields(transfer, err);
    if (rc == 0)
        set_body(transfer);
    return rc;
}

/* Causes in words; libcurl's own text follows where it tells more. */
static const struct {
    CURLcode code;
    const char *cause;
} causes[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "the host name is not known"},
    {CURLE_COULDNT_RESOLVE_PROXY, "the proxy's host name is not known"},
    {CURLE_COULDNT_CONNECT, "cannot connect"},
    {CURLE_GOT_NOTHING, "the connection was closed without an answer"},
    {CURLE_SEND_ERROR, "the connection broke while sending"},
    {CURLE_RECV_ERROR, "the connection broke while receiving"},
    {CURLE_PARTIAL_FILE, "the connection was closed in the middle of the answer"},
    {CURLE_WEIRD_SERVER_REPLY, "the answer is not HTTP"},
    {CURLE_UNSUPPORTED_PROTOCOL, "the answer is not HTTP/1.1"},
    {CURLE_TOO_MANY_REDIRECTS, "more than 5 redirects"},
    {CURLE_PEER_FAILED_VERIFICATION, "the server's certificate is not trusted"},
    {CURLE_SSL_CONNECT_ERROR, "TLS could not be set up"},
    {CURLE_WRITE_ERROR, "the answer could not be taken"},
    {CURLE_OUT_OF_MEMORY, "out of memory"},
};

static const char *cause_of(CURLcode code)
{
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        if (causes[i].code == code)
            return causes[i].cause;
    }
    return curl_easy_strerror(code);
}

static int describe_failure(struct transfer *transfer, CURLcode code, struct err *err)
{
    const struct client_request *request = transfer->request;
    struct str url = url_redact(transfer->arena, str_of(request->url));
    long os_error = 0;

    if (transfer->refused && code == CURLE_COULDNT_CONNECT)
        return err_set(err, ERR_NET,
                       "%s %.*s: refused, the host has no public address and is not in the list of "
                       "hosts",
                       request->method, STR_FMT(url));
    if (transfer->too_large)
        return err_set(err, ERR_LIMIT, "%s %.*s: the answer is larger than %zu bytes",
                       request->method, STR_FMT(url), transfer->body.max);
    if (code == CURLE_OPERATION_TIMEDOUT) {
        curl_off_t connected_us = 0;
        curl_easy_getinfo(transfer->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
        int limit = request->timeout_ms ? request->timeout_ms : TIMEOUT_MS;
        int connect =
            request->connect_timeout_ms ? request->connect_timeout_ms : CONNECT_TIMEOUT_MS;
        bool connecting = connected_us == 0 && connect < limit;
        return err_set(err, ERR_TIMEOUT, "%s %.*s: no %s within %d ms", request->method,
                       STR_FMT(url), connecting ? "connection" : "complete answer",
                       connecting ? connect : limit);
    }
    /* libcurl keeps it from call to call: it says something only where the system failed */
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR)
        curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &os_error);
    if (os_error != 0)
        return err_set(err, ERR_NET, "%s %.*s: %s (%s)", request->method, STR_FMT(url),
                       cause_of(code), strerror((int)os_error));
    bool more = transfer->message[0] != '\0';
    return err_set(err, ERR_NET, "%s %.*s: %s%s%s%s", request->method, STR_FMT(url), cause_of(code),
                   more ? " (" : "", transfer->message, more ? ")" : "");
}

int transfer_end(struct transfer *transfer, CURLcode code, struct client_response *ret,
                 struct err *err)
{
    long status = 0;

    if (code != CURLE_OK && !transfer->cut)
        return describe_failure(transfer, code, err);
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    *ret = (struct client_response){
        .status = (int)status,
        .headers = transfer->headers,
        .body = buf_view(&transfer->body),
        .elapsed_us = clock_mono_us() - transfer->began_us,
    };
    return 0;
}

void transfer_release(struct transfer *transfer)
{
    /* the handle must not point to what goes here */
    if (transfer->easy)
        curl_easy_reset(transfer->easy);
    curl_slist_free_all(transfer->fields);
    transfer->fields = NULL;
    buf_release(&transfer->body);
}

/* A connection that was kept alive counts: it was there when the request was sent. */
static bool was_connected(CURL *easy, CURLcode code)
{
    curl_off_t ready_us = 0;

    if (code == CURLE_OK)
        return true;
    if (code != CURLE_OPERATION_TIMEDOUT)
        return code != CURLE_COULDNT_RESOLVE_HOST && code != CURLE_COULDNT_RESOLVE_PROXY &&
               code != CURLE_COULDNT_CONNECT && code != CURLE_SSL_CONNECT_ERROR &&
               code != CURLE_PEER_FAILED_VERIFICATION && code != CURLE_UNSUPPORTED_PROTOCOL;
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
    return ready_us > 0;
}

struct client *client_new(void)
{
    client_global_init();
    struct client *client = calloc(1, sizeof *client);
    if (!client)
        abort();
    client->easy = curl_easy_init();
    if (!client->easy)
        abort();
    return client;
}

void client_free(struct client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->easy);
    free(client);
}

int client_call(struct client *client, const struct client_request *request, struct arena *arena,
                struct client_response *ret, struct err *err)
{
    struct transfer transfer;
    struct client_response response = {0};

    int rc = transfer_begin(&transfer, client->easy, request, arena, err);
    if (rc == 0) {
        CURLcode code = curl_easy_perform(client->easy);
        if (request->ret_connected)
            *request->ret_connected = was_connected(client->easy, code);
        rc = transfer_end(&transfer, code, &response, err);
    }
    if (rc == 0) {
        response.body = str_dup(arena, response.body);
        *ret = response;
    }
    transfer_release(&transfer);
    return rc;
}
