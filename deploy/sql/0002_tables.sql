-- SPDX-License-Identifier: Apache-2.0
-- What is kept. Times are Unix milliseconds as the hub handed them in. Hashes are
-- SHA-256. Messages, entries, receipts, commits and the audit rows are only ever
-- added; what is sealed in a message may be taken out of it, and nothing else. No foreign keys on the path of a message: what they would check is checked
-- set-wise by api.commit_batch, at a fraction of the cost.
SET LOCAL ROLE passerelle_owner;

-- Directory

CREATE TABLE passerelle.member (
	member int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	code text COLLATE "C" NOT NULL UNIQUE CHECK (code ~ '^[A-Z0-9-]{1,16}$'),
	kind text NOT NULL CHECK (kind ~ '^[A-Z][A-Z0-9_]{0,39}$'),
	name text NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 200),
	status text NOT NULL DEFAULT 'ACTIVE' CHECK (status ~ '^[A-Z][A-Z0-9_]{0,39}$'),
	agency boolean NOT NULL GENERATED ALWAYS AS (kind = 'PARTNER_AGENCY') STORED,
	active boolean NOT NULL GENERATED ALWAYS AS (status IN ('ACTIVE', 'REDUCED', 'DISRUPTED') AND kind <> 'HUB') STORED,
	service text[] NOT NULL DEFAULT '{}' CHECK (cardinality(service) <= 64),
	language text[] NOT NULL DEFAULT '{}' CHECK (cardinality(language) <= 64),
	country text[] NOT NULL DEFAULT '{}' CHECK (cardinality(country) <= 64),
	-- How far it can work just now; `status` says whether it belongs to the network at all.
	availability text NOT NULL DEFAULT 'NORMAL' CHECK (availability IN ('NORMAL', 'REDUCED', 'DISRUPTED', 'SUSPENDED')),
	cause text NOT NULL DEFAULT '' CHECK (cause ~ '^([A-Z][A-Z0-9_]{0,39})?$'),
	until text NOT NULL DEFAULT '' CHECK (until ~ '^(\d{4}-\d{2}-\d{2})?$'),
	deputy int4 REFERENCES passerelle.member CHECK (deputy <> member),
	available_at int8 NOT NULL DEFAULT 0, -- when it was set, 0: never
	-- Its working days and days off as the directory tells them (proto/case/calendar.h).
	calendar text NOT NULL DEFAULT '' CHECK (calendar ~ '^([1-7]{1,7}( (\d{4}-)?\d{2}-\d{2})*)?$' AND octet_length(calendar) < 2208),
	is_out boolean NOT NULL GENERATED ALWAYS AS (availability IN ('DISRUPTED', 'SUSPENDED')) STORED
);

-- How far each could work and since when, in the order in which it told: for the days of a month. Only ever added to.
CREATE TABLE passerelle.availability_change (
	change int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	member int4 NOT NULL REFERENCES passerelle.member,
	availability text NOT NULL,
	at int8 NOT NULL
);

CREATE TABLE passerelle.certificate (
	hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
	member int4 NOT NULL REFERENCES passerelle.member,
	use text NOT NULL CHECK (use IN ('SIGNING', 'ENCRYPTION', 'ISSUER')),
	added bigint GENERATED ALWAYS AS IDENTITY,
	der bytea NOT NULL CHECK (octet_length(der) BETWEEN 1 AND 16384)
);
CREATE INDEX certificate_member ON passerelle.certificate (member);

-- An issuing CA stands behind many members.
CREATE TABLE passerelle.member_issuer (
	member int4 NOT NULL REFERENCES passerelle.member,
	issuer bytea NOT NULL CHECK (octet_length(issuer) BETWEEN 1 AND 16384),
	hash bytea NOT NULL,
	PRIMARY KEY (member, hash)
);

CREATE TABLE passerelle.directory_version (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	version int8 NOT NULL
);
INSERT INTO passerelle.directory_version (version) VALUES (1);

-- Messages

