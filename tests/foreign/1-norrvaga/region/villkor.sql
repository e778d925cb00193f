SELECT '22' AS lanskod, "Diarienr" AS avtals_id, '1' AS uppdrags_id, CAST("TjanstID" AS VARCHAR) AS tjanst_id, CASE kod
        WHEN 'REMISS' THEN 'remisskrav' WHEN 'REMISS_REGION' THEN 'regionremiss' WHEN 'REMISS_LEG' THEN 'professionsremiss'
        WHEN 'BETALFÖRB' THEN 'betalningsforbindelse' WHEN 'VÄNTETID' THEN 'annat' WHEN 'ÖVRIGT' THEN 'annat' ELSE kod END AS kod,
    lydelse AS beskrivning, minst AS varde_min, hogst AS varde_max, CASE kod WHEN 'VÄNTETID' THEN 'dagar' END AS matt,
    "FranDatum" AS giltig_fran, "TillDatum" + INTERVAL '1 day' AS giltig_till
FROM source WHERE kod NOT IN ('TJANST', 'ÅLDER', 'KÖN', 'BMI', 'ASA')
