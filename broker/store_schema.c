// SPDX-License-Identifier: Apache-2.0
/*
 * The schema, one script per version; a published script is never changed, only followed.
 *
 * Two pointer tables keep the hot questions away from history: latest_publications (the last
 * revision per consumer version and provider) and latest_verifications (the last result per content
 * and provider version). branches.head_version_id is the third.
 */
#include "broker/store.h"

#include "broker/store_methods.h"

static const char version_1[] =
    "CREATE TABLE pacticipants("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, display_name TEXT,"
    " repository_url TEXT, repository_name TEXT, repository_namespace TEXT, main_branch TEXT,"
    " words TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);"
    "CREATE INDEX pacticipants_words ON pacticipants(words);"

    "CREATE TABLE labels("
    " pacticipant_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " name TEXT NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY(pacticipant_id, name));"

    "CREATE TABLE versions("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " pacticipant_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " number TEXT NOT NULL, build_url TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,"
    " UNIQUE(pacticipant_id, number));"
    "CREATE INDEX versions_order ON versions(pacticipant_id, id);"

    "CREATE TABLE branches("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " pacticipant_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " name TEXT NOT NULL, head_version_id INTEGER REFERENCES versions(id) ON DELETE SET NULL,"
    " created_at TEXT NOT NULL, updated_at TEXT NOT NULL, UNIQUE(pacticipant_id, name));"
    "CREATE INDEX branches_head ON branches(head_version_id);"
    "CREATE TABLE branch_versions("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " branch_id INTEGER NOT NULL REFERENCES branches(id) ON DELETE CASCADE,"
    " version_id INTEGER NOT NULL REFERENCES versions(id) ON DELETE CASCADE,"
    " auto_created INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,"
    " UNIQUE(branch_id, version_id));"
    "CREATE INDEX branch_versions_version ON branch_versions(version_id, branch_id);"

    "CREATE TABLE tags("
    " version_id INTEGER NOT NULL REFERENCES versions(id) ON DELETE CASCADE,"
    " pacticipant_id INTEGER NOT NULL, name TEXT NOT NULL, created_at TEXT NOT NULL,"
    " PRIMARY KEY(version_id, name));"
    "CREATE INDEX tags_name ON tags(pacticipant_id, name, version_id);"

    "CREATE TABLE pact_versions("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " consumer_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " provider_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " sha TEXT NOT NULL, content TEXT NOT NULL, plain INTEGER NOT NULL, created_at TEXT NOT NULL,"
    " UNIQUE(consumer_id, provider_id, sha));"
    "CREATE INDEX pact_versions_provider ON pact_versions(provider_id);"

    "CREATE TABLE publications("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " consumer_version_id INTEGER NOT NULL REFERENCES versions(id) ON DELETE CASCADE,"
    " provider_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " pact_version_id INTEGER NOT NULL REFERENCES pact_versions(id) ON DELETE CASCADE,"
    " revision INTEGER NOT NULL, created_at TEXT NOT NULL,"
    " UNIQUE(consumer_version_id, provider_id, revision));"
    "CREATE INDEX publications_content ON publications(pact_version_id);"
    "CREATE INDEX publications_provider ON publications(provider_id);"
    "CREATE TABLE latest_publications("
    " consumer_version_id INTEGER NOT NULL REFERENCES versions(id) ON DELETE CASCADE,"
    " provider_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " consumer_id INTEGER NOT NULL, pact_version_id INTEGER NOT NULL,"
    " publication_id INTEGER NOT NULL REFERENCES publications(id) ON DELETE CASCADE,"
    " PRIMARY KEY(consumer_version_id, provider_id)) WITHOUT ROWID;"
    "CREATE INDEX latest_publications_pair"
    " ON latest_publications(provider_id, consumer_id, consumer_version_id);"
    "CREATE INDEX latest_publications_consumer"
    " ON latest_publications(consumer_id, consumer_version_id);"
    "CREATE INDEX latest_publications_content"
    " ON latest_publications(pact_version_id, consumer_version_id);"
    "CREATE INDEX latest_publications_publication ON latest_publications(publication_id);"

    "CREATE TABLE verifications("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " pact_version_id INTEGER NOT NULL REFERENCES pact_versions(id) ON DELETE CASCADE,"
    " provider_version_id INTEGER NOT NULL REFERENCES versions(id) ON DELETE CASCADE,"
    " verdict INTEGER NOT NULL, detailed INTEGER NOT NULL, build_url TEXT, test_results TEXT,"
    " verified_by TEXT, wip INTEGER NOT NULL, pending INTEGER NOT NULL, created_at TEXT NOT NULL);"
    "CREATE INDEX verifications_content ON verifications(pact_version_id, id);"
    "CREATE INDEX verifications_version ON verifications(provider_version_id);"
    "CREATE TABLE latest_verifications("
    " pact_version_id INTEGER NOT NULL REFERENCES pact_versions(id) ON DELETE CASCADE,"
    " provider_version_id INTEGER NOT NULL REFERENCES versions(id) ON DELETE CASCADE,"
    " verification_id INTEGER NOT NULL REFERENCES verifications(id) ON DELETE CASCADE,"
    " PRIMARY KEY(pact_version_id, provider_version_id)) WITHOUT ROWID;"
    "CREATE INDEX latest_verifications_version ON latest_verifications(provider_version_id);"
    "CREATE INDEX latest_verifications_verification ON latest_verifications(verification_id);"
    /* First and last time that a provider version verified a content, apart for WIP runs. */
    "CREATE TABLE successes("
    " pact_version_id INTEGER NOT NULL REFERENCES pact_versions(id) ON DELETE CASCADE,"
    " provider_version_id INTEGER NOT NULL REFERENCES versions(id) ON DELETE CASCADE,"
    " wip INTEGER NOT NULL, first_at TEXT NOT NULL, last_at TEXT NOT NULL,"
    " PRIMARY KEY(pact_version_id, provider_version_id, wip)) WITHOUT ROWID;"
    "CREATE INDEX successes_version ON successes(provider_version_id);"
    /* The tags that the provider version had when it verified the content. */
    "CREATE TABLE tag_successes("
    " pact_version_id INTEGER NOT NULL REFERENCES pact_versions(id) ON DELETE CASCADE,"
    " tag TEXT NOT NULL, wip INTEGER NOT NULL, first_at TEXT NOT NULL,"
    " PRIMARY KEY(pact_version_id, tag, wip)) WITHOUT ROWID;"

    "CREATE TABLE integrations("
    " consumer_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " provider_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " created_at TEXT NOT NULL, contract_data_updated_at TEXT NOT NULL,"
    " PRIMARY KEY(consumer_id, provider_id)) WITHOUT ROWID;"
    "CREATE INDEX integrations_provider ON integrations(provider_id, consumer_id);"

    "CREATE TABLE environments("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE,"
    " display_name TEXT, production INTEGER NOT NULL, contacts TEXT,"
    " created_at TEXT NOT NULL, updated_at TEXT NOT NULL);"
    "CREATE TABLE deployments("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE,"
    " pacticipant_id INTEGER NOT NULL,"
    " version_id INTEGER NOT NULL REFERENCES versions(id) ON DELETE CASCADE,"
    " environment_id INTEGER NOT NULL REFERENCES environments(id) ON DELETE CASCADE,"
    " instance TEXT, ended_at TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);"
    "CREATE INDEX deployments_version ON deployments(version_id);"
    "CREATE INDEX deployments_current ON deployments(environment_id, pacticipant_id)"
    " WHERE ended_at IS NULL;"
    "CREATE INDEX deployments_live ON deployments(pacticipant_id) WHERE ended_at IS NULL;"
    "CREATE TABLE releases("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE,"
    " pacticipant_id INTEGER NOT NULL,"
    " version_id INTEGER NOT NULL REFERENCES versions(id) ON DELETE CASCADE,"
    " environment_id INTEGER NOT NULL REFERENCES environments(id) ON DELETE CASCADE,"
    " ended_at TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,"
    " UNIQUE(version_id, environment_id));"
    "CREATE INDEX releases_current ON releases(environment_id, pacticipant_id)"
    " WHERE ended_at IS NULL;"
    "CREATE INDEX releases_live ON releases(pacticipant_id) WHERE ended_at IS NULL;"
    /* Append-only, in names: what was live when, whatever is deleted or released again later. */
    "CREATE TABLE release_ledger("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, event TEXT NOT NULL,"
    " pacticipant TEXT NOT NULL, version TEXT NOT NULL, environment TEXT NOT NULL, instance TEXT,"
    " uuid TEXT NOT NULL);"
    "CREATE INDEX release_ledger_who ON release_ledger(pacticipant, environment, id);"
    "CREATE TRIGGER release_ledger_keep_update BEFORE UPDATE ON release_ledger"
    " BEGIN SELECT RAISE(ABORT, 'the release ledger is append-only'); END;"
    "CREATE TRIGGER release_ledger_keep_delete BEFORE DELETE ON release_ledger"
    " BEGIN SELECT RAISE(ABORT, 'the release ledger is append-only'); END;"

    "CREATE TABLE evidence("
    " version_id INTEGER NOT NULL REFERENCES versions(id) ON DELETE CASCADE,"
    " pack TEXT NOT NULL, body TEXT NOT NULL, created_at TEXT NOT NULL,"
    " PRIMARY KEY(version_id, pack));";

