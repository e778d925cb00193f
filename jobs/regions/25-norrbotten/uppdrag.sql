SELECT
    '25' AS lanskod, "AVTNR" AS avtals_id, '1' AS uppdrags_id, '2321000230' AS bestallare_orgnr, "ORGNR" AS utforare_orgnr,
    "LEVNMN" AS utforare_namn, datum("STADT") AS giltig_fran, datum("SLUDT") + INTERVAL '1 day' AS giltig_till
FROM source
