-- A row for each unit, care area and week: what was registered and done in it, and who waited at its end.
-- Whoever waits since a week that began 13 weeks ago has waited 91 to 97 days: more than 90.
WITH operationer AS (
    SELECT o.enhet, v.omrade AS atgardsgrupp, o.anmald_vecka, o.start_vecka, o.vantetid_dagar
    FROM spor_operation AS o
    JOIN vardomrade AS v ON v.system = 'kva' AND v.kod = o.kva
),
veckor AS (
    SELECT CAST(unnest(generate_series(forsta, sista, INTERVAL '7 days')) AS DATE) AS mandag
    FROM (SELECT min(anmald_vecka) AS forsta, max(coalesce(start_vecka, anmald_vecka)) AS sista FROM operationer)
)
SELECT
    o.enhet,
    o.atgardsgrupp,
    to_char(w.mandag, '%G-W%V') AS vecka,
    count(*) FILTER (WHERE o.anmald_vecka = w.mandag) AS antal_anmalda,
    count(*) FILTER (WHERE o.start_vecka = w.mandag) AS antal_genomforda,
    count(*) FILTER (WHERE o.start_vecka IS NULL OR o.start_vecka > w.mandag) AS antal_vantande,
    count(*) FILTER (
        WHERE (o.start_vecka IS NULL OR o.start_vecka > w.mandag)
        AND CAST(w.mandag AS INT) - CAST(o.anmald_vecka AS INT) >= 91
    ) AS antal_over_90,
    median(CAST(o.vantetid_dagar AS DOUBLE)) FILTER (WHERE o.start_vecka = w.mandag) AS median_dagar,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY CAST(o.vantetid_dagar AS DOUBLE))
        FILTER (WHERE o.start_vecka = w.mandag) AS p90_dagar
FROM operationer AS o
JOIN veckor AS w ON o.anmald_vecka <= w.mandag AND (o.start_vecka IS NULL OR o.start_vecka >= w.mandag)
GROUP BY 1, 2, 3
