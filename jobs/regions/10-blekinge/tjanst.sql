SELECT
    '10' AS lanskod,
    "AVTAL_ID" AS avtals_id,
    "UPPDRAG" AS uppdrags_id,
    "TJANST_NR" AS tjanst_id,
    kod('blekinge_tjanst', "TJANST_KOD") AS kva,
    "KOMMENTAR" AS beskrivning,
    CASE "MOTESFORM"
        WHEN 'F' THEN 'fysiskt'
        WHEN 'V' THEN 'video'
        WHEN 'T' THEN 'telefon'
        ELSE "MOTESFORM"
    END AS motesform,
    "ENHET" AS enhet,
    datum("STARTDATUM") AS giltig_fran,
    datum("SLUTDATUM") + INTERVAL '1 day' AS giltig_till
FROM source
