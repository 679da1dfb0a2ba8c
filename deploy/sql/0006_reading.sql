-- SPDX-License-Identifier: Apache-2.0
-- What the reader and the partner's connection call. The member for whom it is done is set first:
-- row level security then shows the rows of that member only.

CREATE FUNCTION passerelle.act_for(member int4) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT set_config('passerelle.member', member::text, true)
$$;

-- At least one entry, then as many as fit into max_bytes.
CREATE FUNCTION api.page(member int4, after int8, max_count int4, max_bytes int8)
RETURNS TABLE (seq int8, case_seq int8, case_state int2, accepted int8, envelope_hash bytea, envelope bytea, recalled boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	PERFORM passerelle.act_for($1);
	RETURN QUERY
		SELECT p.seq, p.case_seq, p.case_state, p.accepted_at, p.envelope_hash, p.envelope, p.recalled
		FROM (SELECT e.seq, m.case_seq, m.case_state, m.accepted_at, m.envelope_hash, m.envelope,
				EXISTS (SELECT FROM passerelle.recalled r WHERE r.message_id = e.message_id AND r.sender = e.sender) AS recalled,
				sum(octet_length(m.envelope)) OVER (ORDER BY e.seq) AS bytes, row_number() OVER (ORDER BY e.seq) AS place
			FROM (SELECT i.seq, i.message_id, i.sender FROM passerelle.mailbox_entry i
				WHERE i.recipient = $1 AND i.seq > $2 ORDER BY i.seq LIMIT $3) e
			JOIN passerelle.message m ON m.message_id = e.message_id AND m.sender = e.sender) p
		WHERE p.place = 1 OR p.bytes <= $4
		ORDER BY p.seq;
END
$$;

-- The newest number of each of these mailboxes: numbers only, for a hub that looks for what another one added.
CREATE FUNCTION api.newest(member int4[]) RETURNS int8[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT array_agg(coalesce(b.next_seq - 1, 0) ORDER BY t.at)
	FROM unnest($1) WITH ORDINALITY t (member, at) LEFT JOIN passerelle.mailbox b ON b.member = t.member
$$;

-- One piece. No row: not there, or not for this member.
CREATE FUNCTION api.object_read(member int4, object_id uuid, piece int4) RETURNS TABLE (length int8, leaf bytea, data bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	PERFORM passerelle.act_for($1);
	RETURN QUERY
		SELECT o.length, c.leaf, c.data
		FROM passerelle.object o LEFT JOIN passerelle.object_chunk c ON c.object_id = o.object_id AND c.piece = $3
		WHERE o.object_id = $2 AND o.complete;
END
$$;

-- How the cases stand, counts per cell; the hub hides the small ones before anyone is told. Counted once a day (UTC), by whoever asks
-- first: two answers of one day cannot differ. Ages in milliseconds. Where a row is of no pair, '*', it is of a service or of
-- an urgency, and where it is of none of these it has the median age in its state, which does not follow from the others.
CREATE FUNCTION api.flow(now_ms int8)
RETURNS TABLE (as_of int8, requesting text, responding text, service text, urgency text, state int2, cases int8, overdue int8, escalated int8,
	oldest int8, median int8)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	counted int8;
BEGIN
	INSERT INTO passerelle.audit_event (kind) VALUES ('FLOW');
	SELECT p.as_of INTO counted FROM passerelle.flow_published p;
	IF counted < $1 - $1 % 86400000 THEN
		SELECT p.as_of INTO counted FROM passerelle.flow_published p FOR NO KEY UPDATE;
	END IF;
	IF counted < $1 - $1 % 86400000 THEN
		DELETE FROM passerelle.flow_day;
		INSERT INTO passerelle.flow_day (requesting, responding, state, cases, overdue, escalated, oldest)
			SELECT s.requesting, s.responding, s.state, count(*),
				count(*) FILTER (WHERE s.clock > 0 AND s.clock_pauses = 0 AND s.clock_due > 0 AND s.clock_due <= $1),
				count(*) FILTER (WHERE s.clock_told = 2), max(greatest($1 - s.since, 0))
			FROM passerelle.case_state s GROUP BY s.requesting, s.responding, s.state;
		-- Few groups first: one reading of all cases by several sets at once takes twice as long.
		WITH kind AS MATERIALIZED (
			SELECT s.service, s.urgency, s.state, count(*) AS cases,
				count(*) FILTER (WHERE s.clock > 0 AND s.clock_pauses = 0 AND s.clock_due > 0 AND s.clock_due <= $1) AS overdue,
				count(*) FILTER (WHERE s.clock_told = 2) AS escalated
			FROM passerelle.case_state s GROUP BY s.service, s.urgency, s.state)
		INSERT INTO passerelle.flow_day (service, urgency, state, cases, overdue, escalated, oldest)
			SELECT k.service, k.urgency, k.state, sum(k.cases), sum(k.overdue), sum(k.escalated), 0
			FROM kind k GROUP BY GROUPING SETS ((k.service, k.state), (k.urgency, k.state));
		INSERT INTO passerelle.flow_day (state, cases, overdue, escalated, oldest, median)
			SELECT s.state, count(*), 0, 0, 0, percentile_disc(0.5) WITHIN GROUP (ORDER BY greatest($1 - s.since, 0))
			FROM passerelle.case_state s GROUP BY s.state;
		UPDATE passerelle.flow_published SET as_of = $1;
		counted := $1;
	END IF;
	RETURN QUERY
		SELECT counted, coalesce(q.code, '*'), coalesce(r.code, '*'), d.service, d.urgency, d.state, d.cases, d.overdue, d.escalated, d.oldest, d.median
		FROM passerelle.flow_day d
		LEFT JOIN passerelle.member q ON q.member = d.requesting
		LEFT JOIN passerelle.member r ON r.member = d.responding;
END
$$;

-- When each month begins (UTC), up to the one that goes on; the n-th is that of month n - 1.
CREATE FUNCTION passerelle.month_starts(now_ms int8) RETURNS int8[] LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT array_agg((extract(epoch FROM m) * 1000)::int8 ORDER BY m)
	FROM generate_series(timestamp '1970-01-01', to_timestamp($1 / 1000) AT TIME ZONE 'UTC', interval '1 month') m
$$;

-- What was done in the months from the one after `past` up to `until`. Columns of each figure as in enum flow_figure of
-- wire/message.h; days as counted in domain/case_steps.h, 1 is the day of opening; month 0 is January 1970. FOLLOW_UP
-- counts cases by the number of months after their end that the message is nearest to.
CREATE FUNCTION passerelle.count_months(past int4, until int4, starts int8[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	first_day CONSTANT int8 := starts[$1 + 2] / 86400000;
	next_day CONSTANT int8 := starts[$2 + 2] / 86400000;
BEGIN
	INSERT INTO passerelle.flow_month (figure, month, requesting, responding, key, days, hold, cases)
		SELECT (CASE WHEN c.requesting IS NOT NULL AND c.service IS NOT NULL THEN 13 WHEN c.responding IS NOT NULL AND c.service IS NOT NULL THEN 14
				WHEN c.requesting IS NOT NULL THEN 1 WHEN c.responding IS NOT NULL THEN 2 WHEN c.service IS NOT NULL THEN 3 ELSE 4 END),
			c.month - 1, c.requesting, c.responding, coalesce(c.service, c.urgency), 0, 0, c.cases
		FROM (SELECT width_bucket(s.opened_at, $3) AS month, s.requesting, s.responding, s.service, s.urgency, count(*) AS cases
			FROM passerelle.case_state s WHERE s.opened_at >= first_day * 86400000 AND s.opened_at < next_day * 86400000
			GROUP BY 1, GROUPING SETS (2, 3, 4, 5, (2, 4), (3, 4))) c;
	INSERT INTO passerelle.flow_month (figure, month, responding, days, hold, cases)
		SELECT CASE WHEN t.responding IS NULL THEN t.figure ELSE t.figure + 10 END, t.month - 1, t.responding, t.days, 0, t.cases
		FROM (SELECT e.figure, width_bucket((s.opened_at / 86400000 + e.days - 1) * 86400000, $3) AS month, s.responding, e.days, count(*) AS cases
			FROM passerelle.case_state s
			CROSS JOIN LATERAL (VALUES (5, (s.steps & 4095)::int4), (6, (s.steps >> 12 & 4095)::int4), (7, (s.steps >> 24 & 4095)::int4)) e (figure, days)
			WHERE e.days > 0 AND s.opened_at / 86400000 + e.days - 1 >= first_day AND s.opened_at / 86400000 + e.days - 1 < next_day
			GROUP BY GROUPING SETS ((1, 2, 4), (1, 2, 3, 4))) t;
	INSERT INTO passerelle.flow_month (figure, month, key, days, hold, cases)
		SELECT 8, width_bucket(t.day * 86400000, $3) - 1, CASE t.date WHEN 1 THEN 'KEPT' ELSE 'MISSED' END, 0, 0, sum(t.cases)
		FROM (SELECT s.opened_at / 86400000 + (s.steps >> 24 & 4095) - 1 AS day, s.steps >> 60 AS date, count(*) AS cases
			FROM passerelle.case_state s WHERE s.steps >> 60 > 0 GROUP BY 1, 2) t
		WHERE t.day >= first_day AND t.day < next_day
		GROUP BY 2, 3;
	INSERT INTO passerelle.flow_month (figure, month, key, days, hold, cases)
		SELECT 9, width_bucket((t.opened + t.days - 1) * 86400000, $3) - 1, t.reason, t.held_days, t.hold, count(*)
		FROM (SELECT s.opened_at / 86400000 AS opened, split_part(h.one, ':', 1) AS reason, split_part(h.one, ':', 2)::int4 AS days,
				split_part(h.one, ':', 3)::int4 AS held_days, h.place::int4 - 1 AS hold
			FROM passerelle.case_state s, unnest(string_to_array(s.held, ' ')) WITH ORDINALITY h (one, place) WHERE s.held <> '') t
		WHERE t.days > 0 AND t.opened + t.days - 1 >= first_day AND t.opened + t.days - 1 < next_day
		GROUP BY 2, 3, 4, 5;
	INSERT INTO passerelle.flow_month (figure, month, requesting, responding, key, days, hold, cases)
		SELECT CASE WHEN t.declined IS NULL THEN 11 ELSE 10 END, width_bucket(t.day * 86400000, $3) - 1, t.requesting, t.responding, t.declined, 0, 0, count(*)
		FROM (SELECT s.opened_at / 86400000 + (s.steps >> 36 & 4095) - 1 AS day, s.declined, NULL::int4 AS requesting, NULL::int4 AS responding
				FROM passerelle.case_state s WHERE s.declined <> '' AND s.steps >> 36 & 4095 > 0
			UNION ALL SELECT s.opened_at / 86400000 + (s.steps >> 36 & 4095) - 1, NULL, s.requesting, s.responding
				FROM passerelle.case_state s WHERE s.declined IN ('NO_SERVICE_IN_AREA', 'NOT_COMPETENT') AND s.steps >> 36 & 4095 > 0) t
		WHERE t.day >= first_day AND t.day < next_day
		GROUP BY 1, 2, 3, 4, 5;
	-- Ended are CLOSED 9, TRACE_FOUND 18 and TRACE_CLOSED 20. A corrected message is no second one.
	INSERT INTO passerelle.flow_month (figure, month, key, days, hold, cases)
		SELECT 18, t.month - 1, t.key, 0, 0, count(DISTINCT t.case_id)
		FROM (SELECT width_bucket(m.accepted_at, $3) AS month, m.case_id,
				(ARRAY['MONTHS_3', 'MONTHS_6', 'MONTHS_12', 'MONTHS_24'])[1 + width_bucket((m.accepted_at - s.since) / 86400000, ARRAY[135, 270, 540]::int8[])] AS key
			FROM passerelle.message m JOIN passerelle.case_state s ON s.case_id = m.case_id AND s.state IN (9, 18, 20)
			WHERE m.kind = 26 AND m.accepted_at >= first_day * 86400000 AND m.accepted_at < next_day * 86400000
				AND NOT EXISTS (SELECT FROM passerelle.correction c WHERE c.by_message = m.message_id AND c.sender = m.sender)) t
		GROUP BY 2, 3;
END
$$;

-- Counts the months that are over and were not counted yet. A network without a case in them has none to count, however
-- old it is: what is brought in later counts.
CREATE FUNCTION api.flow_close(now_ms int8) RETURNS int4
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	starts CONSTANT int8[] := passerelle.month_starts($1);
	over CONSTANT int4 := cardinality(starts) - 2;
	counted int4;
BEGIN
	SELECT p.month INTO counted FROM passerelle.flow_published p;
	IF counted >= over OR NOT EXISTS (SELECT FROM passerelle.case_state s WHERE s.opened_at < starts[over + 2]) THEN
		RETURN counted;
	END IF;
	SELECT p.month INTO counted FROM passerelle.flow_published p FOR NO KEY UPDATE;
	IF counted < over THEN
		PERFORM passerelle.count_months(counted, over, starts);
		UPDATE passerelle.flow_published SET month = over;
	END IF;
	RETURN greatest(counted, over);
END
$$;

-- What was done in each month that is over, for store/period.c, which decides what may leave the hub; and (figure 19) on how many days of it
-- a member could work how far, which all members were told: as it was at the end of each day, of the months from `past` on.
CREATE FUNCTION api.flow_figures(now_ms int8, past int4)
RETURNS TABLE (figure int4, month int4, requesting text, responding text, key text, days int4, cases int8, hold int4)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	starts CONSTANT int8[] := passerelle.month_starts($1);
	begins int8;
BEGIN
	INSERT INTO passerelle.audit_event (kind) VALUES ('FLOW');
	PERFORM api.flow_close($1);
	RETURN QUERY
		SELECT f.figure::int4, f.month, q.code, r.code, f.key, f.days, f.cases, f.hold::int4
		FROM passerelle.flow_month f
		LEFT JOIN passerelle.member q ON q.member = f.requesting
		LEFT JOIN passerelle.member r ON r.member = f.responding
		WHERE f.month < cardinality(starts) - 1;
	SELECT greatest(starts[greatest($2, 0) + 1], (SELECT min(c.at) FROM passerelle.availability_change c)) INTO begins;
	RETURN QUERY
		SELECT 19, width_bucket(t.at, starts) - 1, NULL, t.code, t.availability, 0, count(*), 0
		FROM (SELECT e.at, m.code, coalesce((SELECT c.availability FROM passerelle.availability_change c
					WHERE c.member = m.member AND c.at < e.at + 86400000 ORDER BY c.change DESC LIMIT 1), 'NORMAL') AS availability
			FROM generate_series(begins - begins % 86400000, starts[cardinality(starts)] - 1, 86400000) e (at)
			CROSS JOIN passerelle.member m
			WHERE EXISTS (SELECT FROM passerelle.availability_change c WHERE c.member = m.member AND c.at < starts[cardinality(starts)])) t
		GROUP BY 2, 4, 5;
END
$$;

-- Of two cases that share a reference the newest is meant.
CREATE FUNCTION api.member_status(asker int4, case_id uuid, reference text)
RETURNS TABLE (state int2, since int8, requesting text, responding text, clock int2, clock_pauses int2, clock_told int2, clock_started int8, clock_due int8, paused_since int8, paused_ms int8, consent_at int8, asked_at int8, out_since int8)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	PERFORM passerelle.act_for($1);
	RETURN QUERY
		SELECT s.state, s.since, q.code, r.code, s.clock, s.clock_pauses, s.clock_told, s.clock_started, s.clock_due, s.paused_since, s.paused_ms, s.consent_at, s.asked_at, s.out_since
		FROM passerelle.case_state s
		JOIN passerelle.member q ON q.member = s.requesting
		JOIN passerelle.member r ON r.member = s.responding
		WHERE (s.case_id = $2 OR ($2 IS NULL AND s.reference = $3))
			AND EXISTS (SELECT FROM passerelle.member m WHERE m.member = $1 AND m.active AND NOT m.agency)
		ORDER BY s.opened_at DESC LIMIT 1;
	INSERT INTO passerelle.audit_event (kind, actor, outcome, case_id) VALUES ('STATUS', $1, CASE WHEN FOUND THEN 0 ELSE 1 END, $2);
END
$$;

-- For partner agencies, each by the reference that it was given. Unknown, not a party, ended and suspended are one
-- answer: no row. The day of the state, not its hour. Ended are REPORTED's followers: CLOSED 9, DECLINED 10, WITHDRAWN 11,
-- TRANSFERRED 12. Each question counts, whatever it asks for: over the day's budget the one row has the state 0. What was
-- answered is counted in the case as well, for the hub to tell both members.
CREATE FUNCTION api.status(asker int4, reference text, today text, in_all int4, each int4)
RETURNS TABLE (state int2, since int8, requesting text, responding text, clock int2, clock_pauses int2, clock_told int2, clock_started int8, clock_due int8, paused_since int8, paused_ms int8, consent_at int8, asked_at int8, out_since int8)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	this_day int4 := $3::date - date '1970-01-01';
	asked_today int4;
	asked_this int4;
	found_case uuid;
BEGIN
	PERFORM passerelle.act_for($1);
	DELETE FROM passerelle.question_budget b WHERE b.agency = $1 AND b.day < this_day;
	INSERT INTO passerelle.question_budget AS b (agency, day, reference, count) VALUES ($1, this_day, '', 1)
		ON CONFLICT (agency, day, reference) DO UPDATE SET count = b.count + 1 RETURNING b.count INTO asked_today;
	IF asked_today <= $4 THEN
		INSERT INTO passerelle.question_budget AS b (agency, day, reference, count) VALUES ($1, this_day, 'R' || $2, 1)
			ON CONFLICT (agency, day, reference) DO UPDATE SET count = b.count + 1 RETURNING b.count INTO asked_this;
	END IF;
	IF asked_today > $4 OR asked_this > $5 THEN
		INSERT INTO passerelle.audit_event (kind, actor, outcome) VALUES ('PARTNER_STATUS', $1, 2);
		RETURN QUERY SELECT 0::int2, 0::int8, '', '', 0::int2, 0::int2, 0::int2, 0::int8, 0::int8, 0::int8, 0::int8, 0::int8, 0::int8, 0::int8;
		RETURN;
	END IF;
	SELECT s.case_id INTO found_case
		FROM passerelle.case_party p
		JOIN passerelle.case_state s ON s.case_id = p.case_id
		JOIN passerelle.member a ON a.member = $1 AND a.agency AND a.active
		WHERE p.agency = $1 AND p.reference = $2 AND $2 <> '' AND (p.until = '' OR p.until >= $3)
			AND (s.state NOT IN (9, 10, 11, 12) OR s.since / 86400000 >= this_day - 90)
		ORDER BY s.opened_at DESC LIMIT 1;
	UPDATE passerelle.case_party p SET asked = p.asked + 1 WHERE p.case_id = found_case AND p.agency = $1;
	INSERT INTO passerelle.audit_event (kind, actor, outcome, case_id)
		VALUES ('PARTNER_STATUS', $1, CASE WHEN found_case IS NULL THEN 1 ELSE 0 END, found_case);
	RETURN QUERY
		SELECT s.state, s.since - s.since % 86400000, q.code, r.code, s.clock, s.clock_pauses, s.clock_told, s.clock_started, s.clock_due, s.paused_since, s.paused_ms, s.consent_at, s.asked_at, s.out_since
		FROM passerelle.case_state s
		JOIN passerelle.member q ON q.member = s.requesting
		JOIN passerelle.member r ON r.member = s.responding
		WHERE s.case_id = found_case;
END
$$;

CREATE FUNCTION api.directory_version() RETURNS int8 LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT version FROM passerelle.directory_version
$$;

-- One row a member, then its certificates: use MEMBER, SIGNING, ENCRYPTION (newest first), ISSUER.
CREATE FUNCTION api.directory()
RETURNS TABLE (version int8, member int4, use text, code text, kind text, name text, status text, active boolean, service text[], language text[], country text[],
	availability text, cause text, until text, deputy text, since int8, calendar text, hash bytea, der bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT v.version, t.* FROM passerelle.directory_version v CROSS JOIN (
		SELECT m.member, 'MEMBER' AS use, m.code, m.kind, m.name, m.status, m.active, m.service, m.language, m.country,
			m.availability, m.cause, m.until, coalesce((SELECT d.code FROM passerelle.member d WHERE d.member = m.deputy), ''), m.available_at, m.calendar, NULL::bytea, NULL::bytea
		FROM passerelle.member m
		UNION ALL
		(SELECT c.member, c.use, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, c.hash, c.der FROM passerelle.certificate c ORDER BY c.added DESC)
		UNION ALL
		SELECT i.member, 'ISSUER', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, i.hash, i.issuer FROM passerelle.member_issuer i) t
$$;