-- Dedup record, receipt and envelope in one row, exactly as it came. Partitioned by the time
-- within the UUIDv7; what lies outside all partitions is refused as too old.
CREATE TABLE passerelle.message (
	message_id uuid NOT NULL,
	case_id uuid,                    -- none: a receipt
	case_seq int8,
	accepted_at int8 NOT NULL,
	expires_at int8 NOT NULL,
	batch_id uuid NOT NULL,          -- the commit whose signature covers it
	sender int4 NOT NULL,
	kind int2 NOT NULL,
	case_state int2,                 -- after this message
	leaf_index int2 NOT NULL,        -- its place in the tree of the commit
	header_hash bytea NOT NULL,
	envelope_hash bytea NOT NULL,
	recipient int4[] NOT NULL,
	mailbox_seq int8[] NOT NULL,     -- parallel to recipient
	to_all boolean NOT NULL DEFAULT false, -- to whoever was an active member then
	envelope bytea NOT NULL,
	PRIMARY KEY (message_id, sender)
) PARTITION BY RANGE (message_id);
-- Sealed bytes do not compress: EXTERNAL spares the attempt.
ALTER TABLE passerelle.message ALTER COLUMN envelope SET STORAGE EXTERNAL;

-- What the flow counts of messages: follow-ups (kind 26). No other message is touched by it.
CREATE INDEX message_follow_up ON passerelle.message (accepted_at) WHERE kind = 26;

-- The messages of a search, for when it has ended and is erased. No other message is touched by it.
CREATE INDEX message_search ON passerelle.message (case_id) WHERE case_state BETWEEN 13 AND 22;

-- Which ids have a partition: low <= id < high.
CREATE TABLE passerelle.message_window (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	low uuid NOT NULL,
	high uuid NOT NULL
);

-- One row a commit: all leaves and the one signature over their root. It is also the
-- audit row of everything in that commit.
CREATE TABLE passerelle.receipt_batch (
	batch_id uuid PRIMARY KEY,
	accepted_at int8 NOT NULL,
	stored int2 NOT NULL,
	refused int2 NOT NULL,           -- with duplicates: see audit_event
	commit_level int2 NOT NULL,
	hub text NOT NULL,
	signer bytea NOT NULL,
	signature bytea NOT NULL,
	leaves bytea NOT NULL            -- 32 bytes each; no CHECK: it would be parsed anew in each commit
);
ALTER TABLE passerelle.receipt_batch ALTER COLUMN leaves SET STORAGE EXTERNAL;

-- Queries, refusals, duplicates, barriers: who asked for what and what came of it.
CREATE TABLE passerelle.audit_event (
	event int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	kind text NOT NULL,
	actor int4,
	outcome int2,
	message_id uuid,
	case_id uuid
);

-- Mailboxes

-- The hot row: its lock makes numbers dense and gives them in the order of commits.
CREATE TABLE passerelle.mailbox (
	member int4 PRIMARY KEY,
	next_seq int8 NOT NULL DEFAULT 1,
	low_seq int8 NOT NULL DEFAULT 1,
	epoch int8 NOT NULL DEFAULT 1    -- another one: numbers were bound anew after a loss
) WITH (fillfactor = 40);

CREATE TABLE passerelle.mailbox_entry (
	seq int8 NOT NULL,
	message_id uuid NOT NULL,
	recipient int4 NOT NULL,
	sender int4 NOT NULL,
	PRIMARY KEY (recipient, seq)
);

CREATE TABLE passerelle.mailbox_cursor (
	member int4 NOT NULL,
	consumer text COLLATE "C" NOT NULL,
	acked int8 NOT NULL,
	epoch int8 NOT NULL,             -- raised by each new session: older ones are fenced
	handed int8 NOT NULL DEFAULT 0,  -- newest number that a session which has ended was handed
	PRIMARY KEY (member, consumer)
) WITH (fillfactor = 30);

-- Sessions that are handed what comes. While one is there, everything accepted before its `until` counts as handed;
-- its row goes when it ends. Where the hub died before it could tell, the row stays and means no more than it says.
CREATE TABLE passerelle.mailbox_reader (
	member int4 NOT NULL,
	consumer text COLLATE "C" NOT NULL,
	epoch int8 NOT NULL,
	until int8 NOT NULL,
	PRIMARY KEY (member, consumer, epoch)
);

