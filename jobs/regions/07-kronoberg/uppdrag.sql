SELECT
    '07' AS lanskod, "Avtal" AS avtals_id, '1' AS uppdrags_id, '2321000065' AS bestallare_orgnr, "Orgnr" AS utforare_orgnr,
    "Leverantör" AS utforare_namn, datum("Fr.o.m.") AS giltig_fran, datum("T.o.m.") + INTERVAL '1 day' AS giltig_till
FROM source
