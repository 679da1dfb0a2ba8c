-- SPDX-License-Identifier: Apache-2.0
-- The directory's rows, for the operator (passerelle-hub member add); and at last who may call what.
SET LOCAL ROLE passerelle_owner;

-- New, or adds to what is there. NULL keeps what is there.
CREATE FUNCTION passerelle.register_member(new_code text, new_kind text, new_name text, new_status text, signing bytea[], encryption bytea[], issuers bytea[],
	services text[], languages text[], countries text[]) RETURNS int4
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	no int4;
BEGIN
	UPDATE passerelle.directory_version SET version = version + 1;
	UPDATE passerelle.member SET kind = coalesce(new_kind, kind), name = coalesce(new_name, name), status = coalesce(new_status, status),
			service = coalesce(services, service), language = coalesce(languages, language),
			country = coalesce(countries, country)
		WHERE code = new_code RETURNING member INTO no;
	IF NOT FOUND THEN
		INSERT INTO passerelle.member (code, kind, name, status, service, language, country)
			VALUES (new_code, coalesce(new_kind, 'BRANCH'), coalesce(new_name, new_code), coalesce(new_status, 'ACTIVE'),
				coalesce(services, '{}'), coalesce(languages, '{}'), coalesce(countries, '{}'))
			RETURNING member INTO no;
	END IF;
	INSERT INTO passerelle.certificate (hash, member, use, der)
		SELECT sha256(t.der), no, t.use, t.der
		FROM (SELECT unnest(signing) AS der, 'SIGNING' AS use UNION ALL SELECT unnest(encryption), 'ENCRYPTION') t ON CONFLICT DO NOTHING;
	IF EXISTS (SELECT FROM passerelle.certificate c WHERE c.member <> no AND c.hash IN (SELECT sha256(t) FROM unnest(signing || encryption) t)) THEN
		RAISE EXCEPTION 'a certificate is registered for somebody else' USING ERRCODE = '23505';
	END IF;
	INSERT INTO passerelle.member_issuer (member, issuer, hash) SELECT no, t, sha256(t) FROM unnest(issuers) t ON CONFLICT DO NOTHING;
	INSERT INTO passerelle.audit_event (kind, actor) VALUES ('MEMBER_REGISTERED', no);
	RETURN no;
END
$$;

-- What a member tells of itself, or the operator in its place. BACK is kept as NORMAL.
CREATE FUNCTION passerelle.set_availability(of_code text, new_availability text, new_cause text, new_until text, deputy_code text, at_ms int8) RETURNS int4
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	no int4;
	stands_in int4;
	kept CONSTANT text := CASE new_availability WHEN 'BACK' THEN 'NORMAL' ELSE new_availability END;
BEGIN
	SELECT m.member INTO stands_in FROM passerelle.member m WHERE m.code = deputy_code AND m.active AND NOT m.agency;
	IF deputy_code <> '' AND stands_in IS NULL THEN
		RAISE EXCEPTION 'the deputy is no active member' USING ERRCODE = '23503';
	END IF;
	UPDATE passerelle.directory_version SET version = version + 1;
	UPDATE passerelle.member m SET availability = kept, available_at = at_ms, deputy = CASE kept WHEN 'NORMAL' THEN NULL ELSE stands_in END,
			cause = CASE kept WHEN 'NORMAL' THEN '' ELSE new_cause END, until = CASE kept WHEN 'NORMAL' THEN '' ELSE new_until END
		WHERE m.code = of_code AND NOT m.agency AND m.kind <> 'HUB' RETURNING m.member INTO no;
	IF no IS NULL THEN
		RAISE EXCEPTION 'no such member' USING ERRCODE = '23503';
	END IF;
	INSERT INTO passerelle.availability_change (member, availability, at) VALUES (no, kept, at_ms);
	INSERT INTO passerelle.audit_event (kind, actor) VALUES ('AVAILABILITY_' || kept, no);
	RETURN no;
END
$$;

