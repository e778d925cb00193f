SELECT
    '22' AS lanskod,
    "Avtalsnr" AS avtals_id,
    "Uppdrag" AS uppdrags_id,
    'bas' AS typ,
    '2321000206' AS bestallare_orgnr,
    "Org.nr" AS utforare_orgnr,
    "Leverantör" AS utforare_namn,
    datum("Gäller fr.o.m.") AS giltig_fran,
    datum("Gäller t.o.m.") + INTERVAL '1 day' AS giltig_till
FROM source
