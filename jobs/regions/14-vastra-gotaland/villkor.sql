SELECT
    '14' AS lanskod, "Contract ID" AS avtals_id, '1' AS uppdrags_id, "Rad" AS tjanst_id,
    CASE "Villkor" WHEN 'Remiss krävs' THEN 'remisskrav' ELSE 'annat' END AS kod, "Villkor" AS beskrivning,
    datum(substr("Startdatum", 1, 10)) AS giltig_fran, datum(substr("Slutdatum", 1, 10)) + INTERVAL '1 day' AS giltig_till
FROM source
WHERE "Villkor" <> ''
