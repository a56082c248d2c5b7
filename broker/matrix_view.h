// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_MATRIX_VIEW_H
#define TALLY_BROKER_MATRIX_VIEW_H
/* The matrix on the wire: JSON, or a table as plain text. */
struct call;
struct err;
struct matrix;

int matrix_view(struct call *call, const struct matrix *matrix, struct err *err);

#endif
