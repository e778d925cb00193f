SELECT
    '03' AS lanskod, "Avtalsnummer" AS avtals_id, '1' AS uppdrags_id, '2321000024' AS bestallare_orgnr,
    substr("OrgNummer", 3) AS utforare_orgnr, "Leverantör" AS utforare_namn,
    datum("FrånDatum") AS giltig_fran, datum("TomDatum") + INTERVAL '1 day' AS giltig_till
FROM source