-- DELIVERED and OPENED, as the recipient signed them (the signed message is an ordinary one).
CREATE TABLE passerelle.receipt (
	message_id uuid NOT NULL,
	sender int4 NOT NULL,
	recipient int4 NOT NULL,
	level int2 NOT NULL,
	at int8 NOT NULL,
	PRIMARY KEY (message_id, sender, recipient, level)
);

-- Messages that another one of their sender speaks of: replaced by version 2, 3, ..., or declared void (0). What was
-- sent stays as it is.
CREATE TABLE passerelle.correction (
	message_id uuid NOT NULL,
	sender int4 NOT NULL,
	version int4 NOT NULL,
	by_message uuid NOT NULL,
	PRIMARY KEY (message_id, sender, version)
);
CREATE UNIQUE INDEX correction_by ON passerelle.correction (by_message, sender);

-- Messages that their sender took back before they were handed to anybody, and those of a search that was withdrawn or has
-- expired: delivered without what is sealed in them, which api.erase then takes out of the message too.
CREATE TABLE passerelle.recalled (
	message_id uuid NOT NULL,
	sender int4 NOT NULL,
	by_message uuid NOT NULL,
	PRIMARY KEY (message_id, sender)
);

-- Cases

CREATE TABLE passerelle.case_state (
	case_id uuid PRIMARY KEY,
	seq int8 NOT NULL,
	last_move_seq int8 NOT NULL,
	opened_at int8 NOT NULL,
	since int8 NOT NULL,             -- in this state
	last_move uuid NOT NULL,
	requesting int4 NOT NULL,
	responding int4 NOT NULL,
	reopened int4 NOT NULL,
	state int2 NOT NULL,
	held_from int2 NOT NULL,
	held_by int2 NOT NULL,
	hops int2 NOT NULL,
	service text COLLATE "C" NOT NULL,
	urgency text COLLATE "C" NOT NULL,
	due text COLLATE "C" NOT NULL,   -- agreed day, or the court's: YYYY-MM-DD or empty
	reference text COLLATE "C" NOT NULL,
	clock int2 NOT NULL,             -- what is awaited, enum clock_kind; 0: nothing
	clock_pauses int2 NOT NULL,      -- why it stands, enum clock_pause bits; 0: it runs
	clock_told int2 NOT NULL,        -- 1 reminded, 2 escalated
	clock_started int8 NOT NULL,
	clock_due int8 NOT NULL,         -- 0: without a deadline
	paused_since int8 NOT NULL,
	paused_ms int8 NOT NULL,
	consent_at int8 NOT NULL,        -- when a consent was withdrawn, 0: none is unanswered
	wake_at int8 NOT NULL,           -- when the hub has to do something about it, 0: never
	marks int8 NOT NULL,             -- what else there is to say of it: case_marks() of proto/case/lifecycle.h
	asked_at int8 NOT NULL,          -- when the question came for which it stands
	out_since int8 NOT NULL,         -- since when a member is out
	out_member int4 NOT NULL,        -- which one both were told of, 0: none
	steps int8 NOT NULL DEFAULT 0,   -- on which day each step was first done: case_steps_pack() in server/domain/case_steps.h
	declined text COLLATE "C" NOT NULL DEFAULT '', -- why it was declined
	held text COLLATE "C" NOT NULL DEFAULT ''      -- its holds: reason, day on which it ended, days; server/domain/case_steps.h
) WITH (fillfactor = 50);
-- The sweep reads what is due and nothing else, however many deadlines are open.
CREATE INDEX case_state_wake ON passerelle.case_state (wake_at) WHERE wake_at > 0;
-- Likewise those that have to stand or to go on because of a member: what is settled is in none of the first two.
CREATE INDEX case_state_responding ON passerelle.case_state (responding) WHERE clock > 0 AND out_member = 0;
CREATE INDEX case_state_requesting ON passerelle.case_state (requesting) WHERE clock > 0 AND out_member = 0;
CREATE INDEX case_state_out ON passerelle.case_state (out_member) WHERE out_member > 0;
-- A search that was withdrawn (21) or has expired (22) is erased.
CREATE INDEX case_state_erased ON passerelle.case_state (case_id) WHERE state IN (21, 22);
CREATE INDEX case_state_reference ON passerelle.case_state (reference);

