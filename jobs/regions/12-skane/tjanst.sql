SELECT
    '12' AS lanskod,
    "AvtalNr" AS avtals_id,
    '1' AS uppdrags_id,
    CAST("Rad" AS VARCHAR) AS tjanst_id,
    kva("Atgard") AS kva,
    icd10("Diagnos") AS icd,
    "Tjanst" AS beskrivning,
    CASE "Mote"
        WHEN 'Fysiskt besök' THEN 'fysiskt'
        WHEN 'Videobesök' THEN 'video'
        WHEN 'Telefon' THEN 'telefon'
        ELSE "Mote"
    END AS motesform,
    "HsaId" AS enhet,
    datum("GallerFran") AS giltig_fran,
    datum("GallerTill") + INTERVAL '1 day' AS giltig_till
FROM source
