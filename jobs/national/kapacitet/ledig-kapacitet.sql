SELECT
    "Från" AS agare,
    "Id" AS kapacitet_id,
    CASE "Slag" WHEN 'Erbjudande' THEN 'erbjudande' WHEN 'Förfrågan' THEN 'forfragan' ELSE "Slag" END AS slag,
    lanskod("Län") AS lanskod,
    nullif("Enhet", '') AS enhet,
    kva("KVÅ") AS kva,
    "Vårdområde" AS vardomrade,
    heltal("Antal") AS antal,
    "Av" AS antal_av,
    datum("Period från") AS period_fran,
    datum("Period till") + INTERVAL '1 day' AS period_till,
    "Villkor" AS villkor,
    telefon("Telefon") AS telefon,
    tidpunkt("Publicerad") AS publicerad,
    datum("Gäller från") AS giltig_fran,
    datum("Gäller till och med") + INTERVAL '1 day' AS giltig_till
FROM source