CREATE TABLE passerelle.case_party (
	case_id uuid NOT NULL,
	agency int4 NOT NULL,
	purpose text COLLATE "C" NOT NULL,
	until text COLLATE "C" NOT NULL, -- YYYY-MM-DD or empty: as long as the case goes on
	reference text COLLATE "C" NOT NULL, -- what this agency asks with
	asked int8 NOT NULL DEFAULT 0,   -- how often it was answered
	told int8 NOT NULL DEFAULT 0,    -- of these, how many both members know of
	PRIMARY KEY (case_id, agency)
);
CREATE INDEX case_party_agency ON passerelle.case_party (agency, reference);
CREATE INDEX case_party_untold ON passerelle.case_party (case_id) WHERE asked > told;

-- How often an agency has asked on a day (days since 1970-01-01): in all (reference ''), and with each reference, known or not.
CREATE TABLE passerelle.question_budget (
	agency int4 NOT NULL,
	day int4 NOT NULL,
	reference text COLLATE "C" NOT NULL,
	count int4 NOT NULL,
	PRIMARY KEY (agency, day, reference)
);

-- The flow

-- What was published, so that nobody learns more by asking again: months that are over are counted once and never
-- again, how the cases stand is counted once a day. Its row is locked by whoever counts.
CREATE TABLE passerelle.flow_published (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	month int4 NOT NULL DEFAULT -1,  -- the last one that was counted; 0 is January 1970
	as_of int8 NOT NULL DEFAULT -1   -- when it was counted how the cases stand
);
INSERT INTO passerelle.flow_published DEFAULT VALUES;

-- What was done in one month, as the cases stood when it was over. Columns as api.flow_figures has them.
CREATE TABLE passerelle.flow_month (
	month int4 NOT NULL,
	figure int2 NOT NULL,
	requesting int4,
	responding int4,
	key text COLLATE "C",
	days int4 NOT NULL,
	hold int2 NOT NULL,
	cases int8 NOT NULL
);

-- How the cases stood at flow_published.as_of: of a pair, of a service, or of an urgency; with none of these the median
-- age in a state.
CREATE TABLE passerelle.flow_day (
	requesting int4,
	responding int4,
	service text COLLATE "C",
	urgency text COLLATE "C",
	state int2 NOT NULL,
	cases int8 NOT NULL,
	overdue int8 NOT NULL,
	escalated int8 NOT NULL,
	oldest int8 NOT NULL,
	median int8
);

-- Objects

CREATE TABLE passerelle.object (
	object_id uuid PRIMARY KEY,
	owner int4 NOT NULL,
	length int8 NOT NULL CHECK (length BETWEEN 1 AND 209977344),
	durable int8 NOT NULL DEFAULT 0,
	complete boolean NOT NULL DEFAULT false,
	tree_hash bytea NOT NULL CHECK (octet_length(tree_hash) = 32)
);

CREATE TABLE passerelle.object_chunk (
	object_id uuid NOT NULL,
	piece int4 NOT NULL,
	leaf bytea NOT NULL CHECK (octet_length(leaf) = 32),
	data bytea NOT NULL CHECK (octet_length(data) BETWEEN 1 AND 262144),
	PRIMARY KEY (object_id, piece)
);
ALTER TABLE passerelle.object_chunk ALTER COLUMN data SET STORAGE EXTERNAL;

-- Granted with the message that names the object, or that passes it on.
CREATE TABLE passerelle.object_reader (
	object_id uuid NOT NULL,
	member int4 NOT NULL,
	by_message uuid NOT NULL,
	PRIMARY KEY (object_id, member)
);
CREATE INDEX object_reader_by ON passerelle.object_reader (by_message);

-- Only ever added to

CREATE FUNCTION passerelle.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = '42501';
END
$$;

DO $$
DECLARE
	name text;
