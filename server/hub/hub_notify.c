// SPDX-License-Identifier: Apache-2.0
#include "hub/hub_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// Made aside and renamed: whoever waits for the file finds it whole.
void hub_write_port(const struct hub *hub, const char *file, uint16_t port)
{
	char aside[4096];
	if (file[0] == 0)
		return;
	int length = snprintf(aside, sizeof aside, "%s.new", file);
	FILE *stream = length > 0 && (size_t)length < sizeof aside ? fopen(aside, "we") : NULL;
	bool written = stream != NULL && fprintf(stream, "%u\n", port) > 0;
	if (stream != NULL && fclose(stream) != 0)
		written = false;
	if (!written || rename(aside, file) != 0)
		log_event(&hub->log, LOG_LEVEL_ERROR, "hub.port_file", log_text(LOG_file, file),
		          log_text(LOG_detail, strerror(errno)));
}

void hub_notify(const char *state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (name == NULL || (name[0] != '/' && name[0] != '@') || strlen(name) >= sizeof address.sun_path)
		return;
	memcpy(address.sun_path, name, strlen(name));
	if (name[0] == '@')
		address.sun_path[0] = 0;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, length);
	close(fd);
}
