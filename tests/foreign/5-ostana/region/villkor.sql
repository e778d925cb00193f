SELECT '20' AS lanskod, avtal AS avtals_id, '1' AS uppdrags_id, CAST(rad AS VARCHAR) AS tjanst_id, CASE kod WHEN 'Remiss' THEN 'remisskrav'
        WHEN 'Remiss från region' THEN 'regionremiss' WHEN 'Remiss från legitimerad' THEN 'professionsremiss'
        WHEN 'Betalningsförbindelse' THEN 'betalningsforbindelse' WHEN 'Väntetid' THEN 'annat' WHEN 'Övrigt' THEN 'annat' ELSE kod
        END AS kod, lydelse AS beskrivning, decimal(minst) AS varde_min, decimal(hogst) AS varde_max, CASE kod WHEN 'Väntetid' THEN 'dagar'
        END AS matt, datum(fran) AS giltig_fran, datum(till) + INTERVAL '7 days' AS giltig_till
FROM source WHERE kod NOT IN ('TJANST', 'Ålder', 'Kön', 'BMI', 'ASA-klass')
