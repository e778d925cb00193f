SELECT
    '06' AS lanskod, "Avtalsnr" AS avtals_id, '1' AS uppdrags_id, "Rad" AS tjanst_id, "KVÅ-kod" AS kva, "Diagnos" AS icd,
    lower("Möte") AS motesform, "Mottagning (HSA-id)" AS enhet, datum("Gäller från") AS giltig_fran
FROM source
