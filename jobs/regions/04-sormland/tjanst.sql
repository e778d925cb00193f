-- A line of the cell: number, KVÅ, diagnosis, how, where.
SELECT
    lanskod, avtals_id, uppdrags_id, split_part(tjanst, ', ', 1) AS tjanst_id,
    kva(split_part(tjanst, ', ', 2)) AS kva, icd10(split_part(tjanst, ', ', 3)) AS icd,
    CASE split_part(tjanst, ', ', 4) WHEN 'besök' THEN 'fysiskt' ELSE split_part(tjanst, ', ', 4) END AS motesform,
    split_part(tjanst, ', ', 5) AS enhet, giltig_fran, giltig_till
FROM (
    SELECT
        '04' AS lanskod, "Avtal" AS avtals_id, '1' AS uppdrags_id,
        unnest(string_to_array("Omfattning", chr(10))) AS tjanst,
        datum(split_part("Avtalsperiod", ' – ', 1)) AS giltig_fran,
        datum(split_part("Avtalsperiod", ' – ', 2)) + INTERVAL '1 day' AS giltig_till
    FROM source
)
