// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_CONFIG_CERTIFICATES_H
#define TALLY_BROKER_CONFIG_CERTIFICATES_H
/*
 * Certificates that webhooks' receivers may have, beside those of public authorities: files of
 * --webhook-certificates, else the original's numbered variables
 * (PACT_BROKER_WEBHOOK_CERTIFICATES__0__PATH, ...__CONTENT, ...__DESCRIPTION), else the file's list
 * of {description, path | content}.
 */
struct arena;
struct config_file;
struct err;

#define CONFIG_CERTIFICATES "webhook_certificates"

/* *ret becomes one PEM text, or NULL. `file` may be NULL. ERR_USAGE names what is wrong where. */
int config_certificates(const char *paths, const struct config_file *file, struct arena *arena,
                        const char **ret, struct err *err);

#endif
