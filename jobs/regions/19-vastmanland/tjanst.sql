SELECT
    lanskod, avtals_id, uppdrags_id, tjanst_id || '-' || kva AS tjanst_id, kva, enhet, giltig_fran, giltig_till
FROM (
    SELECT
        '19' AS lanskod, avtalnr AS avtals_id, '1' AS uppdrags_id, CAST("rad" AS VARCHAR) AS tjanst_id,
        unnest(string_to_array(kva_koder, ',')) AS kva, klinik AS enhet,
        datum(substr(fran, 1, 10)) AS giltig_fran, datum(substr(till, 1, 10)) + INTERVAL '1 day' AS giltig_till
    FROM source
)
