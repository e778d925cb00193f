-- The region's own words stay beside the code that they became.
SELECT
    '09' AS lanskod, "Avtal nr" AS avtals_id, '1' AS uppdrags_id, kod('gotland_ord', lower("Vård")) AS kva,
    "Vård" AS beskrivning, datum("Börjar") AS giltig_fran, datum("Slutar") + INTERVAL '1 day' AS giltig_till
FROM source
