-- SPDX-License-Identifier: Apache-2.0
-- What the writer calls. A batch comes as parallel arrays and is dealt with set by
-- set: no statement runs once a message, and what a batch does not have (objects,
-- parties, receipts, several recipients, refusals) costs one comparison.
--
-- Outcomes, as enum store_outcome in server/store/store.h:
--   0 stored, 1 duplicate, 2 key reused, 3 case moved, 4 object incomplete, 5 not received, 6 too old,
--   7 no such message, 8 other kind, 9 no longer valid, 10 other version, 11 delivered
--
-- Locks are taken in one order everywhere: mailboxes by number, then cases by id.

-- Marks the messages that are still good and whose number stands in `bad`.
CREATE FUNCTION passerelle.refuse(outcome int2[], bad int4[], code int2) RETURNS int2[]
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	at int4;
BEGIN
	FOREACH at IN ARRAY coalesce(bad, '{}') LOOP
		IF outcome[at] = 0 THEN
			outcome[at] := code;
		END IF;
	END LOOP;
	RETURN outcome;
END
$$;

-- May a message of this author and case speak of message `target`: as its version `version`, or (0) to declare it void,
-- or to recall it from the mailboxes `boxes`? `kinds`: bits of the kinds that it may be of. An outcome. The rows of the
-- mailboxes and of the case are locked: nobody begins to read and nobody else says the same now.
CREATE FUNCTION passerelle.judge_correction(author int4, case_of uuid, target uuid, kinds int8, version int4, recalls boolean, boxes int4[]) RETURNS int2
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
	found_kind int4;
	accepted int8;
	box int4[];
	place int8[];
	first uuid; -- of which it is a new version, else itself
BEGIN
	SELECT m.kind, m.accepted_at, m.recipient, m.mailbox_seq INTO found_kind, accepted, box, place
		FROM passerelle.message m WHERE m.message_id = target AND m.sender = author AND m.case_id = case_of;
	IF NOT FOUND THEN
		RETURN 7;
	END IF;
	IF kinds >> found_kind & 1 = 0 THEN
		RETURN 8;
	END IF;
	SELECT coalesce((SELECT c.message_id FROM passerelle.correction c WHERE c.by_message = target AND c.sender = author AND c.version > 0), target) INTO first;
	IF EXISTS (SELECT FROM passerelle.recalled r WHERE r.message_id = target AND r.sender = author)
			OR (NOT recalls AND EXISTS (SELECT FROM passerelle.correction c
				WHERE c.message_id IN (target, first) AND c.sender = author AND c.version = 0)) THEN
		RETURN 9;
	END IF;
	-- One statement: a session that ends meanwhile is seen before or after, with the number that it was handed. To whom
	-- the recall does not go, the message went long ago: the case has changed hands since.
	IF recalls AND EXISTS (SELECT FROM unnest(box, place) t (member, seq)
			WHERE NOT t.member = ANY (boxes)
				OR EXISTS (SELECT FROM passerelle.mailbox_cursor c WHERE c.member = t.member AND greatest(c.acked, c.handed) >= t.seq)
				OR EXISTS (SELECT FROM passerelle.mailbox_reader r WHERE r.member = t.member AND r.until > accepted)) THEN
		RETURN 11;
	END IF;
	IF version > 0 AND version <> (SELECT greatest(coalesce(max(c.version), 0), 1) + 1 FROM passerelle.correction c
			WHERE c.message_id = target AND c.sender = author) THEN
		RETURN 10;
	END IF;
	RETURN 0;
END
$$;

