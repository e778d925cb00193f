-- A service with several codes becomes one for each.
SELECT
    lanskod, avtals_id, uppdrags_id, concat(rad, '-', kod) AS tjanst_id, kod AS kva, icd, motesform, enhet, giltig_fran, giltig_till
FROM (
    SELECT
        '05' AS lanskod, avtal AS avtals_id, '1' AS uppdrags_id, rad, unnest(string_to_array(kva, '|')) AS kod,
        icd10(diagnos) AS icd, kanal AS motesform, enhet, datum(fran) AS giltig_fran, datum(tom) + INTERVAL '1 day' AS giltig_till
    FROM source
)