/*
 * Webhooks. `request` is sealed (lib/base/seal.h): method, URL, fields, body and credentials.
 * triggered_webhooks is history and queue in one: due_at says when the next attempt is due, and is
 * moved on by whoever claims the row.
 */
static const char version_webhooks[] =
    "CREATE TABLE webhooks("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, description TEXT,"
    " consumer_id INTEGER REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " provider_id INTEGER REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " consumer_label TEXT, provider_label TEXT, enabled INTEGER NOT NULL, summary TEXT NOT NULL,"
    " request TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);"
    "CREATE INDEX webhooks_consumer ON webhooks(consumer_id, provider_id);"
    "CREATE INDEX webhooks_provider ON webhooks(provider_id);"
    "CREATE TABLE webhook_events("
    " webhook_id INTEGER NOT NULL REFERENCES webhooks(id) ON DELETE CASCADE,"
    " name TEXT NOT NULL, position INTEGER NOT NULL,"
    " PRIMARY KEY(webhook_id, name)) WITHOUT ROWID;"
    "CREATE INDEX webhook_events_name ON webhook_events(name, webhook_id);"
    "CREATE TABLE triggered_webhooks("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE,"
    " webhook_id INTEGER REFERENCES webhooks(id) ON DELETE SET NULL, webhook_uuid TEXT NOT NULL,"
    " event TEXT NOT NULL, name TEXT NOT NULL, base TEXT NOT NULL, description TEXT,"
    " status TEXT NOT NULL, attempts INTEGER NOT NULL,"
    " consumer_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " provider_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " consumer_version_id INTEGER NOT NULL REFERENCES versions(id) ON DELETE CASCADE,"
    " pact_version_id INTEGER NOT NULL REFERENCES pact_versions(id) ON DELETE CASCADE,"
    " provider_version_id INTEGER REFERENCES versions(id) ON DELETE CASCADE,"
    " verification_id INTEGER REFERENCES verifications(id) ON DELETE CASCADE,"
    " due_at TEXT, claim TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);"
    "CREATE INDEX triggered_webhooks_due ON triggered_webhooks(due_at) WHERE due_at IS NOT NULL;"
    "CREATE INDEX triggered_webhooks_webhook ON triggered_webhooks(webhook_id);"
    "CREATE INDEX triggered_webhooks_pair"
    " ON triggered_webhooks(consumer_id, provider_id, webhook_id, event);"
    "CREATE INDEX triggered_webhooks_provider ON triggered_webhooks(provider_id);"
    "CREATE INDEX triggered_webhooks_version"
    " ON triggered_webhooks(consumer_version_id, provider_id);"
    "CREATE INDEX triggered_webhooks_content ON triggered_webhooks(pact_version_id);"
    "CREATE INDEX triggered_webhooks_provider_version"
    " ON triggered_webhooks(provider_version_id) WHERE provider_version_id IS NOT NULL;"
    "CREATE INDEX triggered_webhooks_result"
    " ON triggered_webhooks(verification_id) WHERE verification_id IS NOT NULL;"
    "CREATE TABLE webhook_executions("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " triggered_id INTEGER NOT NULL REFERENCES triggered_webhooks(id) ON DELETE CASCADE,"
    " success INTEGER NOT NULL, logs TEXT NOT NULL, created_at TEXT NOT NULL);"
    "CREATE INDEX webhook_executions_of ON webhook_executions(triggered_id, id);";

