SELECT
    lanskod(region) AS lanskod,
    avtal AS avtals_id,
    uppdrag AS uppdrags_id,
    tjanst AS tjanst_id,
    kva(kva) AS kva,
    icd10(icd10) AS icd,
    kommentar AS beskrivning,
    motesform,
    enhet,
    datum(fran) AS giltig_fran,
    datum(tom) + INTERVAL '1 day' AS giltig_till
FROM source
