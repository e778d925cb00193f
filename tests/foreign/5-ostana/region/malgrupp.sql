SELECT '20' AS lanskod, avtal AS avtals_id, '1' AS uppdrags_id, CAST(rad AS VARCHAR) AS tjanst_id, CASE kod WHEN 'Ålder' THEN 'alder'
        WHEN 'Kön' THEN 'kon' WHEN 'BMI' THEN 'bmi' ELSE 'asa' END AS kod, lydelse AS beskrivning, decimal(minst) AS varde_min,
    decimal(hogst) AS varde_max, CASE lydelse WHEN 'kvinnor' THEN 'kvinna' WHEN 'män' THEN 'man' END AS varde_kod,
    datum(fran) AS giltig_fran, datum(till) + INTERVAL '7 days' AS giltig_till
FROM source WHERE kod IN ('Ålder', 'Kön', 'BMI', 'ASA-klass')
