// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_ROUTES_H
#define TALLY_BROKER_ROUTES_H
/* The one table of routes. A call_route's `tag` means what its handler says. */
#include <stddef.h>

#include "broker/call.h"

extern const struct call_route routes[];
extern const size_t routes_len;

#define HANDLER(name) int name(struct call *call, struct err *err)

/* resource_index.c */
HANDLER(index_get);
HANDLER(heartbeat_get);
HANDLER(dependencies_get);
HANDLER(integrations_get);
HANDLER(integration_delete);
HANDLER(provider_states_get); /* tag: 0 main branches, 1 branch, 2 environment */
/* resource_network.c */
HANDLER(relationships_get);
HANDLER(group_get);
HANDLER(integrations_delete);
/* resource_retention.c */
HANDLER(retention_get);
/* resource_publish.c */
HANDLER(contracts_publish);
/* resource_pact.c */
HANDLER(pact_put); /* PUT; tag 1: PATCH */
HANDLER(pact_get);
HANDLER(pact_delete);
HANDLER(pact_latest_get); /* tag: enum pact_which */
HANDLER(pact_sha_get);
/* resource_pact_list.c */
HANDLER(pact_versions_get); /* tag: enum pact_which */
HANDLER(pacts_latest_get);
HANDLER(provider_pacts_get); /* tag: enum pact_list */
/* resource_pact_change.c */
HANDLER(pact_previous_get);
HANDLER(pact_diff_previous_get);
HANDLER(pact_diff_version_get);
HANDLER(pact_diff_sha_get);
HANDLER(pact_versions_delete); /* tag: enum pact_which */
/* resource_dashboard.c */
HANDLER(dashboard_get); /* tag 1: of one integration */
/* resource_page.c */
HANDLER(doc_get);
int index_page(struct call *call, struct err *err);
/* What the index says about a relation, without "pb:"; the path may have a query. */
bool index_relation(const char *rel, const char **ret_path, const char **ret_title);
HANDLER(test_error);
/* resource_browser.c */
HANDLER(browser_get);
/* resource_metrics.c */
HANDLER(metrics_get);
HANDLER(metrics_prometheus_get);
/* resource_badge.c */
HANDLER(badge_pact_get); /* tag: enum pact_which */
HANDLER(badge_matrix_get);
HANDLER(badge_deploy_tag_get);
HANDLER(badge_deploy_branch_get);
HANDLER(badge_merge_get);
/* resource_verify.c */
HANDLER(for_verification_get);
HANDLER(for_verification_post);
/* resource_verification.c */
HANDLER(verification_post);
HANDLER(verification_get);
HANDLER(verification_latest_get); /* tag: enum pact_which, or 9 for a pact version */
HANDLER(verification_delete);
HANDLER(verification_summary_get);
/* resource_pacticipant.c */
HANDLER(pacticipants_get); /* tag 1: of a label */
HANDLER(pacticipants_post);
HANDLER(pacticipant_get);
HANDLER(pacticipant_put); /* PUT and PATCH */
HANDLER(pacticipant_delete);
HANDLER(labels_get);
HANDLER(label_get);
HANDLER(label_put);
HANDLER(label_delete);
/* resource_version.c */
HANDLER(versions_get); /* tag: 0 all, 1 of a branch, 2 of a tag, 3 of an environment */
HANDLER(version_get);
HANDLER(version_put); /* PUT and PATCH */
HANDLER(version_delete);
HANDLER(version_latest_get); /* tag: 0 all, 1 of a branch, 2 of a tag, 3 of an environment */
/* resource_branch.c */
HANDLER(branches_get);
HANDLER(branches_delete);
HANDLER(branch_get);
HANDLER(branch_delete);
HANDLER(branch_version_get);
HANDLER(branch_version_put);
HANDLER(branch_version_delete);
HANDLER(tag_get);
HANDLER(tag_put);
HANDLER(tag_delete);
/* resource_environment.c */
HANDLER(environments_get);
HANDLER(environments_post);
HANDLER(environment_get);
HANDLER(environment_put);
HANDLER(environment_delete);
/* resource_deployment.c; tag 0: deployed, 1: released */
HANDLER(placements_current_get);
HANDLER(placements_version_get);
HANDLER(placements_post);
HANDLER(placement_get);
HANDLER(placement_patch);
/* resource_matrix.c */
HANDLER(matrix_get);
HANDLER(matrix_pair_get);
HANDLER(can_i_deploy_get);
HANDLER(can_i_deploy_to_tag_get);
HANDLER(can_i_deploy_branch_get);
/* resource_evidence.c */
HANDLER(evidence_put);
HANDLER(evidence_get);
HANDLER(evidence_list_get);
/* resource_audit.c */
HANDLER(audit_get);

/* resource_webhook.c; tag: which pacticipants the path names */
enum { WEBHOOKS_ALL = 0, WEBHOOKS_OF_CONSUMER = 1, WEBHOOKS_OF_PROVIDER = 2, WEBHOOKS_OF_PAIR = 3 };
HANDLER(webhooks_get);
HANDLER(webhooks_post);
HANDLER(webhook_get);
HANDLER(webhook_put);
HANDLER(webhook_delete);
HANDLER(webhook_execute);         /* tag 0 */
HANDLER(webhook_execute_unsaved); /* tag 1 */
struct client_response;
/* Answers a call that left call->sending. */
void webhook_test_done(struct call *call, const struct client_response *response,
                       const struct err *err);
/* resource_triggered.c */
HANDLER(triggered_logs_get);
HANDLER(triggered_of_version_get);
HANDLER(triggered_of_result_get);
HANDLER(webhooks_status_get);
/* resource_method.c, resource_operation.c */
HANDLER(methods_get);
HANDLER(method_get);
HANDLER(operations_get);
HANDLER(operation_get);
/* resource_document.c; tag 0: inventory, 1: manifest */
HANDLER(document_put);
HANDLER(document_get);

struct publication;
struct publications;
struct verification;
enum pact_which {
    WHICH_LATEST,
    WHICH_TAG,
    WHICH_UNTAGGED,
    WHICH_BRANCH,
    WHICH_MAIN,
    WHICH_VERSION,
    WHICH_SHA
};

/* Its display name, or what its name gives. */
const char *pacticipant_display(struct call *call, const struct pacticipant *row);

/* Finders of resource_pact.c that others share: 1 found, 0 answered, or a negative err_code. */
int pact_pair(struct call *call, struct pacticipant *consumer, struct pacticipant *provider,
              struct err *err);
int pact_find_latest(struct call *call, enum pact_which which, struct publication *ret,
                     struct err *err);
/* What the route's tag names between the two, newest first. */
int pact_find_list(struct call *call, struct pacticipant *consumer, struct pacticipant *provider,
                   struct publications *ret, struct err *err);
int pact_find_by_sha(struct call *call, struct publication *ret, struct err *err);
int pact_find_by_version(struct call *call, struct publication *ret, struct err *err);
struct integration;
struct integrations;
int integrations_graph(struct call *call, const struct integrations *rows);
/* Unless something live stands on it: 1 removed, 0 answered, or a negative err_code. */
int integration_remove(struct call *call, const struct integration *row, struct err *err);
/* The answer to a deletion: the way to the latest contract between the two that is left. */
int pact_deleted(struct call *call, const struct pacticipant *consumer,
                 const struct pacticipant *provider, struct err *err);

/* The result that the path names, with its contract; of resource_verification.c. */
int verification_named(struct call *call, struct publication *pact, struct verification *ret,
                       struct err *err);

#endif
