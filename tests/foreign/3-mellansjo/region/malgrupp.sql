SELECT '05' AS lanskod, "KO_NUMMER" AS avtals_id, CAST("UT_UP_ID" AS VARCHAR) AS uppdrags_id, CAST("UT_ID" AS VARCHAR) AS tjanst_id,
    CASE kod WHEN 'AL' THEN 'alder' WHEN 'KN' THEN 'kon' WHEN 'BM' THEN 'bmi' ELSE 'asa' END AS kod, lydelse AS beskrivning,
    decimal(minst) AS varde_min, decimal(hogst) AS varde_max, CASE varde WHEN 'M' THEN 'man' WHEN 'K' THEN 'kvinna' ELSE varde
        END AS varde_kod, datum("UT_FOM") AS giltig_fran, datum(NULLIF("UT_TOM", '99991231')) + INTERVAL '1 day' AS giltig_till
FROM source WHERE kod IN ('AL', 'KN', 'BM', 'AS')
