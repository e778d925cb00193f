SELECT '05' AS lanskod, "KO_NUMMER" AS avtals_id, CAST("UT_UP_ID" AS VARCHAR) AS uppdrags_id, CAST("UT_ID" AS VARCHAR) AS tjanst_id,
    CASE kod WHEN 'RE' THEN 'remisskrav' WHEN 'RR' THEN 'regionremiss' WHEN 'RL' THEN 'professionsremiss'
        WHEN 'BF' THEN 'betalningsforbindelse' WHEN 'VT' THEN 'annat' WHEN 'OV' THEN 'annat' ELSE kod END AS kod, lydelse AS beskrivning,
    decimal(minst) AS varde_min, decimal(hogst) AS varde_max, CASE kod WHEN 'VT' THEN 'dagar' END AS matt, datum("UT_FOM") AS giltig_fran,
    datum(NULLIF("UT_TOM", '99991231')) + INTERVAL '1 day' AS giltig_till
FROM source WHERE kod NOT IN ('TJANST', 'AL', 'KN', 'BM', 'AS')