BEGIN
	FOREACH name IN ARRAY ARRAY['receipt_batch', 'audit_event', 'mailbox_entry', 'receipt', 'correction', 'recalled', 'availability_change'] LOOP
		EXECUTE format('CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON passerelle.%I
			FOR EACH STATEMENT EXECUTE FUNCTION passerelle.refuse_change()', name);
	END LOOP;
END
$$;
CREATE TRIGGER only_added BEFORE DELETE OR TRUNCATE ON passerelle.message FOR EACH STATEMENT EXECUTE FUNCTION passerelle.refuse_change();

-- An envelope without its stanzas (4) and its sealed body (5): header, signature and what proves it stay byte for byte. It is
-- read as protobuf writes it: a tag, then a number or so many bytes.
CREATE FUNCTION passerelle.stripped(envelope bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
	ends CONSTANT int4 := octet_length(envelope);
	kept bytea := '';
	at int4 := 0;
	begins int4;
	number int8[];
	byte int4;
	shift int4;
BEGIN
	WHILE at < ends LOOP
		begins := at;
		number := '{0, 0}';
		FOR part IN 1 .. 2 LOOP -- the tag; its number, or how many bytes follow
			shift := 0;
			LOOP
				IF at >= ends OR shift > 56 THEN
					RAISE EXCEPTION 'not an envelope' USING ERRCODE = '22P03';
				END IF;
				byte := get_byte(envelope, at);
				at := at + 1;
				number[part] := number[part] | ((byte & 127)::int8 << shift);
				shift := shift + 7;
				EXIT WHEN byte < 128;
			END LOOP;
		END LOOP;
		IF number[1] & 7 NOT IN (0, 2) OR (number[1] & 7 = 2 AND number[2] > ends - at) THEN
			RAISE EXCEPTION 'not an envelope' USING ERRCODE = '22P03';
		END IF;
		at := at + CASE WHEN number[1] & 7 = 2 THEN number[2]::int4 ELSE 0 END;
		IF number[1] >> 3 NOT IN (4, 5) THEN
			kept := kept || substring(envelope FROM begins + 1 FOR at - begins);
		END IF;
	END LOOP;
	RETURN kept;
END
$$;

CREATE FUNCTION passerelle.refuse_all_but_stripping() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	was passerelle.message := old;
BEGIN
	was.envelope := passerelle.stripped(was.envelope);
	IF new IS DISTINCT FROM was THEN
		RAISE EXCEPTION 'of rows of % what is sealed is taken out, and nothing else is changed', TG_TABLE_NAME USING ERRCODE = '42501';
	END IF;
	RETURN new;
END
$$;
CREATE TRIGGER only_stripped BEFORE UPDATE ON passerelle.message FOR EACH ROW EXECUTE FUNCTION passerelle.refuse_all_but_stripping();

-- Partitions: one a month (UTC). toast_tuple_target keeps a body of 2 KiB in its row.

CREATE FUNCTION passerelle.uuid_at(unix_ms int8) RETURNS uuid LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT rpad(lpad(to_hex(greatest(unix_ms, 0)), 12, '0'), 32, '0')::uuid
$$;

CREATE FUNCTION passerelle.ensure_partitions(from_ms int8, to_ms int8) RETURNS int4
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
	month timestamptz := date_trunc('month', to_timestamp(from_ms / 1000.0));
	next timestamptz;
	name text;
	made int4 := 0;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('passerelle.ensure_partitions'));
	WHILE extract(epoch FROM month) * 1000 < to_ms LOOP
		next := month + interval '1 month';
		name := 'message_' || to_char(month, 'YYYYMM');
		IF to_regclass('passerelle.' || name) IS NULL THEN
			EXECUTE format('CREATE TABLE passerelle.%I PARTITION OF passerelle.message FOR VALUES FROM (%L) TO (%L) WITH (toast_tuple_target = 8160)',
				name, passerelle.uuid_at((extract(epoch FROM month) * 1000)::int8), passerelle.uuid_at((extract(epoch FROM next) * 1000)::int8));
			EXECUTE format('CREATE TRIGGER only_added BEFORE DELETE OR TRUNCATE ON passerelle.%I
				FOR EACH STATEMENT EXECUTE FUNCTION passerelle.refuse_change()', name);
			made := made + 1;
		END IF;
		INSERT INTO passerelle.message_window (low, high)
			VALUES (passerelle.uuid_at((extract(epoch FROM month) * 1000)::int8), passerelle.uuid_at((extract(epoch FROM next) * 1000)::int8))
			ON CONFLICT (one) DO UPDATE SET low = least(message_window.low, excluded.low), high = greatest(message_window.high, excluded.high);
		month := next;
	END LOOP;
	RETURN made;
END
$$;
