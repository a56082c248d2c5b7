// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/pact.h"

#include "lib/base/arena.h"
#include "lib/contract/generate.h"
#include "lib/contract/rules.h"

struct pact *pact_new(struct arena *arena, struct str consumer, struct str provider)
{
    struct pact *pact = ARENA_NEW(arena, struct pact);
    pact->spec = PACT_V4;
    pact->consumer = consumer;
    pact->provider = provider;
    return pact;
}

struct pact_interaction *pact_add(struct arena *arena, struct pact *pact, enum pact_kind kind,
                                  struct str description)
{
    struct pact_interaction *interaction = VEC_PUSH(arena, &pact->interactions);
    interaction->kind = kind;
    interaction->description = description;
    interaction->request.method = STR("GET");
    interaction->request.path = STR("/");
    interaction->request.query.missing = true;
    interaction->request.rules = rules_new(arena);
    interaction->request.generators = generators_new(arena);
    interaction->response.status = 200;
    interaction->response.rules = rules_new(arena);
    interaction->response.generators = generators_new(arena);
    interaction->message.metadata = json_new_object(arena);
    interaction->message.rules = rules_new(arena);
    interaction->message.generators = generators_new(arena);
    return interaction;
}

struct str pact_header_get(const struct pact_headers *headers, const char *name)
{
    VEC_EACH(headers, const struct pact_header *, header) {
        if (str_eq_nocase(header->name, str_of(name))) {
            return header->values.len ? header->values.items[0] : STR("");
        }
    }
    return STR_NONE;
}

void pact_header_add(struct arena *arena, struct pact_headers *headers, struct str name,
                     struct str value)
{
    struct pact_header *found = NULL;
    VEC_EACH(headers, struct pact_header *, header) {
        if (str_eq_nocase(header->name, name)) {
            found = header;
        }
    }
    if (!found) {
        found = VEC_PUSH(arena, headers);
        found->name = name;
    }
    *VEC_PUSH(arena, &found->values) = value;
}

const char *pact_spec_name(enum pact_spec spec)
{
    switch (spec) {
    case PACT_V1:
        return "V1";
    case PACT_V1_1:
        return "V1.1";
    case PACT_V2:
        return "V2";
    case PACT_V3:
        return "V3";
    case PACT_V4:
        return "V4";
    }
    return "V4";
}
