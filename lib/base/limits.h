// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_LIMITS_H
#define TALLY_LIB_BASE_LIMITS_H
/* Every size that a peer controls, in one place. Bytes unless the name says otherwise. */

/* HTTP messages */
#define LIMIT_HTTP_LINE        (8 * 1024)
#define LIMIT_HTTP_HEAD        (64 * 1024)
#define LIMIT_HTTP_HEADERS     200 /* count */
#define LIMIT_HTTP_CHUNK_LINE  256
#define LIMIT_HTTP_TRAILERS    (8 * 1024)
#define LIMIT_HTTP_BODY        (32u * 1024 * 1024)
#define LIMIT_HTTP_BODIES      (512u * 1024 * 1024) /* of all requests that a server holds */
#define LIMIT_HTTP_SMALL_BODY  (64u * 1024)         /* is let in even then */
#define LIMIT_HTTP_HEAD_MS     10000
#define LIMIT_HTTP_IDLE_MS     60000
#define LIMIT_HTTP_BODY_MS     10000 /* for each 64 KiB, and 64 KiB per second in all behind them */
#define LIMIT_HTTP_TAKE_MS     30000 /* to take an answer, or 16 KiB of it per second */
#define LIMIT_HTTP_ANSWERS     (256u * 1024 * 1024) /* of all answers that nobody takes yet */
#define LIMIT_HTTP_CONNECTIONS 20000 /* count; less when the process may open fewer files */
#define LIMIT_HTTP_PIPELINE    64    /* requests read ahead of their answers */
#define LIMIT_URL_SEGMENTS     64    /* count */
#define LIMIT_URL_PARAMS       1000  /* count */
#define LIMIT_TRUST            (16u * 1024 * 1024) /* certificates in one text */

/* documents */
#define LIMIT_FILE              (256u * 1024 * 1024)
#define LIMIT_JSON_TEXT         (256u * 1024 * 1024)
#define LIMIT_JSON_DEPTH        200
#define LIMIT_JSON_NUMBER       4096 /* digits of one number */
#define LIMIT_YAML_TEXT         (1024 * 1024)
#define LIMIT_YAML_NODES        100000 /* values of one file, aliases written out */
#define LIMIT_YAML_ANCHORS      1000
#define LIMIT_XML_TEXT          (32u * 1024 * 1024)
#define LIMIT_XML_DEPTH         200
#define LIMIT_XML_NODES         1000000 /* elements and attributes of one document */
#define LIMIT_XML_ATTRIBUTES    1000    /* of one element */
#define LIMIT_XML_NAMESPACES    1000    /* in scope at one place */
#define LIMIT_MULTIPART_PARTS   1000
#define LIMIT_MULTIPART_DEPTH   8 /* multipart bodies within one another */
#define LIMIT_PACT_INTERACTIONS 100000
#define LIMIT_RULE_PATH_TOKENS  100
#define LIMIT_STATES            100 /* provider states of one interaction */
#define LIMIT_MISMATCHES        100000
#define LIMIT_EXPRESSION        65536               /* one matching-rule definition */
#define LIMIT_EXPRESSION_DEPTH  30                  /* definitions within definitions */
#define LIMIT_MATCH_STEPS       (64u * 1024 * 1024) /* values times rules of one comparison */

/* regular expressions */
#define LIMIT_RE_PATTERN     65536
#define LIMIT_RE_MATCH       1000000 /* steps of one match; long patterns get fewer */
#define LIMIT_RE_DEPTH       10000
#define LIMIT_RE_HEAP_KIB    32768 /* backtracking memory of one match */
#define LIMIT_RE_CACHE       4000  /* distinct patterns that a process keeps; see re.h */
#define LIMIT_RE_CACHE_BYTES (32u * 1024 * 1024)
#define LIMIT_RE_SPARE       64 /* further patterns that a thread keeps for itself */
#define LIMIT_RE_NESTING     50 /* classes within classes */

/* GraphQL */
#define LIMIT_GRAPHQL_TEXT   (1024 * 1024)
#define LIMIT_GRAPHQL_TOKENS 100000
#define LIMIT_GRAPHQL_DEPTH  100
#define LIMIT_GRAPHQL_FIELDS 250000 /* values of one response */

/* broker: request bodies, names, lists */
#define LIMIT_BROKER_BODY  (64u * 1024 * 1024)
#define LIMIT_NAME         255
#define LIMIT_PAGE         1000
#define LIMIT_STORED_TEXT  (256u * 1024 * 1024) /* of one packed text in the database */
#define LIMIT_ANSWERS_KEPT (4u * 1024 * 1024)   /* bytes; see answers.h */
/* requests that wait for the writer, and their bodies */
#define LIMIT_WRITE_QUEUE       4096 /* count */
#define LIMIT_WRITE_QUEUE_BYTES (256u * 1024 * 1024)
#define LIMIT_WRITE_WAIT_MS     20000 /* while another program writes; then the answer is 503 */

/* what is written and not in the database's file yet, because another program reads; 503 beyond */
#define LIMIT_DB_LOG (INT64_C(4) * 1024 * 1024 * 1024)

/* webhooks */
#define LIMIT_WEBHOOK_RESPONSE (64 * 1024)        /* of a receiver's answer that is read */
#define LIMIT_WEBHOOK_REQUEST  (4u * 1024 * 1024) /* after variables were filled in */
#define LIMIT_WEBHOOK_LOG      (256 * 1024)       /* of one attempt */
#define LIMIT_WEBHOOK_LOGS     (8u * 1024 * 1024) /* of all attempts, as shown */
#define LIMIT_WEBHOOK_RETRIES  50                 /* count */
#define LIMIT_WEBHOOK_FLYING   16                 /* calls at once, tests of webhooks included */

/* text a report shows of one value */
#define LIMIT_SHOWN     2048
#define LIMIT_SHOWN_ALL (32u * 1024 * 1024) /* of all differences of one comparison */

#endif
