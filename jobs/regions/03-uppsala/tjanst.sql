SELECT
    '03' AS lanskod, "Avtalsnummer" AS avtals_id, '1' AS uppdrags_id, CAST("Löpnr" AS VARCHAR) AS tjanst_id,
    kva("Åtgärdskod") AS kva, icd10("Diagnoskod") AS icd, "Möte" AS motesform, "HsaId" AS enhet,
    datum("FrånDatum") AS giltig_fran, datum("TomDatum") + INTERVAL '1 day' AS giltig_till
FROM source
