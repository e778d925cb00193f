-- A service for each clinic and code. Its id is computed from what it says: the workbook has none.
SELECT lanskod, avtals_id, uppdrags_id, kva, enhet, giltig_fran, giltig_till
FROM (
    SELECT
        '07' AS lanskod, "Avtal" AS avtals_id, '1' AS uppdrags_id, unnest(make_array("KVÅ 1", "KVÅ 2", "KVÅ 3")) AS kva,
        "Klinik" AS enhet, datum("Fr.o.m.") AS giltig_fran, datum("T.o.m.") + INTERVAL '1 day' AS giltig_till
    FROM source
)
WHERE kva IS NOT NULL
