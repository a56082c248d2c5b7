// SPDX-License-Identifier: Apache-2.0
/* What an integration leaves behind: versions and pacticipants that nothing else needs. */
#include "broker/store.h"

#include "lib/base/err.h"
#include "lib/db/db.h"

/* Live ones stay, with or without contracts: a gate asks for them. */
#define ORPHANS                                                                                    \
    "DELETE FROM versions WHERE pacticipant_id IN ($1, $2)"                                        \
    " AND NOT EXISTS(SELECT 1 FROM latest_publications WHERE consumer_version_id = versions.id)"   \
    " AND NOT EXISTS(SELECT 1 FROM verifications WHERE provider_version_id = versions.id)"         \
    " AND NOT EXISTS(SELECT 1 FROM deployments"                                                    \
    " WHERE version_id = versions.id AND ended_at IS NULL)"                                        \
    " AND NOT EXISTS(SELECT 1 FROM releases WHERE version_id = versions.id AND ended_at IS NULL)"  \
    " AND NOT EXISTS(SELECT 1 FROM version_documents WHERE version_id = versions.id)"              \
    " AND NOT EXISTS(SELECT 1 FROM evidence WHERE version_id = versions.id)"

/* Their heads went with their versions. */
#define HEADS                                                                                      \
    "UPDATE branches SET head_version_id = (SELECT MAX(version_id) FROM branch_versions"           \
    " WHERE branch_id = branches.id) WHERE pacticipant_id IN ($1, $2) AND head_version_id IS NULL"

#define LONELY                                                                                     \
    "DELETE FROM pacticipants WHERE id IN ($1, $2)"                                                \
    " AND NOT EXISTS(SELECT 1 FROM versions WHERE pacticipant_id = pacticipants.id)"               \
    " AND NOT EXISTS(SELECT 1 FROM pact_versions WHERE consumer_id = pacticipants.id"              \
    " OR provider_id = pacticipants.id)"                                                           \
    " AND NOT EXISTS(SELECT 1 FROM integrations WHERE consumer_id = pacticipants.id"               \
    " OR provider_id = pacticipants.id)"                                                           \
    " AND NOT EXISTS(SELECT 1 FROM webhooks WHERE consumer_id = pacticipants.id"                   \
    " OR provider_id = pacticipants.id)"

int store_orphans_delete(struct store *store, int64_t consumer_id, int64_t provider_id,
                         struct err *err)
{
    static const char *const steps[] = {ORPHANS, HEADS, LONELY};
    int code = 0;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && code >= 0; i++)
        code = db_run(store->db, err, steps[i], "ii", consumer_id, provider_id);
    return code < 0 ? code : 0;
}
