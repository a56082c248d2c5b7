// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_TESTS_DEMO_WALLET_REPOSITORIES_H
#define TALLY_TESTS_DEMO_WALLET_REPOSITORIES_H
/*
 * The data layer of a wallet app: four repositories, each method one call to the app's BFF. Every
 * function returns 0 and fills what it promises, or -1.
 */
#include <stdbool.h>
#include <stddef.h>

enum { WALLET_TEXT = 128, WALLET_ROWS = 50 };

struct wallet_transaction {
    char id[WALLET_TEXT], counterparty[WALLET_TEXT], currency[WALLET_TEXT];
    double amount;
};
struct wallet_page {
    struct wallet_transaction rows[WALLET_ROWS];
    size_t len;
    bool more;
    char cursor[WALLET_TEXT];
};
struct wallet_delta {
    struct wallet_page changed;
    char deleted[WALLET_ROWS][WALLET_TEXT];
    size_t deleted_len;
    char watermark[WALLET_TEXT];
};
struct wallet_user {
    char id[WALLET_TEXT], name[WALLET_TEXT];
};
struct wallet_product {
    char id[WALLET_TEXT], name[WALLET_TEXT];
};
struct wallet_products {
    struct wallet_product rows[WALLET_ROWS];
    size_t len;
};
struct wallet_notification {
    char id[WALLET_TEXT], title[WALLET_TEXT];
};

/* TransactionRepository */
int transactions_page(const char *bff, int first, struct wallet_page *ret);
/* Returns 1 when there is no such transaction. */
int transactions_detail(const char *bff, const char *id, struct wallet_transaction *ret);

int transactions_delta(const char *bff, const char *watermark, struct wallet_delta *ret);
/* UserRepository */
int users_me(const char *bff, struct wallet_user *ret);
/* ProductRepository */
int products_list(const char *bff, int first, struct wallet_products *ret);
/* NotificationRepository */
int notifications_get(const char *bff, const char *id, struct wallet_notification *ret);
/* A push as it arrives: only says which notification to fetch. */
int notifications_received(const char *payload, size_t len, char ret_id[WALLET_TEXT]);

#endif
