SELECT '14' AS lanskod, contract_no AS avtals_id, '1' AS uppdrags_id, id AS tjanst_id, CASE kod WHEN 'remiss' THEN 'remisskrav'
        WHEN 'regional referral' THEN 'regionremiss' WHEN 'remiss legitimerad' THEN 'professionsremiss'
        WHEN 'betalningsförbindelse' THEN 'betalningsforbindelse' WHEN 'max wait days' THEN 'annat' WHEN 'övrigt' THEN 'annat' ELSE kod
        END AS kod, lydelse AS beskrivning, decimal(minst) AS varde_min, decimal(hogst) AS varde_max, CASE kod
        WHEN 'max wait days' THEN 'dagar' END AS matt, datum(from_datum) AS giltig_fran, datum(tom_datum) + INTERVAL '1 day' AS giltig_till
FROM source WHERE kod NOT IN ('TJANST', 'age', 'kön', 'BMI', 'ASA')
