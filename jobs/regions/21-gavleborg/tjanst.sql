SELECT
    '21' AS lanskod,
    avtal AS avtals_id,
    uppdrag AS uppdrags_id,
    nr AS tjanst_id,
    kva(kva) AS kva,
    icd10(icd) AS icd,
    "text" AS beskrivning,
    form AS motesform,
    enhet,
    datum(fran) AS giltig_fran,
    datum(tom) + INTERVAL '1 day' AS giltig_till
FROM source
