// SPDX-License-Identifier: Apache-2.0
#include "broker/keeping.h"

#include <string.h>

#include "broker/config.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/opt.h"

int keeping_parse(struct opt_command *command, struct opt *options, int argc, char **argv,
                  struct arena *arena, struct opt_list *ret_args, const char **ret_database,
                  struct err *err)
{
    struct broker_config *config = ARENA_NEW(arena, struct broker_config);
    config_database_options(config, options);
    config_use_file(config, command);
    command->options = options;
    int code = opt_parse(command, argc, argv, arena, ret_args, err);
    if (code == 0)
        code = config_database(config, arena, err);
    if (code == 0)
        *ret_database = config->database;
    return code;
}

int keeping_must_exist(const char *database, struct err *err)
{
    const char *path = database;
    if (strncmp(path, "sqlite:", 7) == 0)
        path += strncmp(path + 7, "///", 3) == 0 ? 9 : 7;
    if (strstr(path, "://") || fs_exists(path))
        return 0; /* of another kind: opening it says what is wrong */
    return err_set(err, ERR_NOT_FOUND, "there is no database '%s'", path);
}
