-- The source has last days; the register the first day after.
SELECT
    "Lämnad av" AS agare,
    "Ärende" AS kapacitet_id,
    CASE lower("Slag") WHEN 'förfrågan' THEN 'forfragan' ELSE lower("Slag") END AS slag,
    "Län" AS lanskod,
    "Enhet" AS enhet,
    "Vårdområde" AS vardomrade,
    "KVÅ" AS kva,
    "MVO" AS mvo,
    "Beskrivning" AS beskrivning,
    'fysiskt' AS motesform,
    heltal("Antal") AS antal,
    CASE lower("Vad") WHEN 'besök' THEN 'besok' WHEN 'undersökningar' THEN 'undersokningar'
        WHEN 'vårdplatser' THEN 'vardplatser' WHEN 'övrigt' THEN 'ovrigt' ELSE lower("Vad") END AS antal_av,
    datum("Från") AS period_fran,
    datum("Till") + INTERVAL '1 day' AS period_till,
    "Villkor" AS villkor,
    "Telefon" AS telefon,
    tidpunkt("Lämnad") AS publicerad,
    datum("Gäller från") AS giltig_fran,
    datum("Gäller till") + INTERVAL '1 day' AS giltig_till
FROM source