/*
 * Two more pointers. branch_successes: when a content was first and last verified by a version on a
 * branch; kept by triggers, because results, memberships and deletions of either all change it. A
 * version that retention takes away leaves the times as they were while others back the row.
 */
#define SUCCESS_KEY "(pact_version_id, branch_id, wip, first_at, last_at)"
#define SUCCESS_MERGE                                                                              \
    " ON CONFLICT(pact_version_id, branch_id, wip) DO UPDATE SET"                                  \
    " first_at = MIN(first_at, excluded.first_at), last_at = MAX(last_at, excluded.last_at);"
#define SUCCESS_UNBACKED                                                                           \
    " AND NOT EXISTS(SELECT 1 FROM branch_versions bv JOIN successes s"                            \
    " ON s.pact_version_id = branch_successes.pact_version_id"                                     \
    " AND s.provider_version_id = bv.version_id AND s.wip = branch_successes.wip"                  \
    " WHERE bv.branch_id = branch_successes.branch_id);"

static const char version_pointers[] =
    "CREATE TABLE branch_successes("
    " pact_version_id INTEGER NOT NULL REFERENCES pact_versions(id) ON DELETE CASCADE,"
    " branch_id INTEGER NOT NULL REFERENCES branches(id) ON DELETE CASCADE,"
    " wip INTEGER NOT NULL, first_at TEXT NOT NULL, last_at TEXT NOT NULL,"
    " PRIMARY KEY(pact_version_id, branch_id, wip)) WITHOUT ROWID;"
    "CREATE INDEX branch_successes_first ON branch_successes(pact_version_id, first_at);"
    "CREATE INDEX branch_successes_branch ON branch_successes(branch_id);"
    "CREATE INDEX successes_last ON successes(pact_version_id, last_at);"
    "INSERT INTO branch_successes" SUCCESS_KEY
    " SELECT s.pact_version_id, bv.branch_id, s.wip, MIN(s.first_at), MAX(s.last_at)"
    " FROM successes s JOIN branch_versions bv ON bv.version_id = s.provider_version_id"
    " GROUP BY s.pact_version_id, bv.branch_id, s.wip;"
    "CREATE TRIGGER branch_successes_first_result AFTER INSERT ON successes BEGIN"
    " INSERT INTO branch_successes" SUCCESS_KEY
    " SELECT NEW.pact_version_id, branch_id, NEW.wip, NEW.first_at, NEW.last_at"
    " FROM branch_versions WHERE version_id = NEW.provider_version_id" SUCCESS_MERGE " END;"
    "CREATE TRIGGER branch_successes_next_result AFTER UPDATE OF last_at ON successes BEGIN"
    " UPDATE branch_successes SET last_at = NEW.last_at"
    " WHERE pact_version_id = NEW.pact_version_id AND wip = NEW.wip AND last_at < NEW.last_at"
    " AND branch_id IN (SELECT branch_id FROM branch_versions"
    " WHERE version_id = NEW.provider_version_id); END;"
    "CREATE TRIGGER branch_successes_joined AFTER INSERT ON branch_versions BEGIN"
    " INSERT INTO branch_successes" SUCCESS_KEY
    " SELECT pact_version_id, NEW.branch_id, wip, first_at, last_at"
    " FROM successes WHERE provider_version_id = NEW.version_id" SUCCESS_MERGE " END;"
    "CREATE TRIGGER branch_successes_no_result AFTER DELETE ON successes BEGIN"
    " DELETE FROM branch_successes WHERE pact_version_id = OLD.pact_version_id AND wip = OLD.wip"
    " AND branch_id IN (SELECT branch_id FROM branch_versions"
    " WHERE version_id = OLD.provider_version_id)" SUCCESS_UNBACKED " END;"
    "CREATE TRIGGER branch_successes_left AFTER DELETE ON branch_versions BEGIN"
    " DELETE FROM branch_successes WHERE branch_id = OLD.branch_id AND pact_version_id IN"
    " (SELECT pact_version_id FROM successes WHERE provider_version_id = "
    "OLD.version_id)" SUCCESS_UNBACKED " END;"
    /* Whether anything between the two has ever been verified. */
    "ALTER TABLE integrations ADD COLUMN verified INTEGER NOT NULL DEFAULT 0;"
    "UPDATE integrations SET verified = EXISTS(SELECT 1 FROM pact_versions pv"
    " JOIN latest_verifications l ON l.pact_version_id = pv.id"
    " WHERE pv.consumer_id = integrations.consumer_id"
    " AND pv.provider_id = integrations.provider_id);";

