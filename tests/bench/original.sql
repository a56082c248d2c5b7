-- SPDX-License-Identifier: Apache-2.0
-- What the same data takes in the original broker's SQLite file: `o` is an empty file, `main` one of
-- our databases. This is no run of the original. It is its schema as we reconstruct it (tables,
-- columns, keys), written by SQLite with its own page size. Where in doubt it errs in favour of the
-- original: tables that would be empty are left out, and so are indexes that we are not sure of;
-- contents and test results are the same texts, and nothing stands for our audit log and our index
-- of methods, which our file holds as well.
PRAGMA o.page_size = 4096;
PRAGMA o.synchronous = OFF;
BEGIN;

CREATE TABLE o.pacticipants(
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(255),
    repository_url varchar(255), created_at timestamp NOT NULL, updated_at timestamp NOT NULL,
    repository_name varchar(255), repository_namespace varchar(255), display_name varchar(255),
    main_branch varchar(255));
CREATE UNIQUE INDEX o.pacticipants_name ON pacticipants(name);
INSERT INTO o.pacticipants
SELECT id, name, repository_url, replace(substr(created_at, 1, 26), 'T', ' '),
    replace(substr(updated_at, 1, 26), 'T', ' '), repository_name, repository_namespace,
    display_name, main_branch
FROM main.pacticipants ORDER BY id;

CREATE TABLE o.versions(
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT, number varchar(255),
    repository_ref varchar(255), pacticipant_id integer NOT NULL REFERENCES pacticipants(id),
    "order" integer, created_at timestamp NOT NULL, updated_at timestamp NOT NULL,
    build_url varchar(255));
CREATE UNIQUE INDEX o.versions_number ON versions(pacticipant_id, number);
CREATE UNIQUE INDEX o.versions_order ON versions(pacticipant_id, "order");
INSERT INTO o.versions
SELECT id, number, NULL, pacticipant_id, id, replace(substr(created_at, 1, 26), 'T', ' '),
    replace(substr(updated_at, 1, 26), 'T', ' '), build_url
FROM main.versions ORDER BY id;

CREATE TABLE o.branches(
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(255),
    pacticipant_id integer NOT NULL REFERENCES pacticipants(id), created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL);
CREATE UNIQUE INDEX o.branches_name ON branches(pacticipant_id, name);
INSERT INTO o.branches
SELECT id, name, pacticipant_id, replace(substr(created_at, 1, 26), 'T', ' '),
    replace(substr(updated_at, 1, 26), 'T', ' ')
FROM main.branches ORDER BY id;

CREATE TABLE o.branch_versions(
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    branch_id integer NOT NULL REFERENCES branches(id),
    version_id integer NOT NULL REFERENCES versions(id), version_order integer NOT NULL,
    pacticipant_id integer NOT NULL, branch_name varchar(255) NOT NULL,
    created_at timestamp NOT NULL, updated_at timestamp NOT NULL, auto_created boolean DEFAULT 0);
CREATE UNIQUE INDEX o.branch_versions_pair ON branch_versions(branch_id, version_id);
CREATE INDEX o.branch_versions_version ON branch_versions(version_id);
CREATE INDEX o.branch_versions_name ON branch_versions(branch_name);
CREATE INDEX o.branch_versions_order
    ON branch_versions(pacticipant_id, branch_id, version_order);
INSERT INTO o.branch_versions
SELECT bv.id, bv.branch_id, bv.version_id, bv.version_id, b.pacticipant_id, b.name,
    replace(substr(bv.created_at, 1, 26), 'T', ' '),
    replace(substr(bv.updated_at, 1, 26), 'T', ' '), bv.auto_created
FROM main.branch_versions bv JOIN main.branches b ON b.id = bv.branch_id ORDER BY bv.id;

CREATE TABLE o.branch_heads(
    branch_id integer NOT NULL REFERENCES branches(id),
    branch_version_id integer NOT NULL REFERENCES branch_versions(id), version_id integer NOT NULL,
    pacticipant_id integer NOT NULL, branch_name varchar(255) NOT NULL);
CREATE UNIQUE INDEX o.branch_heads_branch ON branch_heads(branch_id);
CREATE INDEX o.branch_heads_name ON branch_heads(branch_name);
INSERT INTO o.branch_heads
SELECT b.id, bv.id, bv.version_id, b.pacticipant_id, b.name
FROM main.branches b
JOIN main.branch_versions bv ON bv.branch_id = b.id AND bv.version_id = b.head_version_id
ORDER BY b.id;

CREATE TABLE o.tags(
    name varchar(255) NOT NULL, version_id integer NOT NULL REFERENCES versions(id),
    created_at timestamp NOT NULL, updated_at timestamp NOT NULL, pacticipant_id integer NOT NULL,
    version_order integer NOT NULL, PRIMARY KEY(version_id, name));
CREATE INDEX o.tags_name ON tags(name);
INSERT INTO o.tags
SELECT name, version_id, replace(substr(created_at, 1, 26), 'T', ' '),
    replace(substr(created_at, 1, 26), 'T', ' '), pacticipant_id, version_id
FROM main.tags ORDER BY rowid;

CREATE TABLE o.pact_versions(
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    consumer_id integer NOT NULL REFERENCES pacticipants(id),
    provider_id integer NOT NULL REFERENCES pacticipants(id), sha varchar(255) NOT NULL,
    content text, created_at timestamp NOT NULL, messages_count integer,
    interactions_count integer);
