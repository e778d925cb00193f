SELECT
    id AS hsa_id,
    name AS namn,
    'fiktiv' AS typ,
    true AS vardgivare
FROM source