/* Who may enter, and what everybody did; see store_access.h. */
static const char version_access[] =
    "CREATE TABLE tokens("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,"
    " roles INTEGER NOT NULL, created_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT,"
    " last_used_at TEXT);"
    "CREATE UNIQUE INDEX tokens_in_use ON tokens(name) WHERE revoked_at IS NULL;"
    "CREATE TRIGGER tokens_keep BEFORE DELETE ON tokens"
    " BEGIN SELECT RAISE(ABORT, 'tokens are revoked, not removed'); END;"
    "CREATE TRIGGER tokens_stay_revoked BEFORE UPDATE OF revoked_at ON tokens"
    " WHEN OLD.revoked_at IS NOT NULL"
    " BEGIN SELECT RAISE(ABORT, 'a revoked token stays revoked'); END;"

    "CREATE TABLE audit("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, kind TEXT NOT NULL, actor TEXT,"
    " token_id INTEGER REFERENCES tokens(id), address TEXT NOT NULL, method TEXT NOT NULL,"
    " path TEXT NOT NULL, subject TEXT, status INTEGER NOT NULL);"
    "CREATE INDEX audit_at ON audit(at, id);"
    "CREATE TRIGGER audit_keep_replace BEFORE INSERT ON audit"
    " WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;"
    "CREATE TRIGGER audit_keep_update BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;"
    "CREATE TRIGGER audit_keep_delete BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;";

