// SPDX-License-Identifier: Apache-2.0
#include "broker/routes.h"

#include "broker/roles.h"
#include "broker/store.h"

#define PAIR     "/pacts/provider/{provider}/consumer/{consumer}"
#define OLD_PAIR "/pact/provider/{provider}/consumer/{consumer}" /* deprecated */
#define SHA      PAIR "/pact-version/{sha}"
#define META     SHA "/metadata/{metadata}"
#define PROVIDER "/pacts/provider/{provider}"
#define WHO      "/pacticipants/{pacticipant}"
#define VERSION  WHO "/versions/{version}"
#define BRANCH   WHO "/branches/{branch}"

/* Who may do what is the last column, and most rows leave it to its default: a GET that names no
 * role takes ROLE_READ, any other method ROLE_ADMIN. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define ROLES_BUILD    (ROLE_PUBLISH | ROLE_VERIFY) /* versions and branches are both sides' */
#define ROLES_PIPELINE (ROLE_PUBLISH | ROLE_VERIFY | ROLE_DEPLOY)

#define GET(path, run, tag)                                                                        \
    {                                                                                              \
        "GET", path, run, ACCEPTS_NONE, OFFER_HAL, false, tag                                      \
    }
#define DELETE(path, run)                                                                          \
    {                                                                                              \
        "DELETE", path, run, ACCEPTS_NONE, OFFER_HAL, false, 0                                     \
    }
#define ERASE(path, run, tag)                                                                      \
    {                                                                                              \
        "DELETE", path, run, ACCEPTS_NONE, OFFER_HAL, false, tag                                   \
    }
#define TEXT(path, run)                                                                            \
    {                                                                                              \
        "GET", path, run, ACCEPTS_NONE, OFFER_TEXT, false, 0                                       \
    }
#define BADGE(path, run, tag)                                                                      \
    {                                                                                              \
        "GET", path, run, ACCEPTS_NONE, OFFER_SVG, false, tag                                      \
    }
#define PACT(path, run, tag)                                                                       \
    {                                                                                              \
        "GET", path, run, ACCEPTS_NONE, OFFER_PACT_PAGE, false, tag, 0, true                       \
    }
#define DOCUMENT(path, run, tag)                                                                   \
    {                                                                                              \
        "GET", path, run, ACCEPTS_NONE, OFFER_PACT, false, tag                                     \
    }
#define WRITE(method, path, run, tag)                                                              \
    {                                                                                              \
        method, path, run, ACCEPTS_JSON, OFFER_HAL, false, tag                                     \
    }
/* The same for somebody else than the administrator. */
#define WRITE_BY(who, method, path, run, tag)                                                      \
    {                                                                                              \
        method, path, run, ACCEPTS_JSON, OFFER_HAL, false, tag, who                                \
    }
#define DELETE_BY(who, path, run)                                                                  \
    {                                                                                              \
        "DELETE", path, run, ACCEPTS_NONE, OFFER_HAL, false, 0, who                                \
    }
#define MERGE_BY(who, path, run, tag)                                                              \
    {                                                                                              \
        "PATCH", path, run, ACCEPTS_MERGE, OFFER_HAL, false, tag, who                              \
    }
#define TABLE(path, run, tag)                                                                      \
    {                                                                                              \
        "GET", path, run, ACCEPTS_NONE, OFFER_HAL_TEXT, false, tag                                 \
    }

