SELECT '22' AS lanskod, "Diarienr" AS avtals_id, '1' AS uppdrags_id, CAST("TjanstID" AS VARCHAR) AS tjanst_id, CASE kod
        WHEN 'ÅLDER' THEN 'alder' WHEN 'KÖN' THEN 'kon' ELSE lower(kod) END AS kod, lydelse AS beskrivning, minst AS varde_min,
    hogst AS varde_max, CASE varde WHEN 'K' THEN 'kvinna' WHEN 'M' THEN 'man' ELSE varde END AS varde_kod, "FranDatum" AS giltig_fran,
    "TillDatum" + INTERVAL '1 day' AS giltig_till
FROM source WHERE kod IN ('ÅLDER', 'KÖN', 'BMI', 'ASA')