/*
 * Interactions by repository method and operation. An interaction is kept once however many
 * contents have it, so that lists of names cost what there is and not what there was. Contents
 * stored before this script are indexed at the start of a broker (index_backlog); row_digest stands
 * for all the texts of a row, because NULL differs from NULL in a unique index.
 */
static const char version_methods[] =
    "CREATE TABLE interactions("
    " id INTEGER PRIMARY KEY,"
    " consumer_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " provider_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " row_digest TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, description TEXT NOT NULL,"
    " method TEXT, package TEXT, variant TEXT, source TEXT, inferred INTEGER NOT NULL,"
    " operation TEXT, persisted_id TEXT, digest TEXT, problem TEXT,"
    " UNIQUE(consumer_id, provider_id, row_digest));"
    "CREATE INDEX interactions_name ON interactions(consumer_id, name);"
    "CREATE INDEX interactions_operation ON interactions(provider_id, operation);"
    "CREATE TRIGGER interactions_go AFTER DELETE ON integrations BEGIN"
    " DELETE FROM interactions WHERE consumer_id = OLD.consumer_id"
    " AND provider_id = OLD.provider_id; END;"
    /* No index by interaction: it would write a page of its own for each of them at each
     * publication. Rows go with their content, so interaction_id needs no foreign key, which would
     * need that index. */
    "CREATE TABLE pact_interactions("
    " pact_version_id INTEGER NOT NULL REFERENCES pact_versions(id) ON DELETE CASCADE,"
    " interaction_id INTEGER NOT NULL,"
    " PRIMARY KEY(pact_version_id, interaction_id)) WITHOUT ROWID;"
    /* Contents of which not everything could be read. */
    "CREATE TABLE index_problems("
    " pact_version_id INTEGER PRIMARY KEY REFERENCES pact_versions(id) ON DELETE CASCADE,"
    " problem TEXT NOT NULL);"
    "CREATE TABLE index_backlog(done_id INTEGER NOT NULL, last_id INTEGER NOT NULL);"
    "INSERT INTO index_backlog SELECT 0, COALESCE(MAX(id), 0) FROM pact_versions;"
    /* Inventories and operation manifests beside a version: each change is a revision. */
    "CREATE TABLE version_documents("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " version_id INTEGER NOT NULL REFERENCES versions(id) ON DELETE CASCADE,"
    " pacticipant_id INTEGER NOT NULL, kind TEXT NOT NULL, revision INTEGER NOT NULL,"
    " body TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE(version_id, kind, revision));"
    "CREATE INDEX version_documents_owner"
    " ON version_documents(pacticipant_id, kind, version_id, revision);"
    "CREATE TABLE manifest_operations("
    " document_id INTEGER NOT NULL REFERENCES version_documents(id) ON DELETE CASCADE,"
    " persisted_id TEXT NOT NULL, operation TEXT NOT NULL, digest TEXT NOT NULL,"
    " PRIMARY KEY(document_id, persisted_id)) WITHOUT ROWID;"
    "CREATE INDEX manifest_operations_id ON manifest_operations(persisted_id);";

