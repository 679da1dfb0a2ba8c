-- SPDX-License-Identifier: Apache-2.0
-- Row level security, forced: also the owner of a table sees nothing through it. The
-- writer's functions see all rows (they act for the hub); the others see the rows of
-- the member that they act for, even where a function forgets to say so.
SET LOCAL ROLE passerelle_owner;

-- Whom a function acts for. Not set, or set back to '': nothing is shown, loudly.
CREATE FUNCTION passerelle.me() RETURNS int4 LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	member text := current_setting('passerelle.member', true);
BEGIN
	IF member IS NULL OR member = '' THEN
		RAISE EXCEPTION 'no member is set' USING ERRCODE = '42501';
	END IF;
	RETURN member::int4;
END
$$;
REVOKE ALL ON FUNCTION passerelle.me(), passerelle.refuse_change(), passerelle.uuid_at(int8), passerelle.ensure_partitions(int8, int8) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION passerelle.me() TO passerelle_view, passerelle_guard;

DO $$
DECLARE
	name text;
BEGIN
	FOREACH name IN ARRAY ARRAY['message', 'mailbox', 'mailbox_entry', 'mailbox_cursor', 'mailbox_reader', 'receipt', 'correction', 'recalled', 'case_state', 'case_party',
			'object', 'object_chunk', 'object_reader'] LOOP
		EXECUTE format('ALTER TABLE passerelle.%I ENABLE ROW LEVEL SECURITY', name);
		EXECUTE format('ALTER TABLE passerelle.%I FORCE ROW LEVEL SECURITY', name);
		EXECUTE format('CREATE POLICY hub ON passerelle.%I TO passerelle_ingest USING (true) WITH CHECK (true)', name);
	END LOOP;
END
$$;

-- (SELECT me()) is evaluated once a statement, me() once a row.
CREATE POLICY own ON passerelle.mailbox_entry FOR SELECT TO passerelle_view USING (recipient = (SELECT passerelle.me()));
CREATE POLICY own ON passerelle.message FOR SELECT TO passerelle_view
	USING (sender = (SELECT passerelle.me()) OR (SELECT passerelle.me()) = ANY (recipient));
CREATE POLICY own ON passerelle.case_state FOR SELECT TO passerelle_view
	USING ((SELECT passerelle.me()) IN (requesting, responding)
		OR (SELECT kind = 'GENERAL_SECRETARIAT' FROM passerelle.member WHERE member = passerelle.me()));
-- Whoever sees an entry may see that it was recalled; ids alone say nothing.
CREATE POLICY marks ON passerelle.recalled FOR SELECT TO passerelle_view USING (true);
CREATE POLICY own ON passerelle.object_reader FOR SELECT TO passerelle_view USING (member = (SELECT passerelle.me()));
CREATE POLICY own ON passerelle.object FOR SELECT TO passerelle_view
	USING (owner = (SELECT passerelle.me())
		OR EXISTS (SELECT FROM passerelle.object_reader r WHERE r.object_id = object.object_id AND r.member = (SELECT passerelle.me())));
CREATE POLICY own ON passerelle.object_chunk FOR SELECT TO passerelle_view
	USING (EXISTS (SELECT FROM passerelle.object o WHERE o.object_id = object_chunk.object_id));

CREATE POLICY own ON passerelle.case_party FOR SELECT TO passerelle_guard USING (agency = (SELECT passerelle.me()));
CREATE POLICY counted ON passerelle.case_party FOR UPDATE TO passerelle_guard USING (agency = (SELECT passerelle.me()));
ALTER TABLE passerelle.question_budget ENABLE ROW LEVEL SECURITY;
ALTER TABLE passerelle.question_budget FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON passerelle.question_budget TO passerelle_guard USING (agency = (SELECT passerelle.me()));
CREATE POLICY party ON passerelle.case_state FOR SELECT TO passerelle_guard
	USING (EXISTS (SELECT FROM passerelle.case_party p WHERE p.case_id = case_state.case_id));

GRANT SELECT ON passerelle.member TO passerelle_ingest, passerelle_view, passerelle_guard;
GRANT SELECT ON passerelle.certificate, passerelle.member_issuer, passerelle.directory_version TO passerelle_view;
GRANT SELECT ON passerelle.message, passerelle.mailbox_entry, passerelle.recalled, passerelle.case_state, passerelle.object, passerelle.object_chunk,
	passerelle.object_reader TO passerelle_view;
GRANT SELECT ON passerelle.case_state, passerelle.case_party TO passerelle_guard;
GRANT UPDATE (asked) ON passerelle.case_party TO passerelle_guard;
GRANT SELECT, INSERT, UPDATE, DELETE ON passerelle.question_budget TO passerelle_guard;
GRANT INSERT ON passerelle.audit_event TO passerelle_ingest, passerelle_view, passerelle_guard;

GRANT SELECT, INSERT ON passerelle.message, passerelle.mailbox_entry, passerelle.receipt, passerelle.correction, passerelle.recalled,
	passerelle.receipt_batch TO passerelle_ingest;
GRANT UPDATE (envelope) ON passerelle.message TO passerelle_ingest;
GRANT SELECT, INSERT, UPDATE ON passerelle.mailbox_cursor, passerelle.case_state, passerelle.case_party TO passerelle_ingest;
GRANT SELECT, UPDATE ON passerelle.mailbox TO passerelle_ingest;
GRANT SELECT, UPDATE ON passerelle.flow_published TO passerelle_ingest;
GRANT SELECT, INSERT ON passerelle.flow_month, passerelle.availability_change TO passerelle_ingest;
GRANT SELECT, INSERT, DELETE ON passerelle.flow_day TO passerelle_ingest;
GRANT SELECT ON passerelle.message_window, passerelle.directory_version TO passerelle_ingest;
GRANT UPDATE ON passerelle.directory_version TO passerelle_ingest;
GRANT UPDATE (availability, cause, until, deputy, available_at) ON passerelle.member TO passerelle_ingest;
GRANT SELECT, INSERT, UPDATE, DELETE ON passerelle.object, passerelle.object_chunk TO passerelle_ingest;
GRANT SELECT, INSERT, DELETE ON passerelle.object_reader, passerelle.mailbox_reader TO passerelle_ingest;
