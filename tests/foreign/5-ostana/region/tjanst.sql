-- A week's Monday; the end is the Monday after the last week.
SELECT '20' AS lanskod, avtal AS avtals_id, '1' AS uppdrags_id, CAST(rad AS VARCHAR) AS tjanst_id, kva("Åtgärdskod") AS kva,
    icd10("Diagnoskod") AS icd, "Tjänst" AS beskrivning, upper("HSA-id") AS enhet, CASE "Besöksform" WHEN 'fysiskt besök' THEN 'fysiskt'
        ELSE lower("Besöksform") END AS motesform, datum(fran) AS giltig_fran, datum(till) + INTERVAL '7 days' AS giltig_till
FROM source WHERE kod = 'TJANST'
