// SPDX-License-Identifier: Apache-2.0
#include "lib/base/uuid.h"

#include <uuid/uuid.h>

char *uuid_random(char ret[UUID_TEXT_LEN])
{
    uuid_t uuid;
    uuid_generate_random(uuid);
    uuid_unparse_lower(uuid, ret);
    return ret;
}