CREATE UNIQUE INDEX o.pact_versions_sha ON pact_versions(consumer_id, provider_id, sha);
INSERT INTO o.pact_versions
SELECT id, consumer_id, provider_id, sha, unpacked(content, 'pact_versions', id),
    replace(substr(created_at, 1, 26), 'T', ' '), 0, 10
FROM main.pact_versions ORDER BY id;

CREATE TABLE o.pact_publications(
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    consumer_version_id integer NOT NULL REFERENCES versions(id),
    provider_id integer NOT NULL REFERENCES pacticipants(id), revision_number integer NOT NULL,
    pact_version_id integer NOT NULL REFERENCES pact_versions(id), created_at timestamp NOT NULL,
    consumer_id integer REFERENCES pacticipants(id), consumer_version_order integer);
CREATE UNIQUE INDEX o.publications_revision
    ON pact_publications(consumer_version_id, provider_id, revision_number);
CREATE INDEX o.publications_consumer ON pact_publications(consumer_id);
CREATE INDEX o.publications_content ON pact_publications(pact_version_id);
INSERT INTO o.pact_publications
SELECT p.id, p.consumer_version_id, p.provider_id, p.revision, p.pact_version_id,
    replace(substr(p.created_at, 1, 26), 'T', ' '), v.pacticipant_id, v.id
FROM main.publications p JOIN main.versions v ON v.id = p.consumer_version_id ORDER BY p.id;

CREATE TABLE o.latest_pact_publication_ids_for_consumer_versions(
    consumer_id integer NOT NULL,
    pact_publication_id integer NOT NULL REFERENCES pact_publications(id),
    pact_version_id integer NOT NULL REFERENCES pact_versions(id), provider_id integer NOT NULL,
    consumer_version_id integer NOT NULL REFERENCES versions(id), created_at timestamp);
CREATE UNIQUE INDEX o.latest_publications_pair
    ON latest_pact_publication_ids_for_consumer_versions(provider_id, consumer_version_id);
CREATE INDEX o.latest_publications_content
    ON latest_pact_publication_ids_for_consumer_versions(pact_version_id);
INSERT INTO o.latest_pact_publication_ids_for_consumer_versions
SELECT l.consumer_id, l.publication_id, l.pact_version_id, l.provider_id, l.consumer_version_id,
    replace(substr(p.created_at, 1, 26), 'T', ' ')
FROM main.latest_publications l JOIN main.publications p ON p.id = l.publication_id ORDER BY p.id;

CREATE TABLE o.verifications(
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT, number integer, success boolean NOT NULL,
    build_url varchar(255), pact_version_id integer NOT NULL REFERENCES pact_versions(id),
    execution_date timestamp NOT NULL, created_at timestamp NOT NULL,
    provider_version_id integer REFERENCES versions(id), test_results text, consumer_id integer,
    provider_id integer, wip boolean NOT NULL DEFAULT 0, consumer_version_selector_hashes text,
    tag_names text, pact_pending boolean, verified_by_implementation varchar(255),
    verified_by_version varchar(255));
CREATE UNIQUE INDEX o.verifications_number ON verifications(pact_version_id, number);
CREATE INDEX o.verifications_version ON verifications(provider_version_id);
INSERT INTO o.verifications
SELECT r.id, r.id + 100, r.verdict = 1, r.build_url, r.pact_version_id,
    replace(substr(r.created_at, 1, 26), 'T', ' '), replace(substr(r.created_at, 1, 26), 'T', ' '),
    r.provider_version_id, unpacked(r.test_results, 'verifications', r.id), c.consumer_id,
    c.provider_id, r.wip, NULL, NULL, r.pending, json_extract(r.verified_by, '$.implementation'),
    json_extract(r.verified_by, '$.version')
FROM main.verifications r JOIN main.pact_versions c ON c.id = r.pact_version_id ORDER BY r.id;

CREATE TABLE o.latest_verification_id_for_pact_version_and_provider_version(
    consumer_id integer NOT NULL,
    pact_version_id integer NOT NULL REFERENCES pact_versions(id), provider_id integer NOT NULL,
    provider_version_id integer NOT NULL REFERENCES versions(id),
    verification_id integer NOT NULL REFERENCES verifications(id), created_at timestamp);
CREATE UNIQUE INDEX o.latest_verifications_pair
    ON latest_verification_id_for_pact_version_and_provider_version(
        pact_version_id, provider_version_id);
INSERT INTO o.latest_verification_id_for_pact_version_and_provider_version
SELECT c.consumer_id, l.pact_version_id, c.provider_id, l.provider_version_id, l.verification_id,
    replace(substr(r.created_at, 1, 26), 'T', ' ')
FROM main.latest_verifications l JOIN main.verifications r ON r.id = l.verification_id
JOIN main.pact_versions c ON c.id = l.pact_version_id ORDER BY r.id;

CREATE TABLE o.integrations(
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    consumer_id integer NOT NULL REFERENCES pacticipants(id),
    provider_id integer NOT NULL REFERENCES pacticipants(id), created_at timestamp NOT NULL,
    contract_data_updated_at timestamp);
CREATE UNIQUE INDEX o.integrations_pair ON integrations(consumer_id, provider_id);
INSERT INTO o.integrations
SELECT NULL, consumer_id, provider_id, replace(substr(created_at, 1, 26), 'T', ' '),
    replace(substr(contract_data_updated_at, 1, 26), 'T', ' ')
FROM main.integrations ORDER BY created_at;

COMMIT;
