// SPDX-License-Identifier: Apache-2.0
#include "broker/carry_command.h"

#include <stdio.h>

#include "broker/archive.h"
#include "broker/audit.h"
#include "broker/carry.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/term.h"
#include "lib/db/db.h"
#include "lib/hal/hal.h"

static const char *const words[CARRY_KINDS] = {
    [CARRY_PACTICIPANTS] = "pacticipants",
    [CARRY_VERSIONS] = "versions",
    [CARRY_CONTRACTS] = "contracts",
    [CARRY_RESULTS] = "results",
    [CARRY_ENVIRONMENTS] = "environments",
    [CARRY_DEPLOYMENTS] = "deployed versions",
    [CARRY_RELEASES] = "released versions",
    [CARRY_WEBHOOKS] = "webhooks",
    [CARRY_DOCUMENTS] = "evidence and documents",
};

static void print(const struct carry *carry)
{
    struct term_table *table = term_table_new(carry->arena, 3);
    term_table_cell(table, TERM_BOLD, "kind");
    term_table_cell(table, TERM_BOLD, "carried");
    term_table_cell(table, TERM_BOLD, "left out");
    for (size_t i = 0; i < CARRY_KINDS; i++) {
        term_table_cell(table, TERM_PLAIN, "%s", words[i]);
        term_table_cell(table, TERM_PLAIN, "%zu", carry->carried[i]);
        term_table_cell(table, carry->left[i] ? TERM_YELLOW : TERM_PLAIN, "%zu", carry->left[i]);
    }
    term_table_print(table, stdout);
    VEC_EACH(&carry->reasons, const char *const *, reason)
        printf("left out: %s\n", *reason);
}

static int fill(struct carry *carry, const char *database, struct err *err)
{
    struct store *store = carry->store;
    int code = store_begin(store, err);
    if (code < 0)
        return code;
    code = archive_is_new(store->db, err);
    if (code == 0)
        code = err_set(err, ERR_CONFLICT,
                       "database '%s' holds something already; nothing was changed: import into a "
                       "new one",
                       database);
    if (code > 0)
        code = carry_all(carry, err);
    store->clock = clock_system(); /* no longer the times of what is carried */
    if (code >= 0)
        code = audit_note_local(store, "import",
                                arena_printf(carry->arena, "from %s", hal_base_url(carry->hal)),
                                carry->arena, err);
    if (code < 0) {
        term_progress_end();
        store_rollback(store);
        return code;
    }
    return store_commit(store, err);
}

static int run(struct carry *carry, const char *database, struct err *err)
{
    const char *url = NULL;
    /* Whether it can be asked at all, before a database is made. */
    int code = hal_index_link(carry->hal, "pb:pacticipants", NULL, carry->arena, &url, err);
    if (code == 0)
        code = store_open_sole(database, clock_system(), &carry->store, err);
    if (code == 0)
        code = fill(carry, database, err);
    store_close(carry->store);
    if (code < 0)
        return err_wrap(err, "importing from '%s'", hal_base_url(carry->hal));
    print(carry);
    code = term_close_stdout(err);
    return code < 0 ? code : carry->reasons.len > 0;
}

int carry_command(const struct hal_config *config, const char *database, struct arena *arena,
                  struct err *err)
{
    struct carry carry = {.arena = arena};
    int code = hal_new(config, &carry.hal, err);
    if (code == 0)
        code = run(&carry, database, err);
    hal_free(carry.hal);
    return code;
}
