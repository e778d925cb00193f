SELECT
    '01' AS lanskod,
    "Avtalsnummer" AS avtals_id,
    "Uppdrag" AS uppdrags_id,
    '2321000016' AS bestallare_orgnr,
    "Vårdgivarens orgnr" AS utforare_orgnr,
    "Vårdgivare" AS utforare_namn,
    datum("Fr o m") AS giltig_fran,
    datum("T o m") + INTERVAL '1 day' AS giltig_till
FROM source
