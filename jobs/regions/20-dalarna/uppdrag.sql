-- Dalarna knows no commissions: each contract is one.
SELECT
    '20' AS lanskod,
    "Nr" AS avtals_id,
    '1' AS uppdrags_id,
    '2321000180' AS bestallare_orgnr,
    "Motpartens orgnr" AS utforare_orgnr,
    "Motpart" AS utforare_namn,
    datum("Start", 'DD/MM/YYYY') AS giltig_fran,
    datum(nullif("Slut", 'tills vidare'), 'DD/MM/YYYY') + INTERVAL '1 day' AS giltig_till
FROM source
