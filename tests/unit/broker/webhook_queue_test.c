// SPDX-License-Identifier: Apache-2.0
/* The queue against a real receiver on the same loop. */
#include "broker/webhook_queue.h"

#include "broker/webhook.h"
#include "broker/writer.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/http/loop.h"
#include "lib/http/server.h"
#include "tests/unit/lib/base/rows.h"

enum { LIMIT_MS = 15000, LOOK_MS = 10 };

#define CHECK(call)                                                                                \
    do {                                                                                           \
        if ((call) < 0)                                                                            \
            fail_msg("%s: %s", #call, err.text);                                                   \
    } while (0)

/*
 * A broker's parts. The receiver answers 200 to /ok, 500 to /broken, 500 twice and then 200 to
 * /twice, 302 to /away (which leads to /ok), and nothing to /silent.
 */
static struct rig {
    struct arena *arena;
    struct loop *loop;
    struct server *receiver;
    struct writer *writer;
    struct store *store;
    struct webhook_policy policy;
    struct webhook_queue *queue, *other;
    char *dir, *database;
    int received, ok;
    struct str body; /* of the last request */
    struct exchange *held[8];
    size_t n_held;
    uint64_t until_ms;
    bool (*done)(void);
} rig;

static void receive(struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    int status = 200;
    rig.received++;
    rig.body = str_dup(rig.arena, request->body);
    if (str_is(request->path, "/silent") && rig.n_held < 8) {
        rig.held[rig.n_held++] = exchange;
        return;
    }
    if (str_is(request->path, "/broken") || (str_is(request->path, "/twice") && rig.received < 3))
        status = 500;
    struct reply reply = REPLY(status);
    if (str_is(request->path, "/away")) {
        reply.status = 302;
        headers_addz(exchange->arena, &reply.headers, "Location",
                     arena_printf(exchange->arena, "%s/ok", server_url(exchange->server)));
    }
    rig.ok += str_is(request->path, "/ok");
    server_respond(exchange, &reply);
}

static int start(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    rig = (struct rig){.arena = arena_new()};
    const struct server_config server = {.address = "127.0.0.1", .handle = receive};
    CHECK(fs_tmpdir(rig.arena, &rig.dir, &err));
    rig.database = fs_join(rig.arena, rig.dir, "broker.sqlite");
    CHECK(loop_new(&rig.loop, &err));
    CHECK(writer_new(rig.database, clock_system(), rig.loop, &rig.writer, &err));
    CHECK(store_open(rig.database, clock_system(), &rig.store, &err));
    CHECK(server_start(rig.loop, &server, &rig.receiver, &err));
    return 0;
}

static int end(void **state)
{
    (void)state;
    webhook_queue_stop(rig.queue);
    for (size_t i = 0; i < rig.n_held; i++)
        server_respond_text(rig.held[i], 200, "text/plain", STR(""));
    server_free(rig.receiver);
    writer_free(rig.writer);
    webhook_queue_free(rig.queue);
    webhook_queue_free(rig.other);
    loop_free(rig.loop);
    webhook_policy_release(&rig.policy);
    store_close(rig.store);
    fs_remove_tree(rig.dir, NULL);
    arena_free(rig.arena);
    return 0;
}

static void settings(struct webhook_config config)
{
    struct err err = ERR_INIT;
    config.schemes = "http";
    config.hosts = config.hosts ? config.hosts : "127.0.0.1";
    CHECK(webhook_policy_init(&rig.policy, &config, rig.database, rig.arena, &err));
}

static void run_queue(void)
{
    rig.queue = webhook_queue_new(rig.loop, rig.writer, rig.store, &rig.policy);
}

static void poll_done(void *arg)
{
    (void)arg;
    if (rig.done() || loop_now_ms(rig.loop) > rig.until_ms)
        loop_stop(rig.loop);
    else
        loop_after(rig.loop, LOOK_MS, poll_done, NULL);
}

static void await(bool (*done)(void))
{
    rig.done = done;
    rig.until_ms = loop_now_ms(rig.loop) + LIMIT_MS;
    loop_after(rig.loop, LOOK_MS, poll_done, NULL);
    loop_run(rig.loop);
    if (!done())
        fail_msg("did not happen within %d ms; %d received", LIMIT_MS, rig.received);
}

/* A webhook to that path, triggered by a publication. */
static struct triggered trigger(const char *path)
{
    struct err err = ERR_INIT;
    struct store *store = rig.store;
    struct pacticipant consumer, provider;
    struct version version;
    struct publication pact;
    enum pact_saved saved;
    const struct webhook_request request = {
        .method = "POST",
        .url = arena_printf(rig.arena, "%s%s", server_url(rig.receiver), path),
        .body = NULL,
    };
    struct webhook webhook = {.uuid = "0123456789abcdef",
                              .summary = "POST receiver",
                              .enabled = true,
                              .events = {WEBHOOK_CONTRACT_PUBLISHED},
                              .n_events = 1};
    CHECK(webhook_request_seal(&rig.policy, &request, webhook.uuid, rig.arena, &webhook.request,
                               &err));
    CHECK(store_begin(store, &err));
    CHECK(store_pacticipant_need(store, "app", rig.arena, &consumer, NULL, &err));
    CHECK(store_pacticipant_need(store, "bff", rig.arena, &provider, NULL, &err));
    CHECK(store_version_need(store, &consumer, "1", rig.arena, &version, NULL, &err));
    CHECK(store_pact_save(store, &version, provider.id,
                          &(struct pact_content){"sha", STR("{}"), true, NULL}, rig.arena, &saved,
                          &err));
    CHECK(store_pact_find(store, version.id, provider.id, rig.arena, &pact, &err));
    CHECK(store_webhook_save(store, &webhook, rig.arena, &err));
    struct triggered row = {.webhook_id = webhook.id,
                            .webhook_uuid = webhook.uuid,
                            .event = WEBHOOK_CONTRACT_PUBLISHED,
                            .name = webhook.summary,
                            .base = "http://broker",
                            .consumer_id = consumer.id,
                            .provider_id = provider.id,
                            .consumer_version_id = version.id,
                            .pact_version_id = pact.pact_version_id};
    CHECK(store_triggered_add(store, &row, store_now(store, rig.arena), rig.arena, &err));
    CHECK(store_commit(store, &err));
    return row;
}

static struct triggered row_now(void)
{
    struct err err = ERR_INIT;
    struct triggereds rows = {0};
    CHECK(store_triggered_latest(rig.store, 1, 2, rig.arena, &rows, &err));
    assert_int_equal(rows.len, 1);
    return rows.items[0];
}

static bool is_over(void)
{
    struct triggered row = row_now();
    return row.status == TRIGGERED_SUCCESS || row.status == TRIGGERED_FAILURE;
}

static struct str logs_of(const struct triggered *row)
{
    struct err err = ERR_INIT;
    struct str logs = STR_NONE;
    CHECK(store_triggered_logs(rig.store, row->id, rig.arena, &logs, &err));
    return logs;
}

static void assert_logged(const struct triggered *row, const char *text)
{
    struct str logs = logs_of(row);
    if (str_find(logs, str_of(text)) < 0)
        fail_msg("no '%s' in:\n%.*s", text, STR_FMT(logs));
}

static void assert_nothing_due(void)
{
    const char *due_at = NULL;
    assert_int_equal(store_queue_next(rig.store, rig.arena, &due_at, NULL), 0);
}

/* ---- tests ---- */

static void test_delivers(void **state)
{
    (void)state;
    settings((struct webhook_config){0});
    trigger("/ok");
    run_queue();
    await(is_over);
    struct triggered row = row_now();
    assert_int_equal(row.status, TRIGGERED_SUCCESS);
    assert_int_equal(row.attempts, 1);
    assert_int_equal(rig.ok, 1);
    assert_str_is(rig.body, "");
    assert_logged(&row, "HTTP/1.1 200");
    assert_nothing_due();
}

static void test_retries(void **state)
{
    (void)state;
    settings((struct webhook_config){.retry_schedule = "0 0 0"});
    trigger("/twice");
    run_queue();
    await(is_over);
    struct triggered row = row_now();
    assert_int_equal(row.status, TRIGGERED_SUCCESS);
    assert_int_equal(row.attempts, 3);
    assert_int_equal(rig.received, 3);
    assert_logged(&row, "Retrying webhook in 0 seconds");
    assert_nothing_due();
}

static void test_gives_up(void **state)
{
    (void)state;
    settings((struct webhook_config){.retry_schedule = "0 0"});
    trigger("/broken");
    run_queue();
    await(is_over);
    struct triggered row = row_now();
    assert_int_equal(row.status, TRIGGERED_FAILURE);
    assert_int_equal(row.attempts, 3);
    assert_int_equal(rig.received, 3);
    assert_logged(&row, "failed after 3 attempts");
    assert_nothing_due();
}

static bool was_tried(void)
{
    return row_now().attempts == 1;
}

static void test_retries_later(void **state)
{
    (void)state;
    settings((struct webhook_config){.retry_schedule = "600"});
    trigger("/broken");
    run_queue();
    await(was_tried);
    struct triggered row = row_now();
    const char *due_at = NULL;
    int64_t due_us = 0, now = clock_now_us(clock_system());
    assert_int_equal(row.status, TRIGGERED_RETRYING);
    assert_int_equal(store_queue_next(rig.store, rig.arena, &due_at, NULL), 1);
    assert_true(clock_parse(str_of(due_at), &due_us));
    assert_true(due_us > now + 590 * INT64_C(1000000) && due_us < now + 610 * INT64_C(1000000));
}

static void test_redirect(void **state)
{
    (void)state;
    settings((struct webhook_config){.retry_schedule = " "});
    trigger("/away");
    run_queue();
    await(is_over);
    struct triggered row = row_now();
    assert_int_equal(row.status, TRIGGERED_FAILURE);
    assert_int_equal(rig.received, 1);
    assert_int_equal(rig.ok, 0);
    assert_logged(&row, "HTTP/1.1 302");
}

static void test_silence(void **state)
{
    (void)state;
    settings((struct webhook_config){.retry_schedule = " ", .timeout = 1});
    trigger("/silent");
    run_queue();
    await(is_over);
    struct triggered row = row_now();
    assert_int_equal(row.status, TRIGGERED_FAILURE);
    assert_logged(&row, "within 1000 ms");
}

static void test_refused_address(void **state)
{
    (void)state;
    settings((struct webhook_config){.retry_schedule = " ", .hosts = "/.*/"});
    trigger("/ok");
    run_queue();
    await(is_over);
    struct triggered row = row_now();
    assert_int_equal(row.status, TRIGGERED_FAILURE);
    assert_int_equal(rig.received, 0);
    assert_logged(&row, "no public address");
}

static bool is_gone(void)
{
    const char *due_at = NULL;
    return store_queue_next(rig.store, rig.arena, &due_at, NULL) == 0;
}

static void test_deleted(void **state)
{
    (void)state;
    settings((struct webhook_config){0});
    struct triggered row = trigger("/ok");
    assert_int_equal(store_webhook_delete(rig.store, row.webhook_id, NULL), 0);
    run_queue();
    await(is_gone);
    assert_int_equal(store_triggered_find(rig.store, row.uuid, rig.arena, &row, NULL), 1);
    assert_int_equal(row.status, TRIGGERED_FAILURE);
    assert_int_equal(rig.received, 0);
    assert_logged(&row, "the webhook was deleted");
}

/* Told of a contract without name and URL, a receiver could only fail. */
static void test_contract_deleted(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    settings((struct webhook_config){0});
    struct triggered row = trigger("/ok");
    CHECK(store_pact_delete(rig.store, row.consumer_version_id, row.provider_id, &err));
    run_queue();
    await(is_gone);
    assert_int_equal(rig.received, 0);
    if (store_triggered_find(rig.store, row.uuid, rig.arena, &row, NULL) == 1) {
        assert_int_equal(row.status, TRIGGERED_FAILURE);
        assert_logged(&row, "was deleted");
    }
}

/* As two processes would: each claims before it sends. */
static void test_two_queues(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct store *other_store = NULL;
    settings((struct webhook_config){0});
    CHECK(store_open(rig.database, clock_system(), &other_store, &err));
    struct triggered row = trigger("/ok");
    CHECK(store_begin(rig.store, &err));
    for (int i = 0; i < 39; i++)
        CHECK(
            store_triggered_add(rig.store, &row, store_now(rig.store, rig.arena), rig.arena, &err));
    CHECK(store_commit(rig.store, &err));
    run_queue();
    rig.other = webhook_queue_new(rig.loop, rig.writer, other_store, &rig.policy);
    await(is_gone);
    assert_int_equal(rig.received, 40);
    webhook_queue_stop(rig.other);
    store_close(other_store);
}

/* What a process had claimed when it was killed is sent when its claim has run out. */
static void test_claim_of_the_dead(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct triggereds rows = {0};
    char until[CLOCK_TEXT_LEN];
    settings((struct webhook_config){0});
    trigger("/ok");
    clock_format_utc(clock_now_us(clock_system()) + 500000, until);
    CHECK(store_queue_claim(rig.store, store_now(rig.store, rig.arena), until, 10, rig.arena, &rows,
                            &err));
    assert_int_equal(rows.len, 1);
    struct triggereds none = {0};
    CHECK(store_queue_claim(rig.store, store_now(rig.store, rig.arena), until, 10, rig.arena, &none,
                            &err));
    assert_int_equal(none.len, 0);
    run_queue();
    await(is_over);
    assert_int_equal(rig.ok, 1);
    /* The dead one was only slow: its late word adds to the log and changes nothing. */
    const struct attempt late = {.triggered_id = rows.items[0].id,
                                 .claim = rows.items[0].claim,
                                 .status = TRIGGERED_RETRYING,
                                 .due_at = until,
                                 .logs = STR("late\n")};
    CHECK(store_queue_finish(rig.store, &late, rig.arena, &err));
    assert_int_equal(row_now().status, TRIGGERED_SUCCESS);
    assert_nothing_due();
}

static bool is_held(void)
{
    return rig.n_held > 0;
}

/* A graceful stop in the middle of an attempt leaves the row due at once. */
static void test_stop(void **state)
{
    (void)state;
    settings((struct webhook_config){0});
    trigger("/silent");
    run_queue();
    await(is_held);
    webhook_queue_stop(rig.queue);
    writer_free(rig.writer);
    rig.writer = NULL;
    struct triggered row = row_now();
    const char *due_at = NULL;
    assert_int_equal(row.status, TRIGGERED_NOT_RUN);
    assert_int_equal(row.attempts, 0);
    assert_int_equal(store_queue_next(rig.store, rig.arena, &due_at, NULL), 1);
    assert_true(strcmp(due_at, store_now(rig.store, rig.arena)) <= 0);
}

int main(void)
{
    static const struct {
        const char *name;
        CMUnitTestFunction run;
    } all[] = {
        {"what is due is delivered", test_delivers},
        {"a failure is tried again", test_retries},
        {"and in the end given up", test_gives_up},
        {"not before its time", test_retries_later},
        {"redirects are not followed", test_redirect},
        {"silence ends", test_silence},
        {"an address that is not public is refused", test_refused_address},
        {"a deleted webhook is not sent", test_deleted},
        {"nor what a deleted contract triggered", test_contract_deleted},
        {"two queues send each only once", test_two_queues},
        {"what a dead process had claimed is sent", test_claim_of_the_dead},
        {"a stop gives back what was in flight", test_stop},
    };
    struct rows tests = {0};
    log_set_level(LOG_ERROR);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        rows_add_test(&tests, all[i].name, all[i].run);
        tests.tests[tests.len - 1].setup_func = start;
        tests.tests[tests.len - 1].teardown_func = end;
    }
    return rows_run(&tests, "webhook queue");
}
