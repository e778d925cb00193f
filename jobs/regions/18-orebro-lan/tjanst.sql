SELECT
    '18' AS lanskod, avtal AS avtals_id, '1' AS uppdrags_id, nr AS tjanst_id, kva(kva) AS kva, icd10(icd) AS icd, enhet,
    datum(fran) AS giltig_fran, datum(till) + INTERVAL '1 day' AS giltig_till
FROM source
