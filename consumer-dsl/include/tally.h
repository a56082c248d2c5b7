// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_H
#define TALLY_H
/*
 * libtally: consumer contract tests in C.
 *
 * A test describes what the app expects of its backend, runs the app's own repository code against
 * a mock server in the same process, and leaves a Pact V4 file for the provider to verify.
 *
 *     struct tally_pact *pact = tally_pact_new("wallet-android", "mobile-bff");
 *     struct tally_interaction *it = tally_upon(pact, "UserRepository.me: signed-in user");
 *     tally_given(it, "the user is signed in");
 *     tally_request(it, "GET", "/v1/me");
 *     tally_respond(it, 200);
 *     tally_response_body(it, tally_object("id", tally_like("usr-1"), NULL));
 *     ... run the code under test against tally_url(pact) ...
 *     const char *problems = tally_problems(pact);   // NULL = everything went as described
 *     tally_pact_write(pact, "pacts");
 *     tally_pact_free(pact);
 *
 * An interaction's description starts with the repository method: "Repository.method: scenario".
 *
 * Conventions. Text arguments are UTF-8, NUL-terminated and copied. Functions that describe do not
 * fail: a mistake (an invalid pattern, a body on an unknown interaction) is kept and reported by
 * tally_problems() and tally_pact_write(). Being out of memory ends the process. A pact is used
 * from one thread; the mock server runs on a thread of its own. Installed names start with tally_
 * and TALLY_, and none of the library's other names is visible.
 */
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TALLY_API __attribute__((visibility("default")))

struct tally_pact;
struct tally_interaction;
struct tally_value;

/* ---- a pact: all expectations of one consumer towards one provider ---- */

/* Starts the mock server on a free port of 127.0.0.1 at the first tally_url(). */
TALLY_API struct tally_pact *tally_pact_new(const char *consumer, const char *provider);
/* Stops the mock server. NULL is fine. */
TALLY_API void tally_pact_free(struct tally_pact *pact);
/* "http://127.0.0.1:PORT" of the mock server; NULL when it cannot start (see tally_problems). */
TALLY_API const char *tally_url(struct tally_pact *pact);
/*
 * What went wrong since the pact began, as lines of text: interactions that were not exercised,
 * requests that matched none (with the nearest interaction and every difference), mistakes in the
 * description. NULL when nothing did. Owned by the pact, valid until the next call.
 */
TALLY_API const char *tally_problems(struct tally_pact *pact);
/*
 * Write DIR/consumer-provider.json (Pact V4), the folder is created. Only if every interaction was
 * exercised and matched and nothing else went wrong: returns 0. Else returns -1, writes nothing,
 * and tally_problems() says why.
 *
 * A file that exists is merged with: its interactions stay, but for those told anew (the same
 * description and names of provider states), which are replaced. So the tests of one app may write
 * one file from several programs, one after the other. Start from an empty folder to be rid of
 * interactions that no test describes any longer. A file that cannot be read, or that is between
 * others, is left as it is: -1.
 */
TALLY_API int tally_pact_write(struct tally_pact *pact, const char *dir);

/* ---- an HTTP interaction ---- */

/* The handle is owned by the pact. Descriptions with the same provider states must differ. */
TALLY_API struct tally_interaction *tally_upon(struct tally_pact *pact, const char *description);
TALLY_API void tally_given(struct tally_interaction *it, const char *state);
/* With parameters: name, text value, ..., NULL. */
TALLY_API void tally_given_with(struct tally_interaction *it, const char *state, ...)
    __attribute__((sentinel));
/* Path in wire form, without query. */
TALLY_API void tally_request(struct tally_interaction *it, const char *method, const char *path);
/* The path may be any that matches the pattern (whole path). */
TALLY_API void tally_path_matching(struct tally_interaction *it, const char *pattern);
/* One query parameter; call again for more values. `value` may carry a matcher. */
TALLY_API void tally_query(struct tally_interaction *it, const char *name,
                           struct tally_value *value);
TALLY_API void tally_request_header(struct tally_interaction *it, const char *name,
                                    struct tally_value *value);
TALLY_API void tally_request_body(struct tally_interaction *it, struct tally_value *body);
/*
 * A GraphQL request: POST `path` with operationName, query and variables (object; NULL = none).
 * White space, argument order and an added __typename in the app's document do not matter.
 */
TALLY_API void tally_graphql(struct tally_interaction *it, const char *path,
                             const char *operation_name, const char *query,
                             struct tally_value *variables);
TALLY_API void tally_respond(struct tally_interaction *it, int status);
TALLY_API void tally_response_header(struct tally_interaction *it, const char *name,
                                     struct tally_value *value);
