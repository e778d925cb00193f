SELECT '05' AS lanskod, "KO_NUMMER" AS avtals_id, CAST("UT_UP_ID" AS VARCHAR) AS uppdrags_id, CAST("UT_ID" AS VARCHAR) AS tjanst_id,
    kva("UT_KVA") AS kva, icd10("UT_ICD") AS icd, "UT_TEXT" AS beskrivning, upper("UT_HSAID") AS enhet, CASE "UT_DISTANS"
        WHEN '0' THEN 'fysiskt' WHEN '1' THEN 'ovrigt' ELSE "UT_DISTANS" END AS motesform, datum("UT_FOM") AS giltig_fran,
    datum(NULLIF("UT_TOM", '99991231')) + INTERVAL '1 day' AS giltig_till
FROM source WHERE kod = 'TJANST'
