-- SPDX-License-Identifier: Apache-2.0
-- Who is who in the database. Nobody who logs in owns or may touch a table: the
-- three login roles execute functions of schema api, which run as one of the roles
-- that cannot log in and may do no more than their purpose needs.
--
--   passerelle_owner    owns schema, tables, functions of upkeep
--   passerelle_ingest   functions that the writer calls
--   passerelle_view     functions that read for one member: rows of that member only (row level security)
--   passerelle_guard    the one function for partner agencies: cases that they are party to
--   passerelle_writer, passerelle_reader, passerelle_partner   log in (password or peer: the operator's choice)
DO $$
DECLARE
	role text;
BEGIN
	FOREACH role IN ARRAY ARRAY['owner', 'ingest', 'view', 'guard'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'passerelle_' || role) THEN
			EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', 'passerelle_' || role);
		END IF;
	END LOOP;
	FOREACH role IN ARRAY ARRAY['writer', 'reader', 'partner'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'passerelle_' || role) THEN
			EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', 'passerelle_' || role);
		END IF;
	END LOOP;
	EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
	EXECUTE format('GRANT CONNECT ON DATABASE %I TO passerelle_writer, passerelle_reader, passerelle_partner', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;

ALTER SCHEMA passerelle OWNER TO passerelle_owner;
ALTER TABLE passerelle.migration OWNER TO passerelle_owner;
CREATE SCHEMA api AUTHORIZATION passerelle_owner;
REVOKE ALL ON SCHEMA passerelle, api FROM PUBLIC;
GRANT USAGE ON SCHEMA passerelle, api TO passerelle_ingest, passerelle_view, passerelle_guard;
GRANT USAGE ON SCHEMA api TO passerelle_writer, passerelle_reader, passerelle_partner;

-- A definer role may own functions in api, and nothing else.
COMMENT ON SCHEMA api IS 'all that the hub may do; SECURITY DEFINER, fixed search_path';
COMMENT ON SCHEMA passerelle IS 'tables; no rights for roles that log in';
