// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/results.h"

const struct json *results_entries(const struct json *test_results)
{
    const struct json *entries =
        json_is(test_results, JSON_OBJECT) ? json_get(test_results, "tests") : test_results;
    return json_is(entries, JSON_ARRAY) ? entries : NULL;
}

static const struct status_row {
    const char *status;
    enum results_verdict verdict;
} statuses[] = {
    {"passed", RESULTS_PASSED},  {"success", RESULTS_PASSED}, {"failed", RESULTS_FAILED},
    {"failure", RESULTS_FAILED}, {"error", RESULTS_FAILED},   {"errored", RESULTS_FAILED},
};

static enum results_verdict verdict_of_status(const struct json *status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (json_is(status, JSON_STRING) && str_is(json_text(status), statuses[i].status))
            return statuses[i].verdict;
    }
    return RESULTS_NONE;
}

static bool is_said(const struct json *value)
{
    return value && !json_is(value, JSON_NULL);
}

/* Some clients write one exception instead of a list. */
static bool something_failed(const struct json *entry)
{
    return json_len(json_get(entry, "mismatches")) > 0 ||
           json_len(json_get(entry, "exceptions")) > 0 || is_said(json_get(entry, "exception"));
}

enum results_verdict results_entry_verdict(const struct json *entry)
{
    const struct json *success = json_get(entry, "success"), *status = json_get(entry, "status");
    enum results_verdict worded = verdict_of_status(status);
    bool passed = json_is(success, JSON_BOOL) && json_bool(success);
    if ((is_said(success) && !passed) || worded == RESULTS_FAILED || something_failed(entry))
        return RESULTS_FAILED;
    if (is_said(status))
        return worded;
    return passed ? RESULTS_PASSED : RESULTS_NONE;
}