-- With its versions, which came behind it and so to nobody either; what they had granted is granted no longer.
CREATE FUNCTION passerelle.recall(author int4, target uuid, by_id uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	taken uuid[];
BEGIN
	taken := ARRAY(SELECT target UNION SELECT c.by_message FROM passerelle.correction c
		WHERE c.message_id = target AND c.sender = author AND c.version > 0);
	INSERT INTO passerelle.recalled (message_id, sender, by_message) SELECT t.id, author, by_id FROM unnest(taken) t (id) ON CONFLICT DO NOTHING;
	PERFORM passerelle.forget_objects(author, taken);
END
$$;

-- Nobody reads any more what these messages had granted, and what nobody may read is deleted.
CREATE FUNCTION passerelle.forget_objects(author int4, by_messages uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	gone uuid[];
BEGIN
	WITH taken AS (DELETE FROM passerelle.object_reader r USING passerelle.object o
		WHERE r.by_message = ANY (by_messages) AND o.object_id = r.object_id AND o.owner = author RETURNING r.object_id)
		SELECT array_agg(DISTINCT t.object_id) INTO gone FROM taken t;
	SELECT array_agg(t.id) INTO gone FROM unnest(gone) t (id) WHERE NOT EXISTS (SELECT FROM passerelle.object_reader r WHERE r.object_id = t.id);
	DELETE FROM passerelle.object_chunk c WHERE c.object_id = ANY (gone);
	DELETE FROM passerelle.object o WHERE o.object_id = ANY (gone);
END
$$;

-- Takes what is sealed out of what was recalled, and out of the messages of searches that were withdrawn or have expired (tracing
-- page: within 24 hours). How many messages were stripped. The row of the last move says that a search is done. Each step leaves what is
-- next to be found, so whoever dies in it is followed by the next.
CREATE FUNCTION api.erase() RETURNS int4
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	search record;
	author record;
	stripped int4;
BEGIN
	FOR search IN SELECT s.case_id, s.last_move FROM passerelle.case_state s
			WHERE s.state IN (21, 22) AND NOT EXISTS (SELECT FROM passerelle.recalled r WHERE r.message_id = s.last_move) LIMIT 100 LOOP
		FOR author IN SELECT m.sender, array_agg(m.message_id) AS message FROM passerelle.message m
				WHERE m.case_id = search.case_id AND m.case_state BETWEEN 13 AND 22 GROUP BY m.sender LOOP
			INSERT INTO passerelle.recalled (message_id, sender, by_message)
				SELECT t.id, author.sender, search.last_move FROM unnest(author.message) t (id) ON CONFLICT DO NOTHING;
			PERFORM passerelle.forget_objects(author.sender, author.message);
		END LOOP;
	END LOOP;
	UPDATE passerelle.message m SET envelope = passerelle.stripped(m.envelope)
		FROM passerelle.recalled r
		WHERE m.message_id = r.message_id AND m.sender = r.sender AND sha256(m.envelope) = m.envelope_hash
			AND passerelle.stripped(m.envelope) <> m.envelope;
	GET DIAGNOSTICS stripped = ROW_COUNT;
	IF stripped > 0 THEN
		INSERT INTO passerelle.audit_event (kind, outcome) VALUES ('ERASED', least(stripped, 32767));
	END IF;
	RETURN stripped;
END
$$;

-- message_*: one element a message. box_*: one a mailbox concerned, ascending. entry_*: one for
-- each recipient of each message, by message; entry_rank counts within its mailbox from 0.
-- case_*: one for each message with a case, by message; case_index points into cases (ascending ids), case_rank
-- counts within its case from 0; case_first is what the first message of each case expects, `chained` says that the
-- others follow it without a gap. Numbers of messages and places count from 1.
--
-- As a rule nothing is refused: then mailbox_seq is NULL, and the number of an entry is base[entry_box] + entry_rank.
-- A message that speaks of another one (refers_to) comes alone.
-- Each statement costs some 20 us however small the batch, so that path has no more of them than it must.
CREATE FUNCTION api.commit_batch(
	batch uuid, accepted int8, commit_level int2, hub text, signer bytea, signature bytea, leaves bytea,
	oldest uuid, newest uuid,
	message_id uuid[], message_sender int4[], message_kind int2[], message_header bytea[], message_hash bytea[],
	message_envelope bytea[], message_expires int8[], message_case uuid[], message_case_seq int8[], message_case_state int2[],
	box_member int4[], box_count int4[], entry_message int4[], entry_box int4[], entry_rank int4[],
	cases uuid[], case_last int4[], case_first int8[], chained boolean,
	case_message int4[], case_index int4[], case_rank int4[], case_expected int8[],
	case_requesting int4[], case_responding int4[], case_status int2[], case_held_from int2[], case_held_by int2[], case_hops int2[],
	case_last_move uuid[], case_last_move_seq int8[], case_opened int8[], case_since int8[], case_reopened int4[],
	case_service text[], case_urgency text[], case_due text[], case_reference text[],
	case_clock int2[], case_clock_pauses int2[], case_clock_told int2[], case_clock_started int8[], case_clock_due int8[], case_paused_since int8[], case_paused_ms int8[], case_consent_at int8[], case_asked_at int8[], case_out_since int8[], case_wake_at int8[], case_marks int8[], case_out_member int4[], case_steps int8[], case_declined text[], case_held text[],
	object_message int4[], object_ids uuid[], object_length int8[], object_hash bytea[],
	party_message int4[], party_agency int4[], party_purpose text[], party_until text[], party_reference text[], asked_message int4[], asked_agency int4[], asked_total int8[],
	receipt_message int4[], receipt_of uuid[], receipt_author int4[], receipt_header bytea[], receipt_level int2[], receipt_at int8[],
	grant_message int4[], grant_object uuid[], grant_to int4[], grant_lost int4[],
	refers_to uuid, refers_kinds int8, content_version int4, recalls boolean,
	OUT outcome int2[], OUT mailbox_seq int8[], OUT base int8[])
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
	seq int8[];
	existing uuid[];
	last int4[] := case_last;
BEGIN
	SELECT array_agg(m.next_seq) INTO base
		FROM (SELECT b.next_seq FROM passerelle.mailbox b WHERE b.member = ANY (box_member) ORDER BY b.member FOR NO KEY UPDATE) m;
	IF cardinality(base) IS DISTINCT FROM cardinality(box_member) THEN
		RAISE EXCEPTION 'a recipient has no mailbox' USING ERRCODE = '23503';
	END IF;

	SELECT array_agg((CASE
			WHEN t.id < (SELECT w.low FROM passerelle.message_window w) OR t.id >= (SELECT w.high FROM passerelle.message_window w) THEN 6
			WHEN m.envelope_hash IS NULL THEN 0
			WHEN m.envelope_hash = t.hash THEN 1
			ELSE 2 END)::int2 ORDER BY t.at)
		INTO outcome
		FROM unnest(message_id, message_sender, message_hash) WITH ORDINALITY t (id, sender, hash, at)
		-- LIMIT keeps it one look into the index for each message: as a plain join, ids that span a
		-- long time (a member back from weeks without a line) make it read everything in between.
		LEFT JOIN LATERAL (SELECT k.envelope_hash FROM passerelle.message k
			WHERE k.message_id = t.id AND k.sender = t.sender AND k.message_id BETWEEN oldest AND newest LIMIT 1) m ON true;

	IF cardinality(receipt_message) > 0 THEN
		outcome := passerelle.refuse(outcome, (SELECT array_agg(t.at)
			FROM unnest(receipt_message, receipt_of, receipt_author, receipt_header) t (at, id, author, header)
			LEFT JOIN passerelle.message m ON m.message_id = t.id AND m.sender = t.author
			WHERE m.header_hash IS DISTINCT FROM t.header OR NOT message_sender[t.at] = ANY (m.recipient)), 5::int2);
	END IF;

	-- An object's row lock waits for an upload that is being finished or forgotten.
	IF cardinality(object_message) > 0 THEN
		PERFORM FROM passerelle.object o WHERE o.object_id = ANY (object_ids) ORDER BY o.object_id FOR SHARE;
		outcome := passerelle.refuse(outcome, (SELECT array_agg(t.at)
			FROM unnest(object_message, object_ids, object_length, object_hash) t (at, id, length, hash)
			LEFT JOIN passerelle.object o ON o.object_id = t.id AND o.complete AND o.owner = message_sender[t.at]
				AND o.length = t.length AND o.tree_hash = t.hash
			WHERE o.object_id IS NULL), 4::int2);
	END IF;

	-- Compare and set. A chain n, n+1, ... of one case holds up to its first refusal.
	IF cardinality(cases) > 0 THEN
		SELECT array_agg(c.case_id), array_agg(c.seq) INTO existing, seq
			FROM (SELECT s.case_id, s.seq FROM passerelle.case_state s WHERE s.case_id = ANY (cases) ORDER BY s.case_id FOR NO KEY UPDATE) c;
		IF existing IS DISTINCT FROM cases THEN
			SELECT array_agg(coalesce(s.seq, 0) ORDER BY t.at) INTO seq
				FROM unnest(cases) WITH ORDINALITY t (id, at) LEFT JOIN passerelle.case_state s ON s.case_id = t.id;
		END IF;
		IF NOT (chained AND seq = case_first AND 0 = ALL (outcome)) THEN
			SELECT passerelle.refuse(outcome, array_agg(c.at) FILTER (WHERE NOT c.good), 3::int2), array_agg(c.place) FILTER (WHERE c.good AND c.newest)
				INTO outcome, last
				FROM (SELECT g.at, g.place, g.good, g.good AND NOT coalesce(lead(g.good) OVER (PARTITION BY g.index ORDER BY g.rank), false) AS newest
					FROM (SELECT t.at, t.place, t.index, t.rank,
							bool_and(t.expected = seq[t.index] + t.rank AND outcome[t.at] = 0) OVER (PARTITION BY t.index ORDER BY t.rank) AS good
						FROM unnest(case_message, case_index, case_rank, case_expected) WITH ORDINALITY t (at, index, rank, expected, place)) g) c;
		END IF;
	END IF;

	IF refers_to IS NOT NULL AND outcome[1] = 0 THEN
		outcome[1] := passerelle.judge_correction(message_sender[1], message_case[1], refers_to, refers_kinds, content_version, recalls, box_member);
		IF outcome[1] = 0 AND recalls THEN
			PERFORM passerelle.recall(message_sender[1], refers_to, message_id[1]);
		ELSIF outcome[1] = 0 THEN
			INSERT INTO passerelle.correction (message_id, sender, version, by_message)
				VALUES (refers_to, message_sender[1], content_version, message_id[1]);
		ELSE
			last := '{}';
		END IF;
	END IF;

	IF 0 = ALL (outcome) AND cardinality(entry_message) = cardinality(message_id) THEN
		INSERT INTO passerelle.message (message_id, sender, kind, header_hash, envelope_hash, envelope, expires_at, case_id, case_seq, case_state,
				leaf_index, recipient, mailbox_seq, batch_id, accepted_at)
			SELECT t.id, t.sender, t.kind, t.header, t.hash, t.envelope, t.expires, t.case_id, t.case_seq, t.case_state,
				t.at - 1, ARRAY[box_member[t.box]], ARRAY[base[t.box] + t.rank], batch, accepted
			FROM unnest(message_id, message_sender, message_kind, message_header, message_hash, message_envelope, message_expires,
					message_case, message_case_seq, message_case_state, entry_box, entry_rank) WITH ORDINALITY
				t (id, sender, kind, header, hash, envelope, expires, case_id, case_seq, case_state, box, rank, at);
		INSERT INTO passerelle.mailbox_entry (recipient, seq, message_id, sender)
			SELECT box_member[t.box], base[t.box] + t.rank, t.id, t.sender
			FROM unnest(message_id, message_sender, entry_box, entry_rank) t (id, sender, box, rank);
		UPDATE passerelle.mailbox b SET next_seq = b.next_seq + t.added
			FROM unnest(box_member, box_count) t (member, added) WHERE b.member = t.member;
	ELSE
		SELECT array_agg(CASE WHEN t.good THEN base[t.box] + t.before - 1 END ORDER BY t.at) INTO mailbox_seq
			FROM (SELECT e.box, e.at, outcome[e.message] = 0 AS good,
					count(*) FILTER (WHERE outcome[e.message] = 0) OVER (PARTITION BY e.box ORDER BY e.at) AS before
				FROM unnest(entry_message, entry_box) WITH ORDINALITY e (message, box, at)) t;
		INSERT INTO passerelle.audit_event (kind, actor, outcome, message_id, case_id)
			SELECT CASE t.outcome WHEN 1 THEN 'DUPLICATE' ELSE 'REFUSED' END, t.sender, t.outcome, t.id, t.case_id
			FROM unnest(outcome, message_sender, message_id, message_case) t (outcome, sender, id, case_id) WHERE t.outcome <> 0;
		INSERT INTO passerelle.message (message_id, sender, kind, header_hash, envelope_hash, envelope, expires_at, case_id, case_seq, case_state,
				leaf_index, recipient, mailbox_seq, batch_id, accepted_at)
			SELECT t.id, t.sender, t.kind, t.header, t.hash, t.envelope, t.expires, t.case_id, t.case_seq, t.case_state,
				t.at - 1, e.recipient, e.seq, batch, accepted
			FROM unnest(message_id, message_sender, message_kind, message_header, message_hash, message_envelope, message_expires,
					message_case, message_case_seq, message_case_state, outcome) WITH ORDINALITY
				t (id, sender, kind, header, hash, envelope, expires, case_id, case_seq, case_state, outcome, at)
			JOIN (SELECT u.message, array_agg(box_member[u.box] ORDER BY u.at) AS recipient, array_agg(u.seq ORDER BY u.at) AS seq
				FROM unnest(entry_message, entry_box, mailbox_seq) WITH ORDINALITY u (message, box, seq, at) GROUP BY u.message) e ON e.message = t.at
			WHERE t.outcome = 0;
		INSERT INTO passerelle.mailbox_entry (recipient, seq, message_id, sender)
			SELECT box_member[t.box], t.seq, message_id[t.message], message_sender[t.message]
			FROM unnest(entry_message, entry_box, mailbox_seq) t (message, box, seq) WHERE t.seq IS NOT NULL;
		UPDATE passerelle.mailbox b SET next_seq = t.next
			FROM (SELECT u.box, max(u.seq) + 1 AS next FROM unnest(entry_box, mailbox_seq) u (box, seq) GROUP BY u.box) t
			WHERE b.member = box_member[t.box] AND t.next IS NOT NULL;
	END IF;

	IF cardinality(last) > 0 THEN
		UPDATE passerelle.case_state s SET seq = case_expected[t.i] + 1, responding = case_responding[t.i], state = case_status[t.i],
				held_from = case_held_from[t.i], held_by = case_held_by[t.i], hops = case_hops[t.i], last_move = case_last_move[t.i],
				last_move_seq = case_last_move_seq[t.i], since = case_since[t.i], reopened = case_reopened[t.i],
				urgency = case_urgency[t.i], due = case_due[t.i], clock = case_clock[t.i], clock_pauses = case_clock_pauses[t.i], clock_told = case_clock_told[t.i], clock_started = case_clock_started[t.i],
				clock_due = case_clock_due[t.i], paused_since = case_paused_since[t.i], paused_ms = case_paused_ms[t.i], consent_at = case_consent_at[t.i],
				asked_at = case_asked_at[t.i], out_since = case_out_since[t.i], wake_at = case_wake_at[t.i], marks = case_marks[t.i], out_member = case_out_member[t.i], steps = case_steps[t.i], declined = case_declined[t.i], held = case_held[t.i]
			FROM unnest(last) t (i) WHERE s.case_id = cases[case_index[t.i]] AND seq[case_index[t.i]] > 0;
		IF existing IS DISTINCT FROM cases THEN
			INSERT INTO passerelle.case_state (case_id, seq, last_move_seq, opened_at, since, last_move, requesting, responding, reopened,
					state, held_from, held_by, hops, service, urgency, due, reference, clock, clock_pauses, clock_told, clock_started, clock_due, paused_since, paused_ms, consent_at, asked_at, out_since, wake_at, marks, out_member, steps, declined, held)
				SELECT cases[case_index[t.i]], case_expected[t.i] + 1, case_last_move_seq[t.i], case_opened[t.i], case_since[t.i], case_last_move[t.i],
					case_requesting[t.i], case_responding[t.i], case_reopened[t.i], case_status[t.i], case_held_from[t.i], case_held_by[t.i],
					case_hops[t.i], case_service[t.i], case_urgency[t.i], case_due[t.i], case_reference[t.i],
					case_clock[t.i], case_clock_pauses[t.i], case_clock_told[t.i], case_clock_started[t.i], case_clock_due[t.i], case_paused_since[t.i], case_paused_ms[t.i], case_consent_at[t.i], case_asked_at[t.i], case_out_since[t.i], case_wake_at[t.i], case_marks[t.i], case_out_member[t.i], case_steps[t.i], case_declined[t.i], case_held[t.i]
				FROM unnest(last) t (i) WHERE seq[case_index[t.i]] = 0;
		END IF;
	END IF;

	IF cardinality(party_message) > 0 THEN
		INSERT INTO passerelle.case_party (case_id, agency, purpose, until, reference)
			SELECT DISTINCT ON (message_case[t.at], t.agency) message_case[t.at], t.agency, t.purpose, t.until, t.reference
			FROM unnest(party_message, party_agency, party_purpose, party_until, party_reference) t (at, agency, purpose, until, reference)
			WHERE outcome[t.at] = 0 ORDER BY message_case[t.at], t.agency, t.at DESC
			ON CONFLICT (case_id, agency) DO UPDATE SET purpose = excluded.purpose, until = excluded.until, reference = excluded.reference;
	END IF;
	IF cardinality(asked_message) > 0 THEN
		UPDATE passerelle.case_party p SET told = greatest(p.told, t.total)
			FROM unnest(asked_message, asked_agency, asked_total) t (at, agency, total)
			WHERE p.case_id = message_case[t.at] AND p.agency = t.agency AND outcome[t.at] = 0;
	END IF;
	IF cardinality(object_message) > 0 THEN
		INSERT INTO passerelle.object_reader (object_id, member, by_message)
			SELECT DISTINCT ON (t.id, box_member[e.box]) t.id, box_member[e.box], message_id[t.at]
			FROM unnest(object_message, object_ids) t (at, id)
			JOIN unnest(entry_message, entry_box) e (message, box) ON e.message = t.at
			WHERE outcome[t.at] = 0 ORDER BY t.id, box_member[e.box], t.at ON CONFLICT DO NOTHING;
	END IF;
	-- Who passes a case on passes on what it may read itself; who has left the case loses it.
	IF cardinality(grant_message) > 0 THEN
		INSERT INTO passerelle.object_reader (object_id, member, by_message)
			SELECT DISTINCT ON (t.id, t.newcomer) t.id, t.newcomer, message_id[t.at]
			FROM unnest(grant_message, grant_object, grant_to) t (at, id, newcomer)
			WHERE outcome[t.at] = 0 AND (
				EXISTS (SELECT FROM passerelle.object_reader r WHERE r.object_id = t.id AND r.member = message_sender[t.at])
				OR EXISTS (SELECT FROM passerelle.object o WHERE o.object_id = t.id AND o.owner = message_sender[t.at]))
			ON CONFLICT DO NOTHING;
		DELETE FROM passerelle.object_reader r USING unnest(grant_message, grant_object, grant_lost) t (at, id, lost)
			WHERE r.object_id = t.id AND r.member = t.lost AND outcome[t.at] = 0;
	END IF;
	IF cardinality(receipt_message) > 0 THEN
		INSERT INTO passerelle.receipt (message_id, sender, recipient, level, at)
			SELECT t.id, t.author, message_sender[t.at], t.level, t.given
			FROM unnest(receipt_message, receipt_of, receipt_author, receipt_level, receipt_at) t (at, id, author, level, given)
			WHERE outcome[t.at] = 0 ON CONFLICT DO NOTHING;
	END IF;

	INSERT INTO passerelle.receipt_batch (batch_id, accepted_at, stored, refused, commit_level, hub, signer, signature, leaves)
		VALUES (batch, accepted, cardinality(array_positions(outcome, 0::int2)),
			cardinality(outcome) - cardinality(array_positions(outcome, 0::int2)), commit_level, hub, signer, signature, leaves);
END
$$;

-- One message in a case, to one member, without objects, parties or receipts: what an idle
-- hub commits. The same as commit_batch by plain statements, of which each costs a fraction of
-- a set-wise one. NULL: something is out of the ordinary (no mailbox, an id outside the window,
-- known before) and nothing was done; commit_batch then tells what it is.
CREATE FUNCTION api.commit_one(
	batch uuid, accepted int8, commit_level int2, hub text, signer bytea, signature bytea, leaf bytea,
	message_id uuid, message_sender int4, message_kind int2, message_header bytea, message_hash bytea,
	message_envelope bytea, message_expires int8, message_recipient int4,
	case_of uuid, case_expected int8,
	case_requesting int4, case_responding int4, case_status int2, case_held_from int2, case_held_by int2, case_hops int2,
	case_last_move uuid, case_last_move_seq int8, case_opened int8, case_since int8, case_reopened int4,
	case_service text, case_urgency text, case_due text, case_reference text,
	case_clock int2, case_clock_pauses int2, case_clock_told int2, case_clock_started int8, case_clock_due int8, case_paused_since int8, case_paused_ms int8, case_consent_at int8, case_asked_at int8, case_out_since int8, case_wake_at int8, case_marks int8, case_out_member int4, case_steps int8, case_declined text, case_held text) RETURNS int8
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
	place int8;
BEGIN
	UPDATE passerelle.mailbox b SET next_seq = b.next_seq + 1
		FROM passerelle.message_window w
		WHERE b.member = message_recipient AND w.low <= message_id AND w.high > message_id
		RETURNING b.next_seq - 1 INTO place;
	IF place IS NULL THEN
		RETURN NULL;
	END IF;

	-- Without naming the key: a variable has the same name.
	INSERT INTO passerelle.message (message_id, sender, kind, header_hash, envelope_hash, envelope, expires_at, case_id, case_seq, case_state,
			leaf_index, recipient, mailbox_seq, batch_id, accepted_at)
		VALUES (message_id, message_sender, message_kind, message_header, message_hash, message_envelope, message_expires,
			case_of, case_expected + 1, case_status, 0, ARRAY[message_recipient], ARRAY[place], batch, accepted)
		ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		UPDATE passerelle.mailbox b SET next_seq = place WHERE b.member = message_recipient;
		RETURN NULL;
	END IF;

	IF case_expected > 0 THEN
		UPDATE passerelle.case_state s SET seq = case_expected + 1, responding = case_responding, state = case_status,
				held_from = case_held_from, held_by = case_held_by, hops = case_hops, last_move = case_last_move,
				last_move_seq = case_last_move_seq, since = case_since, reopened = case_reopened,
				urgency = case_urgency, due = case_due, clock = case_clock, clock_pauses = case_clock_pauses, clock_told = case_clock_told, clock_started = case_clock_started,
				clock_due = case_clock_due, paused_since = case_paused_since, paused_ms = case_paused_ms, consent_at = case_consent_at,
				asked_at = case_asked_at, out_since = case_out_since, wake_at = case_wake_at, marks = case_marks, out_member = case_out_member, steps = case_steps, declined = case_declined, held = case_held
			WHERE s.case_id = case_of AND s.seq = case_expected;
	ELSE
		INSERT INTO passerelle.case_state (case_id, seq, last_move_seq, opened_at, since, last_move, requesting, responding, reopened,
				state, held_from, held_by, hops, service, urgency, due, reference, clock, clock_pauses, clock_told, clock_started, clock_due, paused_since, paused_ms, consent_at, asked_at, out_since, wake_at, marks, out_member, steps, declined, held)
			VALUES (case_of, case_expected + 1, case_last_move_seq, case_opened, case_since, case_last_move, case_requesting, case_responding,
				case_reopened, case_status, case_held_from, case_held_by, case_hops, case_service, case_urgency, case_due, case_reference,
				case_clock, case_clock_pauses, case_clock_told, case_clock_started, case_clock_due, case_paused_since, case_paused_ms, case_consent_at, case_asked_at, case_out_since, case_wake_at, case_marks, case_out_member, case_steps, case_declined, case_held)
			ON CONFLICT DO NOTHING;
	END IF;
	IF NOT FOUND THEN
		-- Only where two hubs write to one case at once: all of it is undone.
		RAISE EXCEPTION 'another hub moved the case' USING ERRCODE = '40001';
	END IF;

	INSERT INTO passerelle.mailbox_entry (recipient, seq, message_id, sender) VALUES (message_recipient, place, message_id, message_sender);
	INSERT INTO passerelle.receipt_batch (batch_id, accepted_at, stored, refused, commit_level, hub, signer, signature, leaves)
		VALUES (batch, accepted, 1, 0, commit_level, hub, signer, signature, leaf);
	RETURN place;
END
$$;

-- One message of no case to all active members but its sender, and what it says of the sender (new_availability NULL:
-- nothing; else as passerelle.set_availability does it). Outcomes as above, of which 0, 1, 2 and 6 are possible.
-- One stored envelope, a row for each mailbox; all of them are locked, so nobody may see a part of it.
CREATE FUNCTION api.commit_to_all(
	batch uuid, accepted int8, commit_level int2, hub text, signer bytea, signature bytea, leaf bytea,
	message_id uuid, message_sender int4, message_kind int2, message_header bytea, message_hash bytea,
	message_envelope bytea, message_expires int8,
	new_availability text, new_cause text, new_until text, new_deputy int4) RETURNS int2
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
	everybody int4[];
	places int8[];
	known bytea;
	outcome int2 := 0;
	kept CONSTANT text := CASE new_availability WHEN 'BACK' THEN 'NORMAL' ELSE new_availability END;
BEGIN
	SELECT array_agg(b.member ORDER BY b.member), array_agg(b.next_seq ORDER BY b.member) INTO everybody, places
		FROM (SELECT x.member, x.next_seq FROM passerelle.mailbox x JOIN passerelle.member m ON m.member = x.member
			WHERE m.active AND NOT m.agency AND m.member <> message_sender ORDER BY x.member FOR NO KEY UPDATE OF x) b;
	SELECT k.envelope_hash INTO known FROM passerelle.message k WHERE k.message_id = commit_to_all.message_id AND k.sender = message_sender;
	IF FOUND THEN
		outcome := CASE known WHEN message_hash THEN 1 ELSE 2 END;
	ELSIF NOT EXISTS (SELECT FROM passerelle.message_window w WHERE w.low <= message_id AND w.high > message_id) THEN
		outcome := 6;
	END IF;
	IF outcome <> 0 THEN
		INSERT INTO passerelle.audit_event (kind, actor, outcome, message_id)
			VALUES (CASE outcome WHEN 1 THEN 'DUPLICATE' ELSE 'REFUSED' END, message_sender, outcome, message_id);
		RETURN outcome;
	END IF;
	INSERT INTO passerelle.message (message_id, sender, kind, header_hash, envelope_hash, envelope, expires_at, leaf_index, recipient, mailbox_seq,
			to_all, batch_id, accepted_at)
		VALUES (message_id, message_sender, message_kind, message_header, message_hash, message_envelope, message_expires, 0,
			coalesce(everybody, '{}'), coalesce(places, '{}'), true, batch, accepted);
	INSERT INTO passerelle.mailbox_entry (recipient, seq, message_id, sender)
		SELECT t.member, t.seq, message_id, message_sender FROM unnest(everybody, places) t (member, seq);
	UPDATE passerelle.mailbox b SET next_seq = b.next_seq + 1 WHERE b.member = ANY (everybody);
	INSERT INTO passerelle.receipt_batch (batch_id, accepted_at, stored, refused, commit_level, hub, signer, signature, leaves)
		VALUES (batch, accepted, 1, 0, commit_level, hub, signer, signature, leaf);
	IF kept IS NOT NULL THEN
		UPDATE passerelle.directory_version SET version = version + 1;
		UPDATE passerelle.member m SET availability = kept, available_at = accepted, cause = CASE kept WHEN 'NORMAL' THEN '' ELSE new_cause END,
				until = CASE kept WHEN 'NORMAL' THEN '' ELSE new_until END, deputy = CASE kept WHEN 'NORMAL' THEN NULL ELSE new_deputy END
			WHERE m.member = message_sender;
		INSERT INTO passerelle.availability_change (member, availability, at) VALUES (message_sender, kept, accepted);
		INSERT INTO passerelle.audit_event (kind, actor, message_id) VALUES ('AVAILABILITY_' || kept, message_sender, message_id);
	END IF;
	RETURN 0;
END
$$;

-- What is known of messages and cases. Where a message is found something is written too, so
-- that the commit of this answer waits for the standby: what a crash left on this node
-- alone must not be confirmed from it.
CREATE FUNCTION api.lookup(message_id uuid[], message_sender int4[], case_id uuid[])
RETURNS TABLE (at int4, accepted int8, message_case uuid, message_case_seq int8, message_case_state int2, leaf_index int2, header bytea, envelope bytea,
	mailbox_seq int8[], commit_level int2, hub text, signer bytea, signature bytea, leaves bytea,
	cases uuid, seq int8, requesting int4, responding int4, state int2, held_from int2, held_by int2, hops int2, last_move uuid,
	last_move_seq int8, opened int8, since int8, reopened int4, service text, urgency text, due text, reference text,
	clock int2, clock_pauses int2, clock_told int2, clock_started int8, clock_due int8, paused_since int8, paused_ms int8, consent_at int8, asked_at int8, out_since int8, marks int8, out_member int4, steps int8, declined text, held text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT t.at::int4, m.accepted_at, m.case_id, m.case_seq, m.case_state, m.leaf_index, m.header_hash, m.envelope_hash,
			CASE WHEN m.to_all THEN '{}' ELSE m.mailbox_seq END, b.commit_level, b.hub, b.signer, b.signature, b.leaves,
			s.case_id, s.seq, s.requesting, s.responding, s.state, s.held_from, s.held_by, s.hops, s.last_move,
			s.last_move_seq, s.opened_at, s.since, s.reopened, s.service, s.urgency, s.due, s.reference,
			s.clock, s.clock_pauses, s.clock_told, s.clock_started, s.clock_due, s.paused_since, s.paused_ms, s.consent_at, s.asked_at, s.out_since, s.marks, s.out_member, s.steps, s.declined, s.held
		FROM unnest($1, $2, $3) WITH ORDINALITY t (id, sender, case_id, at)
		LEFT JOIN (passerelle.message m JOIN passerelle.receipt_batch b ON b.batch_id = m.batch_id) ON m.message_id = t.id AND m.sender = t.sender
		LEFT JOIN passerelle.case_state s ON s.case_id = t.case_id
		ORDER BY t.at;
	INSERT INTO passerelle.audit_event (kind, actor, message_id)
		SELECT 'LOOKUP', t.sender, t.id
		FROM unnest($1, $2) t (id, sender) JOIN passerelle.message m ON m.message_id = t.id AND m.sender = t.sender;
END
$$;

-- Cases about which the hub has to do something by now: as many rows are read as are answered.
CREATE FUNCTION api.due(now_ms int8, max_count int4)
RETURNS TABLE (cases uuid, seq int8, requesting int4, responding int4, state int2, held_from int2, held_by int2, hops int2, last_move uuid,
	last_move_seq int8, opened int8, since int8, reopened int4, service text, urgency text, due text, reference text,
	clock int2, clock_pauses int2, clock_told int2, clock_started int8, clock_due int8, paused_since int8, paused_ms int8, consent_at int8, asked_at int8, out_since int8, marks int8, out_member int4, steps int8, declined text, held text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT s.case_id, s.seq, s.requesting, s.responding, s.state, s.held_from, s.held_by, s.hops, s.last_move,
			s.last_move_seq, s.opened_at, s.since, s.reopened, s.service, s.urgency, s.due, s.reference,
			s.clock, s.clock_pauses, s.clock_told, s.clock_started, s.clock_due, s.paused_since, s.paused_ms, s.consent_at, s.asked_at, s.out_since, s.marks, s.out_member, s.steps, s.declined, s.held
		FROM passerelle.case_state s WHERE s.wake_at > 0 AND s.wake_at <= $1 ORDER BY s.wake_at LIMIT $2;
END
$$;

-- The version of the directory, and cases that do not stand though one of their members is out, or stand for a member that
-- is back: at least one row, without a case if there is none. Each member is one look into an index that holds no case
-- that is settled already.
CREATE FUNCTION api.unsettled(max_count int4)
RETURNS TABLE (version int8, cases uuid, seq int8, requesting int4, responding int4, state int2, held_from int2, held_by int2, hops int2, last_move uuid,
	last_move_seq int8, opened int8, since int8, reopened int4, service text, urgency text, due text, reference text,
	clock int2, clock_pauses int2, clock_told int2, clock_started int8, clock_due int8, paused_since int8, paused_ms int8, consent_at int8, asked_at int8, out_since int8, marks int8, out_member int4, steps int8, declined text, held text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT v.version, s.case_id, s.seq, s.requesting, s.responding, s.state, s.held_from, s.held_by, s.hops, s.last_move,
			s.last_move_seq, s.opened_at, s.since, s.reopened, s.service, s.urgency, s.due, s.reference,
			s.clock, s.clock_pauses, s.clock_told, s.clock_started, s.clock_due, s.paused_since, s.paused_ms, s.consent_at, s.asked_at, s.out_since, s.marks, s.out_member, s.steps, s.declined, s.held
		FROM passerelle.directory_version v
		LEFT JOIN (SELECT o.case_id FROM passerelle.member m JOIN passerelle.case_state o ON o.responding = m.member AND o.clock > 0 AND o.out_member = 0 WHERE m.is_out
			UNION ALL
			SELECT o.case_id FROM passerelle.member m JOIN passerelle.case_state o ON o.requesting = m.member AND o.clock > 0 AND o.out_member = 0 WHERE m.is_out
			UNION ALL
			SELECT o.case_id FROM passerelle.member m JOIN passerelle.case_state o ON o.out_member = m.member AND o.out_member > 0 WHERE NOT m.is_out
			LIMIT $1) u ON true
		LEFT JOIN passerelle.case_state s ON s.case_id = u.case_id;
END
$$;

-- Agencies that were answered more often than both members of the case know.
CREATE FUNCTION api.untold(max_count int4)
RETURNS TABLE (agency int4, asked int8, cases uuid, seq int8, requesting int4, responding int4, state int2, held_from int2, held_by int2, hops int2, last_move uuid,
	last_move_seq int8, opened int8, since int8, reopened int4, service text, urgency text, due text, reference text,
	clock int2, clock_pauses int2, clock_told int2, clock_started int8, clock_due int8, paused_since int8, paused_ms int8, consent_at int8, asked_at int8, out_since int8, marks int8, out_member int4, steps int8, declined text, held text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT p.agency, p.asked, s.case_id, s.seq, s.requesting, s.responding, s.state, s.held_from, s.held_by, s.hops, s.last_move,
		s.last_move_seq, s.opened_at, s.since, s.reopened, s.service, s.urgency, s.due, s.reference,
		s.clock, s.clock_pauses, s.clock_told, s.clock_started, s.clock_due, s.paused_since, s.paused_ms, s.consent_at, s.asked_at, s.out_since, s.marks, s.out_member, s.steps, s.declined, s.held
	FROM passerelle.case_party p JOIN passerelle.case_state s ON s.case_id = p.case_id
	WHERE p.asked > p.told LIMIT $1
$$;

-- The mailbox is locked: a message that is being recalled is gone before this session begins, or is handed to it.
CREATE FUNCTION api.open_cursor(member int4, consumer text, resume boolean, mailbox_epoch int8, wanted int8, now_ms int8, until_ms int8,
	OUT code int4, OUT epoch int8, OUT low int8, OUT high int8, OUT acked int8, OUT consumer_epoch int8)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
	lost boolean;
BEGIN
	SELECT b.epoch, b.low_seq, b.next_seq - 1 INTO epoch, low, high FROM passerelle.mailbox b WHERE b.member = open_cursor.member
		FOR NO KEY UPDATE;
	code := CASE
		WHEN epoch IS NULL THEN 4
		WHEN NOT resume THEN 0
		WHEN epoch <> mailbox_epoch OR wanted < low - 1 THEN 1
		WHEN wanted > high THEN 2
		ELSE 0 END;
	IF code <> 0 THEN
		RETURN;
	END IF;
	-- Of a session whose end was never told: all that was there may have been handed to it.
	DELETE FROM passerelle.mailbox_reader r WHERE r.member = open_cursor.member AND r.consumer = open_cursor.consumer AND r.until < now_ms;
	lost := FOUND;
	INSERT INTO passerelle.mailbox_cursor AS c (member, consumer, acked, epoch)
		VALUES (member, consumer, CASE WHEN resume THEN wanted ELSE low - 1 END, 1)
		ON CONFLICT ON CONSTRAINT mailbox_cursor_pkey DO UPDATE SET acked = excluded.acked, epoch = c.epoch + 1,
			handed = CASE WHEN lost THEN high ELSE c.handed END
		RETURNING c.acked, c.epoch INTO acked, consumer_epoch;
	INSERT INTO passerelle.mailbox_reader (member, consumer, epoch, until) VALUES (member, consumer, consumer_epoch, until_ms);
END
$$;

-- The session is handed nothing more; `newest` was the last number.
CREATE FUNCTION api.close_cursor(for_member int4, of_consumer text, of_epoch int8, newest int8) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	DELETE FROM passerelle.mailbox_reader r WHERE r.member = for_member AND r.consumer = of_consumer AND r.epoch = of_epoch;
	UPDATE passerelle.mailbox_cursor c SET handed = newest WHERE c.member = for_member AND c.consumer = of_consumer AND c.handed < newest;
END
$$;

-- Codes: 0 moved (or not behind), 2 ahead of the mailbox, 3 a newer session has it.
CREATE FUNCTION api.move_cursors(member int4[], consumer text[], epoch int8[], acked int8[]) RETURNS int4[]
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_variable
DECLARE
	code int4[];
BEGIN
	PERFORM FROM passerelle.mailbox_cursor c JOIN unnest(member, consumer) t (member, consumer) ON c.member = t.member AND c.consumer = t.consumer
		ORDER BY c.member, c.consumer FOR NO KEY UPDATE OF c;
	SELECT array_agg(CASE WHEN c.epoch IS DISTINCT FROM t.epoch THEN 3 WHEN t.acked >= b.next_seq THEN 2 ELSE 0 END ORDER BY t.at) INTO code
		FROM unnest(member, consumer, epoch, acked) WITH ORDINALITY t (member, consumer, epoch, acked, at)
		LEFT JOIN passerelle.mailbox_cursor c ON c.member = t.member AND c.consumer = t.consumer
		LEFT JOIN passerelle.mailbox b ON b.member = t.member;
	UPDATE passerelle.mailbox_cursor c SET acked = t.acked
		FROM (SELECT u.member, u.consumer, max(u.acked) AS acked FROM unnest(member, consumer, acked, code) u (member, consumer, acked, code)
			WHERE u.code = 0 GROUP BY u.member, u.consumer) t
		WHERE c.member = t.member AND c.consumer = t.consumer AND c.acked < t.acked;
	RETURN code;
END
$$;

-- After each (re)connect: a real write, whose commit waits for the standby as every other does.
CREATE FUNCTION api.barrier() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	INSERT INTO passerelle.audit_event (kind) VALUES ('BARRIER')
$$;

CREATE FUNCTION api.keep_partitions(now_ms int8) RETURNS int4 LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT passerelle.ensure_partitions(now_ms - 86400000, now_ms + 92 * 86400000::int8)
$$;

CREATE FUNCTION api.schema_version() RETURNS int4 LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(max(number), 0) FROM passerelle.migration
$$;
