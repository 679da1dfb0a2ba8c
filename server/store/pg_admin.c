// SPDX-License-Identifier: Apache-2.0
#include "store/pg_admin.h"

#include <string.h>

// The first line, without the control characters that a server's text may carry.
static void first_line(char *to, size_t size, const char *from)
{
	size_t length = 0;
	while (from != NULL && length + 1 < size && from[length] != '\0' && from[length] != '\n') {
		unsigned char byte = (unsigned char)from[length];
		to[length] = byte < 0x20 || byte == 0x7f ? ' ' : from[length];
		length++;
	}
	to[length] = '\0';
}

enum fail_code pg_admin_fault(PGconn *connection, const PGresult *result, struct fail *why)
{
	char line[300];
	const char *primary = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	first_line(line, sizeof line, primary != NULL ? primary : PQerrorMessage(connection));
	bool lost = PQstatus(connection) != CONNECTION_OK;
	return fail_set(why, lost ? FAIL_UNAVAILABLE : FAIL_IO, "the database says: %s", line);
}

enum fail_code pg_admin_connect(PGconn **connection, const char *conninfo, struct fail *why)
{
	*connection = PQconnectdb(conninfo);
	if (*connection == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "no memory for a connection");
	if (PQstatus(*connection) != CONNECTION_OK) {
		pg_admin_fault(*connection, NULL, why);
		PQfinish(*connection);
		*connection = NULL;
		return FAIL_UNAVAILABLE;
	}
	return FAIL_NONE;
}

enum fail_code pg_admin_do(PGconn *connection, const char *sql, struct fail *why)
{
	PGresult *result = PQexec(connection, sql);
	ExecStatusType status = PQresultStatus(result);
	enum fail_code code = FAIL_NONE;
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
		code = pg_admin_fault(connection, result, why);
	PQclear(result);
	return code;
}

enum fail_code pg_admin_ask(PGconn *connection, const char *sql, int count, const char *const *values,
                            PGresult **result, struct fail *why)
{
	*result = PQexecParams(connection, sql, count, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(*result) == PGRES_TUPLES_OK)
		return FAIL_NONE;
	enum fail_code code = pg_admin_fault(connection, *result, why);
	PQclear(*result);
	*result = NULL;
	return code;
}
