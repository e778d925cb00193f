SELECT
    '25' AS lanskod, "AVTNR" AS avtals_id, '1' AS uppdrags_id, "RADNR" AS tjanst_id, kva("ATGKD") AS kva, icd10("DIAKD") AS icd,
    "HSAID" AS enhet, datum("STADT") AS giltig_fran, datum("SLUDT") + INTERVAL '1 day' AS giltig_till
FROM source