/* What retention removed, a row per step and table; `run` is when the run began (retention.h). */
static const char version_keeping[] =
    "CREATE TABLE removals("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL,"
    " name TEXT NOT NULL, removed INTEGER NOT NULL);"
    "CREATE INDEX removals_run ON removals(run, by, name);"
    "CREATE TRIGGER removals_keep_update BEFORE UPDATE ON removals"
    " BEGIN SELECT RAISE(ABORT, 'the list of removals is append-only'); END;"
    "CREATE TRIGGER removals_keep_delete BEFORE DELETE ON removals"
    " BEGIN SELECT RAISE(ABORT, 'the list of removals is append-only'); END;";

/*
 * When a content was first verified by a version that carries a tag now, which is what pending
 * asks; tag_successes keeps the tags of the moment of the result, which is what WIP asks.
 */
#define TAGGED_KEY "(pact_version_id, tag, first_at)"
#define TAGGED_MERGE                                                                               \
    " ON CONFLICT(pact_version_id, tag) DO UPDATE SET"                                             \
    " first_at = MIN(first_at, excluded.first_at);"
#define TAGGED_BACKING                                                                             \
    " FROM successes s JOIN tags t ON t.version_id = s.provider_version_id"                        \
    " WHERE s.pact_version_id = tagged_successes.pact_version_id AND t.name = "                    \
    "tagged_successes.tag"

static const char version_tagged[] =
    "CREATE TABLE tagged_successes("
    " pact_version_id INTEGER NOT NULL REFERENCES pact_versions(id) ON DELETE CASCADE,"
    " tag TEXT NOT NULL, first_at TEXT NOT NULL, PRIMARY KEY(pact_version_id, tag)) WITHOUT ROWID;"
    "INSERT INTO tagged_successes" TAGGED_KEY " SELECT s.pact_version_id, t.name, MIN(s.first_at)"
    " FROM successes s JOIN tags t ON t.version_id = s.provider_version_id GROUP BY 1, 2;"
    "CREATE TRIGGER tagged_successes_result AFTER INSERT ON successes BEGIN"
    " INSERT INTO tagged_successes" TAGGED_KEY " SELECT NEW.pact_version_id, name, NEW.first_at"
    " FROM tags WHERE version_id = NEW.provider_version_id" TAGGED_MERGE " END;"
    "CREATE TRIGGER tagged_successes_tag AFTER INSERT ON tags BEGIN"
    " INSERT INTO tagged_successes" TAGGED_KEY " SELECT pact_version_id, NEW.name, MIN(first_at)"
    " FROM successes WHERE provider_version_id = NEW.version_id GROUP BY "
    "pact_version_id" TAGGED_MERGE " END;"
    "CREATE TRIGGER tagged_successes_no_result AFTER DELETE ON successes BEGIN"
    " DELETE FROM tagged_successes WHERE pact_version_id = OLD.pact_version_id"
    " AND NOT EXISTS(SELECT 1" TAGGED_BACKING "); END;"
    "CREATE TRIGGER tagged_successes_no_tag AFTER DELETE ON tags BEGIN"
    " DELETE FROM tagged_successes WHERE tag = OLD.name AND pact_version_id IN"
    " (SELECT pact_version_id FROM successes WHERE provider_version_id = OLD.version_id)"
    " AND NOT EXISTS(SELECT 1" TAGGED_BACKING "); END;"
    "CREATE TRIGGER tagged_successes_times AFTER UPDATE OF first_at ON successes BEGIN"
    " UPDATE tagged_successes SET first_at = (SELECT MIN(s.first_at)" TAGGED_BACKING ")"
    " WHERE pact_version_id = NEW.pact_version_id AND tag IN"
    " (SELECT name FROM tags WHERE version_id = NEW.provider_version_id); END;";

/*
 * No table changes: long texts may be packed from here on (packing.h), and a program that cannot
 * unpack them must refuse the database.
 */
