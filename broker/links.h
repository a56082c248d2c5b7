// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_LINKS_H
#define TALLY_BROKER_LINKS_H
/* HAL links: URLs by template and link objects in the key order of the wire. */
struct call;
struct json;
struct publication;

/* base + template, each {} replaced by the next const char * argument, percent-encoded; {name} is
 * kept as it stands (templated links). */
const char *link_to(struct call *call, const char *template, ...);
/*
 * A link object with one argument per letter of `shape`, in that order: 't' title, 'n' name,
 * 'h' href (const char *, NULL leaves it out), 'T' templated true and 'F' templated false (no
 * argument).
 */
struct json *link_make(struct call *call, const char *shape, ...);
/* The curies entry [{name "pb", ...}] for a documentation context. */
void link_curies(struct call *call, struct json *links, const char *context);
/* The pb:... URLs that many resources need. */
const char *link_pacticipant(struct call *call, const char *name);
const char *link_version(struct call *call, const char *name, const char *number);
const char *link_pact(struct call *call, const struct publication *pact);
/* "Pact between C (V) and P" */
const char *link_pact_name(struct call *call, const struct publication *pact);
/* "Version 1.2 - 20/11/2026": lists of versions and of their contracts title them so. */
const char *link_dated_version(struct call *call, const char *number, const char *stored_at);
/* {KEY: name, _links: {self}}: key "name" for a pacticipant, "number" for a version. */
struct json *link_named_object(struct call *call, const char *key, const char *name,
                               const char *href);

#endif
