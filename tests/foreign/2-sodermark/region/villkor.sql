SELECT '10' AS lanskod, avt_nr AS avtals_id, '1' AS uppdrags_id, CAST(rad_nr AS VARCHAR) AS tjanst_id, CASE kod WHEN 'REM' THEN 'remisskrav'
        WHEN 'REMR' THEN 'regionremiss' WHEN 'REML' THEN 'professionsremiss' WHEN 'BFB' THEN 'betalningsforbindelse' WHEN 'VTD' THEN 'annat'
        WHEN 'OVR' THEN 'annat' ELSE kod END AS kod, lydelse AS beskrivning, minst AS varde_min, hogst AS varde_max, CASE kod
        WHEN 'VTD' THEN 'dagar' END AS matt, datum(CAST(fr_dat AS VARCHAR)) AS giltig_fran,
    datum(CAST(NULLIF(tm_dat, 99991231) AS VARCHAR)) + INTERVAL '1 day' AS giltig_till
FROM source WHERE kod NOT IN ('TJANST', 'ALD', 'KON', 'BMI', 'ASA')
