SELECT '14' AS lanskod, contract_no AS avtals_id, '1' AS uppdrags_id, id AS tjanst_id, CASE kod WHEN 'age' THEN 'alder'
        WHEN 'kön' THEN 'kon' ELSE lower(kod) END AS kod, lydelse AS beskrivning, decimal(minst) AS varde_min, decimal(hogst) AS varde_max,
    CASE kod WHEN 'kön' THEN lydelse END AS varde_kod, datum(from_datum) AS giltig_fran, datum(tom_datum) + INTERVAL '1 day' AS giltig_till
FROM source WHERE kod IN ('age', 'kön', 'BMI', 'ASA')
