SELECT
    id AS hsa_id,
    name AS namn,
    'fiktiv' AS typ,
    ovanfor AS del_av
FROM source