const struct call_route routes[] = {
    {"GET", "/", index_get, ACCEPTS_NONE, OFFER_INDEX, false, 0},
    {"GET", "/diagnostic/status/heartbeat", heartbeat_get, ACCEPTS_NONE, OFFER_ANY, false, 0},
    {"GET", "/diagnostic/status/dependencies", dependencies_get, ACCEPTS_NONE, OFFER_ANY, false, 0},

    WRITE_BY(ROLE_PUBLISH, "POST", "/contracts/publish", contracts_publish, 0),
    PACT(PAIR "/version/{version}", pact_get, 0),
    WRITE_BY(ROLE_PUBLISH, "PUT", PAIR "/version/{version}", pact_put, 0),
    DELETE(PAIR "/version/{version}", pact_delete),
    WRITE_BY(ROLE_PUBLISH, "PATCH", PAIR "/version/{version}", pact_put, 1),
    PACT(PAIR "/version/{version}/previous-distinct", pact_previous_get, 0),
    TEXT(PAIR "/version/{version}/diff/previous-distinct", pact_diff_previous_get),
    TEXT(PAIR "/version/{version}/diff/version/{other}", pact_diff_version_get),
    TEXT(SHA "/diff/pact-version/{other}", pact_diff_sha_get),
    PACT(PAIR "/versions/{version}", pact_get, 0),
    WRITE_BY(ROLE_PUBLISH, "PUT", PAIR "/versions/{version}", pact_put, 0),
    DELETE(PAIR "/versions/{version}", pact_delete),
    WRITE_BY(ROLE_PUBLISH, "PATCH", PAIR "/versions/{version}", pact_put, 1),
    PACT(OLD_PAIR "/version/{version}", pact_get, 0),
    WRITE_BY(ROLE_PUBLISH, "PUT", OLD_PAIR "/version/{version}", pact_put, 0),
    DELETE(OLD_PAIR "/version/{version}", pact_delete),
    WRITE_BY(ROLE_PUBLISH, "PATCH", OLD_PAIR "/version/{version}", pact_put, 1),
    PACT(OLD_PAIR "/latest", pact_latest_get, WHICH_LATEST),
    PACT(OLD_PAIR "/latest/{tag}", pact_latest_get, WHICH_TAG),
    GET(PAIR "/versions", pact_versions_get, WHICH_LATEST),
    ERASE(PAIR "/versions", pact_versions_delete, WHICH_LATEST),
    PACT(PAIR "/latest", pact_latest_get, WHICH_LATEST),
    PACT(PAIR "/latest/{tag}", pact_latest_get, WHICH_TAG),
    PACT(PAIR "/latest-untagged", pact_latest_get, WHICH_UNTAGGED),
    PACT(PAIR "/branch/{branch}/latest", pact_latest_get, WHICH_BRANCH),
    GET(PAIR "/tag/{tag}", pact_versions_get, WHICH_TAG),
    GET(PAIR "/branch/{branch}", pact_versions_get, WHICH_BRANCH),
    GET(PAIR "/branch/{branch}/latest/versions", pact_versions_get, WHICH_BRANCH),
    GET(PAIR "/branch", pact_versions_get, WHICH_MAIN),
    GET(PAIR "/branch/versions", pact_versions_get, WHICH_MAIN),
    GET(PAIR "/branch/latest/versions", pact_versions_get, WHICH_MAIN),
    ERASE(PAIR "/tag/{tag}", pact_versions_delete, WHICH_TAG),
    ERASE(PAIR "/branch/{branch}", pact_versions_delete, WHICH_BRANCH),
    ERASE(PAIR "/branch/{branch}/latest/versions", pact_versions_delete, WHICH_BRANCH),
    ERASE(PAIR "/branch", pact_versions_delete, WHICH_MAIN),
    ERASE(PAIR "/branch/versions", pact_versions_delete, WHICH_MAIN),
    ERASE(PAIR "/branch/latest/versions", pact_versions_delete, WHICH_MAIN),
    PACT(PAIR "/branch/latest", pact_latest_get, WHICH_MAIN),
    PACT(SHA, pact_sha_get, 0),
    PACT(META, pact_sha_get, 1),

    GET("/pacts/latest", pacts_latest_get, 0),
    GET(PROVIDER, provider_pacts_get, PACT_LIST_ALL),
    GET(PROVIDER "/tag/{tag}", provider_pacts_get, PACT_LIST_TAG),
    GET(PROVIDER "/latest", provider_pacts_get, PACT_LIST_LATEST),
    GET(PROVIDER "/latest/{tag}", provider_pacts_get, PACT_LIST_LATEST_TAG),
    GET(PROVIDER "/branch", provider_pacts_get, PACT_LIST_MAIN),
    GET(PROVIDER "/branch/latest", provider_pacts_get, PACT_LIST_LATEST_MAIN),
    GET(PROVIDER "/branch/{branch}", provider_pacts_get, PACT_LIST_BRANCH),
    GET(PROVIDER "/branch/{branch}/latest", provider_pacts_get, PACT_LIST_LATEST_BRANCH),
    GET(PROVIDER "/provider-states", provider_states_get, 0),
    GET(PROVIDER "/provider-states/branch/{branch}", provider_states_get, 1),
    GET(PROVIDER "/provider-states/environment/{environment}", provider_states_get, 2),
    GET(PROVIDER "/for-verification", for_verification_get, 0),
    {"POST", PROVIDER "/for-verification", for_verification_post, ACCEPTS_JSON, OFFER_HAL, true, 0,
     ROLE_READ},

    WRITE_BY(ROLE_VERIFY, "POST", SHA "/verification-results", verification_post, 0),
    WRITE_BY(ROLE_VERIFY, "POST", META "/verification-results", verification_post, 1),
    GET(SHA "/verification-results/latest", verification_latest_get, WHICH_SHA),
    GET(SHA "/verification-results/{number}", verification_get, 0),
    GET(META "/verification-results/{number}", verification_get, 1),
    DELETE(SHA "/verification-results/{number}", verification_delete),
    DELETE(META "/verification-results/{number}", verification_delete),
    GET(PAIR "/version/{version}/verification-results/latest", verification_latest_get,
        WHICH_VERSION),
    GET(PAIR "/latest/verification-results/latest", verification_latest_get, WHICH_LATEST),
    GET(PAIR "/latest/{tag}/verification-results/latest", verification_latest_get, WHICH_TAG),
    GET("/verification-results/consumer/{consumer}/version/{version}/latest",
        verification_summary_get, 0),

    GET("/pacticipants", pacticipants_get, 0),
    WRITE_BY(ROLE_PUBLISH, "POST", "/pacticipants", pacticipants_post, 0),
    GET("/pacticipants/label/{label}", pacticipants_get, 1),
    GET(WHO, pacticipant_get, 0),
    WRITE_BY(ROLE_PUBLISH, "PUT", WHO, pacticipant_put, 0),
    {"PATCH", WHO, pacticipant_put, ACCEPTS_JSON_OR_MERGE, OFFER_HAL, false, 1, ROLE_PUBLISH},
    DELETE(WHO, pacticipant_delete),
    GET("/labels", labels_get, 0),
    GET(WHO "/labels/{label}", label_get, 0),
    WRITE_BY(ROLE_PUBLISH, "PUT", WHO "/labels/{label}", label_put, 0),
    DELETE_BY(ROLE_PUBLISH, WHO "/labels/{label}", label_delete),

    GET(WHO "/versions", versions_get, 0),
    GET(VERSION, version_get, 0),
    WRITE_BY(ROLES_BUILD, "PUT", VERSION, version_put, 0),
    MERGE_BY(ROLES_BUILD, VERSION, version_put, 1),
    DELETE(VERSION, version_delete),
    GET(WHO "/latest-version", version_latest_get, 0),
    GET(WHO "/latest-version/{tag}", version_latest_get, 2),
    GET(BRANCH "/latest-version", version_latest_get, 1),
    GET(WHO "/tags/{tag}/versions", versions_get, 2),
    GET(WHO "/environments/{uuid}/versions", versions_get, 3),

    GET(WHO "/branches", branches_get, 0),
    DELETE(WHO "/branches", branches_delete),
    GET(BRANCH, branch_get, 0),
    DELETE_BY(ROLE_PUBLISH, BRANCH, branch_delete),
    GET(BRANCH "/versions", versions_get, 1),
    GET(BRANCH "/versions/{version}", branch_version_get, 0),
    WRITE_BY(ROLES_BUILD, "PUT", BRANCH "/versions/{version}", branch_version_put, 0),
    DELETE(BRANCH "/versions/{version}", branch_version_delete),
    GET(VERSION "/tags/{tag}", tag_get, 0),
    WRITE_BY(ROLES_PIPELINE, "PUT", VERSION "/tags/{tag}", tag_put, 0),
    DELETE_BY(ROLES_PIPELINE, VERSION "/tags/{tag}", tag_delete),

    GET(VERSION "/evidence", evidence_list_get, 0),
    GET(VERSION "/evidence/{pack}", evidence_get, 0),
    WRITE_BY(ROLE_VERIFY, "PUT", VERSION "/evidence/{pack}", evidence_put, 0),

    GET(WHO "/methods", methods_get, 0),
    GET(WHO "/methods/{method}", method_get, 0),
    GET(WHO "/operations", operations_get, 0),
    GET(WHO "/operations/{operation}", operation_get, 0),
    DOCUMENT(VERSION "/inventory", document_get, 0),
    WRITE_BY(ROLE_PUBLISH, "PUT", VERSION "/inventory", document_put, 0),
    DOCUMENT(VERSION "/manifest", document_get, 1),
    WRITE_BY(ROLE_PUBLISH, "PUT", VERSION "/manifest", document_put, 1),

    GET("/environments", environments_get, 0),
    WRITE("POST", "/environments", environments_post, 0),
    GET("/environments/{uuid}", environment_get, 0),
    WRITE("PUT", "/environments/{uuid}", environment_put, 0),
    DELETE("/environments/{uuid}", environment_delete),
    GET("/environments/{uuid}/deployed-versions/currently-deployed", placements_current_get, 0),
    GET("/environments/{uuid}/released-versions/currently-supported", placements_current_get, 1),
    GET(VERSION "/deployed-versions/environment/{uuid}", placements_version_get, 0),
    GET(VERSION "/released-versions/environment/{uuid}", placements_version_get, 1),
    WRITE_BY(ROLE_DEPLOY, "POST", VERSION "/deployed-versions/environment/{uuid}", placements_post,
             0),
    WRITE_BY(ROLE_DEPLOY, "POST", VERSION "/released-versions/environment/{uuid}", placements_post,
             1),
    GET("/deployed-versions/{uuid}", placement_get, 0),
    GET("/released-versions/{uuid}", placement_get, 1),
    MERGE_BY(ROLE_DEPLOY, "/deployed-versions/{uuid}", placement_patch, 0),
    MERGE_BY(ROLE_DEPLOY, "/released-versions/{uuid}", placement_patch, 1),

    TABLE("/matrix", matrix_get, 0),
    TABLE("/matrix/provider/{provider}/consumer/{consumer}", matrix_pair_get, 0),
    TABLE("/can-i-deploy", can_i_deploy_get, 0),
    TABLE(WHO "/latest-version/{tag}/can-i-deploy/to/{to}", can_i_deploy_to_tag_get, 0),
    TABLE(BRANCH "/latest-version/can-i-deploy/to-environment/{environment}",
          can_i_deploy_branch_get, 0),
    GET("/webhooks", webhooks_get, WEBHOOKS_ALL),
    WRITE("POST", "/webhooks", webhooks_post, WEBHOOKS_ALL),
    WRITE("POST", "/webhooks/execute", webhook_execute_unsaved, 1),
    GET("/webhooks/{uuid}", webhook_get, 0),
    WRITE("PUT", "/webhooks/{uuid}", webhook_put, 0),
    DELETE("/webhooks/{uuid}", webhook_delete),
    {"POST", "/webhooks/{uuid}/execute", webhook_execute, ACCEPTS_NONE, OFFER_HAL, false, 0},
    GET("/webhooks/provider/{provider}/consumer/{consumer}", webhooks_get, WEBHOOKS_OF_PAIR),
    WRITE("POST", "/webhooks/provider/{provider}/consumer/{consumer}", webhooks_post,
          WEBHOOKS_OF_PAIR),
    GET("/webhooks/provider/{provider}", webhooks_get, WEBHOOKS_OF_PROVIDER),
    WRITE("POST", "/webhooks/provider/{provider}", webhooks_post, WEBHOOKS_OF_PROVIDER),
    GET("/webhooks/consumer/{consumer}", webhooks_get, WEBHOOKS_OF_CONSUMER),
    WRITE("POST", "/webhooks/consumer/{consumer}", webhooks_post, WEBHOOKS_OF_CONSUMER),
    GET(PAIR "/webhooks", webhooks_get, WEBHOOKS_OF_PAIR),
    WRITE("POST", PAIR "/webhooks", webhooks_post, WEBHOOKS_OF_PAIR),
    GET(PAIR "/webhooks/status", webhooks_status_get, 0),
    GET(PAIR "/version/{version}/triggered-webhooks", triggered_of_version_get, 0),
    GET(SHA "/verification-results/{number}/triggered-webhooks", triggered_of_result_get, 0),
    GET(META "/verification-results/{number}/triggered-webhooks", triggered_of_result_get, 0),
    {"GET", "/triggered-webhooks/{uuid}/logs", triggered_logs_get, ACCEPTS_NONE, OFFER_TEXT_HAL,
     false, 0},

    {"GET", "/audit", audit_get, ACCEPTS_NONE, OFFER_HAL, false, 0, ROLE_ADMIN},
    BADGE(PAIR "/latest/badge", badge_pact_get, WHICH_LATEST),
    BADGE(PAIR "/latest/{tag}/badge", badge_pact_get, WHICH_TAG),
    BADGE(PAIR "/latest-untagged/badge", badge_pact_get, WHICH_UNTAGGED),
    BADGE(
        "/matrix/provider/{provider}/latest/{provider_tag}/consumer/{consumer}/latest/{tag}/badge",
        badge_matrix_get, 0),
    BADGE(WHO "/latest-version/{tag}/can-i-deploy/to/{to}/badge", badge_deploy_tag_get, 0),
    BADGE(BRANCH "/latest-version/can-i-deploy/to-environment/{environment}/badge",
          badge_deploy_branch_get, 0),
    BADGE(WHO "/main-branch/can-i-merge/badge", badge_merge_get, 0),

    TABLE("/dashboard", dashboard_get, 0),
    TABLE("/dashboard/provider/{provider}/consumer/{consumer}", dashboard_get, 1),
    {"GET", "/doc/{rel}", doc_get, ACCEPTS_NONE, OFFER_HTML, false, 0},
    {"GET", "/hal-browser/browser.html", browser_get, ACCEPTS_NONE, OFFER_HTML, false, 0},
    {"GET", "/test/error", test_error, ACCEPTS_NONE, OFFER_ANY, false, 0},
    {"POST", "/test/error", test_error, ACCEPTS_NONE, OFFER_ANY, true, 0},

    GET("/metrics", metrics_get, 0),
    {"GET", "/metrics/prometheus", metrics_prometheus_get, ACCEPTS_NONE, OFFER_ANY, false, 0},
    {"GET", "/relationships", relationships_get, ACCEPTS_NONE, OFFER_CSV, false, 0},
    {"GET", "/groups/{pacticipant}", group_get, ACCEPTS_NONE, OFFER_CSV, false, 0},
    {"GET", "/integrations", integrations_get, ACCEPTS_NONE, OFFER_HAL_GRAPH, false, 0},
    {"DELETE", "/integrations", integrations_delete, ACCEPTS_NONE, OFFER_ANY, false, 0},
    GET("/retention", retention_get, 0),
    {"DELETE", "/integrations/provider/{provider}/consumer/{consumer}", integration_delete,
     ACCEPTS_NONE, OFFER_ANY, false, 0},
};
const size_t routes_len = sizeof routes / sizeof *routes;
