SELECT '22' AS lanskod, "Diarienr" AS avtals_id, '1' AS uppdrags_id, CAST("TjanstID" AS VARCHAR) AS tjanst_id, kva("KvaKod") AS kva,
    icd10("Icd10") AS icd, "Benamning" AS beskrivning, lower("MotesForm") AS motesform, "HsaId" AS enhet, "FranDatum" AS giltig_fran,
    "TillDatum" + INTERVAL '1 day' AS giltig_till
FROM source WHERE kod = 'TJANST'
