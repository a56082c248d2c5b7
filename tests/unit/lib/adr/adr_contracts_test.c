// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/adr/findings.h"
#include "lib/contract/pact.h"

/* Interactions: "description > METHOD path", "description by testname > METHOD path", or
 * "description > message JSON"; separated by '|'. */
static const struct contracts_row {
    const char *name, *pacts[2], *findings, *says;
} contracts_rows[] = {
    {"a method with one operation passes",
     {"TransactionRepository.page: first > GET /v1/transactions|TransactionRepository.page: next > "
      "GET /v1/transactions"},
     "pass contract INT-005-ONEOP TransactionRepository.page\n"
     "not applicable contract INT-005-PUSH contracts\n",
     "uses GET /v1/transactions"},
    {"a method with two operations fails",
     {"TransactionRepository.page: first > GET /v1/transactions|TransactionRepository.page: names "
      "> "
      "GET /v1/products"},
     "fail contract INT-005-ONEOP TransactionRepository.page\n"
     "not applicable contract INT-005-PUSH contracts\n",
     "uses 2 operations"},
    {"two apps may use different operations",
     {"UserRepository.me: signed in > GET /v1/me", "UserRepository.me: signed in > GET /v2/me"},
     "pass contract INT-005-ONEOP UserRepository.me\n"
     "pass contract INT-005-ONEOP UserRepository.me\n"
     "not applicable contract INT-005-PUSH contracts\n",
     NULL},
    {"an interaction without method is warned of",
     {"UserRepository.me: signed in > GET /v1/me|a request for products > GET /v1/products"},
     "pass contract INT-005-ONEOP UserRepository.me\n"
     "warn contract INT-005-ONEOP a request for products\n"
     "not applicable contract INT-005-PUSH contracts\n",
     "names no repository method"},
    {"no method at all cannot be told",
     {"a request for products > GET /v1/products"},
     "warn contract INT-005-ONEOP a request for products\n"
     "inconclusive contract INT-005-ONEOP contracts\n"
     "not applicable contract INT-005-PUSH contracts\n",
     NULL},
    {"a method guessed from a test's name is not named",
     {"products by x.ProductRepositoryTest.all > GET /v1/products"},
     "inconclusive contract INT-005-ONEOP contracts\n"
     "warn contract INT-005-ONEOP products\n"
     "not applicable contract INT-005-PUSH contracts\n",
     NULL},
    {"no contract cannot be told",
     {NULL},
     "inconclusive contract INT-005-ONEOP contracts\n"
     "not applicable contract INT-005-PUSH contracts\n",
     NULL},
    {"a message with an id alone passes",
     {"NotificationRepository.received: push > {\"notification_id\":\"ntf-0001\"}"},
     "pass contract INT-005-ONEOP NotificationRepository.received\n"
     "pass contract INT-005-PUSH NotificationRepository.received\n",
     NULL},
    {"a message with a title fails",
     {"NotificationRepository.received: push > {\"notification_id\":\"n\",\"title\":\"Hi\"}"},
     "pass contract INT-005-ONEOP NotificationRepository.received\n"
     "fail contract INT-005-PUSH NotificationRepository.received\n",
     "/title"},
};

static void add(struct pact *pact, struct str text, struct arena *arena)
{
    struct str description = str_trim(str_cut(&text, '>')), what = str_trim(text);
    bool message = what.ptr[0] == '{';
    long by = str_find(description, STR(" by "));
    struct json *comments = json_new_object(arena);
    if (by >= 0) {
        struct str testname = str_sub(description, (size_t)by + 4, description.len);
        json_set(arena, comments, "testname", json_new_str(arena, testname));
        description.len = (size_t)by;
    }
    struct pact_interaction *interaction =
        pact_add(arena, pact, message ? PACT_MESSAGE : PACT_HTTP, description);
    interaction->comments = comments;
    if (message) {
        pact_body_set_json(arena, &interaction->message.body,
                           findings_parse(str_cstr(arena, what), arena), STR("application/json"));
        return;
    }
    interaction->request.method = str_cut(&what, ' ');
    interaction->request.path = what;
}

static void test_contracts(void **state)
{
    const struct contracts_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct adr_findings findings = {0};
    const struct pact *pacts[2];
    size_t n = 0;
    for (; n < 2 && row->pacts[n]; n++) {
        struct pact *pact = pact_new(arena, STR("wallet"), STR("bff"));
        struct str rest = str_of(row->pacts[n]);
        while (rest.ptr)
            add(pact, str_cut(&rest, '|'), arena);
        pacts[n] = pact;
    }
    adr_check_contracts(pacts, n, arena, &findings);
    assert_string_equal(findings_text(&findings, arena), row->findings);
    findings_say(&findings, row->says);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, contracts_rows, test_contracts);
    return rows_run(&tests, "adr_contracts");
}
