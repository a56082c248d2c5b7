// SPDX-License-Identifier: Apache-2.0
/*
 * The wallet app's consumer tests: what each repository method expects of the BFF. Run as
 *
 *     wallet-contracts CONSUMER FOLDER [next]
 *
 * it leaves FOLDER/CONSUMER-mobile-bff.json if every test passed. With "next" it is the app's next
 * release, which also handles a transaction that is not there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <tally.h>

#include "tests/demo/wallet_repositories.h"

static struct tally_pact *pact;
static const char *folder;

static void check(void)
{
    const char *problems = tally_problems(pact);
    if (problems)
        fail_msg("%s", problems);
}

static struct tally_value *a_transaction(void)
{
    return tally_object("id", tally_regex("tx-[0-9]{4}", "tx-0007"), "amount",
                        tally_decimal("63.40"), "currency", tally_regex("[A-Z]{3}", "EUR"),
                        "counterparty", tally_like("Corner Bakery"), NULL);
}

static void transactions_page_lists_the_first(void **state)
{
    (void)state;
    struct tally_interaction *it = tally_upon(pact, "TransactionRepository.page: first page");
    tally_given(it, "the wallet has 25 transactions");
    tally_graphql(it, "/graphql", "TransactionsPage",
                  "query TransactionsPage($first: Int!) {\n"
                  "  transactions(first: $first) {\n"
                  "    edges { node { id amount currency counterparty } }\n"
                  "    pageInfo { hasNextPage endCursor }\n"
                  "  }\n"
                  "}",
                  tally_object("first", tally_integer(10), NULL));
    tally_respond(it, 200);
    tally_response_body(
        it,
        tally_object(
            "data",
            tally_object("transactions",
                         tally_object("edges",
                                      tally_each(tally_object("node", a_transaction(), NULL), 1, 0),
                                      "pageInfo",
                                      tally_object("hasNextPage", tally_bool(1), "endCursor",
                                                   tally_like("b3BhcXVl"), NULL),
                                      NULL),
                         NULL),
            NULL));

    struct wallet_page page;
    assert_int_equal(transactions_page(tally_url(pact), 10, &page), 0);
    check();
    assert_string_equal(page.rows[0].id, "tx-0007");
    assert_true(page.more);
}

static void transactions_detail_shows_one(void **state)
{
    (void)state;
    struct tally_interaction *it = tally_upon(pact, "TransactionRepository.detail: a transaction");
    tally_given(it, "transaction tx-0007 exists");
    tally_request(it, "GET", "/v1/transactions/tx-0007");
    tally_path_matching(it, "/v1/transactions/tx-[0-9]{4}");
    tally_respond(it, 200);
    tally_response_body(it, a_transaction());

    struct wallet_transaction found;
    assert_int_equal(transactions_detail(tally_url(pact), "tx-0007", &found), 0);
    check();
    assert_string_equal(found.counterparty, "Corner Bakery");
}

static void transactions_detail_knows_what_is_not_there(void **state)
{
    (void)state;
    struct tally_interaction *it = tally_upon(pact, "TransactionRepository.detail: unknown id");
    tally_given(it, "transaction tx-9999 does not exist");
    tally_request(it, "GET", "/v1/transactions/tx-9999");
    tally_path_matching(it, "/v1/transactions/tx-[0-9]{4}");
    tally_respond(it, 404);
    tally_response_header(it, "Content-Type", tally_text("application/problem+json"));
    tally_response_body(
        it, tally_object("status", tally_int(404), "title", tally_like("Not Found"), NULL));

    struct wallet_transaction found;
    assert_int_equal(transactions_detail(tally_url(pact), "tx-9999", &found), 1);
    check();
}

static void transactions_delta_brings_changes_and_tombstones(void **state)
{
    (void)state;
    struct tally_interaction *it =
        tally_upon(pact, "TransactionRepository.delta(since): after a watermark");
    tally_given(it, "transactions changed since the watermark");
    tally_request(it, "GET", "/v1/transactions");
    tally_query(it, "since", tally_text("2026-01-15T00:00:00Z"));
    tally_query(it, "limit", tally_regex("[0-9]+", "20"));
    tally_respond(it, 200);
    tally_response_body(
        it,
        tally_object("items", tally_each(a_transaction(), 1, 0), "deleted",
                     tally_each(tally_object("id", tally_regex("tx-[0-9]{4}", "tx-0011"),
                                             "deletedAt", tally_like("2026-01-15T10:15:00Z"), NULL),
                                1, 0),
                     "watermark", tally_like("2026-01-16T00:00:00Z"), NULL));

    struct wallet_delta delta;
    assert_int_equal(transactions_delta(tally_url(pact), "2026-01-15T00:00:00Z", &delta), 0);
    check();
    assert_int_equal(delta.deleted_len, 1);
    assert_string_equal(delta.deleted[0], "tx-0011");
}

static void user_me_is_the_signed_in_user(void **state)
{
    (void)state;
    struct tally_interaction *it = tally_upon(pact, "UserRepository.me: signed-in user");
    tally_given(it, "the user is signed in");
    tally_request(it, "GET", "/v1/me");
    tally_respond(it, 200);
    tally_response_body(it, tally_object("id", tally_like("usr-0001"), "displayName",
                                         tally_like("Ada Example"), NULL));

    struct wallet_user user;
    assert_int_equal(users_me(tally_url(pact), &user), 0);
    check();
    assert_string_equal(user.name, "Ada Example");
}

static void products_list_names_them(void **state)
{
    (void)state;
    struct tally_interaction *it = tally_upon(pact, "ProductRepository.list: first products");
    tally_given(it, "products exist");
    tally_graphql(
        it, "/graphql", "Products",
        "query Products($first: Int!) { products(first: $first) { edges { node { id name } "
        "} } }",
        tally_object("first", tally_integer(5), NULL));
    tally_respond(it, 200);
    struct tally_value *product = tally_object("id", tally_regex("prd-[0-9]{4}", "prd-0001"),
                                               "name", tally_like("Everyday Account"), NULL);
    tally_response_body(
        it,
        tally_object(
            "data",
            tally_object(
                "products",
                tally_object("edges", tally_each(tally_object("node", product, NULL), 1, 0), NULL),
                NULL),
            NULL));

    struct wallet_products products;
    assert_int_equal(products_list(tally_url(pact), 5, &products), 0);
    check();
    assert_string_equal(products.rows[0].name, "Everyday Account");
}

static void notification_get_fetches_what_a_push_named(void **state)
{
    (void)state;
    struct tally_interaction *it = tally_upon(pact, "NotificationRepository.get: after a push");
    tally_given(it, "notification ntf-0001 exists");
    tally_request(it, "GET", "/v1/notifications/ntf-0001");
    tally_path_matching(it, "/v1/notifications/ntf-[0-9]{4}");
    tally_respond(it, 200);
    tally_response_body(it, tally_object("id", tally_text("ntf-0001"), "title",
                                         tally_like("Payment booked"), NULL));

    struct wallet_notification notification;
    assert_int_equal(notifications_get(tally_url(pact), "ntf-0001", &notification), 0);
    check();
    assert_string_equal(notification.title, "Payment booked");
}

static int receive(const char *body, size_t len, void *context)
{
    return notifications_received(body, len, context);
}

static void notification_received_names_only_the_id(void **state)
{
    (void)state;
    struct tally_interaction *it =
        tally_upon_message(pact, "NotificationRepository.received: push arrives");
    tally_given(it, "a notification is due");
    tally_message_body(
        it, tally_object("message",
                         tally_object("data",
                                      tally_object("notification_id",
                                                   tally_regex("ntf-[0-9]{4}", "ntf-0001"), NULL),
                                      NULL),
                         NULL));

    char id[WALLET_TEXT];
    assert_int_equal(tally_receive(it, receive, id), 0);
    check();
    assert_string_equal(id, "ntf-0001");
}

static int write_contract(void **state)
{
    (void)state;
    int status = tally_pact_write(pact, folder);
    if (status != 0)
        print_error("no contract written:\n%s", tally_problems(pact));
    tally_pact_free(pact);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4 || (argc == 4 && strcmp(argv[3], "next") != 0)) {
        fprintf(stderr, "usage: %s CONSUMER FOLDER [next]\n", argv[0]);
        return 2;
    }
    pact = tally_pact_new(argv[1], "mobile-bff");
    folder = argv[2];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transactions_page_lists_the_first),
        cmocka_unit_test(transactions_detail_shows_one),
        cmocka_unit_test(transactions_delta_brings_changes_and_tombstones),
        cmocka_unit_test(user_me_is_the_signed_in_user),
        cmocka_unit_test(products_list_names_them),
        cmocka_unit_test(notification_get_fetches_what_a_push_named),
        cmocka_unit_test(notification_received_names_only_the_id),
    };
    const struct CMUnitTest next[] = {
        cmocka_unit_test(transactions_detail_shows_one),
        cmocka_unit_test(transactions_detail_knows_what_is_not_there),
    };
    return argc == 4 ? cmocka_run_group_tests_name("next", next, NULL, write_contract)
                     : cmocka_run_group_tests_name("released", tests, NULL, write_contract);
}
