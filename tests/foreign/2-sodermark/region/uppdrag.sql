SELECT '10' AS lanskod, avt_nr AS avtals_id, '1' AS uppdrags_id, best_org_nr AS bestallare_orgnr, org_nr AS utforare_orgnr,
    lev_namn AS utforare_namn, datum(CAST(gilt_fr AS VARCHAR)) AS giltig_fran,
    datum(CAST(NULLIF(NULLIF(gilt_tm, 0), 99991231) AS VARCHAR)) + INTERVAL '1 day' AS giltig_till
FROM source
