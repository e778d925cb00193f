SELECT
    '24' AS lanskod,
    avtal AS avtals_id,
    uppdrag AS uppdrags_id,
    tjanst AS tjanst_id,
    kva,
    icd,
    CASE form
        WHEN 'F' THEN 'fysiskt'
        WHEN 'V' THEN 'video'
        WHEN 'T' THEN 'telefon'
        ELSE form
    END AS motesform,
    enhet,
    datum(fran, 'YYYYMMDD') AS giltig_fran,
    datum(nullif(till, '99991231'), 'YYYYMMDD') + INTERVAL '1 day' AS giltig_till
FROM source