static const char version_packing[] = "-- packed texts";

/*
 * The index of interactions, smaller: descriptions change far more often than what they describe,
 * and each new one was a row with a page of its own in three indexes. An interaction is now a row
 * without its description (it keeps the first, as an example), and a content is one row: a JSON
 * object of interaction ids and the descriptions that the content has them under.
 */
#define INTERACTION_COLUMNS                                                                        \
    "consumer_id, provider_id, name, kind, method, package, variant, source, inferred,"            \
    " operation, persisted_id, digest, problem"
#define TEXTS     INTERACTION_TEXTS_OF("")
#define OLD_TEXTS INTERACTION_TEXTS_OF("i.")
#define NEW_TEXTS INTERACTION_TEXTS_OF("n.")

static const char version_descriptions[] =
    "DROP TRIGGER interactions_go;"
    "CREATE TABLE index_interactions("
    " id INTEGER PRIMARY KEY,"
    " consumer_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " provider_id INTEGER NOT NULL REFERENCES pacticipants(id) ON DELETE CASCADE,"
    " name TEXT NOT NULL, kind TEXT NOT NULL, description TEXT NOT NULL,"
    " method TEXT, package TEXT, variant TEXT, source TEXT, inferred INTEGER NOT NULL,"
    " operation TEXT, persisted_id TEXT, digest TEXT, problem TEXT);"
    "INSERT INTO index_interactions(id, description, " INTERACTION_COLUMNS ")"
    " SELECT MIN(id), description, " INTERACTION_COLUMNS " FROM interactions"
    " GROUP BY " INTERACTION_COLUMNS ";"
    "CREATE UNIQUE INDEX index_interactions_texts"
    " ON index_interactions(consumer_id, provider_id, " TEXTS ");"
    "CREATE INDEX index_interactions_name ON index_interactions(consumer_id, name);"
    "CREATE INDEX index_interactions_operation ON index_interactions(provider_id, operation);"
    "CREATE TRIGGER index_interactions_go AFTER DELETE ON integrations BEGIN"
    " DELETE FROM index_interactions WHERE consumer_id = OLD.consumer_id"
    " AND provider_id = OLD.provider_id; END;"
    "CREATE TABLE index_uses("
    " pact_version_id INTEGER PRIMARY KEY REFERENCES pact_versions(id) ON DELETE CASCADE,"
    " uses TEXT NOT NULL);"
    "INSERT INTO index_uses SELECT pact_version_id, json_group_object(id, json(said))"
    " FROM (SELECT l.pact_version_id, n.id, json_group_array(i.description) AS said"
    " FROM pact_interactions l CROSS JOIN interactions i ON i.id = l.interaction_id"
    " CROSS JOIN index_interactions n ON n.consumer_id = i.consumer_id"
    " AND n.provider_id = i.provider_id AND " NEW_TEXTS " = " OLD_TEXTS
    " GROUP BY l.pact_version_id, n.id) GROUP BY pact_version_id;"
    "DROP TABLE pact_interactions;"
    "DROP TABLE interactions;";

/* A webhook that names the provider's deployed version is sent once for each of them. */
static const char version_deployed[] =
    "ALTER TABLE webhooks ADD COLUMN per_deployed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE triggered_webhooks ADD COLUMN deployed TEXT;";

/*
 * Only the tags that the result's version has can lose it: looking at all tags of the content made
 * each removed version cost as much as there are tags and results. Whichever of the two rows a
 * removed version loses first, the other one is still there for the trigger.
 */
static const char version_untagging[] =
    "DROP TRIGGER tagged_successes_no_result;"
    "CREATE TRIGGER tagged_successes_no_result AFTER DELETE ON successes BEGIN"
    " DELETE FROM tagged_successes WHERE pact_version_id = OLD.pact_version_id"
    " AND tag IN (SELECT name FROM tags WHERE version_id = OLD.provider_version_id)"
    " AND NOT EXISTS(SELECT 1" TAGGED_BACKING "); END;";

const char *const store_schema[] = {version_1,        version_pointers, version_webhooks,
                                    version_access,   version_methods,  version_keeping,
                                    version_tagged,   version_packing,  version_descriptions,
                                    version_deployed, version_untagging};
const int store_schema_len = sizeof store_schema / sizeof *store_schema;
