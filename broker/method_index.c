// SPDX-License-Identifier: Apache-2.0
#include "broker/method_index.h"

#include "broker/store_methods.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

enum { BATCH = 500 };

int method_index_catch_up(struct store *store, struct err *err)
{
    int64_t left = 0, done = 0, all = 0;
    int code = store_index_left(store, &left, err);
    if (code < 0 || left == 0)
        return code;
    log_line(LOG_INFO, "indexing contracts by repository method contracts=%lld", (long long)left);
    do {
        code = store_index_more(store, BATCH, &done, err);
        all += code < 0 ? 0 : done;
        if (code == 0 && done > 0)
            log_line(LOG_INFO, "indexed contracts=%lld of=%lld", (long long)all, (long long)left);
    } while (code == 0 && done > 0);
    return code < 0 ? err_wrap(err, "indexing contracts by repository method") : 0;
}
