-- Personal data is masked by default: 张三 → 张*, 13812345678 → 138****78. Idempotent.
CREATE OR REPLACE FUNCTION onemap_mask_person(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN name IS NULL OR btrim(name) = '' THEN NULL ELSE left(btrim(name), 1) || '*' END;

CREATE OR REPLACE FUNCTION onemap_mask_phone(phone text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN phone IS NULL OR btrim(phone) = '' THEN NULL
        WHEN regexp_replace(phone, '\D', '', 'g') ~ '^\d{11,}$'
            THEN left(regexp_replace(phone, '\D', '', 'g'), 3) || '****' || right(regexp_replace(phone, '\D', '', 'g'), 2)
        ELSE '****'
    END;
