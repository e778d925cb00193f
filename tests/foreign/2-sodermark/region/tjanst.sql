SELECT '10' AS lanskod, avt_nr AS avtals_id, '1' AS uppdrags_id, CAST(rad_nr AS VARCHAR) AS tjanst_id, kva(atg_kd) AS kva,
    icd10(diag_kd) AS icd, rad_txt AS beskrivning, upper(hsa_id) AS enhet, CASE mform_kd WHEN '1' THEN 'fysiskt' WHEN '2' THEN 'video'
        WHEN '3' THEN 'telefon' ELSE mform_kd END AS motesform, datum(CAST(fr_dat AS VARCHAR)) AS giltig_fran,
    datum(CAST(NULLIF(tm_dat, 99991231) AS VARCHAR)) + INTERVAL '1 day' AS giltig_till
FROM source WHERE kod = 'TJANST'
