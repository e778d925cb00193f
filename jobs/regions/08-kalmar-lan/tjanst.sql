SELECT
    '08' AS lanskod,
    avtal AS avtals_id,
    uppdrag AS uppdrags_id,
    nummer AS tjanst_id,
    kva(kva) AS kva,
    icd10(icd) AS icd,
    motesform,
    enhet,
    datum(start) AS giltig_fran,
    datum(slut) + INTERVAL '1 day' AS giltig_till
FROM source
