-- One line of the sheet becomes one service per KVÅ code in its cell.
SELECT
    lanskod,
    avtals_id,
    uppdrags_id,
    concat(rad, '-', btrim(kod)) AS tjanst_id,
    btrim(kod) AS kva,
    icd,
    beskrivning,
    motesform,
    enhet,
    giltig_fran,
    giltig_till
FROM (
    SELECT
        '22' AS lanskod,
        "Avtalsnr" AS avtals_id,
        "Uppdrag" AS uppdrags_id,
        "Tjänst nr" AS rad,
        unnest(string_to_array("KVÅ", ';')) AS kod,
        icd10("ICD-10") AS icd,
        "Anmärkning" AS beskrivning,
        CASE "Mötesform"
            WHEN 'Fysiskt besök' THEN 'fysiskt'
            WHEN 'Videobesök' THEN 'video'
            WHEN 'Telefon' THEN 'telefon'
            ELSE "Mötesform"
        END AS motesform,
        "Enhet (HSA-id)" AS enhet,
        datum("Gäller fr.o.m.") AS giltig_fran,
        datum("Gäller t.o.m.") + INTERVAL '1 day' AS giltig_till
    FROM source
)
