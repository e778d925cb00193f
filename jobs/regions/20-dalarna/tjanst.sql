SELECT
    '20' AS lanskod,
    "Avtal" AS avtals_id,
    '1' AS uppdrags_id,
    "Rad" AS tjanst_id,
    kva("Åtgärdskod") AS kva,
    icd10("Diagnos") AS icd,
    "Beskrivning" AS beskrivning,
    "Vårdenhet" AS enhet,
    datum("Från", 'DD/MM/YYYY') AS giltig_fran
FROM source
