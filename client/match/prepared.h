// SPDX-License-Identifier: Apache-2.0
//
// What match_prepare makes of a person; for the files of this folder alone.
#ifndef PASSERELLE_MATCH_PREPARED_H
#define PASSERELLE_MATCH_PREPARED_H

#include "match/birth.h"
#include "match/name.h"

enum { CODE_SIZE = 41 };

struct prepared_place {
	char country[CODE_SIZE];
	struct prepared_name area, address;
};

struct match_prepared {
	struct prepared_name name, mother, father;
	struct prepared_date birth, separation;
	char sex[CODE_SIZE], cause[CODE_SIZE];
	char nationality[MATCH_NATIONALITIES][CODE_SIZE];
	struct prepared_place birth_place, home, separation_place;
};

#endif
