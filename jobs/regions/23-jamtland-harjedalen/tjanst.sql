SELECT
    '23' AS lanskod, avtal AS avtals_id, '1' AS uppdrags_id, rad AS tjanst_id, kva, diagnos AS icd, enhet,
    CASE mote WHEN 'F' THEN 'fysiskt' WHEN 'V' THEN 'video' WHEN 'T' THEN 'telefon' ELSE mote END AS motesform,
    datum(fran, 'YYYYMMDD') AS giltig_fran
FROM source
