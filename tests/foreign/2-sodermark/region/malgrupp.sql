SELECT '10' AS lanskod, avt_nr AS avtals_id, '1' AS uppdrags_id, CAST(rad_nr AS VARCHAR) AS tjanst_id, CASE kod WHEN 'ALD' THEN 'alder'
        ELSE lower(kod) END AS kod, lydelse AS beskrivning, minst AS varde_min, hogst AS varde_max, CASE varde WHEN '1' THEN 'man'
        WHEN '2' THEN 'kvinna' ELSE varde END AS varde_kod, datum(CAST(fr_dat AS VARCHAR)) AS giltig_fran,
    datum(CAST(NULLIF(tm_dat, 99991231) AS VARCHAR)) + INTERVAL '1 day' AS giltig_till
FROM source WHERE kod IN ('ALD', 'KON', 'BMI', 'ASA')
