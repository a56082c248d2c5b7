// SPDX-License-Identifier: Apache-2.0
#include "broker/roles.h"

#include "lib/base/arena.h"

static const struct {
    enum role role;
    const char *name;
} names[] = {
    {ROLE_READ, "read"},     {ROLE_PUBLISH, "publish"}, {ROLE_VERIFY, "verify"},
    {ROLE_DEPLOY, "deploy"}, {ROLE_ADMIN, "admin"},
};
enum { NAMES_LEN = sizeof names / sizeof *names };

static unsigned role_of(struct str name)
{
    for (size_t i = 0; i < NAMES_LEN; i++) {
        if (str_is(name, names[i].name))
            return names[i].role;
    }
    return 0;
}

bool roles_parse(struct str text, unsigned *ret)
{
    unsigned roles = 0;
    struct str rest = text;
    while (rest.ptr) {
        struct str words = str_cut(&rest, ',');
        while (words.ptr) {
            struct str word = str_trim(str_cut(&words, ' '));
            unsigned role = role_of(word);
            if (word.len > 0 && role == 0)
                return false;
            roles |= role;
        }
    }
    if (roles == 0)
        return false;
    *ret = roles;
    return true;
}

const char *roles_text(unsigned roles, struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < NAMES_LEN; i++) {
        if (roles & (unsigned)names[i].role)
            text = arena_printf(arena, "%s%s%s", text, text[0] ? ", " : "", names[i].name);
    }
    return text[0] ? text : "none";
}

bool roles_suffice(unsigned has, unsigned needed)
{
    unsigned effective = has == 0 ? 0 : (has | ROLE_READ);
    if (has & ROLE_ADMIN)
        effective = ROLES_ALL;
    return (effective & needed) != 0;
}