/* JSON body; Content-Type is application/json unless a header says otherwise. */
TALLY_API void tally_response_body(struct tally_interaction *it, struct tally_value *body);
/* Body as text with its media type, compared as a whole. */
TALLY_API void tally_response_text(struct tally_interaction *it, const char *content_type,
                                   const char *text);

/*
 * Bodies in integration JSON, the form in which the stock Pact libraries hand over examples with
 * their rules. With a JSON media type any value may be a matcher or a generator:
 *
 *     {"id": {"pact:matcher:type": "integer", "value": 7}, "name": "exactly this"}
 *
 * With an XML media type it describes elements. Values of attributes and texts may be matchers; an
 * element that may come several times stands in a matcher, "examples" says how often it is sent:
 *
 *     {"root": {"name": "list",
 *               "attributes": {"page": {"pact:matcher:type": "integer", "value": 1}},
 *               "children": [{"pact:matcher:type": "type", "examples": 2, "value":
 *                   {"name": "item", "children": [{"content": "a", "matcher":
 *                       {"pact:matcher:type": "regex", "regex": "[a-z]"}}]}}]}}
 *
 * Names with a prefix need an attribute "xmlns:prefix" on the element or around it. Content-Type is
 * the media type unless a header says otherwise. An example that breaks its own rules, and any
 * other media type, is a problem of the interaction.
 */
TALLY_API void tally_request_body_as(struct tally_interaction *it, const char *content_type,
                                     const char *integration_json);
TALLY_API void tally_response_body_as(struct tally_interaction *it, const char *content_type,
                                      const char *integration_json);
TALLY_API void tally_message_body_as(struct tally_interaction *it, const char *content_type,
                                     const char *integration_json);

/* ---- a message (push, event) that the app receives ---- */

TALLY_API struct tally_interaction *tally_upon_message(struct tally_pact *pact,
                                                       const char *description);
TALLY_API void tally_message_body(struct tally_interaction *it, struct tally_value *body);
TALLY_API void tally_message_metadata(struct tally_interaction *it, const char *name,
                                      struct tally_value *value);
/*
 * Hand the message's example to the app's receiver. Exercised and matched when it returns 0.
 * Returns what the receiver returned, or -1 if the interaction has no message body.
 */
TALLY_API int tally_receive(struct tally_interaction *it,
                            int (*receiver)(const char *body, size_t body_len, void *context),
                            void *context);

/* ---- values: an example, and how an actual value may differ from it ---- */
/* A value belongs to whoever it is handed to next; each is used once. */

/* Exactly this. */
TALLY_API struct tally_value *tally_text(const char *text);
TALLY_API struct tally_value *tally_int(long long value);
TALLY_API struct tally_value *tally_bool(int value);
TALLY_API struct tally_value *tally_null(void);
/* Any JSON text, exactly. */
TALLY_API struct tally_value *tally_json(const char *json);
/* Name, value, ..., NULL. Members not named may be there too in responses and messages. */
TALLY_API struct tally_value *tally_object(const char *name, ...) __attribute__((sentinel));
/* Value, ..., NULL: exactly these items in this order. */
TALLY_API struct tally_value *tally_array(struct tally_value *first, ...) __attribute__((sentinel));

/* Any text; any whole number; any number with a fraction (as text: "12.50"); true or false. */
TALLY_API struct tally_value *tally_like(const char *example);
TALLY_API struct tally_value *tally_integer(long long example);
TALLY_API struct tally_value *tally_decimal(const char *example);
TALLY_API struct tally_value *tally_boolean(int example);
/* Same JSON type, for the value and all below it that has no matcher of its own. */
TALLY_API struct tally_value *tally_same_type(struct tally_value *example);
/* Text that matches the pattern as a whole. */
TALLY_API struct tally_value *tally_regex(const char *pattern, const char *example);
/* Text that contains `part`. */
TALLY_API struct tally_value *tally_including(const char *part, const char *example);
/* Date and time in a Java pattern, "yyyy-MM-dd'T'HH:mm:ssXXX". */
TALLY_API struct tally_value *tally_datetime(const char *pattern, const char *example);
/* A list of at least `min` items like the example; max 0 = no upper limit. */
TALLY_API struct tally_value *tally_each(struct tally_value *example, int min, int max);
/*
 * Value that the provider's state change returns under `name` (for requests); the example is used
 * against the mock server.
 */
TALLY_API struct tally_value *tally_from_state(const char *name, const char *example);
/*
 * An example with its rules as a matching-rule definition of the stock libraries:
 * "matching(regex, '[A-Z]{3}', 'EUR')", "notEmpty('x')". One that gives no example ("atLeast(1)"
 * alone) or refers to another definition is a problem of the interaction.
 */
TALLY_API struct tally_value *tally_matching(const char *definition);

#ifdef __cplusplus
}
#endif
#endif