-- On which days a member works. Terms that run already are not touched: their end was agreed by a signed message.
CREATE FUNCTION passerelle.set_calendar(of_code text, new_calendar text) RETURNS int4
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	no int4;
BEGIN
	UPDATE passerelle.directory_version SET version = version + 1;
	UPDATE passerelle.member m SET calendar = new_calendar WHERE m.code = of_code AND NOT m.agency AND m.kind <> 'HUB' RETURNING m.member INTO no;
	IF no IS NULL THEN
		RAISE EXCEPTION 'no such member' USING ERRCODE = '23503';
	END IF;
	INSERT INTO passerelle.audit_event (kind, actor) VALUES ('CALENDAR', no);
	RETURN no;
END
$$;

-- Agencies have a mailbox too, which stays empty: a number is a number.
CREATE FUNCTION passerelle.add_mailbox() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO passerelle.mailbox (member) VALUES (new.member);
	RETURN NULL;
END
$$;
RESET ROLE;
GRANT INSERT ON passerelle.mailbox TO passerelle_ingest;
ALTER FUNCTION passerelle.add_mailbox() OWNER TO passerelle_ingest;
SET LOCAL ROLE passerelle_owner;
CREATE TRIGGER add_mailbox AFTER INSERT ON passerelle.member FOR EACH ROW EXECUTE FUNCTION passerelle.add_mailbox();
RESET ROLE;

ALTER FUNCTION passerelle.refuse(int2[], int4[], int2) OWNER TO passerelle_ingest;
ALTER FUNCTION passerelle.judge_correction(int4, uuid, uuid, int8, int4, boolean, int4[]) OWNER TO passerelle_ingest;
ALTER FUNCTION passerelle.recall(int4, uuid, uuid) OWNER TO passerelle_ingest;
ALTER FUNCTION passerelle.forget_objects(int4, uuid[]) OWNER TO passerelle_ingest;
ALTER FUNCTION passerelle.stripped(bytea) OWNER TO passerelle_ingest;
ALTER FUNCTION passerelle.refuse_all_but_stripping() OWNER TO passerelle_ingest;
ALTER FUNCTION passerelle.count_months(int4, int4, int8[]) OWNER TO passerelle_ingest;
ALTER FUNCTION passerelle.month_starts(int8) OWNER TO passerelle_ingest;
ALTER FUNCTION passerelle.tree_root(bytea[]) OWNER TO passerelle_ingest;
ALTER FUNCTION passerelle.act_for(int4) OWNER TO passerelle_owner;

-- function, runs as, may be called by
DO $$
DECLARE
	row record;
	callee text;
BEGIN
	FOR row IN SELECT * FROM (VALUES
		('commit_batch', 'ingest', 'writer'),
		('commit_one', 'ingest', 'writer'),
		('commit_to_all', 'ingest', 'writer'),
		('lookup', 'ingest', 'writer'),
		('due', 'ingest', 'writer'),
		('unsettled', 'ingest', 'writer'),
		('untold', 'ingest', 'writer'),
		('open_cursor', 'ingest', 'writer'),
		('move_cursors', 'ingest', 'writer'),
		('close_cursor', 'ingest', 'writer'),
		('barrier', 'ingest', 'writer'),
		('object_open', 'ingest', 'writer'),
		('object_write', 'ingest', 'writer'),
		('keep_partitions', 'owner', 'writer'),
		('erase', 'ingest', 'writer'),
		('flow', 'ingest', 'reader'),
		('flow_figures', 'ingest', 'reader'),
		('flow_close', 'ingest', 'reader'),
		('newest', 'ingest', 'reader'),
		('page', 'view', 'reader'),
		('object_read', 'view', 'reader'),
		('member_status', 'view', 'reader'),
		('directory', 'view', 'reader'),
		('directory_version', 'view', 'reader'),
		('status', 'guard', 'partner'),
		('schema_version', 'owner', 'writer reader partner')) t (name, owner, callers)
	LOOP
		callee := (SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'api'::regnamespace AND p.proname = row.name);
		EXECUTE format('ALTER FUNCTION %s OWNER TO %I', callee, 'passerelle_' || row.owner);
		EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', callee);
		EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %s', callee,
			(SELECT string_agg(format('%I', 'passerelle_' || caller), ', ') FROM unnest(string_to_array(row.callers, ' ')) caller));
	END LOOP;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA passerelle FROM PUBLIC;
GRANT EXECUTE ON FUNCTION passerelle.act_for(int4), passerelle.me() TO passerelle_view, passerelle_guard;
