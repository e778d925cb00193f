SELECT
    '01' AS lanskod,
    "Avtalsnummer" AS avtals_id,
    "Uppdrag" AS uppdrags_id,
    "Tjänst" AS tjanst_id,
    'remisskrav' AS kod,
    'Remiss krävs' AS beskrivning,
    datum("Fr o m") AS giltig_fran,
    datum("T o m") + INTERVAL '1 day' AS giltig_till
FROM source
WHERE ja_nej("Remiss")
