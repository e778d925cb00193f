SELECT
    '01' AS lanskod,
    "Avtalsnummer" AS avtals_id,
    "Uppdrag" AS uppdrags_id,
    "Tjänst" AS tjanst_id,
    kva("Åtgärd") AS kva,
    icd10("Diagnos") AS icd,
    CASE "Kontaktform"
        WHEN 'Fysiskt besök' THEN 'fysiskt'
        WHEN 'Videobesök' THEN 'video'
        WHEN 'Telefon' THEN 'telefon'
        ELSE "Kontaktform"
    END AS motesform,
    "HSA-id" AS enhet,
    datum("Fr o m") AS giltig_fran,
    datum("T o m") + INTERVAL '1 day' AS giltig_till
FROM source
