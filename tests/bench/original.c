// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/original.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/store.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

#define ID             "id integer NOT NULL PRIMARY KEY AUTOINCREMENT"
#define TIMES          "created_at timestamp NOT NULL, updated_at timestamp NOT NULL"
#define TO(table)      " integer NOT NULL REFERENCES " table "(id)"
#define AT(column)     "replace(substr(" column ", 1, 26), 'T', ' ')"
#define VERSIONS_AS(v) " JOIN main.versions " v " ON " v ".id = "

static const char tables[] = "CREATE TABLE o.pacticipants(" ID
                             ", name varchar(255), repository_url varchar(255), " TIMES
                             ", repository_name varchar(255), repository_namespace varchar(255),"
                             " display_name varchar(255), main_branch varchar(255));"
                             "CREATE UNIQUE INDEX o.pacticipants_name ON pacticipants(name);"
                             "CREATE TABLE o.versions(" ID
                             ", number varchar(255), repository_ref varchar(255),"
                             " pacticipant_id" TO(
                                 "pacticipants") ", `order` integer, " TIMES
                                                 ", build_url varchar(255));"
                                                 "CREATE UNIQUE INDEX o.versions_number ON "
                                                 "versions(pacticipant_id, number);"
                                                 "CREATE UNIQUE INDEX o.versions_order ON "
                                                 "versions(pacticipant_id, `order`);"
                                                 "CREATE TABLE o.branches(" ID
                                                 ", name varchar(255), pacticipant_id" TO(
                                                     "pacticipants") ", " TIMES ");"
                                                                     "CREATE UNIQUE INDEX "
                                                                     "o.branches_name ON "
                                                                     "branches(pacticipant_id, "
                                                                     "name);"
                                                                     "CREATE TABLE "
                                                                     "o.branch_versions(" ID
                                                                     ", branch_id" TO("branches") ", version_id" TO(
                                                                         "versions") ", "
                                                                                     "version_"
                                                                                     "order "
                                                                                     "integer NOT "
                                                                                     "NULL, "
                                                                                     "pacticipant_"
                                                                                     "id integer "
                                                                                     "NOT NULL,"
                                                                                     " branch_name "
                                                                                     "varchar(255) "
                                                                                     "NOT "
                                                                                     "NULL, " TIMES
                                                                                     ", "
                                                                                     "auto_created "
                                                                                     "boolean "
                                                                                     "DEFAULT 0);"
                                                                                     "CREATE "
                                                                                     "UNIQUE INDEX "
                                                                                     "o.branch_"
                                                                                     "versions_"
                                                                                     "pair ON "
                                                                                     "branch_"
                                                                                     "versions("
                                                                                     "branch_id, "
                                                                                     "version_id);"
                                                                                     "CREATE INDEX "
                                                                                     "o.branch_"
                                                                                     "versions_"
                                                                                     "version ON "
                                                                                     "branch_"
                                                                                     "versions("
                                                                                     "version_id);"
                                                                                     "CREATE INDEX "
                                                                                     "o.branch_"
                                                                                     "versions_"
                                                                                     "name ON "
                                                                                     "branch_"
                                                                                     "versions("
                                                                                     "branch_name);"
                                                                                     "CREATE INDEX "
                                                                                     "o.branch_"
                                                                                     "versions_"
                                                                                     "order"
                                                                                     " ON "
                                                                                     "branch_"
                                                                                     "versions("
                                                                                     "pacticipant_"
                                                                                     "id, "
                                                                                     "branch_id, "
                                                                                     "version_"
                                                                                     "order);"
                                                                                     "CREATE TABLE "
                                                                                     "o.branch_"
                                                                                     "heads(branch_"
                                                                                     "id" TO("branc"
                                                                                             "hes") ", branch_version_id" TO(
                                                                                         "branch_"
                                                                                         "versions") ", version_id integer NOT NULL, pacticipant_id integer NOT NULL,"
                                                                                                     " branch_name varchar(255) NOT NULL);"
                                                                                                     "CREATE UNIQUE INDEX o.branch_heads_branch ON branch_heads(branch_id);"
                                                                                                     "CREATE INDEX o.branch_heads_name ON branch_heads(branch_name);"
                                                                                                     "CREATE TABLE o.pact_versions(" ID
                                                                                                     ", consumer_id" TO("pacticipants") ", provider_id" TO(
                                                                                                         "pacticipants") ", sha varchar(255) NOT NULL, content text, created_at timestamp NOT NULL,"
                                                                                                                         " messages_count integer, interactions_count integer);"
                                                                                                                         "CREATE UNIQUE INDEX o.pact_versions_sha ON pact_versions(consumer_id, provider_id, sha);"
                                                                                                                         "CREATE TABLE o.pact_publications(" ID
                                                                                                                         ", consumer_version_id" TO(
                                                                                                                             "versions") ", provider_id" TO("pacticipants") ", revision_number integer NOT NULL, pact_version_id" TO("pact_versions") ", created_at timestamp NOT NULL, consumer_id" TO("pacticipants") ","
                                                                                                                                                                                                                                                                                                                        " consumer_version_order integer);"
                                                                                                                                                                                                                                                                                                                        "CREATE UNIQUE INDEX o.publications_revision"
                                                                                                                                                                                                                                                                                                                        " ON pact_publications(consumer_version_id, provider_id, revision_number);"
                                                                                                                                                                                                                                                                                                                        "CREATE INDEX o.publications_consumer ON pact_publications(consumer_id);"
                                                                                                                                                                                                                                                                                                                        "CREATE INDEX o.publications_content ON pact_publications(pact_version_id);"
                                                                                                                                                                                                                                                                                                                        "CREATE TABLE o.latest_pact_publication_ids_for_consumer_versions("
                                                                                                                                                                                                                                                                                                                        "consumer_id integer NOT NULL, pact_publication_id" TO(
                                                                                                                                                                                                                                                                                                                            "pact_publications") ","
                                                                                                                                                                                                                                                                                                                                                 " pact_version_id" TO("pact_versions") ", provider_id integer NOT NULL,"
                                                                                                                                                                                                                                                                                                                                                                                        " consumer_version_id" TO(
                                                                                                                                                                                                                                                                                                                                                                                            "versions") ", created_at timestamp);"
                                                                                                                                                                                                                                                                                                                                                                                                        "CREATE UNIQUE INDEX o.latest_publications_pair"
                                                                                                                                                                                                                                                                                                                                                                                                        " ON latest_pact_publication_ids_for_consumer_versions(provider_id, consumer_version_id);"
                                                                                                                                                                                                                                                                                                                                                                                                        "CREATE INDEX o.latest_publications_content"
                                                                                                                                                                                                                                                                                                                                                                                                        " ON latest_pact_publication_ids_for_consumer_versions(pact_version_id);"
                                                                                                                                                                                                                                                                                                                                                                                                        "CREATE TABLE o.verifications(" ID
                                                                                                                                                                                                                                                                                                                                                                                                        ", number integer, success boolean NOT NULL,"
                                                                                                                                                                                                                                                                                                                                                                                                        " provider_version varchar(255), build_url varchar(255), pact_version_id" TO("pact_versions") ", execution_date timestamp NOT NULL, created_at timestamp NOT NULL,"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      " provider_version_id" TO(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          "versions") ", test_results text, consumer_id integer,"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      " provider_id integer, wip boolean NOT NULL DEFAULT 0, consumer_version_selector_hashes text,"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      " tag_names text, pact_pending boolean, verified_by_implementation varchar(255),"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      " verified_by_version varchar(255));"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "CREATE UNIQUE INDEX o.verifications_number ON verifications(pact_version_id, number);"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "CREATE INDEX o.verifications_version ON verifications(provider_version_id);"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "CREATE TABLE o.latest_verification_id_for_pact_version_and_provider_version("
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "consumer_id integer NOT NULL, pact_version_id" TO("pact_versions") ","
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          " provider_id integer NOT NULL, provider_version_id" TO(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              "versions") ","
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          " verification_id" TO(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              "verifications") ", created_at timestamp);"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "CREATE UNIQUE INDEX o.latest_verifications_pair"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               " ON latest_verification_id_for_pact_version_and_provider_version"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "(pact_version_id, provider_version_id);"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "CREATE TABLE o.integrations(" ID ", consumer_id" TO("pacticipants") ", provider_id" TO("pacticipants") ", created_at timestamp NOT NULL, contract_data_updated_at timestamp);"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       "CREATE UNIQUE INDEX o.integrations_pair ON integrations(consumer_id, provider_id);";

