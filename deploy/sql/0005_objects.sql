-- SPDX-License-Identifier: Apache-2.0
-- Uploads. The durable offset is the truth. Codes: 0 good, 1 length or hash differ, 2 somebody else's,
-- 3 unknown, 4 not whole pieces in their place.

CREATE FUNCTION api.object_open(owner int4, object_id uuid, length int8, tree_hash bytea, OUT code int4, OUT durable int8, OUT complete boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
	known passerelle.object;
BEGIN
	INSERT INTO passerelle.object (object_id, owner, length, tree_hash) VALUES (object_id, owner, length, tree_hash) ON CONFLICT DO NOTHING;
	SELECT o.* INTO STRICT known FROM passerelle.object o WHERE o.object_id = object_open.object_id;
	code := CASE WHEN known.owner <> owner THEN 2 WHEN known.length <> length OR known.tree_hash <> tree_hash THEN 1 ELSE 0 END;
	durable := known.durable;
	complete := known.complete;
END
$$;

-- RFC 9162 2.1: pairs are joined level by level, an odd one goes up as it is.
CREATE FUNCTION passerelle.tree_root(leaf bytea[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	WHILE cardinality(leaf) > 1 LOOP
		SELECT array_agg(CASE WHEN leaf[2 * i] IS NULL THEN leaf[2 * i - 1] ELSE sha256('\x01' || leaf[2 * i - 1] || leaf[2 * i]) END ORDER BY i)
			INTO leaf FROM generate_series(1, (cardinality(leaf) + 1) / 2) i;
	END LOOP;
	RETURN leaf[1];
END
$$;

-- `leaf`: SHA-256(0x00 | piece), which the hub computed from what it received.
CREATE FUNCTION api.object_write(owner int4, object_id uuid, from_offset int8, piece bytea[], leaf bytea[], OUT code int4, OUT durable int8, OUT complete boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
	known passerelle.object;
	first CONSTANT int4 := (from_offset / 262144)::int4;
	added int8;
BEGIN
	SELECT o.* INTO known FROM passerelle.object o WHERE o.object_id = object_write.object_id AND o.owner = object_write.owner FOR UPDATE;
	IF NOT FOUND THEN
		code := 3;
		RETURN;
	END IF;
	code := 0;
	durable := known.durable;
	complete := known.complete;
	IF known.complete OR from_offset <> known.durable THEN
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM unnest(piece) WITH ORDINALITY t (data, at)
			WHERE octet_length(t.data) <> least(262144, known.length - (known.durable + (t.at - 1) * 262144))) THEN
		code := 4;
		RETURN;
	END IF;
	INSERT INTO passerelle.object_chunk (object_id, piece, leaf, data)
		SELECT object_id, first + t.at - 1, t.leaf, t.data FROM unnest(piece, leaf) WITH ORDINALITY t (data, leaf, at);
	SELECT coalesce(sum(octet_length(t.data)), 0) INTO added FROM unnest(piece) t (data);
	durable := durable + added;
	complete := durable = known.length;
	IF complete AND known.tree_hash <> passerelle.tree_root(ARRAY(
			SELECT c.leaf FROM passerelle.object_chunk c WHERE c.object_id = object_write.object_id ORDER BY c.piece)) THEN
		DELETE FROM passerelle.object_chunk c WHERE c.object_id = object_write.object_id;
		DELETE FROM passerelle.object o WHERE o.object_id = object_write.object_id;
		INSERT INTO passerelle.audit_event (kind, actor) VALUES ('OBJECT_MISMATCH', owner);
		code := 1;
		RETURN;
	END IF;
	UPDATE passerelle.object o SET durable = object_write.durable, complete = object_write.complete WHERE o.object_id = object_write.object_id;
END
$$;