/* In the order of their ids, as they came. */
static const char
    rows
        [] =
            "INSERT INTO o.pacticipants SELECT id, name, repository_url, " AT("created_at") ", " AT(
                "updated_at") ", repository_name, repository_namespace, display_name, main_branch"
                              " FROM main.pacticipants ORDER BY id;"
                              "INSERT INTO o.versions SELECT id, number, NULL, pacticipant_id, "
                              "id, " AT("created_at") ", " AT(
                                  "updated_at") ", build_url FROM main.versions ORDER BY id;"
                                                "INSERT INTO o.branches SELECT id, name, "
                                                "pacticipant_id, " AT(
                                                    "created_at") ", " AT("updated_at") " FROM "
                                                                                        "main."
                                                                                        "branches "
                                                                                        "ORDER BY "
                                                                                        "id;"
                                                                                        "INSERT "
                                                                                        "INTO "
                                                                                        "o.branch_"
                                                                                        "versions "
                                                                                        "SELECT "
                                                                                        "bv.id, "
                                                                                        "bv.branch_"
                                                                                        "id, "
                                                                                        "bv."
                                                                                        "version_"
                                                                                        "id, "
                                                                                        "bv."
                                                                                        "version_"
                                                                                        "id,"
                                                                                        " b."
                                                                                        "pacticipan"
                                                                                        "t_id, "
                                                                                        "b.name,"
                                                                                        " " AT("bv."
                                                                                               "cre"
                                                                                               "ate"
                                                                                               "d_"
                                                                                               "at") ", " AT("bv.updated_at") ","
                                                                                                                              " bv.auto_created FROM main.branch_versions bv JOIN main.branches b ON b.id = bv.branch_id"
                                                                                                                              " ORDER BY bv.id;"
                                                                                                                              "INSERT INTO o.branch_heads SELECT b.id, bv.id, bv.version_id, b.pacticipant_id, b.name"
                                                                                                                              " FROM main.branches b JOIN main.branch_versions bv ON bv.branch_id = b.id"
                                                                                                                              " AND bv.version_id = b.head_version_id ORDER BY b.id;"
                                                                                                                              "INSERT INTO o.pact_versions SELECT id, consumer_id, provider_id, sha,"
                                                                                                                              " unpacked(content, 'pact_versions', id), " AT(
                                                                                                                                  "created_at") ", 0, 10"
                                                                                                                                                " FROM main.pact_versions ORDER BY id;"
                                                                                                                                                "INSERT INTO o.pact_publications SELECT p.id, p.consumer_version_id, p.provider_id,"
                                                                                                                                                " p.revision, p.pact_version_id, " AT("p.created_at") ", v.pacticipant_id, v.id"
                                                                                                                                                                                                      " FROM main.publications p" VERSIONS_AS("v") "p.consumer_version_id ORDER BY p.id;"
                                                                                                                                                                                                                                                   "INSERT INTO o.latest_pact_publication_ids_for_consumer_versions SELECT l.consumer_id,"
                                                                                                                                                                                                                                                   " l.publication_id, l.pact_version_id, l.provider_id, l.consumer_version_id, " AT("p.created_at") " FROM main.latest_publications l JOIN main.publications p"
                                                                                                                                                                                                                                                                                                                                                     " ON p.id = l.publication_id ORDER BY p.id;"
                                                                                                                                                                                                                                                                                                                                                     "INSERT INTO o.verifications SELECT r.id, r.id + 100, r.verdict = 1, NULL, r.build_url,"
                                                                                                                                                                                                                                                                                                                                                     " r.pact_version_id, " AT("r.created_at") ", " AT(
                                                                                                                                                                                                                                                                                                                                                         "r.created_at") ", r.provider_version_id,"
                                                                                                                                                                                                                                                                                                                                                                         " unpacked(r.test_results, 'verifications', r.id), c.consumer_id, c.provider_id, r.wip, NULL,"
                                                                                                                                                                                                                                                                                                                                                                         " NULL, r.pending, json_extract(r.verified_by, '$.implementation'),"
                                                                                                                                                                                                                                                                                                                                                                         " json_extract(r.verified_by, '$.version') FROM main.verifications r"
                                                                                                                                                                                                                                                                                                                                                                         " JOIN main.pact_versions c ON c.id = r.pact_version_id ORDER BY r.id;"
                                                                                                                                                                                                                                                                                                                                                                         "INSERT INTO o.latest_verification_id_for_pact_version_and_provider_version"
                                                                                                                                                                                                                                                                                                                                                                         " SELECT c.consumer_id, l.pact_version_id, c.provider_id, l.provider_version_id,"
                                                                                                                                                                                                                                                                                                                                                                         " l.verification_id, " AT("r.created_at") " FROM main.latest_verifications l"
                                                                                                                                                                                                                                                                                                                                                                                                                   " JOIN main.verifications r ON r.id = l.verification_id"
                                                                                                                                                                                                                                                                                                                                                                                                                   " JOIN main.pact_versions c ON c.id = l.pact_version_id ORDER BY r.id;"
                                                                                                                                                                                                                                                                                                                                                                                                                   "INSERT INTO o.integrations SELECT NULL, consumer_id, provider_id, " AT(
                                                                                                                                                                                                                                                                                                                                                                                                                       "created_at") ", " AT("contract_data_updated_at") " FROM main.integrations ORDER BY created_at;";

void original_write(const char *database, const char *file)
{
    struct err err = ERR_INIT;
    struct store *store = NULL;
    int code = store_open(database, clock_system(), &store, &err);
    if (code == 0)
        code = db_run(store->db, &err, "ATTACH $1 AS o", "s", file);
    if (code >= 0)
        code = db_script(store->db, "PRAGMA o.page_size = 4096; PRAGMA o.synchronous = OFF", &err);
    if (code == 0)
        code = db_begin(store->db, &err);
    if (code == 0)
        code = db_script(store->db, tables, &err);
    if (code == 0)
        code = db_script(store->db, rows, &err);
    if (code == 0)
        code = db_commit(store->db, &err);
    store_close(store);
    if (code < 0)
        exit(err_report(&err));
}
